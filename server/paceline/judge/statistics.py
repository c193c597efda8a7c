"""The arithmetic of a timing: intervals over launches, and the looks at which a timing may stop.

The unit is the launch (a fresh set of processes), the sample its mean log ratio. Nothing here is faster to
write with a numerical library, and the server does without one.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

LOOKS = (3, 5, 10)
"""The numbers of launches after which a timing may be decided."""

SPENDING = (0.2, 0.3, 0.5)
"""The share of the error allowed at each look; the first is strict, so that only large gains stop there.

The shares add up to one, so by Bonferroni's inequality all looks together err at most as often as one look at
the full level would.
"""

_FUTILITY_CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio with its confidence interval."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one size's launches say at a look: the interval held against the thresholds, and the decision."""

    decision: str
    """``faster``, ``slower``, ``not faster`` (it is not worth going on) or ``undecided``."""
    ratio: Interval
    control: Interval


def student_t_cdf(t: float, df: float) -> float:
    """Return P(T <= t) for Student's distribution with ``df`` degrees of freedom (DLMF 8.17)."""
    tail = 0.5 * _regularised_beta(df / (df + t * t), df / 2, 0.5)
    return 1 - tail if t > 0 else tail


def student_t_quantile(p: float, df: float) -> float:
    """Return t with P(T <= t) = p, to about ten digits. Raises ValueError outside 0 < p < 1 or df < 1."""
    if not 0 < p < 1 or df < 1:
        raise ValueError(f"no quantile for p={p}, df={df}")
    if p < 0.5:
        return -student_t_quantile(1 - p, df)
    if p == 0.5:
        return 0.0
    low, high = 0.0, 2.0
    while student_t_cdf(high, df) < p:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if student_t_cdf(middle, df) < p:
            low = middle
        else:
            high = middle
        if high - low < 1e-12 * high:
            break
    return (low + high) / 2


def t_interval(logs: Sequence[float], confidence: float) -> Interval:
    """Return the geometric mean of the ratios whose logarithms are given, with its t-interval.

    Two-sided at ``confidence``. One launch says nothing about spread: its interval is everything.
    """
    mean = statistics.fmean(logs)
    if len(logs) < 2:
        return Interval(0.0, math.exp(mean), math.inf)
    half = (
        student_t_quantile((1 + confidence) / 2, len(logs) - 1)
        * statistics.stdev(logs)
        / math.sqrt(len(logs))
    )
    return Interval(_exp(mean - half), _exp(mean), _exp(mean + half))


def bootstrap_interval(
    logs: Sequence[float], confidence: float, *, seed: int = 0, resamples: int = 2000
) -> Interval:
    """Return the percentile bootstrap interval of the same mean (Efron 1979). Shown, never decided by."""
    rng = random.Random(seed)
    means = sorted(statistics.fmean(rng.choices(logs, k=len(logs))) for _ in range(resamples))
    cut = (1 - confidence) / 2
    return Interval(
        _exp(means[int(cut * resamples)]),
        _exp(statistics.fmean(logs)),
        _exp(means[min(resamples - 1, int((1 - cut) * resamples))]),
    )


def look(
    ratios: Sequence[float], controls: Sequence[float], *, number: int, confidence: float, minimum_gain: float
) -> Look:
    """Decide after the launches of look ``number`` (0-based), from log ratios and log control ratios.

    Faster needs the strict lower bound above 1 + the minimum gain and above what the original against itself
    reaches. The strictness of the bound alone keeps the error rate; the control, an ordinary interval, guards
    against a machine on which even two equal programs differ. Giving up needs only an ordinary interval too:
    it cannot cause a wrong yes.
    """
    level = 1 - (1 - confidence) * SPENDING[number]
    strict, control = t_interval(ratios, level), t_interval(controls, confidence)
    ordinary = t_interval(ratios, _FUTILITY_CONFIDENCE)
    noise = max(control.high, 1 / control.low if control.low > 0 else math.inf)
    gain = 1 + minimum_gain
    if strict.low > gain and strict.low > noise:
        decision = "faster"
    elif strict.high < 1 / gain and strict.high < 1 / noise:
        decision = "slower"
    elif ordinary.high < gain and ordinary.low > 1 / gain:
        decision = "not faster"
    elif ordinary.high < 1:
        # It will not become faster; further launches could only tell slower from not faster.
        decision = "not faster" if number > 0 else "undecided"
    else:
        decision = "undecided"
    return Look(decision, strict, control)


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))


def _regularised_beta(x: float, a: float, b: float) -> float:
    """Return I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated with Lentz's method."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _regularised_beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    tiny = 1e-300
    c, d = 1.0, 1 / max(tiny, 1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + step * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + step / (c if abs(c) > tiny else tiny)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction / a
