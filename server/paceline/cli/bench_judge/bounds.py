"""What a count says about a share: exact bounds of a binomial proportion (Clopper and Pearson, 1934)."""

from __future__ import annotations

import math


def upper_bound(hits: int, trials: int, *, confidence: float = 0.95) -> float:
    """Return the share that ``hits`` in ``trials`` stay below, one-sided; 1 where nothing was tried."""
    if hits >= trials:
        return 1.0
    return _solved(lambda share: _at_most(hits, trials, share), 1 - confidence)


def lower_bound(hits: int, trials: int, *, confidence: float = 0.95) -> float:
    """Return the share that ``hits`` in ``trials`` stay above, one-sided; 0 where nothing was tried."""
    return 1 - upper_bound(trials - hits, trials, confidence=confidence) if trials else 0.0


def _solved(falling: object, wanted: float) -> float:
    assert callable(falling)
    low, high = 0.0, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        if falling(middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(hits: int, trials: int, share: float) -> float:
    """Return the probability of ``hits`` or fewer in ``trials``."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 1.0 if hits >= trials else 0.0
    return math.fsum(
        math.exp(
            math.lgamma(trials + 1)
            - math.lgamma(k + 1)
            - math.lgamma(trials - k + 1)
            + k * math.log(share)
            + (trials - k) * math.log1p(-share)
        )
        for k in range(hits + 1)
    )
