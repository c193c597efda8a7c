"""What values look like: one vocabulary for type hints, for how parameters are used, and for what is seen.

A shape can be made from values (``shape_of``) or from an annotation (``hints.shape_of_hint``), written as
JSON and read back, and values can be made from it (``generation.generate``, ``generation.edges``).

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime
import enum
import io
import math
import operator
import types
import typing
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import codec, standard
else:
    import codec
    import standard


@dataclass(frozen=True)
class Shape:
    """Base of every shape."""


@dataclass(frozen=True)
class Unknown(Shape):
    """Nothing is known; whole numbers stand in."""


@dataclass(frozen=True)
class Nothing(Shape):
    """None."""


@dataclass(frozen=True)
class Bool(Shape):
    """True or False. ``share`` is how many are true."""

    share: float = 0.5


@dataclass(frozen=True)
class Int(Shape):
    """A whole number. Without bounds, a few times the number of elements around it, either sign."""

    low: Optional[int] = None
    high: Optional[int] = None
    role: str = "value"
    """``value``, or ``size`` for a number that says how much work there is: it grows as containers do."""
    notable: Tuple[int, ...] = ()
    """Numbers the function itself names; some of the values are these or one beside them."""
    marks: Tuple[int, ...] = ()
    """A sample at equal steps through what was seen: values lie as it does."""
    gap: float = 1.0
    """The mean distance between neighbouring values that were seen."""
    distinct: Optional[float] = None
    """The share of different values among those in one container, where that was seen."""


@dataclass(frozen=True)
class Float(Shape):
    """A finite float; NaN and infinities are edges."""

    low: Optional[float] = None
    high: Optional[float] = None
    marks: Tuple[float, ...] = ()
    digits: Optional[int] = None
    """Decimals, where those that were seen end."""


@dataclass(frozen=True)
class Str(Shape):
    """Text. ``words`` are whole texts (or pieces of them) that were seen or that the function names."""

    kind: str = "word"
    low: int = 0
    high: Optional[int] = None
    words: Tuple[str, ...] = ()
    exact: bool = False
    """Whether every value is one of ``words``."""
    alphabet: str = ""
    patterns: Tuple[str, ...] = ()
    """Regular expressions that some of it matches."""
    samples: Tuple[str, ...] = ()
    """Texts that were seen, of all lengths: others have the same make-up."""
    grows: bool = False
    """Whether a text of the size asked for is made of the samples, rather than one like one of them."""
    distinct: Optional[float] = None


@dataclass(frozen=True)
class Bytes(Shape):
    """Bytes, a bytearray, or a memoryview of either."""

    mutable: bool = False
    view: bool = False


@dataclass(frozen=True)
class Standard(Shape):
    """A value of a class of the standard library: ``kind`` is a name of ``standard.KINDS``."""

    kind: str
    low: Optional[float] = None
    high: Optional[float] = None
    form: str = ""
    """Where it is given as text: how ``strftime`` writes it, or ``iso``."""


@dataclass(frozen=True)
class Stream(Shape):
    """A StringIO, or a BytesIO, that stands at its start."""

    content: Shape
    binary: bool = False


@dataclass(frozen=True)
class Answer(Shape):
    """A function that answers every call with a value of this shape, equal arguments alike."""

    result: Shape


@dataclass(frozen=True)
class Joined(Shape):
    """Text made of parts with a separator between them: lines, fields, key=value. "" separates by blanks."""

    separator: str
    element: Shape
    low: int = 0
    high: Optional[int] = None
    columns: Tuple[Shape, ...] = ()
    """A shape for each part, where every part has its own."""
    words: Tuple[str, ...] = ()
    noise: bool = False
    """Whether some parts are not of the shape: empty, blank, ``words``, prose."""


@dataclass(frozen=True)
class Many(Shape):
    """Any number of elements of one shape: a list, tuple, set, frozenset, deque, array, iterator, generator
    or async generator."""

    container: str
    element: Shape
    low: int = 0
    high: Optional[int] = None
    order: str = ""
    """"", ``sorted`` or ``reversed``."""
    repeats: Optional[float] = None
    """The share of elements that repeat an earlier one, where it is known; else it varies."""
    by: str = ""
    """The field (or position) that elements are ordered by, "" for the elements themselves."""
    lengths: Tuple[int, ...] = ()
    """Lengths that were seen, where it does not grow with what stands around it."""


@dataclass(frozen=True)
class Mapping(Shape):
    """A dict with any number of keys, or a defaultdict, Counter, OrderedDict, ChainMap, mappingproxy, or the
    keys, values or items of a dict."""

    container: str
    key: Shape
    value: Shape
    low: int = 0
    high: Optional[int] = None
    factory: str = ""
    """Name of the built-in default factory of a defaultdict."""
    order: str = ""
    """"", ``sorted`` or ``reversed``: the order of the keys."""
    lengths: Tuple[int, ...] = ()


@dataclass(frozen=True)
class Record(Shape):
    """A dict with fixed keys; ``optional`` ones are sometimes missing."""

    fields: Tuple[Tuple[str, Shape], ...]
    optional: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Fixed(Shape):
    """A tuple (or list, or named tuple) with one shape for each position."""

    items: Tuple[Shape, ...]
    container: str = "tuple"
    module: str = ""
    qualname: str = ""
    ordered: bool = False
    """Whether items come in rising order, as in an interval."""


@dataclass(frozen=True)
class OneOf(Shape):
    """A value of any of these shapes, as often as ``weights`` say where there are any."""

    options: Tuple[Shape, ...]
    weights: Tuple[int, ...] = ()


@dataclass(frozen=True)
class Literal(Shape):
    """One of these encoded values."""

    values: Tuple[Any, ...]


@dataclass(frozen=True)
class Matrix(Shape):
    """Rows of equal length."""

    element: Shape
    square: bool = False
    container: str = "list"
    columns: Optional[int] = None
    """How many there are, whatever the size."""


@dataclass(frozen=True)
class Graph(Shape):
    """A dict from each node to its neighbours: ``list``, ``set``, ``dict`` (with weights) or ``pairs``."""

    node: Shape
    neighbours: str = "list"
    acyclic: bool = False


@dataclass(frozen=True)
class Object(Shape):
    """An instance of a class, made by calling it (``init``), by calling it with one value (``from``) or from
    its fields alone (``fields``). A field ``*name`` is what the constructor takes any number of.

    ``steps`` are methods called afterwards, with random arguments, to bring it into varied states.
    """

    module: str
    qualname: str
    fields: Tuple[Tuple[str, Shape], ...] = ()
    made: str = "init"
    steps: Tuple[Tuple[str, Tuple[Shape, ...]], ...] = ()


@dataclass(frozen=True)
class Self(Shape):
    """An instance of a class whose shape stands around this one: the way recursive classes end."""

    qualname: str


@dataclass(frozen=True)
class Array(Shape):
    """A NumPy array."""

    dtype: str = "<f8"
    ndim: int = 1
    low: Optional[float] = None
    high: Optional[float] = None
    order: str = ""


_CLASSES = {cls.__name__: cls for cls in Shape.__subclasses__()}


def to_json(shape: Shape) -> Dict[str, Any]:
    """Return the shape as plain JSON values."""
    out: Dict[str, Any] = {"shape": type(shape).__name__}
    for field in dataclasses.fields(shape):
        value = getattr(shape, field.name)
        if value != field.default:
            out[field.name] = _plain(value)
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, Shape):
        return to_json(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def from_json(record: Any) -> Shape:
    """Read what ``to_json`` wrote. Raises ValueError for anything else."""
    if not isinstance(record, dict) or record.get("shape") not in _CLASSES:
        raise ValueError(f"not a shape: {str(record)[:80]}")
    cls = _CLASSES[record["shape"]]
    fields = {}
    for name, value in record.items():
        if name != "shape":
            fields[name] = tuple(value) if cls is Literal else _shaped(value)
    return cls(**fields)


def _shaped(value: Any) -> Any:
    if isinstance(value, dict):
        return from_json(value)
    if isinstance(value, list):
        return tuple(_shaped(item) for item in value)
    return value


def changed(shape: Shape, change: Callable[[Shape], Shape]) -> Shape:
    """Return the shape with every shape inside it, then itself, passed through ``change``."""
    fields: Dict[str, Any] = {}
    for field in dataclasses.fields(shape):
        value = getattr(shape, field.name)
        if isinstance(value, Shape) or (isinstance(value, tuple) and not isinstance(shape, Literal)):
            fields[field.name] = _changed(value, change)
    return change(dataclasses.replace(shape, **fields) if fields else shape)


def _changed(value: Any, change: Callable[[Shape], Shape]) -> Any:
    if isinstance(value, Shape):
        return changed(value, change)
    if isinstance(value, tuple):
        return tuple(_changed(item, change) for item in value)
    return value


def is_container(shape: Shape) -> bool:
    """Whether values of the shape get bigger when more elements are asked for."""
    if isinstance(shape, OneOf):
        return any(is_container(option) for option in shape.options)
    if isinstance(shape, Joined) and shape.columns:
        return any(holds_elements(column) for column in shape.columns)
    if isinstance(shape, (Many, Mapping)) and shape.lengths:
        return False
    if isinstance(shape, (Many, Mapping, Joined)):
        return shape.high is None or shape.high > 12
    if isinstance(shape, Str) and shape.samples:
        return shape.grows
    if isinstance(shape, Str):
        return not shape.exact and shape.kind != "char" and (shape.high is None or shape.high > 64)
    if isinstance(shape, Object):
        return bool(shape.steps) or any(is_container(field) for _, field in shape.fields)
    if isinstance(shape, (Record, Fixed)):
        parts = shape.items if isinstance(shape, Fixed) else tuple(part for _, part in shape.fields)
        return any(holds_elements(part) for part in parts)
    if isinstance(shape, Array):
        return shape.ndim > 0
    return isinstance(shape, (Matrix, Graph, Bytes, Self, Stream))


def holds_elements(shape: Shape) -> bool:
    """Whether values of the shape hold elements of their own: containers other than text."""
    if isinstance(shape, OneOf):
        return any(holds_elements(option) for option in shape.options)
    if isinstance(shape, Object):
        # More elements are more objects, not the same few with longer names.
        return bool(shape.steps) or any(holds_elements(field) for _, field in shape.fields)
    return is_container(shape) and not is_text(shape)


def is_text(shape: Shape) -> bool:
    """Whether every value of the shape is plain text."""
    if isinstance(shape, OneOf):
        return all(is_text(option) or isinstance(option, Nothing) for option in shape.options)
    return isinstance(shape, Str)


def field_of(item: Any, by: str) -> Any:
    """Return the field of a dict, object or tuple that a list is ordered by; the item itself for ""."""
    if not by:
        return item
    if isinstance(item, dict):
        return item[by]
    return item[int(by)] if isinstance(item, (tuple, list)) else getattr(item, by)


def is_ordered(shape: Shape) -> bool:
    """Whether values of the shape can be compared with one another."""
    if isinstance(shape, Fixed):
        return all(is_ordered(item) for item in shape.items)
    if isinstance(shape, Standard):
        return shape.kind in {
            "decimal",
            "fraction",
            "date",
            "datetime",
            "aware datetime",
            "time",
            "timedelta",
        }
    return isinstance(shape, (Int, Float, Str, Unknown, Bool))


# --- from values ---


def shape_of(values: Sequence[Any]) -> Shape:
    """Return the shape that covers every one of these values: ranges, order, repeats and keys as observed."""
    return _shape_of(list(values), 0)


def _shape_of(values: List[Any], depth: int) -> Shape:
    if not values:
        return Unknown()
    if depth > 8:
        return Literal(tuple(encoded(values[:5])))
    groups: Dict[type, List[Any]] = {}
    for value in values:
        groups.setdefault(type(value), []).append(value)
    options = [_shape_of_class(cls, group, depth) for cls, group in groups.items()]
    return options[0] if len(options) == 1 else OneOf(tuple(options))


def _shape_of_class(cls: type, values: List[Any], depth: int) -> Shape:
    if cls is type(None):
        return Nothing()
    if cls is bool:
        return Bool()
    if cls is int:
        low, high = min(values), max(values)
        # What was seen is a sample: a little room on either side, without inventing negative numbers.
        room = max(1, (high - low) // 4)
        return Int(low if low in (0, 1) else low - room, high + room, notable=tuple(sorted(set(values)))[:8])
    if cls is float:
        finite = [v for v in values if math.isfinite(v)] or [0.0]
        return Float(min(finite), max(finite))
    if cls is str:
        return _str_shape(values)
    if cls in (bytes, bytearray):
        return Bytes(cls is bytearray)
    if cls is memoryview:
        return Bytes(not values[0].readonly, view=True)
    if cls is io.StringIO:
        return Stream(_str_shape([value.getvalue() for value in values]))
    if cls is io.BytesIO:
        return Stream(Bytes(), binary=True)
    if cls in (list, tuple, set, frozenset, collections.deque):
        return _many_shape(cls, values, depth)
    if cls in (dict, collections.defaultdict, collections.OrderedDict, collections.Counter):
        return _dict_shape(cls, values, depth)
    if cls in _ITERATORS:
        inner = _many_shape(list, [items_of(value) for value in values], depth)
        return dataclasses.replace(inner, container=_ITERATORS[cls]) if isinstance(inner, Many) else Unknown()
    kind = standard.kind_of(cls)
    if kind == "datetime" and values[0].tzinfo is not None:
        kind = "aware datetime" if all(v.tzinfo is datetime.timezone.utc for v in values) else ""
    if kind and kind not in _TOLD_BY_VALUE:
        return Standard(kind, *standard.range_of(kind, values))
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        columns = zip(*values)
        items = tuple(_shape_of(list(column), depth + 1) for column in columns)
        return Fixed(items, "tuple", cls.__module__, cls.__qualname__)
    if cls.__module__ == "numpy" and cls.__name__ == "ndarray":
        return _array_shape(values)
    fields = getattr(values[0], "__dict__", None)
    if type(fields) is dict and not issubclass(cls, (enum.Enum, BaseException, types.ModuleType, type)):
        return _object_shape(cls, values, depth)
    return Literal(tuple(encoded(values)))


_TOLD_BY_VALUE = frozenset({"path", "pure path", "pattern", "zone", "timezone", "range"})
"""Kinds of which those that were seen say more than others of the kind would."""


_ITERATORS: Dict[type, str] = {
    type(iter([])): "iterator",
    type(iter(())): "iterator",
    type(iter({})): "iterator",
    types.GeneratorType: "generator",
    types.AsyncGeneratorType: "async generator",
}


def items_of(value: Any) -> List[Any]:
    """Return what a container holds, or what an iterator still holds, without taking it."""
    if type(value) not in _ITERATORS:
        return list(value)
    written = codec.encode(value)
    if written[0] == "agen":
        written = ["gen", *written[1:]]
    return list(codec.decode(written))


def encoded(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the encodings of the different values, at most 24; what cannot be encoded is left out."""
    seen: typing.Set[str] = set()
    for value in values:
        try:
            encoded = codec.encode(value)
        except codec.Unencodable:
            continue
        written = codec.text(encoded)
        if written not in seen and len(seen) < 24:
            seen.add(written)
            yield encoded


