"""What was measured, and the bars it is held against."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

IDLE = "idle"
TYPING = "typing"
BESIDE_JOBS = "typing, jobs"
SAVING = "save to hints"

BAR_LINES = 10_000
"""The length of file that the bars are set for."""

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in milliseconds."""

    count: int
    p50: float
    p95: float
    max: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """Summarise durations given in seconds."""
        ordered = sorted(seconds)
        return cls(
            count=len(ordered),
            p50=statistics.median(ordered) * 1e3,
            p95=ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1e3,
            max=ordered[-1] * 1e3,
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours over the empty server's, of medians, with a 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass
class Findings:
    """Everything that was measured so far."""

    machine: Mapping[str, str]
    starts: list[float] = field(default_factory=list)
    """Seconds from the start of the process to the answer to ``initialize``."""
    empty_starts: list[float] = field(default_factory=list)
    """The same of an empty server, each beside one of ours."""
    times: dict[tuple[int, str], list[float]] = field(default_factory=dict)
    """Seconds, by lines of the file and scene."""
    empty_times: dict[tuple[int, str], list[float]] = field(default_factory=dict)
    waits: dict[tuple[int, str], list[float]] = field(default_factory=dict)
    """Of the times of a scene, the part in which server or client waited for a processor."""
    opened: dict[int, float] = field(default_factory=dict)
    """Seconds from opening a file to its hints, by its lines."""
    jobs: dict[int, str] = field(default_factory=dict)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Seconds into the session, resident MiB of the server and the processes it keeps."""
    interrupted: bool = False
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the design."""

    what: str
    bar: str
    measured: str
    is_met: bool


def ratio_of(ours: Sequence[float], empty: Sequence[float], *, seed: int = 1) -> Ratio:
    """Return the ratio of the medians and its percentile bootstrap interval."""
    rng = random.Random(seed)
    drawn = sorted(
        statistics.median(rng.choices(ours, k=len(ours)))
        / statistics.median(rng.choices(empty, k=len(empty)))
        for _ in range(_RESAMPLES)
    )
    return Ratio(
        value=statistics.median(ours) / statistics.median(empty),
        low=drawn[int(_RESAMPLES * 0.025)],
        high=drawn[int(_RESAMPLES * 0.975) - 1],
    )


def without_waits(found: Findings, key: tuple[int, str]) -> list[float]:
    """Return the times of a scene without what was spent waiting for a processor."""
    waits = found.waits.get(key, [])
    return [max(0.0, taken - waited) for taken, waited in zip(found.times[key], waits, strict=False)]


def bars(found: Findings) -> list[Bar]:
    """Return the bars that something was measured for."""
    held = []
    named = ((IDLE, "code actions, idle", 5.0), (BESIDE_JOBS, "code actions, typing, jobs running", 10.0))
    for scene, words, limit in (*named, (SAVING, SAVING, 50.0)):
        if seconds := found.times.get((BAR_LINES, scene)):
            p95 = Spread.of(seconds).p95
            held.append(
                Bar(
                    what=f"{words}, {BAR_LINES:,} lines",
                    bar=f"p95 <= {limit:g} ms",
                    measured=f"{p95:.1f} ms",
                    is_met=p95 <= limit,
                )
            )
    if found.starts and found.empty_starts:
        ratio = ratio_of(found.starts, found.empty_starts)
        held.append(
            Bar(
                what="start to the answer to initialize",
                bar="<= 1.2x an empty server",
                measured=f"{ratio.value:.2f}x ({ratio.low:.2f}-{ratio.high:.2f})",
                is_met=ratio.value <= 1.2,
            )
        )
    if len(found.memory) >= _FEWEST_SAMPLES:
        early, late = growth(found.memory)
        held.append(
            Bar(
                what="memory over the session",
                bar="last quarter <= 1.05x the second",
                measured=f"{early:.0f} -> {late:.0f} MiB",
                is_met=late <= 1.05 * early,
            )
        )
    return held


_FEWEST_SAMPLES = 8


def growth(samples: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the median MiB of the second and of the last quarter of a session.

    The first quarter is left out: what is loaded and cached then stays, and is no growth.
    """
    quarter = len(samples) // 4
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    return statistics.median(mib for _, mib in second), statistics.median(mib for _, mib in last)


Tell = Callable[[str], None]
