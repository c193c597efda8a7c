"""Planted gains: rewrites that are faster by a known factor, and how many of them the judge finds."""

from __future__ import annotations

import asyncio
import json
import math
import random
import statistics
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.asking import Answer, Clock, asking
from paceline.cli.bench_judge.corpus import Entry
from paceline.judge.sandbox import Isolation
from paceline.syntax.target import Replacement

GAINS = (1.1, 1.3, 2.0)

_HERE = Path(__file__).parent
_CLOSE_ENOUGH = 0.01
"""Relative distance of the measured gain from the planned one."""
_TRIES = 4
_PROCESSES = 3
_MEASURED_S = 0.4
"""Of each process of a calibration."""
_ELEMENTS = 100
"""Of the calibrating input: a call takes about a millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of work."""

    name: str
    source: str
    """With ``ROUNDS`` in it."""
    arguments: str
    """An expression over ``elements``."""

    def module(self, rounds: int) -> str:
        """Return the module that does so many rounds."""
        return self.source.replace("ROUNDS", str(rounds)).lstrip("\n")

    def definition(self, rounds: int) -> str:
        """Return the function alone."""
        return "def work" + self.module(rounds).partition("def work")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A pair whose gain has been measured."""

    kind: str
    planned: float
    measured: float
    rounds: tuple[int, int]
    """Before and after."""


@dataclass(slots=True)
class PlantedFound:
    """What has been judged so far."""

    calibrations: list[Calibration] = field(default_factory=list)
    answers: dict[float, list[Answer]] = field(default_factory=dict)
    """By planned gain."""

    def found(self, gain: float) -> int:
        """Return how many of the gains of a size were found."""
        return sum(answer.outcome is Outcome.FASTER for answer in self.answers.get(gain, ()))


def kinds() -> tuple[Kind, ...]:
    """Return every kind of work there is."""
    return tuple(Kind(**kind) for kind in _planted()["kind"])


async def judge_planted(
    found: PlantedFound,
    *,
    count: int,
    seed: int,
    isolation: Isolation,
    clock: Clock,
    on_progress: Callable[[str], None],
    chosen: Sequence[Kind] | None = None,
) -> None:
    """Judge ``count`` planted gains of each size, spread over the kinds, each with a judge of its own."""
    pairs: dict[tuple[str, float], Calibration] = {}
    every = list(chosen if chosen is not None else kinds())
    for at in range(count):
        kind = every[at % len(every)]
        for gain in GAINS:
            if (kind.name, gain) not in pairs:
                on_progress(f"measuring {kind.name}, {gain:g}x")
                pairs[kind.name, gain] = await calibrated(kind, gain)
                found.calibrations.append(pairs[kind.name, gain])
            before, after = pairs[kind.name, gain].rounds
            on_progress(
                f"{sum(map(len, found.answers.values()))}/{count * len(GAINS)} {kind.name}, {gain:g}x"
            )
            entry = Entry(
                name=f"planted:{kind.name}",
                function="work",
                file="planted.py",
                module=kind.module(before).encode(),
                is_library=False,
            )
            own_seed = random.Random(f"{seed}:{gain}:{at}").randrange(1, 1 << 30)
            async with asking(entry, isolation=isolation, seed=own_seed, clock=clock) as asked:
                await asked.prepare()
                answer = await asked.judge(Replacement(definition=kind.definition(after)), part="planted")
            found.answers.setdefault(gain, []).append(answer)


async def calibrated(kind: Kind, gain: float) -> Calibration:
    """Choose the rounds so that the gain, as measured in processes of their own, is within 1 % of the plan.

    Returns the nearest pair that was found where the machine is too restless for that.
    """
    before = int(_planted()["rounds"])
    after = round(before / gain)
    best: Calibration | None = None
    for _ in range(_TRIES):
        measured = await _measured(kind, before, after)
        tried = Calibration(kind=kind.name, planned=gain, measured=measured, rounds=(before, after))
        if best is None or _distance(tried) < _distance(best):
            best = tried
        if _distance(best) <= _CLOSE_ENOUGH:
            break
        after = max(1, round(after * measured / gain))
    assert best is not None
    return best


def _distance(pair: Calibration) -> float:
    return abs(pair.measured / pair.planned - 1)


async def _measured(kind: Kind, before: int, after: int) -> float:
    """Return the geometric mean over several processes: one alone is off by its layout in memory."""
    asked = {
        "original": kind.module(before),
        "candidate": kind.module(after),
        "arguments": kind.arguments,
        "elements": _ELEMENTS,
        "seconds": _MEASURED_S,
    }
    ratios = []
    for _ in range(_PROCESSES):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            _HERE / "calibrate.py",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            said, _ = await process.communicate(json.dumps(asked).encode())
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        ratios.append(float(said))
    return math.exp(statistics.fmean(map(math.log, ratios)))


def _planted() -> dict[str, Any]:
    return tomllib.loads((_HERE / "planted.toml").read_text(encoding="utf-8"))
