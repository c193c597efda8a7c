"""Inputs grown from recorded ones are like them: order, repeats, ranges, letters, lengths, proportions."""

from __future__ import annotations

import inspect
import json
import random
import string
import types
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.judge.inputs.finding import find

from paceline.judge.python.worker import codec, inputs

LARGE = 400
SEEDS = st.integers(0, 10**6)
seldom = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def size_of(items, *more, **options):  # type: ignore[no-untyped-def]
    """A function that says nothing about its arguments."""
    return len(items)


def both(left, right):  # type: ignore[no-untyped-def]
    return len(left), len(right)


def grown(
    calls: Sequence[Any], function: Callable[..., Any] = size_of, elements: int = LARGE, count: int = 5
) -> list[Any]:
    """Return the arguments of inputs grown from recorded calls; each call is the tuple of its arguments."""
    recorded = [{"args": codec.encode(call), "kwargs": codec.encode({})} for call in calls]
    found = find(function, source=inspect.getsource(function), name=function.__name__, recorded=recorded)
    assert found.shape is not None and found.growable
    made = inputs.grow(json.loads(json.dumps(found.shape)), seed=5, elements=elements, count=count)
    assert made
    return [codec.decode(item.args) for item in made]


def first(calls: Sequence[Any], **more: Any) -> list[Any]:
    return [args[0] for args in grown(calls, **more)]


def repeats(row: Sequence[Any]) -> float:
    return 1 - len(set(row)) / len(row)


@seldom
@given(SEEDS)
def test_sorted_lists_stay_sorted(seed: int) -> None:
    rng = random.Random(seed)
    calls = [(sorted(rng.sample(range(1000), k)),) for k in (5, 9, 20)]
    for row in first(calls):
        assert row == sorted(row) and len(row) == LARGE
    for row in first([(call[0][::-1],) for call in calls]):
        assert row == sorted(row, reverse=True)


@seldom
@given(SEEDS)
def test_unsorted_lists_stay_unsorted(seed: int) -> None:
    rng = random.Random(seed)
    for row in first([([rng.random() for _ in range(k)],) for k in (9, 20)]):
        assert row != sorted(row) and row != sorted(row, reverse=True)


@seldom
@given(SEEDS, st.sampled_from([0.0, 0.3, 0.6, 0.9]), st.sampled_from(["int", "str"]))
def test_the_share_of_duplicates_stays(seed: int, share: float, kind: str) -> None:
    rng = random.Random(seed)
    calls = []
    for size in (60, 100):
        pool = rng.sample(range(10**6), round(size * (1 - share)))
        row = pool + rng.choices(pool, k=size - len(pool))
        rng.shuffle(row)
        calls.append(([f"id-{n:06}" for n in row] if kind == "str" else row,))
    for row in first(calls):
        assert abs(repeats(row) - share) < 0.05


@seldom
@given(SEEDS)
def test_duplicates_in_a_small_range_stay_as_frequent(seed: int) -> None:
    rng = random.Random(seed)
    row = [n % 10 for n in range(100)]
    rng.shuffle(row)
    for made in first([(row,)], elements=2000):
        assert abs(repeats(made) - 0.9) < 0.02


@seldom
@given(SEEDS, st.sampled_from([(0, 100), (-5, 5), (10**6, 10**9), (-(10**12), -(10**11))]))
def test_numbers_stay_in_their_range(seed: int, bounds: tuple[int, int]) -> None:
    rng = random.Random(seed)
    low, high = bounds
    calls = [([rng.randint(low, high) for _ in range(40)],) for _ in range(3)]
    seen = [n for call in calls for n in call[0]]
    for row in first(calls, elements=60):
        assert min(seen) <= min(row)
        if repeats(seen) < 0.1:
            assert max(row) <= max(seen)


@seldom
@given(SEEDS)
def test_floats_keep_range_and_decimals(seed: int) -> None:
    rng = random.Random(seed)
    calls = [([round(rng.uniform(10, 99), 2) for _ in range(30)],) for _ in range(3)]
    seen = [n for call in calls for n in call[0]]
    for row in first(calls):
        assert min(seen) <= min(row) and max(row) <= max(seen)
        assert all(round(n, 2) == n for n in row)


def test_mostly_zeros_stays_mostly_zeros() -> None:
    rng = random.Random(3)
    rows = [([0.0] * 90 + [rng.random() for _ in range(10)],) for _ in range(3)]
    for (row,) in rows:
        rng.shuffle(row)
    for row in first(rows):
        assert 0.8 < row.count(0.0) / len(row) < 0.97


@seldom
@given(SEEDS)
def test_keys_stay_dense_or_sparse(seed: int) -> None:
    rng = random.Random(seed)
    dense = first([({n: rng.random() for n in range(50)},)])
    for table in dense:
        assert set(table) == set(range(LARGE)) and list(table) == sorted(table)
    sparse = first([(dict.fromkeys(rng.sample(range(10**7), 50), 1),)])
    for table in sparse:
        assert len(table) == LARGE and max(table) - min(table) > 50 * LARGE
        assert max(table) <= 10**7


@seldom
@given(SEEDS, st.sampled_from(["ACGT", "01", string.ascii_lowercase, "äöü"]))
def test_texts_keep_their_letters(seed: int, letters: str) -> None:
    rng = random.Random(seed)
    calls = [("".join(rng.choices(letters, k=60)),) for _ in range(2)]
    for text in first(calls):
        assert set(text) <= set(letters) and len(text) == LARGE
    for words in first([(["".join(rng.choices(letters, k=rng.randint(3, 6))) for _ in range(40)],)]):
        assert set("".join(words)) <= set(letters)
        assert {len(word) for word in words} <= {3, 4, 5, 6, 7, 8, 9, 10, 11, 12}


