"""The run log: what was asked, answered, judged and learnt in each run, kept to be read later.

One file a run, one JSON object a line, in the workspace's part of the data folder, for its owner alone. It
holds prompts and answers whole. A key is in none of them, for no event carries one.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from paceline.engine.events import (
    CandidateJudged,
    CandidateProposed,
    CandidateRepeated,
    Event,
    Finished,
    InputsFound,
    LessonBanked,
    MemberFailed,
    ModelAsked,
    RoundStarted,
    TargetFound,
)
from paceline.team.member import Candidate

SCHEMA = 1
RUNS_KEPT = 200
"""In a workspace. With each new run the oldest beyond these are removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One recorded run, as a list shows it."""

    id: str
    at: str
    """When it began: ISO 8601, UTC."""
    function: str
    file: str
    status: str
    """``faster``, ``not-proven-faster``, ``cannot-judge``, or ``broken off``."""
    reason: str
    asked: int
    """Questions put to models."""
    prompt_tokens: int
    completion_tokens: int
    judged: int
    elapsed_s: float


class Recorder:
    """Writes one run. Guards its file; where it cannot be written, the run goes on without it."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def take(self, event: Event) -> None:
        """Write an event down, if it is one of those that are kept."""
        record = _record(event)
        if self._file is None or record is None:
            return
        line = {"schema": SCHEMA, "at": datetime.now(UTC).isoformat(timespec="milliseconds"), **record}
        try:
            self._file.write(f"{json.dumps(line)}\n")
            self._file.flush()
        except (OSError, ValueError):
            self._file = None


@contextlib.contextmanager
def recorded(folder: Path | None) -> Iterator[Recorder]:
    """Keep a run in a folder; None keeps nothing."""
    file = _new_file(folder) if folder is not None else None
    try:
        yield Recorder(file)
    finally:
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()


def runs_in(folder: Path) -> list[RunSummary]:
    """Return the recorded runs, the newest first. A file that cannot be read is as good as absent."""
    found = []
    for file in sorted(_files(folder), reverse=True):
        lines = _lines(file)
        if lines and lines[0].get("event") == "target":
            found.append(_summary(file.stem, lines))
    return found


def events_of(folder: Path, run_id: str) -> list[dict[str, Any]]:
    """Return what was written down of one run, in order; nothing where there is no such run."""
    return next((_lines(file) for file in _files(folder) if file.stem == run_id), [])


def _new_file(folder: Path) -> TextIO | None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in sorted(_files(folder), reverse=True)[RUNS_KEPT - 1 :]:
            old.unlink(missing_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}.jsonl"
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return None
    return open(descriptor, "w", encoding="utf-8")  # noqa: PTH123 - it is open already.


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("*.jsonl")) if folder.is_dir() else []


def _lines(file: Path) -> list[dict[str, Any]]:
    """The objects of a file; the last line of a run that was killed may be half of one."""
    found = []
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for line in file.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError, RecursionError):
                value = json.loads(line)
                if isinstance(value, dict):
                    found.append(value)
    return found


def _summary(run_id: str, lines: list[dict[str, Any]]) -> RunSummary:
    first = lines[0]
    last: Mapping[str, Any] = lines[-1] if lines[-1].get("event") == "finished" else {}
    asked = [line for line in lines if line.get("event") == "asked"]
    return RunSummary(
        id=run_id,
        at=str(first.get("at", "")),
        function=str(first.get("function", "")),
        file=str(first.get("file", "")),
        status=str(last.get("status", "broken off")),
        reason=str(last.get("reason", "")),
        asked=len(asked),
        prompt_tokens=sum(_tokens(line, "prompt_tokens") for line in asked),
        completion_tokens=sum(_tokens(line, "completion_tokens") for line in asked),
        judged=sum(line.get("event") == "judged" for line in lines),
        elapsed_s=float(last.get("elapsed_s") or 0.0),
    )


def _tokens(line: Mapping[str, Any], name: str) -> int:
    usage = line.get("usage")
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if isinstance(count, int) else 0


def _record(event: Event) -> dict[str, Any] | None:
    match event:
        case TargetFound(target=target):
            return {
                "event": "target",
                "function": target.name,
                "file": str(target.file),
                "hash": target.hash,
                "source": target.source,
            }
        case InputsFound(inputs=inputs, sources=sources):
            return {"event": "inputs", "inputs": inputs, "sources": sources}
        case RoundStarted(round=number, selected=selected):
            shown = {name: [lesson.id for lesson in lessons] for name, lessons in selected.items()}
            return {"event": "round", "round": number, "shown": shown}
        case ModelAsked(exchange=exchange):
            answer = exchange.answer
            return {
                "event": "asked",
                "member": exchange.member,
                "model": exchange.model,
                "purpose": exchange.purpose,
                "messages": [asdict(message) for message in exchange.messages],
                "answer": answer.text if answer is not None else None,
                "is_cut": answer is not None and answer.is_cut,
                "usage": asdict(answer.usage) if answer is not None else None,
                "elapsed_s": round(answer.elapsed_s, 3) if answer is not None else None,
                "first_token_s": round(answer.first_token_s, 3) if answer is not None else None,
                "failure": exchange.failure,
            }
        case MemberFailed():
            return {"event": "failed", **asdict(event)}
        case CandidateProposed(candidate=candidate):
            return {"event": "proposed", **_candidate(candidate)}
        case CandidateRepeated(candidate=candidate, known=known):
            return {"event": "repeated", **_candidate(candidate), "known": known}
        case CandidateJudged(judged=judged):
            verdict = judged.verdict
            timing, found = verdict.evidence.timing, verdict.evidence.counterexample
            return {
                "event": "judged",
                "candidate": judged.candidate.id,
                "member": judged.candidate.member,
                "outcome": verdict.outcome.value,
                "reason": verdict.reason,
                "speedup": timing.speedup if timing is not None else None,
                "low": timing.low if timing is not None else None,
                "high": timing.high if timing is not None else None,
                "inputs": verdict.evidence.checks.inputs,
                "counterexample": asdict(found) if found is not None else None,
                "diagnostics": verdict.evidence.diagnostics,
                "elapsed_s": round(verdict.elapsed_s, 3),
            }
        case LessonBanked(lesson=lesson, is_new=is_new):
            return {
                "event": "banked",
                "lesson": lesson.id,
                "member": lesson.origin.member,
                "category": lesson.category,
                "text": lesson.text,
                "is_new": is_new,
            }
        case Finished():
            return {
                "event": "finished",
                "status": event.status,
                "reason": event.reason,
                "rounds": event.rounds,
                "lessons_banked": event.lessons_banked,
                "tokens": asdict(event.tokens),
                "elapsed_s": round(event.elapsed_s, 3),
            }
        case _:
            return None


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "candidate": candidate.id,
        "member": candidate.member,
        "title": candidate.title,
        "recipes": list(candidate.recipes),
        "shown": list(candidate.lessons),
        "replacement": asdict(candidate.replacement),
    }
