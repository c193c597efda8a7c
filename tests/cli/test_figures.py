from __future__ import annotations

import pytest

from paceline.cli import figures
from paceline.judge.verdict import Checks


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0.00 ns"),
        (3.2e-9, "3.20 ns"),
        (1.1249e-4, "112 µs"),
        (9.99e-4, "999 µs"),
        (9.9999e-4, "1.00 ms"),
        (1.25e-3, "1.25 ms"),
        (0.0345, "34.5 ms"),
        (34.0, "34.0 s"),
        (240.0, "240 s"),
    ],
)
def test_seconds(value: float, words: str) -> None:
    assert figures.seconds(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.87, "0.87x"), (1.117, "1.12x"), (3.14, "3.1x"), (172.6, "173x"), (12345.0, "12,345x")],
)
def test_ratio(value: float, words: str) -> None:
    assert figures.ratio(value) == words


def test_checks_name_the_worthiest_source_first() -> None:
    counted = Checks(
        inputs=1040, sources={"edge": 28, "type-hints": 1000, "recorded": 12, "probed": 0, "odd": 1}
    )
    assert figures.checks(counted) == (
        "no difference in 1,040 inputs: 12 recorded, 1,000 from type hints, 28 edge cases, 1 odd"
    )
    assert figures.checks(Checks(inputs=1)) == "no difference in 1 input"
    assert figures.checks(Checks(inputs=1, tests=1)) == "no difference in 1 input; 1 project test passes"
    assert figures.checks(Checks(inputs=2, tests=3)) == "no difference in 2 inputs; 3 project tests pass"
