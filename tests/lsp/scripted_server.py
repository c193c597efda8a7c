"""The real server over an engine that follows a script. What it does to a function, the function's name says.

    total        two rewrites are proven: 3.1x, then 2.0x
    hang...      one rewrite is proven, then the run hangs, a child process beside it
    gated        the run waits until a function called open_gate is looked at for hints, then proves one
    nothing      a member loses its turn, and no rewrite holds up
    unjudgeable  a member loses its turn, and nothing can be judged
    broken       the run fails
    by_a_model   as total, but no recipe stands behind the rewrites

Hints: a line with ``in items`` could use a set, one with ``sorted(`` could use min.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lessonbank.bank import Bank
from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome
from paceline.engine import Change, Request, Taught
from paceline.engine.events import (
    CandidateJudged,
    CandidateProposed,
    Event,
    Finished,
    InputsFound,
    MemberFailed,
    RoundStarted,
    StageReached,
    Suggestion,
    SuggestionProven,
    TargetFound,
)
from paceline.engine.teaching import teach
from paceline.errors import IsolationUnavailable
from paceline.judge.verdict import Checks, Evidence, SizeTiming, Timing, Verdict
from paceline.lsp.main import run
from paceline.syntax.splice import splice, unified_diff
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged
from paceline.workspace import workspace_folder

RECIPES = {
    "in items": SimpleNamespace(
        id="membership-set",
        title="use a set for membership",
        category="membership",
        explanation="A list is searched from its start each time.",
    ),
    "sorted(": SimpleNamespace(
        id="sorted-min",
        title="use min instead of sorting",
        category="sorting",
        explanation="Only the smallest is wanted.",
    ),
}


@dataclass
class ScriptedEngine:
    """Proves by the function's name. Stands in for the engine behind its own interface."""

    root: Path
    settings: Any
    trusted: bool
    notes: tuple[str, ...] = ()
    generation: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    bank: Bank = field(default_factory=Bank.ephemeral)

    def somebody_types(self) -> None:
        """Nothing is kept busy here."""

    async def judge(
        self, target: Target, replacement: Replacement, *, on_stage: Callable[[str, str], None] | None = None
    ) -> Verdict:
        """Call faster what mentions a set, wrong what mentions an error, and judge nothing else.

        What hangs is judged until it is cancelled; what is broken cannot be.
        """
        assert self.trusted, "nothing runs in a workspace that is not trusted"
        assert on_stage is not None
        on_stage("time", "")
        if "hang" in replacement.definition:
            await asyncio.Event().wait()
        if "broken" in replacement.definition:
            raise IsolationUnavailable("no sandbox here; install bubblewrap")
        if "set(" in replacement.definition:
            return _faster(2.0)
        if "error" in replacement.definition:
            return Verdict(outcome=Outcome.WRONG, reason="the results differ for total([])")
        return Verdict(outcome=Outcome.CANNOT_JUDGE, reason="no inputs were found")

    async def teach(self, change: Change, *, on_stage: Callable[[StageReached], None]) -> Taught:
        return await teach(self, change, on_stage=on_stage)  # type: ignore[arg-type]

    async def optimize(self, request: Request) -> AsyncGenerator[Event, None]:
        assert self.trusted, "nothing runs in a workspace that is not trusted"
        target = request.target
        name = target.name.rpartition(".")[2]
        yield TargetFound(target=target)
        yield InputsFound(target=target, inputs=74, sources={"recorded": 12, "edge": 62})
        yield RoundStarted(target=target, round=0, selected={})
        if name == "broken":
            raise IsolationUnavailable("no sandbox here; install bubblewrap")
        if name == "gated":
            await self.gate.wait()
        proven: list[Suggestion] = []
        if name in {"nothing", "unjudgeable"}:
            status = "not-proven-faster" if name == "nothing" else "cannot-judge"
            yield MemberFailed(
                member="qwen", reason="nothing answers", consequence="it sits out the next round"
            )
            yield _finished(target, status, (), "no inputs were found; add a test that calls it")
            return
        for speedup, title, comment in (
            (2.0, "do less work", "less"),
            (3.1, "use a set for membership", "set"),
        ):
            candidate = _candidate(target, title, comment)
            yield CandidateProposed(candidate=candidate)
            yield StageReached(candidate=candidate, stage="time")
            judged = Judged(candidate=candidate, verdict=_faster(speedup))
            yield CandidateJudged(judged=judged)
            suggestion = _suggestion(judged, speedup)
            proven.insert(0, suggestion)
            yield SuggestionProven(suggestion=suggestion, rank=0)
            if name.startswith("hang"):
                async with _child() as pid:
                    yield StageReached(candidate=_candidate(target, f"child {pid}", "child"), stage="check")
                    await asyncio.Event().wait()
        yield _finished(target, "faster", tuple(proven), "a round brought no improvement")

    def hints(self, source: str, module_names: frozenset[str], module_imports: frozenset[str]) -> list[Any]:
        if "def open_gate" in source:
            self.gate.set()
        found = []
        for mark, recipe in RECIPES.items():
            disabled = self.settings.hints.disabled
            if mark in source and recipe.id not in disabled and recipe.category not in disabled:
                at = source.index(mark)
                start = len(source[: source.rfind("\n", 0, at) + 1].encode())
                line = source[source.rfind("\n", 0, at) + 1 :].split("\n")[0]
                lead = len(line) - len(line.lstrip())
                found.append(
                    SimpleNamespace(
                        recipe=recipe,
                        title=recipe.title,
                        start=start + lead,
                        end=start + len(line.encode()),
                        replacement=Replacement(
                            definition=source.replace(line, f"{line}  # {recipe.id}"),
                            imports=("import bisect",),
                        ),
                    )
                )
        return found

    def look_for_learnt(self) -> None:
        """The recipes here are fixed."""

    async def close(self) -> None:
        self.bank.close()


