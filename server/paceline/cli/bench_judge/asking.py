"""Asking the judge, by the same door as everybody, and keeping what it said."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.corpus import Entry
from paceline.judge import PythonJudge, Verdict
from paceline.judge.options import DefaultOptions, DefaultRecordingOptions
from paceline.judge.python.static import Rejection
from paceline.judge.sandbox import Isolation
from paceline.syntax.target import Replacement, Target

Look = Callable[[Target, Replacement], Rejection | None]

CAUGHT = frozenset(
    {Outcome.WRONG, Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.DOES_NOT_BUILD, Outcome.TAMPERED}
)
"""The outcomes that tell a candidate from its original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One verdict, with what is counted of it."""

    part: str
    """Of the benchmark: same, mutants, planted."""
    function: str
    outcome: Outcome
    reason: str
    stage: str
    """Where the judge stopped: static, build, check, time, confirm."""
    seconds: float
    loaded: bool = False
    """Whether another process was kept busy on purpose meanwhile."""
    call_s: float | None = None
    """What a call of the original took at the headline size, where that was timed."""
    speedup: float | None = None
    low: float | None = None
    high: float | None = None
    launches: int | None = None


class Asked:
    """An open judge of one corpus entry."""

    def __init__(self, judge: PythonJudge, target: Target, entry: Entry) -> None:
        self.target = target
        self.entry = entry
        self._judge = judge

    async def prepare(self) -> str | None:
        """Find inputs; return why the function cannot be judged, None when it can."""
        prepared = await self._judge.prepare()
        return prepared.reason if isinstance(prepared, Verdict) else None

    async def judge(self, replacement: Replacement, *, part: str, loaded: bool = False) -> Answer:
        """Have one candidate judged."""
        stages = ["static"]
        verdict = await self._judge.judge(replacement, on_stage=lambda stage, _: stages.append(stage))
        timing = verdict.evidence.timing
        return Answer(
            part=part,
            function=self.entry.name,
            outcome=verdict.outcome,
            reason=verdict.reason,
            stage=stages[-1],
            seconds=verdict.elapsed_s,
            loaded=loaded,
            call_s=timing.sizes[-1].original_s if timing else None,
            speedup=timing.speedup if timing else None,
            low=timing.low if timing else None,
            high=timing.high if timing else None,
            launches=timing.launches if timing else None,
        )

    async def verdict(self, replacement: Replacement) -> Verdict:
        """Have one candidate judged and return all of the verdict."""
        return await self._judge.judge(replacement)


@dataclass(slots=True)
class Clock:
    """Adds up the wall time that judging took, preparing included, in seconds."""

    seconds: float = 0.0


@asynccontextmanager
async def asking(
    entry: Entry, *, isolation: Isolation, seed: int, look: Look | None = None, clock: Clock | None = None
) -> AsyncIterator[Asked]:
    """Place the entry in a workspace of its own and open a judge of it; both are gone afterwards.

    ``look`` takes the place of the static look, for the tricks that must fail without it too.
    """
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="paceline-bench-") as folder:
        target = entry.place(Path(folder))
        judge = PythonJudge(
            target,
            root=target.file.parent,
            python=Path(sys.executable),
            # There are no tests to record calls from, and looking for them takes time.
            settings=DefaultOptions(tests=DefaultRecordingOptions(enable=False)),
            isolation=isolation,
            seed=seed,
            look=look,
        )
        try:
            yield Asked(judge, target, entry)
        finally:
            await judge.close()
            if clock is not None:
                clock.seconds += time.perf_counter() - started