def _str_shape(values: List[str]) -> Str:
    lengths = [len(v) for v in values]
    distinct = list(dict.fromkeys(values))
    if len(values) >= 6 and len(distinct) <= max(2, len(values) // 3):
        return Str("word", min(lengths), max(lengths), tuple(distinct[:24]), exact=True)
    letters = set().union(*values)
    kind = "text"
    for name in ("digits", "word", "upper", "letters"):
        if letters and letters <= set(ALPHABETS[name]):
            kind = name
            break
    alphabet = "".join(sorted(letters)) if 0 < len(letters) <= 8 and kind == "text" else ""
    longest = None if max(lengths) > 8 else max(lengths) + 4
    return Str(kind, min(lengths), longest, tuple(distinct[:12]), alphabet=alphabet)


def _many_shape(cls: type, values: List[Any], depth: int) -> Shape:
    items = [item for value in values for item in value]
    lengths = {len(value) for value in values}
    name = cls.__name__
    if cls in (tuple, list) and len(lengths) == 1 and _looks_fixed(cls, values, depth):
        columns = tuple(_shape_of([v[at] for v in values], depth + 1) for at in range(next(iter(lengths))))
        ordered = len(columns) == 2 and all(_is_rising(v) for v in values) and len(values) > 3
        return Fixed(columns, name, ordered=ordered)
    element = _shape_of(items[:500], depth + 1)
    if cls in (tuple, list) and items and all(type(i) is cls for i in items) and len(values) <= 200:
        widths = [{len(row) for row in value} for value in values if value]
        cells = [cell for row in items for cell in row]
        if all(len(w) == 1 for w in widths) and len(set().union(*widths)) > 1 and cells:
            square = all(len(value) == len(value[0]) for value in values if value)
            return Matrix(_shape_of(cells[:500], depth + 2), square, name)
    return Many(
        name, element, min(lengths) if min(lengths) <= 2 else 1, None, _order(cls, values), _repeats(values)
    )


def _looks_fixed(cls: type, values: List[Any], depth: int) -> bool:
    length = len(values[0])
    if not 0 < length <= 12:
        return False
    if cls is tuple:
        return length <= 3 or len(values) > 1
    kinds = [type(item) for item in values[0]]
    return depth > 0 and len(values) > 4 and (len(set(kinds)) > 1 or length <= 3)


def _order(cls: type, values: List[Any]) -> str:
    if cls in (set, frozenset):
        return ""
    longer = [value for value in values if len(value) > 2]
    if len(longer) < 2:
        return ""
    if all(_is_rising(list(v)) for v in longer):
        return "sorted"
    return "reversed" if all(_is_rising(list(v)[::-1]) for v in longer) else ""


def _is_rising(row: Sequence[Any]) -> bool:
    try:
        return all(map(operator.le, row, row[1:]))
    except Exception:
        return False


def _repeats(values: List[Any]) -> Optional[float]:
    longer = [list(value) for value in values if len(value) > 2]
    if len(longer) < 3:
        return None
    try:
        kept = sum(len(set(row)) for row in longer)
    except TypeError:
        return None
    share = 1 - kept / sum(map(len, longer))
    return share if share == 0 else None


def _dict_shape(cls: type, values: List[Any], depth: int) -> Shape:
    every = [set(value) for value in values]
    shared = set.intersection(*every)
    union = set().union(*every)
    is_named = bool(shared) and all(type(key) is str for key in union) and len(union) <= 2 * len(shared) + 2
    if cls is dict and is_named and len(union) <= 24 and (len(values) > 2 or depth > 0):
        order = list(dict.fromkeys(key for value in values for key in value))
        fields = tuple((key, _shape_of([v[key] for v in values if key in v], depth + 1)) for key in order)
        return Record(fields, tuple(key for key in order if key not in shared))
    keys = [key for value in values for key in value][:500]
    items = [item for value in values for item in value.values()][:500]
    if (
        cls is dict
        and items
        and all(type(i) in (list, set) for i in items)
        and union
        and all(other in union for i in items for other in i)
        and any(items)
    ):
        return Graph(_shape_of(keys, depth + 1), type(items[0]).__name__)
    factory = values[0].default_factory if cls is collections.defaultdict else None
    named = factory.__name__ if factory in (int, list, dict, set, str, float) else ""
    low = 0 if any(not value for value in values) else 1
    return Mapping(cls.__name__, _shape_of(keys, depth + 1), _shape_of(items, depth + 1), low, None, named)


def _array_shape(values: List[Any]) -> Shape:
    first = values[0]
    if first.dtype.kind not in "fiub":
        return Literal(tuple(encoded(values)))
    numbers = [v for v in values if v.size]
    low = min((float(v.min()) for v in numbers), default=0.0)
    high = max((float(v.max()) for v in numbers), default=1.0)
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = -10.0, 10.0
    return Array(first.dtype.str, first.ndim, low, high)


def _object_shape(cls: type, values: List[Any], depth: int) -> Shape:
    names = list(dict.fromkeys(name for value in values for name in value.__dict__))
    whole = [value for value in values if all(name in value.__dict__ for name in names)]
    if not whole or depth > 4 or len(whole) < len(values):
        return Literal(tuple(encoded(values)))
    fields = tuple((name, _shape_of([v.__dict__[name] for v in whole], depth + 1)) for name in names)
    return Object(cls.__module__, cls.__qualname__, fields, "fields")


# --- sizes ---


def elements_in(value: Any) -> int:
    """Return how many elements a value holds in all: the measure of an input's size."""
    return _elements_in(value, 0, set())


def _elements_in(value: Any, depth: int, seen: typing.Set[int]) -> int:
    if isinstance(value, (str, bytes, bytearray, memoryview)):
        return len(value) if depth == 0 else 1
    if isinstance(value, (io.StringIO, io.BytesIO)):
        return len(value.getvalue())
    if depth > 150 or id(value) in seen:
        return 1
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)) or type(value) in _VIEWS:
        seen.add(id(value))
        return sum(_elements_in(item, depth + 1, seen) for item in value)
    if isinstance(value, (dict, types.MappingProxyType)):
        seen.add(id(value))
        return sum(_elements_in(item, depth + 1, seen) for item in value.values())
    if isinstance(value, (types.GeneratorType, types.AsyncGeneratorType)):
        frame = getattr(value, "gi_frame", None) or getattr(value, "ag_frame", None)
        return _left(frame.f_locals.get("rest")) if frame is not None else 0
    if isinstance(value, array.array):
        return len(value)
    if hasattr(type(value), "__length_hint__"):
        return _left(value)
    size = getattr(value, "size", None) if type(value).__module__ == "numpy" else None
    if isinstance(size, int):
        return size
    fields = getattr(value, "__dict__", None)
    if type(fields) is dict and not isinstance(value, (type, types.FunctionType, types.ModuleType)):
        seen.add(id(value))
        return max(1, sum(_elements_in(item, depth + 1, seen) for item in fields.values()))
    return 1


_EMPTY: Dict[Any, Any] = {}
_VIEWS: Tuple[type, ...] = (type(_EMPTY.keys()), type(_EMPTY.values()), type(_EMPTY.items()))


def _left(iterator: Any) -> int:
    """Return how much an iterator still holds, without taking it."""
    try:
        return operator.length_hint(iterator, 1)
    except Exception:
        return 1


ALPHABETS = {
    "word": "abcdefghijklmnopqrstuvwxyz",
    "letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": "0123456789",
    "binary": "01",
    "hex": "0123456789abcdef",
    "roman": "IVXLCDM",
    "brackets": "()[]{}",
}
