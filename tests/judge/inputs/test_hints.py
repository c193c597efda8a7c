"""A type hint is read as what it promises: the values made from it are of that type, at any depth."""

from __future__ import annotations

import array
import asyncio
import collections
import datetime
import decimal
import enum
import inspect
import io
import ipaddress
import pathlib
import random
import re
import types
import typing
import uuid
import zoneinfo
from collections.abc import AsyncIterator, Callable, Generator, ItemsView, Iterator, KeysView
from typing import Annotated, Any, Literal, NotRequired, Protocol, TypedDict

import numpy as np
import numpy.typing as npt
import pytest
from tests.judge.inputs.finding import fixture_module
from typing_extensions import TypeAliasType

from paceline.judge.python.worker import codec, generation, hints, shapes

annotated = fixture_module("annotated")
NAMES = vars(annotated)


class AtLeast:
    """What annotated-types calls Ge."""

    def __init__(self, ge: int) -> None:
        self.ge = ge


class Weekday(enum.Flag):
    MONDAY = 1
    TUESDAY = 2


Rows = TypeAliasType("Rows", "list[list[int]]")
Nested = TypeAliasType("Nested", "int | list[Nested]")


def made(hint: Any, count: int = 40, elements: int = 5) -> list[Any]:
    shape = hints.shape_of_hint(hint, hints.Scope({**NAMES, **globals()}))
    rng = random.Random(3)
    values = [generation.generate(shape, rng, elements) for _ in range(count)]
    values += generation.edges(shape, rng)
    assert shapes.from_json(shapes.to_json(shape)) == shape
    for value in values:
        codec.decode(codec.encode(value))
    return values


def is_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(is_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(item) for key, item in value.items())
    return value is None or isinstance(value, bool | int | str)


def is_nested(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, list) and all(map(is_nested, value)))


TABLE: list[tuple[Any, Callable[[Any], bool]]] = [
    (int | None, lambda v: v is None or type(v) is int),
    ("int | str | None", lambda v: v is None or type(v) in (int, str)),
    (list["int"], lambda v: type(v) is list and all(type(i) is int for i in v)),
    (Literal["a", 3, None], lambda v: v in ("a", 3, None)),
    (Annotated[int, AtLeast(5)], lambda v: type(v) is int and v >= 5),
    (typing.Final[int], lambda v: type(v) is int),
    (annotated.UserId, lambda v: type(v) is int),
    (annotated.Names, lambda v: type(v) is list and all(type(i) is str for i in v)),
    ("Json", is_json),
    (Rows, lambda v: all(type(row) is list and all(type(i) is int for i in row) for row in v)),
    (Nested, is_nested),
    (tuple[int, str], lambda v: [type(i) for i in v] == [int, str]),
    (tuple[float, ...], lambda v: type(v) is tuple and all(type(i) is float for i in v)),
    (annotated.Money, lambda v: type(v) is annotated.Money and type(v.cents) is int),
    (annotated.Line, lambda v: type(v.price) is annotated.Money and type(v.tags) is set),
    (annotated.Discounted, lambda v: all(type(line) is annotated.Line for line in v.lines)),
    (annotated.Scaled, lambda v: type(v.total) is int),
    (annotated.Folder, lambda v: all(type(child) is annotated.Folder for child in v.children)),
    (annotated.Reading, lambda v: type(v) is annotated.Reading and type(v.at) is datetime.datetime),
    (annotated.Track, lambda v: v.previous is None or type(v.previous) is annotated.Track),
    (annotated.Customer, lambda v: "name" in v and set(v) <= {"name", "address", "phones"}),
    (annotated.Event, lambda v: {"id", "kind"} <= set(v) <= {"id", "kind", "note"}),
    (annotated.Level, lambda v: type(v) is annotated.Level),
    (annotated.Mood, lambda v: type(v) is annotated.Mood),
    (Weekday, lambda v: type(v) is Weekday),
    (annotated.Stack[int], lambda v: type(v) is annotated.Stack and all(type(i) is int for i in v.items)),
    (annotated.Box[str, float], lambda v: type(v.key) is str and all(type(i) is float for i in v.values)),
    (decimal.Decimal, lambda v: type(v) is decimal.Decimal),
    (datetime.date, lambda v: type(v) is datetime.date),
    (datetime.datetime, lambda v: type(v) is datetime.datetime),
    (datetime.time, lambda v: type(v) is datetime.time),
    (datetime.timedelta, lambda v: type(v) is datetime.timedelta),
    (datetime.timezone, lambda v: type(v) is datetime.timezone),
    (datetime.tzinfo, lambda v: isinstance(v, datetime.tzinfo)),
    (zoneinfo.ZoneInfo, lambda v: type(v) is zoneinfo.ZoneInfo),
    (uuid.UUID, lambda v: type(v) is uuid.UUID),
    (ipaddress.IPv4Address, lambda v: type(v) is ipaddress.IPv4Address),
    (ipaddress.IPv6Network, lambda v: type(v) is ipaddress.IPv6Network),
    (re.Pattern[str], lambda v: type(v) is re.Pattern),
    (pathlib.Path, lambda v: isinstance(v, pathlib.Path)),
    (pathlib.PurePath, lambda v: isinstance(v, pathlib.PurePath)),
    (complex, lambda v: type(v) is complex),
    (range, lambda v: type(v) is range),
    (memoryview, lambda v: type(v) is memoryview),
    (bytearray, lambda v: type(v) is bytearray),
    ("array.array[int]", lambda v: type(v) is array.array and v.typecode in "qd"),
    (collections.ChainMap[str, int], lambda v: type(v) is collections.ChainMap),
    (types.MappingProxyType[str, int], lambda v: type(v) is types.MappingProxyType),
    (collections.OrderedDict[str, int], lambda v: type(v) is collections.OrderedDict),
    (collections.defaultdict[str, list[int]], lambda v: v.default_factory is list),
    (collections.deque[str], lambda v: type(v) is collections.deque),
    (Iterator[int], lambda v: iter(v) is v and all(type(i) is int for i in v)),
    (Generator[int, None, None], lambda v: inspect.isgenerator(v) and all(type(i) is int for i in v)),
    (AsyncIterator[int], lambda v: all(type(i) is int for i in asyncio.run(drained(v)))),
    (KeysView[str], lambda v: type(v) is type({}.keys()) and all(type(k) is str for k in v)),
    (ItemsView[str, int], lambda v: all(type(k) is str and type(i) is int for k, i in v)),
    (Callable[[int], int], lambda v: type(v(3)) is int),
    (Callable[[str], bool], lambda v: type(v("a")) is bool),
    (Callable[[str, int], list[float]], lambda v: all(type(i) is float for i in v("a", 1))),
    (Callable[[annotated.Money], annotated.Level], lambda v: type(v(None)) is annotated.Level),
    (typing.TextIO, lambda v: type(v) is io.StringIO),
    (typing.IO[bytes], lambda v: type(v) is io.BytesIO),
    (type[annotated.Shape], lambda v: v in (annotated.Triangle, annotated.Polygon)),
    (annotated.Shape, lambda v: type(v) in (annotated.Triangle, annotated.Polygon)),
    (annotated.Sized, lambda v: type(v) in (annotated.Square, annotated.Circle)),
    (annotated.Priced, lambda v: type(v.price) is float and type(v.name) is str),
    (ValueError, lambda v: type(v) is ValueError),
    (npt.NDArray[np.int32], lambda v: type(v) is np.ndarray and v.dtype == np.int32),
    (np.ndarray[tuple[int, int], np.dtype[np.float32]], lambda v: v.ndim == 2 and v.dtype == np.float32),
    (np.float64, lambda v: type(v) is np.float64),
]


