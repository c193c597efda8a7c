"""What earlier runs on the very same function have shown: read before a run, written after every verdict."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import paceline
from lessonbank.bank import Bank
from lessonbank.credit import Showing
from lessonbank.errors import LessonBankError
from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged, hash_of
from paceline.team.strategies import Taken

LASTS = timedelta(days=30)
"""How long a verdict is believed: machines, interpreters and neighbours change."""

REPEATABLE = frozenset(
    {Outcome.WRONG, Outcome.DOES_NOT_BUILD, Outcome.TAMPERED, Outcome.SLOWER, Outcome.NOT_PROVEN_FASTER}
)
"""Failures that would be found again. A crash or a time-out may have been the machine's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Candidates of one target that need no judging, and the one most worth judging, by hash."""

    failed: frozenset[str] = frozenset()
    surpassed: frozenset[str] = frozenset()
    """Proven faster before, but less so than the best: measuring them again would tell nothing new."""
    best: str | None = None
    lesson: Lesson | None = None
    """The lesson of the best: shown first, whatever selection says, for it is about this very function."""
    candidate: Candidate | None = None
    """The best itself, where no recipe leads there: a model that wrote it once may not write it again."""


def recall(bank: Bank, target: Target, *, now: datetime | None = None) -> Known:
    """Return what is known of the target's candidates on this machine, with this interpreter and Paceline."""
    oldest = (now or datetime.now(UTC)) - LASTS
    try:
        records = bank.verdicts_for(target.hash)
        lessons = bank.lessons(language=target.language) if records else []
    except LessonBankError:
        return Known()
    current = [
        r
        for r in records.values()
        if r.get("machine") == machine() and str(r.get("at", "")) >= oldest.isoformat()
    ]
    failed = {str(r["candidate"]) for r in current if r.get("outcome") in REPEATABLE}
    faster = sorted(
        (r for r in current if r.get("outcome") == Outcome.FASTER),
        key=lambda r: float(r.get("low") or 0.0),
        reverse=True,
    )
    if not faster:
        return Known(failed=frozenset(failed))
    best = str(faster[0]["candidate"])
    candidate = _candidate(faster[0], target)
    learnt_here = (x for x in lessons if x.origin.target_hash == target.hash)
    return Known(
        failed=frozenset(failed),
        surpassed=frozenset(str(r["candidate"]) for r in faster[1:]),
        best=best,
        lesson=next((x for x in learnt_here if x.origin.candidate_hash == best), None),
        candidate=candidate,
    )


def remember(bank: Bank, judged: Judged) -> None:
    """Keep the verdict for later runs. Raises LessonBankError when it cannot be written."""
    candidate, verdict = judged.candidate, judged.verdict
    record: dict[str, object] = {
        "candidate": candidate.hash,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        "low": verdict.low,
        "recipes": list(candidate.recipes),
        "machine": machine(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if verdict.outcome is Outcome.FASTER and not candidate.recipes:
        record["rewrite"] = {
            "member": candidate.member,
            "title": candidate.title,
            "definition": candidate.replacement.definition,
            "imports": list(candidate.replacement.imports),
            "helpers": candidate.replacement.helpers,
        }
    bank.remember_verdict(f"{candidate.target.hash}:{candidate.hash}", record)


def showing(taken: Taken, *, counts: bool) -> Showing:
    """Return one turn as the bank credits it; one that does not count says nothing of its lessons."""
    judged = taken.judged if counts else None
    timing = judged.verdict.evidence.timing if judged else None
    return Showing(
        lessons=tuple(lesson.id for lesson in taken.assigned.turn.lessons),
        outcome=judged.verdict.outcome if judged else None,
        speedup=timing.speedup if timing else 0.0,
        context=taken.member,
        category=taken.category,
    )


def _candidate(record: Mapping[str, object], target: Target) -> Candidate | None:
    """Return the candidate that a record holds whole, None where it does not, or is another by now."""
    kept = record.get("rewrite")
    if not isinstance(kept, dict):
        return None
    imports = kept.get("imports")
    texts = [kept.get(name) for name in ("member", "title", "definition", "helpers")]
    if not isinstance(imports, list) or not all(isinstance(text, str) for text in (*texts, *imports)):
        return None
    replacement = Replacement(definition=kept["definition"], imports=tuple(imports), helpers=kept["helpers"])
    if hash_of(replacement, target.language) != record.get("candidate"):
        return None
    return Candidate(
        member=kept["member"],
        target=target,
        replacement=replacement,
        hash=hash_of(replacement, target.language),
        title=kept["title"],
    )


def machine() -> str:
    """Return what must be the same for a verdict to hold: machine, interpreter, Paceline."""
    return "|".join(
        [
            platform.machine(),
            platform.processor(),
            platform.python_implementation(),
            sys.version.split()[0],
            paceline.__version__,
        ]
    )