LESSON = Lesson(
    text="A set made `total` faster.",
    category="membership",
    language="python",
    transformation="use a set for membership",
    evidence=LessonEvidence(outcome=Outcome.FASTER, speedup=3.1, low=2.8, high=math.inf, inputs=74),
    origin=Origin(source=Source.LEARNT, member="recipes/membership", target="total", file="a.py"),
    created="2026-11-01T00:00:00+00:00",
)
"""What the members of every run were shown, whether or not the bank of the workspace holds it."""


def open_engine(root: Path, *, settings: Any, trusted: bool) -> ScriptedEngine:
    return ScriptedEngine(root, settings, trusted, bank=Bank.open(workspace_folder(root) / "bank"))


@contextlib.asynccontextmanager
async def _child() -> AsyncGenerator[int, None]:
    """A process that would outlive the server if nobody ended it."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "import signal; signal.pause()")
    try:
        yield process.pid
    finally:
        process.kill()
        await process.wait()


def _candidate(target: Target, title: str, comment: str) -> Candidate:
    lines = target.source.rstrip("\n").split("\n")
    definition = "\n".join([*lines[:-1], f"{lines[-1]}  # faster: {comment}"]) + "\n"
    return Candidate(
        member="recipes/membership",
        target=target,
        replacement=Replacement(definition=definition, imports=("import itertools",)),
        hash=f"hash-of-{comment}",
        title=title,
        recipes=() if target.name == "by_a_model" else ("membership-set",),
        categories=("membership",),
        lessons=(LESSON.id, "0000000000000000"),
    )


def _suggestion(judged: Judged, speedup: float) -> Suggestion:
    target = judged.candidate.target
    patched = splice(target, judged.candidate.replacement)
    return Suggestion(
        target=target,
        judged=judged,
        title=f"{speedup:.1f}x faster ({speedup * 0.9:.1f}-{speedup * 1.1:.1f}): {judged.candidate.title}",
        patched=patched,
        diff=unified_diff(target.module, patched, target.file),
    )


def _faster(speedup: float) -> Verdict:
    size = SizeTiming(
        label="large",
        elements=1000,
        speedup=speedup,
        low=speedup * 0.9,
        high=speedup * 1.1,
        original_s=1e-3,
        candidate_s=1e-3 / speedup,
        ratios=(speedup,) * 5,
        control=(1.0,) * 5,
    )
    timing = Timing(
        speedup=speedup,
        low=speedup * 0.9,
        high=speedup * 1.1,
        confidence=0.95,
        launches=5,
        control_low=0.99,
        control_high=1.01,
        sizes=(size,),
        confirmed=True,
    )
    evidence = Evidence(checks=Checks(inputs=74, sources={"recorded": 12, "edge": 62}), timing=timing)
    return Verdict(outcome=Outcome.FASTER, reason="faster", evidence=evidence)


def _finished(target: Target, status: str, proven: tuple[Suggestion, ...], reason: str) -> Finished:
    return Finished(
        target=target,
        status=status,
        reason=reason,
        suggestions=proven,
        rejected=(),
        lessons_banked=0,
        rounds=1,
        elapsed_s=0.5,
    )


def main() -> None:
    """Serve over standard input and output, or over the port the environment names."""
    port = int(os.environ["PORT"]) if "PORT" in os.environ else None
    sys.exit(run(port=port, open_engine=open_engine))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
