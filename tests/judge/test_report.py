"""From measurements to the verdict and its one sentence."""

from __future__ import annotations

import pytest

from lessonbank.outcome import Outcome
from paceline.judge.python.report import final_verdict
from paceline.judge.python.timing import Measured
from paceline.judge.statistics import Interval, Look
from paceline.judge.verdict import Evidence, Memory, SizeTiming, Timing
from paceline.workspace.settings import JudgeSettings

MIB = 1024 * 1024
OPTIONS = JudgeSettings(minimum_gain=0.05)


def _size(label: str, elements: int, low: float, high: float) -> SizeTiming:
    return SizeTiming(
        label=label,
        elements=elements,
        speedup=(low + high) / 2,
        low=low,
        high=high,
        original_s=1e-3,
        candidate_s=1e-3,
        ratios=(low, high),
        control=(1.0,),
    )


def _verdict(
    low: float,
    high: float,
    *,
    decision: str = "faster",
    confirmed: bool = True,
    memory: Memory | None = None,
    noise: float = 1.01,
    small: tuple[float, float] = (1.0, 1.1),
    medium: tuple[float, float] = (1.0, 1.1),
    ran_out: bool = False,
) -> tuple[Outcome, str]:
    ratio = Interval(low=low, mean=(low + high) / 2, high=high)
    control = Interval(low=1 / noise, mean=1.0, high=noise)
    timing = Timing(
        speedup=ratio.mean,
        low=low,
        high=high,
        confidence=0.95,
        launches=6,
        control_low=control.low,
        control_high=control.high,
        sizes=(_size("small", 8, *small), _size("medium", 90, *medium), _size("large", 1000, low, high)),
        confirmed=confirmed,
        memory=memory,
    )
    last = Measured(
        look=Look(decision=decision, ratio=ratio, control=control),
        sizes=(),
        launches=3,
        memory=memory,
        ran_out=ran_out,
        clock="processor",
    )
    verdict = final_verdict(Evidence(timing=timing), last, OPTIONS)
    return verdict.outcome, verdict.reason


def test_faster_is_said_with_its_interval_and_launches() -> None:
    assert _verdict(1.4, 1.6) == (Outcome.FASTER, "faster: 1.50x (1.40-1.60, 6 launches)")


def test_much_more_memory_is_said_beside_the_speedup() -> None:
    outcome, reason = _verdict(1.4, 1.6, memory=Memory(original=0, candidate=4 * MIB))
    assert outcome is Outcome.FASTER
    assert reason.endswith("; takes 5.0 times the memory")


def test_a_little_more_memory_is_not() -> None:
    assert "memory" not in _verdict(1.4, 1.6, memory=Memory(original=10 * MIB, candidate=12 * MIB))[1]


def test_slower_on_small_inputs_is_said_and_is_no_obstacle() -> None:
    outcome, reason = _verdict(1.4, 1.6, small=(0.7, 0.8))
    assert outcome is Outcome.FASTER
    assert reason.endswith("; slower on small inputs: 0.75x at 8 elements")


def test_slower_on_medium_inputs_is_not_faster() -> None:
    outcome, reason = _verdict(1.4, 1.6, medium=(0.7, 0.8))
    assert outcome is Outcome.NOT_PROVEN_FASTER
    assert "slower on medium ones: 0.75x at 90 elements" in reason


@pytest.mark.parametrize(
    "case",
    [
        {"confirmed": False},
        {"noise": 1.45},
        {"decision": "undecided", "noise": 1.45},
        {"decision": "undecided", "confirmed": False, "ran_out": True},
    ],
    ids=["not-confirmed", "inside-the-noise", "undecided", "ran-out"],
)
def test_what_is_not_certain_is_not_proven(case: dict[str, object]) -> None:
    outcome, reason = _verdict(1.4, 1.6, **case)  # type: ignore[arg-type]
    assert outcome is Outcome.NOT_PROVEN_FASTER
    assert "1.50x (1.40-1.60, 6 launches)" in reason
    if case.get("ran_out"):
        assert reason.startswith("the time budget ran out")
    elif "decision" in case:
        assert "the machine's own noise reaches 1.45x" in reason


def test_a_gain_below_the_least_that_counts_is_not_proven() -> None:
    outcome, reason = _verdict(1.04, 1.2)
    assert outcome is Outcome.NOT_PROVEN_FASTER
    assert reason.startswith("not proven faster by at least 5 %: 1.12x")


@pytest.mark.parametrize(("decision", "high"), [("slower", 1.1), ("undecided", 0.9)])
def test_slower_is_said(decision: str, high: float) -> None:
    outcome, reason = _verdict(0.8, high, decision=decision)
    assert outcome is Outcome.SLOWER
    assert reason.startswith("slower: ")
