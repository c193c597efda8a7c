"""Simpler values in the place of an encoded value, and what a value weighs. Works on encodings; runs nothing.

Every simpler value is of the same type. ``weight`` says what simpler means: fewer parts first, then parts
nearer to nothing (0, "a", the year 2000). A number never gets simpler without end, so taking only what weighs
less comes to an end.
"""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

_SMALL = 1 << 63
_SINGLES = 24
"""Of so many items or fewer, each is left out by itself; of more, only runs of them are."""
_INSIDE = 12
"""Items of a container that are made simpler in their place."""
_EXACT = 4096


class Weight(NamedTuple):
    """How much there is of a value, and how far its scalars are from the simplest. Compares as a pair."""

    parts: int
    distance: int

    def __add__(self, other: Any) -> Weight:
        return Weight(self.parts + other.parts, self.distance + other.distance)


def weight(encoded: Any) -> Weight:
    """Return the weight of an encoded value."""
    cls = type(encoded)
    if cls is str:
        return Weight(1 + len(encoded), _text_distance(encoded))
    if cls is int:
        return Weight(1, _int_distance(encoded))
    if cls is float:
        return Weight(1, _float_distance(encoded))
    if cls is bool:
        return Weight(1, int(encoded))
    if cls is dict:
        return _total(1, encoded.values())
    if cls is not list or not encoded:
        return Weight(1, 0)
    special = _WEIGHTS.get(encoded[0])
    if special is not None:
        return special(encoded)
    return _total(1, encoded[1:])


def simpler(encoded: Any, *, depth: int = 4) -> Iterator[Any]:
    """Yield encodings of values like this one with less in them, the boldest first."""
    if type(encoded) is not list:
        yield from _simpler_scalar(encoded)
        return
    if not encoded:
        return
    special = _SIMPLER.get(encoded[0])
    if special is not None:
        yield from special(encoded)
        return
    container = _CONTAINERS.get(encoded[0])
    if container is None:
        return
    parts = container(encoded)
    if parts.loses:
        yield from map(parts.rebuilt, _fewer(parts.items))
    if depth:
        for at, item in _spread(parts.items):
            for other in simpler(item, depth=depth - 1):
                items = [*parts.items[:at], other, *parts.items[at + 1 :]]
                if _keeps_order(parts.items, items):
                    yield parts.rebuilt(items)


# --- containers ---------------------------------------------------------------------------------------------


class _Parts(NamedTuple):
    """A container taken apart: its items, and how it is put together again from others."""

    items: Sequence[Any]
    rebuilt: Callable[[Sequence[Any]], Any]
    loses: bool
    """Whether items may be left out: the fields of an object may not."""


def _of_items(encoded: Any) -> _Parts:
    return _Parts(encoded[1], lambda items: [encoded[0], list(items)], True)


def _of_plain_mapping(encoded: Any) -> _Parts:
    pairs = [list(pair) for pair in zip(encoded[1], encoded[2], strict=True)]
    return _entries(pairs, lambda items: ["D", [key for key, _ in items], [value for _, value in items]])


def _of_mapping(encoded: Any) -> _Parts:
    return _entries(encoded[1], lambda items: [encoded[0], [list(pair) for pair in items]])


def _entries(pairs: Sequence[Any], rebuilt: Callable[[Sequence[Any]], Any]) -> _Parts:
    # An entry is an item of two that loses neither: it has a tag of its own, which no value has.
    items = [["entry", key, value] for key, value in pairs]
    return _Parts(items, lambda entries: rebuilt([entry[1:] for entry in entries]), True)


def _of_entry(encoded: Any) -> _Parts:
    return _Parts(encoded[1:], lambda items: ["entry", *items], False)


def _of_default_dict(encoded: Any) -> _Parts:
    inside = _CONTAINERS[encoded[2][0]](encoded[2])
    return _Parts(inside.items, lambda items: ["dd", encoded[1], inside.rebuilt(items)], True)


def _of_queue(encoded: Any) -> _Parts:
    return _Parts(encoded[3], lambda items: ["dq", encoded[1], encoded[2], list(items)], True)


def _of_iterator(encoded: Any) -> _Parts:
    return _Parts(encoded[2], lambda items: ["iter", encoded[1], list(items)], True)


def _of_view(encoded: Any) -> _Parts:
    inside = _of_items(encoded[2])
    return _Parts(inside.items, lambda items: ["view", encoded[1], inside.rebuilt(items)], True)


