"""What a value is, exactly, must survive the way to another process and back."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import json
import math
import operator
import pathlib
import re
import threading
import time
import types
import uuid
import zoneinfo
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.judge.python.worker import codec


class Plain:
    def __init__(self, name: str, parent: Plain | None = None) -> None:
        self.name = name
        self.parent = parent

    def __eq__(self, other: object) -> bool:
        raise AssertionError("a user's comparison must not run")

    def __reduce__(self) -> Any:
        raise AssertionError("a user's pickling must not run")

    def __repr__(self) -> str:
        raise AssertionError("a user's repr must not run")

    __hash__ = object.__hash__

    def shout(self) -> str:
        return self.name.upper()


class Slotted:
    __slots__ = ("__private", "x", "y")

    def __init__(self, x: int) -> None:
        self.x = x
        self.__private = x * 2


@dataclass
class Point:
    x: int
    y: float = 0.0
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Frozen:
    x: int
    parts: tuple[int, ...] = ()


class Pair(NamedTuple):
    left: int
    right: str


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


class Mode(enum.Flag):
    READ = 1
    WRITE = 2


class MyList(list[Any]):
    note = "class level"


class MyInt(int):
    pass


class MyStr(str):
    __slots__ = ()


class MyDict(dict[Any, Any]):
    def items(self) -> Any:
        raise AssertionError("a user's items must not run")


class Odd(Exception):
    def __init__(self, a: int, b: int) -> None:
        super().__init__(f"{a} {b}")
        self.a = a


def named_function(x: int) -> int:
    return x


def _with_field(value: Any, **fields: Any) -> Any:
    for name, item in fields.items():
        setattr(value, name, item)
    return value


EXAMPLES: list[Any] = [
    None, True, False, 0, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**6000, 0.0, -0.0, 1e308, 5e-324,
    math.nan, math.inf, -math.inf, 1 + 2j, complex(math.nan, -0.0), "", "text", "naïve 🎈", "\ud800",
    "\ud83d\ude00",
    "\x00", b"", b"\x00\xff", bytearray(b"ab"), ..., NotImplemented,
    [], [1, 2], [1, True, 1.0, None, "1"], [1, math.nan], [2**70, 1], ["\ud83d", "\ude00"], [[1], [2, [3]]],
    (), (1,), (1, [2]), set(), {1, 2, 3}, {1, "a", None, 2.5}, {(1, 2), (0, 5)}, {frozenset({1}),
    frozenset()},
    frozenset({"b", "a"}), {}, {"b": 1, "a": 2}, {1: "x", "1": "y", (1,): [1]}, {"k": {"n": [None]}},
    collections.OrderedDict([("b", 1), ("a", [2])]), collections.defaultdict(list, {"a": [1]}),
    collections.defaultdict(None, {1: 2}), collections.Counter("hello"), collections.deque([1, 2], maxlen=3),
    collections.deque([[1]]), range(5), range(10, 0, -3), slice(1, None, 2),
    decimal.Decimal("1.10"), decimal.Decimal("-0"), decimal.Decimal("sNaN"), decimal.Decimal("1E+999"),
    fractions.Fraction(-3, 7), datetime.date(2024, 2, 29), datetime.timedelta(-1, 5, 7),
    datetime.time(1, 2, 3, 4, fold=1), datetime.datetime(2024, 1, 2, 3, 4, 5, 6, fold=1),
    datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2), "odd, name")),
    datetime.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
    datetime.timezone(datetime.timedelta(hours=1)),
    pathlib.PurePosixPath("a/b"), pathlib.Path("/x"), re.compile(r"\d+", re.I), re.compile(b"x"),
    Colour.RED, [Colour.BLUE], Mode.READ, Mode.READ | Mode.WRITE, Plain("a", Plain("b")), Slotted(3),
    Point(1),
    Frozen(1, (2, 3)), Pair(1, "x"), [Pair(1, "x")], MyList([1, [2]]), _with_field(MyList([1]),
    note="own"), MyInt(7),
    _with_field(MyInt(7), unit="m"), MyStr("s"), MyDict(a=1), ValueError("bad", 3), KeyError("k"), Odd(1, 2),
    OSError(2, "no such file"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), StopIteration(5),
    len, named_function, "abc".upper, [].append, Plain("m").shout, dict.fromkeys, str.lower,
    operator.itemgetter(1),
    operator.itemgetter(1, 2), operator.attrgetter("a.b"), operator.methodcaller("split", ",", maxsplit=1),
    functools.partial(named_function, 1), int, Plain, math, iter([1, 2]), {1: 2}.keys(), {1: 2}.items(),
    {1: 2}.values(), uuid.UUID(int=5), time.gmtime(0),
    np.arange(6).reshape(2, 3), np.array([1.5, np.nan, -0.0]), np.array(["a", "bc"]), np.array([],
    dtype=np.int8),
    np.array([[1], "x"], dtype=object), np.array(5), np.float32(1.5), np.int64(3), np.bool_(True),
    np.datetime64("2024-01-01"), np.dtype("int32"), np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]),
    np.arange(3, dtype=">i2"), np.asfortranarray(np.arange(6).reshape(2, 3)),
]  # fmt: skip


def through_json(value: Any) -> Any:
    return codec.decode(json.loads(codec.text(codec.encode(value))))


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda v: type(v).__name__)
def test_comes_back_as_it_was(value: Any) -> None:
    before = codec.text(codec.encode(value))
    back = through_json(value)
    assert type(back) is type(value)
    assert codec.text(codec.encode(back)) == before
    assert codec.text(codec.encode(value)) == before, "encoding must not change the value"


def test_every_example_is_told_from_every_other() -> None:
    texts = collections.Counter(codec.text(codec.encode(value)) for value in EXAMPLES)
    # Memory order is layout, not value: the Fortran-ordered example equals its C-ordered twin.
    assert [text[:5] for text, count in texts.items() if count > 1] == ['["nd"']


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True), (1, 1.0), (0.0, -0.0), ([1], (1,)), ([1], [1.0]), ([0.0], [-0.0]), ({1}, frozenset({1})),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (MyList([1]), [1]), (MyInt(7), 7), (Pair(1, "x"), (1, "x")),
        (collections.Counter("a"), {"a": 1}), (collections.deque([1]), collections.deque([1], maxlen=9)),
        (ValueError(1), ValueError("1")), (np.float64(1.0), 1.0), (np.arange(3), np.arange(3,
        dtype=np.int32)),
        (np.zeros((2, 3)), np.zeros((3, 2))), (b"a", bytearray(b"a")), ("1", 1), (Point(1), Point(2)),
        (decimal.Decimal("1.0"), decimal.Decimal("1.00")), (Colour.RED, "r"), (b"a", "a"), ([None], []),
    ],
)  # fmt: skip
def test_tells_look_alikes_apart(left: Any, right: Any) -> None:
    assert codec.text(codec.encode(left)) != codec.text(codec.encode(right))


def test_nan_is_one_value() -> None:
    negative = math.copysign(math.nan, -1.0)
    assert codec.text(codec.encode([math.nan])) == codec.text(codec.encode([negative]))
    left, right = np.array([1.0, np.nan]), np.array([1.0, -np.nan])
    assert left.tobytes() != right.tobytes()
    assert codec.text(codec.encode(left)) == codec.text(codec.encode(right))


def test_set_order_is_not_part_of_a_set() -> None:
    assert codec.encode({3, 1, 2}) == codec.encode({2, 3, 1})
    left, right = {(2, "b"), (1, "a")}, {(1, "a"), (2, "b")}
    assert codec.encode(left) == codec.encode(right)


def test_sharing_shows_within_one_value_and_between_values() -> None:
    row = [0]
    assert codec.encode([row, row]) != codec.encode([[0], [0]])
    back = through_json([row, row])
    assert back[0] is back[1]

    memo = codec.Memo()
    first, second = codec.encode(row, memo=memo), codec.encode({"again": row}, memo=memo)
    again = codec.Memo()
    a, b = codec.decode(first, memo=again), codec.decode(second, memo=again)
    assert b["again"] is a


def test_cycles_come_back_as_cycles() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    back = through_json(loop)
    assert back[1] is back

    parent = Plain("p")
    parent.parent = parent
    twin = through_json(parent)
    assert twin.parent is twin

    knot: list[Any] = []
    knot.append((knot, MyList([knot])))
    again = through_json(knot)
    assert again[0][0] is again and again[0][1][0] is again


def test_decoding_gives_a_fresh_value_each_time() -> None:
    encoded = codec.encode([[1, 2], {"a": [3]}, {4}, collections.deque([5])])
    first, second = codec.decode(encoded), codec.decode(encoded)
    first[0].append(9)
    first[1]["a"].append(9)
    first[2].add(9)
    first[3].append(9)
    assert codec.encode(second) == encoded


def test_an_encoding_is_a_snapshot() -> None:
    value = [1, 2, 3]
    encoded = codec.encode(value)
    value.append(4)
    assert codec.decode(encoded) == [1, 2, 3]


def test_encoding_an_iterator_takes_nothing_from_it() -> None:
    items = iter([1, 2, 3])
    next(items)
    codec.encode(items)
    assert list(items) == [2, 3]


def begun(items: Any, taken: int = 1) -> Any:
    for _ in range(taken):
        next(items)
    return items


@pytest.mark.parametrize(
    "make",
    [
        lambda: begun(iter((1, 2, 3))),
        lambda: begun(iter("aé€")),
        lambda: iter(b"abc"),
        lambda: begun(iter(range(5)), 2),
        lambda: iter(range(1 << 70, (1 << 70) + 3)),
        lambda: begun(iter({"a": 1, "b": 2})),
        lambda: iter({"a": 1, "b": [2]}.values()),
        lambda: iter({"a": [1]}.items()),
        lambda: begun(enumerate(["a", "b"])),
        lambda: zip([1, 2], (3, 4), strict=False),
        lambda: map(str, [1, 2]),
        lambda: filter(None, [0, 1]),
        lambda: begun(reversed([1, 2, 3])),
        lambda: begun(codec.replayed(iter([1, [2], 3]))),
        lambda: begun(iter("a")),
    ],
)
def test_iterators_cross_with_what_is_left_of_them(make: Any) -> None:
    """And nothing is taken from the one that was written down."""
    iterator = make()
    back = codec.decode(json.loads(codec.text(codec.encode(iterator))))
    assert type(back) is type(iterator)
    assert codec.encode(back) == codec.encode(iterator)
    assert list(back) == list(iterator) == list(make())
    assert list(codec.decode(codec.encode(back))) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: begun(io.StringIO("one\ntwo\n")),
        lambda: begun(io.BytesIO(b"one\ntwo")),
        lambda: memoryview(b"abc"),
        lambda: memoryview(bytearray(b"abc")),
        lambda: memoryview(bytearray(b"abc"))[1:],
        lambda: array.array("d", [1.5, -0.0]),
        lambda: types.MappingProxyType({"a": [1], "b": 2}),
        lambda: ipaddress.ip_network("10.0.0.0/31"),
        lambda: ipaddress.ip_interface("fe80::1%2/64"),
    ],
)
def test_streams_views_and_arrays_come_back_as_they_stood(make: Any) -> None:
    value = make()
    back = through_json(value)
    assert type(back) is type(value)
    assert codec.encode(back) == codec.encode(value)


def test_a_stream_goes_on_where_it_was_and_a_closed_one_is_closed() -> None:
    stream = begun(io.StringIO("one\ntwo\n"))
    assert through_json(stream).read() == "two\n"
    stream.close()
    assert through_json(stream).closed
    assert codec.encode(stream) != codec.encode(io.StringIO())


def test_a_view_and_what_it_looks_at_stay_together() -> None:
    owner = bytearray(b"abc")
    view, back = through_json([memoryview(owner), owner])
    view[0] = 65
    assert back == b"Abc"


def test_a_stand_in_function_answers_alike_everywhere() -> None:
    function = codec.answering([codec.encode(value) for value in (1, 2.5, [3], "x")])
    back = through_json(function)
    given = [0, 1, True, 1.0, "a", ("a", 1), [1], float("nan"), None]
    assert [back(value) for value in given] == [function(value) for value in given]
    assert function(1) == function(True) == function(1.0)
    lists = [value for value in map(function, range(9)) if isinstance(value, list)]
    assert lists and len({id(value) for value in lists}) == len(lists), "an answer is never shared"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([1, (i for i in [1])], "[1]"),
        ({"a": {"b": [threading.Lock()]}}, "['a']['b'][0]"),
        (Plain("x", lambda: None), ".parent"),  # type: ignore[arg-type]
        (threading.Lock(), ""),
        (Point(1, tags=[open]), None),
    ],
)
def test_names_the_place_of_what_cannot_cross(value: Any, path: str | None) -> None:
    if path is None:
        codec.encode(value)
        return
    with pytest.raises(codec.Unencodable) as caught:
        codec.encode(value)
    assert caught.value.path == path


def test_a_structure_too_deep_is_refused_not_a_crash() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(codec.Unencodable, match="nested too deeply"):
        codec.encode(deep)


def test_unknown_classes_and_tags_are_undecodable() -> None:
    for encoded in (
        ["obj", "no_such_module_at_all", "X", {}],
        ["what"],
        [],
        ["ref", 3],
        ["obj", "math", "pi", {}],
    ):
        with pytest.raises(codec.Undecodable):
            codec.decode(encoded)


def test_home_lets_a_module_be_loaded_under_another_name() -> None:
    encoded = codec.encode(Point(1), memo=codec.Memo(__name__))
    assert encoded[1] == "."
    assert type(codec.decode(encoded, memo=codec.Memo(__name__))) is Point


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, "a", (2,)], "[1, 'a', (2,)]"),
        ({"a": {1, 2}, "b": set()}, "{'a': {1, 2}, 'b': set()}"),
        (Point(1), "Point(tags=[], x=1, y=0.0)"),
        ([math.nan], "[float('nan')]"),
        (np.arange(3), "array([0, 1, 2])"),
        (collections.deque([1], maxlen=2), "deque([1], maxlen=2)"),
        (Pair(1, "x"), "Pair((1, 'x'))"),
        (Colour.RED, "Colour.RED"),
        (10**30, hex(10**30)),
        (ValueError("bad"), "ValueError('bad')"),
    ],
)
def test_describes_like_python_would(value: Any, expected: str) -> None:
    assert codec.describe(codec.encode(value)) == expected


def test_descriptions_stay_within_their_limit() -> None:
    for value in [*EXAMPLES, list(range(10**6)), {str(i): [i] * 50 for i in range(1000)}, "x" * 10**6]:
        for limit in (3, 40, 200):
            assert len(codec.describe(codec.encode(value), limit)) <= limit


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.binary()
    | st.text(st.characters(exclude_categories=())) | st.decimals(allow_nan=False) | st.fractions()
    | st.datetimes() | st.dates()
    | st.timedeltas() | st.uuids() | st.sampled_from(Colour)
)  # fmt: skip
hashables = st.recursive(
    scalars, lambda h: st.tuples(h) | st.tuples(h, h) | st.frozensets(h, max_size=3), max_leaves=6
)
values = st.recursive(
    hashables,
    lambda v: (
        st.lists(v, max_size=4) | st.dictionaries(hashables, v, max_size=4) | st.sets(hashables, max_size=4)
        | st.lists(v, max_size=4).map(collections.deque) | st.lists(v, max_size=4).map(tuple)
        | st.builds(Point, st.integers(), st.floats(), st.lists(st.text(), max_size=2)) | st.lists(v,
        max_size=3).map(MyList)
        | st.builds(Plain, v, v)
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(values)
def test_any_value_survives_the_round_trip(value: Any) -> None:
    encoded = codec.encode(value)
    written = codec.text(encoded)
    back = codec.decode(json.loads(written))
    assert type(back) is type(value)
    assert codec.text(codec.encode(back)) == written
    assert len(codec.describe(encoded, 100)) <= 100