def test_codes_keep_their_make_up() -> None:
    for codes in first([([f"SKU-{n:04}" for n in range(0, 400, 7)],)]):
        assert len(set(codes)) == len(codes) == LARGE
        assert all(len(c) == 8 and c[3] == "-" and c[4:].isdigit() and c[:3].isupper() for c in codes)


def test_lines_stay_lines() -> None:
    text = "\n".join(f"{name}={n}" for n, name in enumerate(("alpha", "beta", "gamma", "delta") * 5)) + "\n"
    for made in first([(text,)], elements=2000):
        assert all(line.count("=") == 1 for line in made.splitlines())


def test_rows_keep_their_width_and_inner_lists_their_lengths() -> None:
    rng = random.Random(2)
    table = [[rng.random() for _ in range(3)] for _ in range(40)]
    for rows in first([(table,), (table[:20],)]):
        assert {len(row) for row in rows} == {3} and len(rows) > 100
    ragged = [[rng.randrange(99) for _ in range(rng.choice((0, 1, 2, 5)))] for _ in range(60)]
    for rows in first([(ragged,)]):
        assert {len(row) for row in rows} <= {0, 1, 2, 5} and len(rows) > 100


def test_records_keep_groups_order_and_gaps() -> None:
    rng = random.Random(4)
    people = [f"user{n}" for n in range(10)]
    rows = [
        {"at": n * 60, "who": rng.choice(people), "paid": rng.random() < 0.1, "note": None if n % 4 else "x"}
        for n in range(100)
    ]
    for made in first([(rows,)]):
        times = [row["at"] for row in made]
        assert times == sorted(times)
        assert abs(repeats([row["who"] for row in made]) - 0.9) < 0.05
        assert sum(row["paid"] for row in made) < 0.3 * len(made)
        assert 0.5 < sum(row["note"] is None for row in made) / len(made) < 0.95


def test_objects_are_like_those_that_were_seen() -> None:
    def make(n: int) -> Any:
        return types.SimpleNamespace(number=n, name=f"n{n % 5}")

    for made in first([([make(n) for n in range(50)],)]):
        numbers = [each.number for each in made]
        assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)
        assert repeats([each.name for each in made]) > 0.8


def drained(items):  # type: ignore[no-untyped-def]
    return [item for item in items if item]


@pytest.mark.parametrize("begin", [iter, lambda row: codec.replayed(iter(row))])
def test_iterators_stay_iterators_that_can_be_used_once(begin: Callable[[list[int]], Any]) -> None:
    calls = [(begin(list(range(0, 90, 3))),), (begin(list(range(0, 60, 3))),)]
    kinds = {type(call[0]) for call in calls}
    for iterator in first(calls, function=drained):
        assert type(iterator) in kinds
        items = list(iterator)
        assert items == sorted(items) and len(items) == LARGE
        assert list(iterator) == []


def test_arguments_keep_their_proportions() -> None:
    rng = random.Random(6)

    def numbers(size: int) -> list[int]:
        return [rng.randrange(1000) for _ in range(size)]

    for left, right in grown([(numbers(90), numbers(10)), (numbers(180), numbers(20))], both):
        assert 7 < len(left) / len(right) < 11
    # What had the same size in calls of all sizes keeps it.
    for left, right in grown([(numbers(20), numbers(4)), (numbers(200), numbers(4))], both):
        assert len(right) == 4 and len(left) > 300


def test_what_larger_inputs_may_not_hold_is_left_out() -> None:
    """A function that knows a closed set of values gets no others, however large its input."""

    def points(letters):  # type: ignore[no-untyped-def]
        return sum({"a": 1, "b": 2, "c": 3}[letter] for letter in letters)

    for letters in first([(["a", "b", "c", "a"] * 10,), (["c", "c", "b"] * 10,)], function=points):
        assert set(letters) <= {"a", "b", "c"} and len(letters) == LARGE


def test_a_few_elements_say_nothing() -> None:
    (row, *_) = first([([3, 1, 2],)])
    assert len(set(row)) > 10


def test_checks_are_given_more_variety_than_was_seen() -> None:
    calls = [{"args": codec.encode((list(range(k)),)), "kwargs": codec.encode({})} for k in (8, 12, 20)]
    found = find(size_of, source=inspect.getsource(size_of), name="size_of", recorded=calls)
    assert found.shape is not None
    made = inputs.grow(found.shape, seed=1, elements=30, count=8, widely=True)
    rows = [codec.decode(item.args)[0] for item in made]
    assert any(max(row) >= 1.5 * len(row) for row in rows)
    edges = [codec.decode(item.args)[0] for item in found.inputs if item.source == "edge"]
    assert [] in edges and any(max(row, default=0) > 10**6 for row in edges)


@pytest.mark.parametrize("sample", [[1, 2, 3, 4, 5, 6, 7, 8, 9], ["a", "b"] * 10, [[1], [2, 3]] * 8])
def test_grown_inputs_differ_from_one_another(sample: list[Any]) -> None:
    rows = first([(sample,)], elements=40)
    assert len({codec.text(codec.encode(row)) for row in rows}) == len(rows) >= 4