def _of_object(encoded: Any) -> _Parts:
    fields = encoded[3] or {}
    names = list(fields)
    rebuilt = lambda items: [*encoded[:3], dict(zip(names, items, strict=True))]  # noqa: E731
    return _Parts(list(fields.values()), rebuilt, False)


def _of_namespace(encoded: Any) -> _Parts:
    names = list(encoded[1])
    return _Parts(
        list(encoded[1].values()), lambda items: ["ns", dict(zip(names, items, strict=True))], False
    )


def _of_subclass(encoded: Any) -> _Parts:
    """A built-in part and fields beside it; a named tuple keeps all of its items."""
    part, fields = encoded[3], encoded[4]
    names = list(fields or {})
    if type(part) is list and part[0] in {"T", "t"}:
        room = len(part[1])

        def from_tuple(items: Sequence[Any]) -> Any:
            kept = dict(zip(names, items[room:], strict=True)) if fields is not None else None
            return [*encoded[:3], [part[0], list(items[:room])], kept]

        return _Parts([*part[1], *(fields or {}).values()], from_tuple, False)

    def from_parts(items: Sequence[Any]) -> Any:
        kept = dict(zip(names, items[1:], strict=True)) if fields is not None else None
        return [*encoded[:3], items[0], kept]

    return _Parts([part, *(fields or {}).values()], from_parts, False)


def _of_exception(encoded: Any) -> _Parts:
    inside = _of_items(encoded[3])
    return _Parts(inside.items, lambda items: [*encoded[:3], inside.rebuilt(items), *encoded[4:]], False)


def _of_object_array(encoded: Any) -> _Parts:
    is_flat = len(encoded[1]) == 1
    return _Parts(
        encoded[2],
        lambda items: ["nda", [len(items)] if is_flat else encoded[1], list(items)],
        is_flat,
    )


_CONTAINERS: dict[str, Callable[[Any], _Parts]] = {
    **dict.fromkeys(("L", "l", "T", "t", "E", "e", "Z", "z"), _of_items),
    "D": _of_plain_mapping,
    "d": _of_mapping,
    "od": _of_mapping,
    "entry": _of_entry,
    "dd": _of_default_dict,
    "dq": _of_queue,
    "iter": _of_iterator,
    "view": _of_view,
    "obj": _of_object,
    "val": _of_object,
    "ns": _of_namespace,
    "sub": _of_subclass,
    "exc": _of_exception,
    "nda": _of_object_array,
}


