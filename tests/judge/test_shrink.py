"""The laws of looking for a smaller failing input: it still fails, is never larger, and the look ends."""

from __future__ import annotations

import collections
import datetime
import decimal
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.judge.python import smallest
from paceline.judge.python.observations import Difference
from paceline.judge.python.shrink import given_weight, smaller_inputs
from paceline.judge.python.smallest import Failing, Kind, Seen
from paceline.judge.python.worker import codec


@dataclass
class Box:
    items: list[int]
    name: str


class Point(NamedTuple):
    x: int
    y: float


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=12),
    st.binary(max_size=8),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.fractions(),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.complex_numbers(),
)
KEYS = st.one_of(st.text(max_size=4), st.integers(-99, 99))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(st.integers(), max_size=30),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=3).map(collections.OrderedDict),
        st.dictionaries(KEYS, inner, max_size=3).map(lambda d: collections.defaultdict(list, d)),
        st.lists(inner, max_size=3).map(collections.deque),
        st.sets(st.integers(), max_size=6),
        st.frozensets(st.text(max_size=3), max_size=4),
        st.builds(Box, st.lists(st.integers(), max_size=4), st.text(max_size=3)),
        st.builds(Point, st.integers(), st.floats()),
        st.lists(st.integers(-99, 99), max_size=6).map(lambda items: np.array(items, dtype=np.int64)),
        st.lists(st.integers(), max_size=4).map(iter),
    ),
    max_leaves=12,
)


def encoded(*args: Any, **kwargs: Any) -> dict[str, Any]:
    memo = codec.Memo(__name__)
    return {
        "args": codec.encode(args, memo=memo),
        "kwargs": codec.encode(kwargs, memo=memo),
        "source": "probed",
        "size": 1,
    }


def decoded(given: Any) -> tuple[Any, Any]:
    memo = codec.Memo(__name__)
    return codec.decode(given["args"], memo=memo), codec.decode(given["kwargs"], memo=memo)


@settings(deadline=None)
@given(st.lists(VALUES, max_size=3), st.dictionaries(st.sampled_from("pqr"), VALUES, max_size=2))
def test_every_variant_is_a_value_and_weighs_less(args: list[Any], kwargs: dict[str, Any]) -> None:
    start = encoded(*args, **kwargs)
    variants = smaller_inputs(start)
    assert variants == smaller_inputs(start)
    for variant in variants:
        positional, named = decoded(json.loads(json.dumps(variant)))
        assert given_weight(variant) < given_weight(start)
        assert [type(a) for a in positional] == [type(a) for a in args[: len(positional)]]
        assert {n: type(v) for n, v in named.items()} == {n: type(v) for n, v in kwargs.items() if n in named}


