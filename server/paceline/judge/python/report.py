"""From measurements to a verdict: the timing as evidence, and the one sentence that says what it means."""

from __future__ import annotations

import math
import statistics as plain
from collections.abc import Sequence

from lessonbank.outcome import Outcome
from paceline.judge.options import JudgeOptions
from paceline.judge.python.sizes import Size
from paceline.judge.python.timing import Measured, Samples
from paceline.judge.statistics import bootstrap_interval, t_interval
from paceline.judge.verdict import Evidence, SizeTiming, Timing, Verdict

_SUSPICIOUS = 10.0


def measured_timing(
    sizes: Sequence[Size], measured: Sequence[Measured], options: JudgeOptions, *, confirmed: bool
) -> Timing:
    """Pool the launches of one or two measurements into the timing that is shown.

    A measurement may leave out sizes below the headline, the smallest first.
    """
    shown = tuple(
        _size_timing(size, [m.sizes[-back] for m in measured if back <= len(m.sizes)], options)
        for back, size in zip(range(len(sizes), 0, -1), sizes, strict=True)
    )
    headline = shown[-1]
    control = t_interval([math.log(ratio) for ratio in headline.control], options.confidence)
    weighed = [m.memory for m in measured if m.memory is not None]
    beside = bootstrap_interval([math.log(ratio) for ratio in headline.ratios], options.confidence)
    return Timing(
        speedup=headline.speedup,
        low=headline.low,
        high=headline.high,
        confidence=options.confidence,
        launches=sum(m.launches for m in measured),
        control_low=control.low,
        control_high=control.high,
        sizes=shown,
        confirmed=confirmed,
        memory=max(weighed, key=lambda memory: memory.ratio, default=None),
        bootstrap_low=beside.low,
        bootstrap_high=beside.high,
        clock="processor" if all(m.clock == "processor" for m in measured) else "wall",
    )


def final_verdict(evidence: Evidence, last: Measured, options: JudgeOptions) -> Verdict:
    """Return the verdict on a candidate that was timed, ``last`` being its last measurement."""
    timing = evidence.timing
    assert timing is not None
    gain = 1 + options.minimum_gain
    shown = f"{timing.speedup:.2f}x ({timing.low:.2f}-{timing.high:.2f}, {timing.launches} launches)"
    if last.look.decision == "slower" or timing.high < 1 / gain:
        return Verdict(outcome=Outcome.SLOWER, reason=f"slower: {shown}", evidence=evidence)
    noise = max(timing.control_high, 1 / timing.control_low if timing.control_low > 0 else math.inf)
    if not timing.confirmed or timing.low <= gain or timing.low <= noise:
        return Verdict(
            outcome=Outcome.NOT_PROVEN_FASTER, reason=_why_not(timing, last, shown, gain), evidence=evidence
        )
    slower = [size for size in timing.sizes[:-1] if size.high < 1 / gain]
    medium = next((size for size in slower if size.label == "medium"), None)
    if medium is not None:
        return Verdict(
            outcome=Outcome.NOT_PROVEN_FASTER,
            reason=f"faster on large inputs, {shown}, but slower on medium ones: {_short(medium)}",
            evidence=evidence,
        )
    reason = f"faster: {shown}"
    if slower:
        reason += f"; slower on small inputs: {_short(slower[0])}"
    if timing.memory is not None and timing.memory.is_much_more:
        reason += f"; takes {timing.memory.ratio:.1f} times the memory"
    return Verdict(outcome=Outcome.FASTER, reason=reason, evidence=evidence)


def _why_not(timing: Timing, last: Measured, shown: str, gain: float) -> str:
    if last.ran_out:
        return f"the time budget ran out before it was decided: {shown}"
    if timing.speedup > gain and last.look.decision == "undecided":
        return f"not proven faster: {shown}; the machine's own noise reaches {timing.control_high:.2f}x"
    return f"not proven faster by at least {(gain - 1) * 100:.0f} %: {shown}"


def _short(size: SizeTiming) -> str:
    return f"{size.speedup:.2f}x at {size.elements} elements"


def _size_timing(size: Size, samples: Sequence[Samples], options: JudgeOptions) -> SizeTiming:
    ratios = [value for s in samples for value in s.ratios]
    interval = t_interval(ratios, options.confidence)
    return SizeTiming(
        label=size.label,
        elements=size.elements,
        speedup=interval.mean,
        low=interval.low,
        high=interval.high,
        original_s=plain.median(value for s in samples for value in s.original_s),
        candidate_s=plain.median(value for s in samples for value in s.candidate_s),
        ratios=tuple(math.exp(value) for value in ratios),
        control=tuple(math.exp(value) for s in samples for value in s.controls),
    )