def _fewer(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield the items without runs of them: everything, halves, quarters and so on down to one by one."""
    count = len(items)
    if not count:
        return
    yield items[:0]
    run = count // 2
    while run:
        if run > 1 or count <= _SINGLES:
            for start in range(0, count, run):
                yield [*items[:start], *items[start + run :]]
                if run * 8 < count and start >= run * _SINGLES:
                    break
        run //= 2


def _spread(items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield the first items of a container with their places."""
    return enumerate(items[:_INSIDE])


def _keeps_order(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether scalars stay sorted where they were sorted, and different where they were all different.

    A function may rely on either. What it does on other items is no counterexample to anything.
    """
    if len(before) < 2 or not all(type(item) in (int, float, str) for item in (*before, *after)):
        return len(before) < 2 or not _are_entries(before) or _differ([e[1] for e in after])
    if len({type(item) is str for item in before}) > 1:
        return True
    is_sorted = all(a <= b for a, b in itertools.pairwise(before))
    if is_sorted and not all(a <= b for a, b in itertools.pairwise(after)):
        return False
    return len(set(before)) < len(before) or len(set(after)) == len(after)


def _are_entries(items: Sequence[Any]) -> bool:
    return type(items[0]) is list and items[0][:1] == ["entry"]


def _differ(keys: Sequence[Any]) -> bool:
    written = [repr(key) for key in keys]
    return len(set(written)) == len(written)


# --- scalars ------------------------------------------------------------------------------------------------


def _simpler_scalar(value: Any) -> Iterator[Any]:
    cls = type(value)
    if cls is int:
        yield from _simpler_int(value)
    elif cls is float:
        yield from _simpler_float(value)
    elif cls is str:
        yield from _simpler_text(value)
    elif value is True:
        yield False


def _simpler_int(value: int) -> Iterator[int]:
    if not value:
        return
    own = _int_distance(value)
    size, sign = abs(value), 1 if value > 0 else -1
    found = [0, 1, -1, size]
    bits = size.bit_length()
    found += [sign * (size >> drop) for drop in (3 * bits // 4, bits // 2, bits // 4, 1)]
    # Nearer and nearer from below: that is where a boundary is found.
    found += [sign * (size - (size >> drop)) for drop in (2, 3, 4, 6, 8)]
    found.append(sign * (size - 1))
    for other in dict.fromkeys(found):
        if _int_distance(other) < own:
            yield other


def _simpler_float(value: float) -> Iterator[float]:
    own = _float_distance(value)
    found = [0.0, 1.0, -1.0, abs(value), float(math.trunc(value)), value / 2, round(value, 1)]
    for other in dict.fromkeys(found):
        if math.isfinite(other) and _float_distance(other) < own:
            yield other


def _simpler_text(value: str) -> Iterator[str]:
    for kept in _fewer(value):
        yield "".join(kept)
    plain = "".join(_plain_character(c) for c in value)
    if plain != value:
        yield plain
        if len(value) <= _SINGLES:
            for at, character in enumerate(value):
                if plain[at] != character:
                    yield value[:at] + plain[at] + value[at + 1 :]


def _plain_character(character: str) -> str:
    """Return the simplest character of the same kind."""
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return " " if character.isspace() else character


def _text_distance(value: str) -> int:
    return sum(1 + (c > "\x7f") for c in value if _plain_character(c) != c)


def _int_distance(value: int) -> int:
    """Return a distance from zero: exact for small numbers, coarse for large ones, so that steps stay few."""
    size = abs(value)
    if size < _EXACT:
        return 2 * size + (value < 0)
    bits = size.bit_length()
    return 2 * (_EXACT + 16 * bits + (size >> (bits - 4))) + (value < 0)


def _float_distance(value: float) -> int:
    if value == 0:
        return int(math.copysign(1.0, value) < 0)
    if value.is_integer():
        return _int_distance(int(value))
    # What takes many digits to write is less simple than a whole number of the same size.
    return _int_distance(int(value)) + 4 * len(repr(abs(value)))


# --- what is written in a form of its own -------------------------------------------------------------------


def _simpler_long(encoded: Any) -> Iterator[Any]:
    for value in _simpler_int(int(encoded[1], 16)):
        yield value if -_SMALL <= value < _SMALL else ["I", hex(value)]


def _long_weight(encoded: Any) -> Weight:
    return weight(int(encoded[1], 16))


def _simpler_word(encoded: Any) -> Iterator[Any]:
    yield 0.0
    yield 1.0


def _simpler_bytes(encoded: Any) -> Iterator[Any]:
    raw = base64.b64decode(encoded[1])
    for kept in _fewer(list(raw)):
        yield [encoded[0], base64.b64encode(bytes(kept)).decode("ascii")]
    if raw.strip(b"\0"):
        yield [encoded[0], base64.b64encode(bytes(len(raw))).decode("ascii")]


def _bytes_weight(encoded: Any) -> Weight:
    raw = base64.b64decode(encoded[1])
    return Weight(1 + len(raw), len(raw) - raw.count(0))


def _simpler_characters(encoded: Any) -> Iterator[Any]:
    for kept in _fewer(encoded[1]):
        yield ["S", list(kept)]


def _simpler_range(encoded: Any) -> Iterator[Any]:
    start, stop, step = encoded[1:]
    if not all(type(part) is int for part in (start, stop, step)):
        return
    for other in _simpler_int(stop):
        yield ["range", start, other, step]
    for other in _simpler_int(start):
        yield ["range", other, stop, step]
    if step not in (0, 1):
        yield ["range", start, stop, 1]


def _simpler_decimal(encoded: Any) -> Iterator[Any]:
    yield ["dec", "0"]
    yield ["dec", "1"]
    whole = encoded[1].partition(".")[0]
    if whole.lstrip("-").isdigit():
        yield ["dec", whole]
        yield from (["dec", str(value)] for value in _simpler_int(int(whole)))


def _decimal_weight(encoded: Any) -> Weight:
    return Weight(1, 0 if encoded[1] == "0" else 2 * len(encoded[1]) + encoded[1].startswith("-"))


def _simpler_fraction(encoded: Any) -> Iterator[Any]:
    top, bottom = encoded[1:]
    if type(top) is not int or type(bottom) is not int:
        return
    if bottom != 1:
        yield ["frac", top // bottom, 1]
    else:
        yield from (["frac", value, 1] for value in _simpler_int(top))


_SIMPLEST_DATE = (2000, 1, 1)


def _simpler_date(encoded: Any) -> Iterator[Any]:
    for at, simplest in enumerate(_SIMPLEST_DATE, 1):
        if encoded[at] != simplest:
            yield [*encoded[:at], simplest, *encoded[at + 1 :]]


def _date_weight(encoded: Any) -> Weight:
    far = sum(abs(part - simplest) for part, simplest in zip(encoded[1:4], _SIMPLEST_DATE, strict=True))
    return Weight(1, far + sum(part for part in encoded[4:] if type(part) is int))


def _simpler_datetime(encoded: Any) -> Iterator[Any]:
    yield ["datetime", *encoded[1:4], 0, 0, 0, 0, *encoded[8:]]
    yield from _simpler_date(encoded)


def _simpler_time(encoded: Any) -> Iterator[Any]:
    yield ["time", 0, 0, 0, 0, *encoded[5:]]


def _simpler_timedelta(encoded: Any) -> Iterator[Any]:
    for at in (3, 2, 1):
        if encoded[at]:
            yield [*encoded[:at], 0, *encoded[at + 1 :]]
    for days in _simpler_int(encoded[1]):
        yield ["timedelta", days, *encoded[2:]]


def _simpler_array(encoded: Any) -> Iterator[Any]:
    """Fewer rows of an array, and zeros in it."""
    dtype, shape, raw = encoded[1], encoded[2], base64.b64decode(encoded[3])
    if not shape or not shape[0] or not raw:
        return
    row = len(raw) // shape[0]
    rows = [raw[at : at + row] for at in range(0, len(raw), row)]
    for kept in _fewer(rows):
        yield ["nd", dtype, [len(kept), *shape[1:]], base64.b64encode(b"".join(kept)).decode("ascii")]
    if len(shape) == 2 and shape[1] > 1 and row % shape[1] == 0:
        cell = row // shape[1]
        for count in (shape[1] // 2, shape[1] - 1):
            cut = b"".join(line[: count * cell] for line in rows)
            yield ["nd", dtype, [shape[0], count], base64.b64encode(cut).decode("ascii")]
    if raw.strip(b"\0"):
        yield ["nd", dtype, shape, base64.b64encode(bytes(len(raw))).decode("ascii")]
        for at, line in enumerate(rows[:_INSIDE]):
            if line.strip(b"\0"):
                zeroed = b"".join([*rows[:at], bytes(row), *rows[at + 1 :]])
                yield ["nd", dtype, shape, base64.b64encode(zeroed).decode("ascii")]


def _array_weight(encoded: Any) -> Weight:
    raw = base64.b64decode(encoded[3])
    return Weight(1 + len(raw), len(raw) - raw.count(0))


_SIMPLER: dict[str, Callable[[Any], Iterator[Any]]] = {
    "I": _simpler_long,
    "F": _simpler_word,
    "S": _simpler_characters,
    "b": _simpler_bytes,
    "ba": _simpler_bytes,
    "range": _simpler_range,
    "dec": _simpler_decimal,
    "frac": _simpler_fraction,
    "date": _simpler_date,
    "datetime": _simpler_datetime,
    "time": _simpler_time,
    "timedelta": _simpler_timedelta,
    "nd": _simpler_array,
}


def _total(own: int, parts: Any) -> Weight:
    count, distance = own, 0
    for part in parts:
        inside = weight(part)
        count += inside.parts
        distance += inside.distance
    return Weight(count, distance)


def _named(first: int) -> Callable[[Any], Weight]:
    """Weigh only what stands after the names of module and class."""
    return lambda encoded: _total(1, encoded[first:])


_WEIGHTS: dict[str, Callable[[Any], Weight]] = {
    "I": _long_weight,
    "F": lambda encoded: Weight(1, 1 << 20),
    "b": _bytes_weight,
    "ba": _bytes_weight,
    "nd": _array_weight,
    "dec": _decimal_weight,
    "date": _date_weight,
    "datetime": _date_weight,
    # A pair of lists: each list is one part, so that a plain and a mixed mapping weigh about the same.
    "D": lambda encoded: _total(1, [*encoded[1], *encoded[2]]),
    "d": lambda encoded: _total(1, [part for pair in encoded[1] for part in pair]),
    "od": lambda encoded: _total(1, [part for pair in encoded[1] for part in pair]),
    **dict.fromkeys(("L", "l", "T", "t", "E", "e", "Z", "z"), lambda encoded: _total(1, encoded[1])),
    **dict.fromkeys(("obj", "val", "sub", "exc"), _named(3)),
    "dq": lambda encoded: _total(1, encoded[3]),
    "iter": lambda encoded: _total(1, encoded[2]),
    "nda": lambda encoded: _total(1, encoded[2]),
    "enum": lambda encoded: Weight(1, 0),
    "fn": lambda encoded: Weight(1, 0),
}
