from __future__ import annotations

import math
import random

import pytest

from paceline.judge.statistics import (
    LOOKS,
    SPENDING,
    bootstrap_interval,
    look,
    student_t_cdf,
    student_t_quantile,
    t_interval,
)


@pytest.mark.parametrize(
    ("p", "df", "expected"),
    [
        # Any printed table of Student's t.
        (0.975, 1, 12.706205),
        (0.975, 2, 4.302653),
        (0.975, 4, 2.776445),
        (0.975, 9, 2.262157),
        (0.95, 2, 2.919986),
        (0.995, 4, 4.604095),
        (0.9975, 2, 14.089047),
        (0.9995, 2, 31.599055),
        (0.9, 30, 1.310415),
        (0.975, 1000, 1.962339),
        (0.5, 7, 0.0),
        (0.025, 9, -2.262157),
    ],
)
def test_quantiles_agree_with_the_table(p: float, df: int, expected: float) -> None:
    assert student_t_quantile(p, df) == pytest.approx(expected, abs=2e-6)


def test_quantile_inverts_the_distribution() -> None:
    for df in (1, 2, 3, 5, 9, 40):
        for p in (0.001, 0.2, 0.6, 0.99, 0.9999):
            assert student_t_cdf(student_t_quantile(p, df), df) == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.5])
def test_no_quantile_outside_the_open_interval(p: float) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        student_t_quantile(p, 3)


def test_interval_is_the_textbook_one() -> None:
    found = t_interval([math.log(2.0), math.log(2.2), math.log(1.9)], 0.95)
    assert found.mean == pytest.approx((2.0 * 2.2 * 1.9) ** (1 / 3))
    assert (found.low, found.high) == pytest.approx((1.68756, 2.44130), abs=2e-3)


def test_one_launch_proves_nothing() -> None:
    found = t_interval([math.log(5)], 0.95)
    assert (found.low, found.high) == (0.0, math.inf)


def test_bootstrap_stays_within_the_samples() -> None:
    logs = [math.log(x) for x in (1.9, 2.0, 2.1, 2.2)]
    found = bootstrap_interval(logs, 0.95)
    assert 1.9 <= found.low < found.mean < found.high <= 2.2


def test_the_looks_spend_the_whole_error_once() -> None:
    assert len(LOOKS) == len(SPENDING)
    assert sum(SPENDING) == pytest.approx(1.0)


def test_a_clear_doubling_stops_at_the_first_look() -> None:
    ratios = [math.log(x) for x in (2.00, 2.02, 1.99)]
    controls = [math.log(x) for x in (1.003, 0.998, 1.001)]
    assert look(ratios, controls, number=0, confidence=0.95, minimum_gain=0.05).decision == "faster"


def test_noise_in_the_control_forbids_a_yes() -> None:
    ratios = [math.log(x) for x in (1.30, 1.31, 1.30)]
    controls = [math.log(x) for x in (1.4, 0.7, 1.2)]
    assert look(ratios, controls, number=0, confidence=0.95, minimum_gain=0.05).decision != "faster"


def test_equal_speed_is_given_up_early() -> None:
    logs = [0.001, -0.002, 0.0005]
    assert look(logs, logs, number=0, confidence=0.95, minimum_gain=0.05).decision == "not faster"


def test_a_halving_is_slower() -> None:
    ratios = [math.log(x) for x in (0.5, 0.501, 0.499)]
    assert (
        look(ratios, [0.001, -0.001, 0.0], number=0, confidence=0.95, minimum_gain=0.05).decision == "slower"
    )


def test_equal_speed_with_launch_noise_is_almost_never_called_faster() -> None:
    """Simulated launches with 3 % noise and no difference, through all looks: the rule's own error rate."""
    rng = random.Random(5)
    calls = 0
    for _ in range(500):
        ratios = [rng.gauss(0, 0.03) for _ in range(10)]
        controls = [rng.gauss(0, 0.03) for _ in range(10)]
        for number, launches in enumerate(LOOKS):
            found = look(
                ratios[:launches], controls[:launches], number=number, confidence=0.95, minimum_gain=0.05
            )
            if found.decision != "undecided":
                calls += found.decision == "faster"
                break
    assert calls <= 1