@settings(deadline=None)
@given(st.lists(VALUES, max_size=2))
def test_taking_variants_comes_to_an_end(args: list[Any]) -> None:
    here = encoded(*args)
    for _ in range(20_000):
        variants = smaller_inputs(here)
        if not variants:
            return
        here = variants[len(variants) // 2]
    raise AssertionError("it goes on")


async def look(
    start: dict[str, Any],
    original: Callable[..., Any],
    candidate: Callable[..., Any],
    part: str = "result",
    raises: str = "",
) -> Failing | None:
    def running(function: Callable[..., Any]) -> smallest.Observe:
        async def run(inputs: Sequence[Any]) -> Sequence[Seen]:
            found = []
            for item in inputs:
                args, kwargs = decoded(item)
                record: dict[str, Any] = {}
                try:
                    record["result"] = codec.encode(function(*args, **kwargs))
                except Exception as error:
                    record["exception"] = {"type": type(error).__name__}
                found.append(Seen(codec.text(record).encode(), "", False, 0.0))
            return found

        return run

    return await smallest.smallest(
        start,
        Kind(part, raises, raises),
        original=running(original),
        candidate=running(candidate),
        tolerance=0.0,
    )


@pytest.mark.parametrize(
    ("args", "original", "candidate", "expected"),
    [
        (([5, -3, 17, 9, 2, 88, 4],), sum, lambda x: sum(x) + (max(x, default=0) > 10), ([11],)),
        ((list(range(200)),), len, lambda x: min(len(x), 5), (None,)),
        (("the quick brown fox",), str.upper, lambda s: s.upper().replace("Q", "K"), ("q",)),
        ((10**30,), lambda n: n % 7, lambda n: (n % 7) if n < 2**40 else 0, (None,)),
        (
            ({f"key{i}": [i] * i for i in range(9)},),
            lambda d: sum(map(len, d.values())),
            lambda d: min(5, sum(map(len, d.values()))),
            (None,),
        ),
        (([[1, 2], [3, 4, 5], []],), lambda r: [len(x) for x in r], lambda r: [2 for x in r], ([[]],)),
        ((b"some bytes here",), len, lambda b: len(b) - (b"y" in b), (b"y",)),
        ((3.14159,), lambda x: x > 0, lambda x: x > 2, (1.0,)),
        ((decimal.Decimal("12.5"),), lambda x: x + 1, lambda x: x, (decimal.Decimal(0),)),
        (
            (datetime.datetime(2024, 2, 29, 12, 30, 1, 5),),
            lambda d: d.hour,
            lambda d: d.hour + 1,
            (datetime.datetime(2000, 1, 1),),
        ),
    ],
    ids=["list", "long list", "text", "huge int", "dict", "nested", "bytes", "float", "decimal", "datetime"],
)
async def test_a_small_failing_input_is_found(
    args: Any, original: Any, candidate: Any, expected: Any
) -> None:
    start = encoded(*args)
    found = await look(start, original, candidate)
    assert found is not None
    got, _ = decoded(found.given)
    assert original(*got) != candidate(*got)
    assert given_weight(found.given) < given_weight(start)
    if expected != (None,):
        assert got == expected


async def test_a_long_list_is_cut_to_what_is_needed() -> None:
    found = await look(encoded(list(range(500))), len, lambda x: min(len(x), 5))
    assert found is not None
    assert len(decoded(found.given)[0][0]) == 6


async def test_a_sorted_list_stays_sorted_and_different_items_stay_different() -> None:
    start = encoded([3, 8, 21, 34, 55, 90], 34)

    def seen(items: list[int], wanted: int) -> Any:
        assert items == sorted(set(items))
        return wanted in items

    found = await look(start, seen, lambda items, wanted: False)
    assert found is not None
    assert decoded(found.given)[0] == ([34], 34)


async def test_a_count_goes_with_what_it_counts() -> None:
    start = encoded([4, 4, 4, 4, 4, 4], 6)

    def total(items: list[int], count: int) -> int:
        if len(items) != count:
            raise ValueError("not the count")
        return sum(items)

    found = await look(start, total, lambda items, count: total(items, count) + 1)
    assert found is not None
    assert decoded(found.given)[0] == ([], 0)


async def test_an_input_on_which_the_original_ends_otherwise_is_no_counterexample() -> None:
    def head(items: list[int]) -> int:
        return items[0]

    found = await look(encoded([7, 8, 9]), head, lambda items: items[0] + 1 if items else 0)
    assert found is not None
    assert decoded(found.given)[0] == ([0],)


def test_a_positional_argument_is_left_out_only_where_calls_without_it_are_known() -> None:
    start = encoded([], 0)
    assert smaller_inputs(start) == []
    assert [decoded(variant)[0] for variant in smaller_inputs(start, fewest=1)] == [([],)]


async def test_an_optional_argument_is_left_to_its_default() -> None:
    found = await look(encoded([1], step=5, unit="m"), lambda x, step=1, unit="": step, lambda x, **k: 0)
    assert found is not None
    assert decoded(found.given) == (([],), {})


async def test_another_kind_of_difference_is_not_taken() -> None:
    def add(x: int) -> int:
        return x + 1

    def wrong(x: int) -> int:
        if x < 100:
            raise OverflowError
        return x

    found = await look(encoded(70_000), add, wrong)
    assert found is not None
    assert decoded(found.given)[0][0] >= 100


async def test_shared_values_are_told_apart_where_sharing_is_not_the_point() -> None:
    row = [1, 2, 3]
    found = await look(encoded([row, row, row]), len, lambda rows: len(rows) + bool(rows))
    assert found is not None
    assert decoded(found.given)[0] == ([[]],)


def test_a_value_that_holds_itself_is_left_as_it_is() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert smaller_inputs(encoded(loop)) == []


def test_a_difference_is_of_a_kind() -> None:
    raised = b'{"exception":{"type":"TypeError"}}'
    chosen = b'{"exception":{"type":"TypeError","args":["T",[]]}}'
    same = Difference(part="exception", expected="", got="")
    assert smallest.kind_of(raised, raised, same) != smallest.kind_of(chosen, raised, same)
