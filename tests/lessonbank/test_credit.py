from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbank.credit import (
    Credit,
    Showing,
    Tally,
    credit_from_json,
    credit_to_json,
    credited,
    tallied,
    tally_from_json,
    uplift,
)
from lessonbank.errors import UnreadableLesson
from lessonbank.outcome import Outcome

turns = st.builds(
    Showing,
    lessons=st.just(("x",)),
    outcome=st.none() | st.sampled_from(Outcome),
    speedup=st.floats(0, 100),
    context=st.sampled_from(["", "a", "b"]),
)


@given(st.lists(st.lists(turns, max_size=5), max_size=5), st.floats(0, 50))
def test_the_laws_of_credit(rounds: list[list[Showing]], own: float) -> None:
    credit, tally = Credit(), Tally()
    for number, showings in enumerate(rounds):
        credit = credited(credit, showings, own_speedup=own, now=str(number))
        tally = tallied(tally, [*showings, Showing(lessons=(), outcome=Outcome.WRONG)])
    proposed = [turn for showings in rounds for turn in showings if turn.outcome is not None]
    assert credit.shown == len(proposed)
    assert credit.helped + credit.hurt <= credit.shown
    assert 0.9 <= credit.factor <= 1.1
    assert tally.turns == credit.shown + len(rounds)
    assert credit_from_json(json.loads(json.dumps(credit_to_json(credit)))) == credit
    assert -1 <= uplift(credit, tally) <= 1
    assert -1 <= uplift(credit, tally, random.Random(0)) <= 1


def test_a_round_in_which_nobody_proposed_says_nothing() -> None:
    credit = Credit(factor=1.05)
    assert credited(credit, [Showing(lessons=("x",), outcome=None)], own_speedup=1.0, now="now") == credit


def test_a_lesson_that_helps_more_than_its_absence_has_uplift() -> None:
    tally = Tally(turns=40, faster=12)
    helpful = Credit(shown=10, helped=9)
    useless = Credit(shown=10, helped=3)
    assert uplift(helpful, tally) > 0.4
    assert abs(uplift(useless, tally)) < 0.1
    # One that was never shown is compared by its prior alone, and a draw may put it in front.
    draws = [uplift(Credit(), tally, random.Random(seed)) for seed in range(50)]
    assert max(draws) > uplift(Credit(shown=10, helped=6), tally)
    assert min(draws) < 0


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        {"shown": "x"},
        {**credit_to_json(Credit()), "factor": "high"},
        {**credit_to_json(Credit()), "contexts": {"a": 1}},
        {**credit_to_json(Credit()), "contexts": []},
        {**credit_to_json(Credit()), "shown": float("inf")},
    ],
)
def test_what_is_no_credit_is_refused(record: object) -> None:
    with pytest.raises(UnreadableLesson):
        credit_from_json(record)


def test_planted_counts_stay_within_reason() -> None:
    credit = credit_from_json({**credit_to_json(Credit()), "shown": 3, "helped": 99, "factor": 1e9})
    assert (credit.helped, credit.factor) == (3, 1.1)
    assert tally_from_json({"turns": 2, "faster": 5}) == Tally(turns=2, faster=2)
    with pytest.raises(UnreadableLesson):
        tally_from_json({"turns": None})
