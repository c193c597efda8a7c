"""What the judge needs to be told, as the settings of a workspace have it, and defaults for all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class JudgeOptions(Protocol):
    """How strict the judge is, and how long it may take."""

    @property
    def minimum_gain(self) -> float:
        """The smallest gain worth having: 0.05 is 5 %."""
        ...

    @property
    def confidence(self) -> float:
        """Of the intervals, e.g. 0.95."""
        ...

    @property
    def max_check_s(self) -> float:
        """Wall time of the check of one candidate, in seconds."""
        ...

    @property
    def max_verdict_s(self) -> float:
        """Wall time of one verdict, waiting for other timings left out, in seconds."""
        ...

    @property
    def float_tolerance(self) -> float:
        """Relative difference allowed between floats; 0 is exact."""
        ...

    @property
    def memory_mb(self) -> int:
        """Address space of a worker, in MiB."""
        ...


class RecordingOptions(Protocol):
    """Whether the project's tests may be run to record calls, and for how long."""

    @property
    def enable(self) -> bool:
        """Whether to run them."""
        ...

    @property
    def timeout_s(self) -> float:
        """Wall time, in seconds."""
        ...


class Options(Protocol):
    """The part of the settings that the judge reads."""

    @property
    def judge(self) -> JudgeOptions:
        """Strictness and budgets."""
        ...

    @property
    def tests(self) -> RecordingOptions:
        """Recording calls from the project's tests."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultJudgeOptions:
    """The defaults."""

    minimum_gain: float = 0.05
    confidence: float = 0.95
    max_check_s: float = 10
    max_verdict_s: float = 60
    float_tolerance: float = 0.0
    memory_mb: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultRecordingOptions:
    """The defaults."""

    enable: bool = True
    timeout_s: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultOptions:
    """The defaults of everything, for callers without settings."""

    judge: DefaultJudgeOptions = field(default_factory=DefaultJudgeOptions)
    tests: DefaultRecordingOptions = field(default_factory=DefaultRecordingOptions)
