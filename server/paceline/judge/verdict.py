"""Verdicts and their evidence: what the judge says, and what it bases it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lessonbank.outcome import Outcome

__all__ = ["Checks", "Counterexample", "Evidence", "Memory", "Outcome", "SizeTiming", "Timing", "Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """How much was compared. "No difference found in N inputs", never "equivalent"."""

    inputs: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    """Inputs by where they came from: recorded, call-site, doctest, type-hints, probed, edge."""
    tests: int = 0
    """So many of the project's own tests reach the target, and pass with the candidate in its place."""
    notes: tuple[str, ...] = ()
    """What could not be tried, each as one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """The smallest input found on which the two differ, as a person would write it."""

    call: str
    expected: str
    got: str
    difference: str
    """Which part differs: result, exception, arguments, output, state, laziness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeTiming:
    """The paired timing at one input size. Ratios are original / candidate; times are seconds a call."""

    label: str
    elements: int
    speedup: float
    low: float
    high: float
    original_s: float
    candidate_s: float
    ratios: tuple[float, ...]
    """One ratio a launch at this size, in order: the samples behind the interval."""
    control: tuple[float, ...]
    """One ratio a launch of the original against a second process of the original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Peak resident memory of one call beyond what was there before it, in bytes."""

    original: int
    candidate: int

    @property
    def ratio(self) -> float:
        """Candidate / original, a MiB more for each: below that it is the allocator's doing."""
        return (self.candidate + _MIB) / (self.original + _MIB)

    @property
    def is_much_more(self) -> bool:
        """Whether the candidate takes more than twice as much: then it is said wherever the speedup is."""
        return self.ratio > 2


_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The timing behind a verdict: the headline is the size that counts, every size stands beside it."""

    speedup: float
    """Geometric mean over launches, at the headline size (the largest measured)."""
    low: float
    high: float
    confidence: float
    """Of the interval, e.g. 0.95."""
    launches: int
    control_low: float
    control_high: float
    """The interval of the concurrent A/A control at the headline size."""
    sizes: tuple[SizeTiming, ...]
    confirmed: bool
    """Whether a second, fresh run of the whole procedure said faster as well."""
    memory: Memory | None = None
    """What one call took at the headline size, None where the system does not tell."""
    bootstrap_low: float | None = None
    """The percentile bootstrap interval of the same launches, shown beside the interval that decides."""
    bootstrap_high: float | None = None
    clock: str = "wall"
    """``processor``: what the kernel counts for the process, sleep of its own included. Else ``wall``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a reader needs to believe, doubt or repeat a verdict."""

    checks: Checks = field(default_factory=Checks)
    timing: Timing | None = None
    counterexample: Counterexample | None = None
    diagnostics: str | None = None
    """The first lines the interpreter or compiler printed, for a build that failed or a crash."""
    isolation: str = ""
    """Which sandbox the candidate ran in: bubblewrap, landlock, limits."""
    environment: Mapping[str, str] = field(default_factory=dict)
    tolerance: float = 0.0
    """Relative difference of floats that was allowed; 0 means exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judge's answer for one candidate."""

    outcome: Outcome
    reason: str
    """One plain sentence."""
    evidence: Evidence = field(default_factory=Evidence)
    elapsed_s: float = 0.0

    @property
    def low(self) -> float:
        """The lower bound of the measured speedup, 0 where nothing was timed: what ranking goes by."""
        return self.evidence.timing.low if self.evidence.timing else 0.0