async def drained(source: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in source]


@pytest.mark.parametrize(("hint", "fits"), TABLE, ids=[str(hint)[:60] for hint, _ in TABLE])
def test_values_are_what_the_hint_says(hint: Any, fits: Callable[[Any], bool]) -> None:
    values = made(hint)
    assert len(values) >= 40
    for value in values:
        assert fits(value), value


def test_values_vary() -> None:
    for hint in (datetime.date, decimal.Decimal, uuid.UUID, pathlib.Path, ipaddress.IPv4Address):
        texts = {codec.text(codec.encode(value)) for value in made(hint, 400)}
        assert len(texts) > 100, hint


def test_optional_keys_come_and_go() -> None:
    assert {"note" in value for value in made(annotated.Event)} == {True, False}
    assert {"address" in value for value in made(annotated.Customer)} == {True, False}


def test_recursive_classes_end_and_go_deep() -> None:
    def depth(folder: Any) -> int:
        return 1 + max(map(depth, folder.children), default=0)

    depths = {depth(folder) for folder in made(annotated.Folder, elements=12)}
    assert 1 in depths and max(depths) > 2


def test_none_is_among_the_values_only_where_it_is_allowed() -> None:
    assert None in made(str | None)
    assert None not in made(str)


class Reader(Protocol):
    def read(self, size: int = -1) -> str: ...


class Pricing(Protocol):
    currency: str

    def price_of(self, sku: str) -> decimal.Decimal: ...

    @property
    def rounding(self) -> int: ...


def test_a_protocol_that_no_class_fits_gets_a_stand_in() -> None:
    for value in made(Pricing):
        assert type(value) is types.SimpleNamespace and type(value.currency) is str
        assert type(value.rounding) is int
        assert value.price_of("a") == value.price_of("a")
        assert type(value.price_of("b")) is decimal.Decimal


def test_a_protocol_of_files_gets_a_file() -> None:
    assert all(type(value.read()) is str for value in made(Reader))


class Settings(TypedDict):
    depth: NotRequired[int]
    names: list[str]


def test_annotations_that_are_text_are_followed() -> None:
    for value in made(Settings):
        assert "names" in value and set(value) <= {"depth", "names"}


def test_what_cannot_be_resolved_is_unknown_and_spoils_nothing() -> None:
    assert hints.shape_of_hint("no.such.thing") == shapes.Unknown()
    assert hints.shape_of_hint(list["Missing"]) == shapes.Many("list", shapes.Unknown())  # noqa: F821


def test_a_bar_between_classes_is_read_before_python_3_10() -> None:
    class Barless(type):
        def __or__(cls, other: Any) -> Any:
            raise TypeError

        __ror__ = __or__

    names = {"A": Barless("A", (), {}), "B": Barless("B", (), {})}
    assert typing.get_args(hints.evaluated("A | B", names)) == (names["A"], names["B"])
