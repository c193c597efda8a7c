"""Values as JSON, and back: the one way a value crosses a process border of the judge.

Nothing here runs code that a value brought along: no pickle, no ``__reduce__``, ``__eq__`` or ``__repr__``
of a user's class. An encoding keeps exact types, dict order, NaN, -0.0 and shared references, so two values
are the same when the *texts* of their encodings are equal (``text``). Compare texts, never encodings:
``[1] == [True] == [1.0]`` holds for encodings too.

A JSON scalar stands for itself. Everything else is a list that starts with its tag; an upper-case tag marks a
payload of plain scalars, which is copied at C speed both ways:

    ["L", [1, 2]]  ["l", [["L", [1]], 2]]     list            ["ref", n]   the n-th mutable value met so far
    ["T", ...]     ["t", ...]                 tuple           ["I", hex]   int beyond 64 bits
    ["E", ...]     ["e", ...]                 set, sorted     ["F", word]  nan, inf, -inf
    ["Z", ...]     ["z", ...]                 frozenset       ["S", [..]]  text with lone surrogates
    ["D", keys, values]  ["d", pairs]         dict            ["obj", module, class, fields]

Mutable values are numbered in the order in which they are first met. The encoder and the decoder count
alike, so several values that share a memo show what they share.

Standard library only, Python 3.9 or newer; imports nothing of its siblings.
"""

from __future__ import annotations

import array
import base64
import collections
import datetime
import decimal
import enum
import fractions
import functools
import gc
import importlib
import io
import json
import math
import operator
import pathlib
import re
import struct
import sys
import types
import zlib
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

__all__ = [
    "Memo",
    "Undecodable",
    "Unencodable",
    "answering",
    "decode",
    "describe",
    "encode",
    "replayed",
    "replayed_async",
    "text",
]


class Unencodable(Exception):
    """A value that cannot cross. ``path`` says where it is, ``kind`` what it is."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.path = ""

    def under(self, step: str) -> None:
        """Note that the value sits below ``step`` of the value around it."""
        self.path = step + self.path

    def __str__(self) -> str:
        return f"{self.kind} at value{self.path}"


class Undecodable(Exception):
    """An encoding that names something this process does not have."""


class Memo:
    """What one sequence of ``encode`` (or one of ``decode``) calls has met, so that sharing shows.

    ``home`` is the module whose classes are written as ".": a recording made under one module name can then
    be read where the same file is loaded under another. One memo is for encoding or for decoding, never both.
    """

    def __init__(self, home: str = "") -> None:
        self.home = home
        self.numbers: Dict[int, int] = {}
        self.kept: List[Any] = []
        """Everything numbered, alive, so that no id is used twice."""

    def forget(self, start: int) -> None:
        """Take back everything numbered from ``start`` on, after an encoding that was only tried."""
        for value in self.kept[start:]:
            del self.numbers[id(value)]
        del self.kept[start:]


def encode(value: Any, *, memo: Optional[Memo] = None) -> Any:
    """Return the JSON-able encoding of ``value``, a snapshot that shares nothing with it.

    Raises Unencodable, with the path, for what cannot be rebuilt: generators, files, locks, local functions.
    """
    try:
        return _encode(value, memo if memo is not None else Memo())
    except RecursionError:
        raise Unencodable("a structure nested too deeply") from None


def decode(encoded: Any, *, memo: Optional[Memo] = None) -> Any:
    """Return a fresh value for an encoding.

    Classes and functions are looked up by name, importing their module where needed: call it only where the
    workspace's code may run. Raises Undecodable.
    """
    try:
        return _decode(encoded, memo if memo is not None else Memo())
    except Undecodable:
        raise
    except RecursionError:
        raise Undecodable("a structure nested too deeply") from None
    except Exception as error:
        # A class may have changed since, or refuse what it held; an encoding may be no encoding at all.
        raise Undecodable(f"a value cannot be rebuilt: {type(error).__name__}: {error}") from error


def text(encoded: Any) -> str:
    """Return the canonical text of an encoding: equal texts are what "the same value" means."""
    return json.dumps(encoded, separators=(",", ":"), allow_nan=False)


def replayed(rest: Iterator[Any]) -> Iterator[Any]:
    """Return a generator over what is left of a list's iterator: the one kind of generator that can cross."""
    for item in rest:  # noqa: UP028 - an iterator refuses what is sent to a generator
        yield item


async def replayed_async(rest: Iterator[Any]) -> AsyncIterator[Any]:
    """Return an asynchronous generator over what is left of a list's iterator."""
    for item in rest:
        yield item


def answering(answers: Sequence[Any]) -> Callable[..., Any]:
    """Return a function that answers any call with one of these encoded values, as a fresh value each time.

    Equal arguments get equal answers, in every process: it stands in for a function that nobody has given.
    """

    def answer(*args: Any, **kwargs: Any) -> Any:
        chosen = answers[_drawn(args[0] if len(args) == 1 and not kwargs else [args, kwargs]) % len(answers)]
        return chosen if type(chosen) is not list else _decode(chosen, Memo())

    return answer


def describe(encoded: Any, limit: int = 200) -> str:
    """Return a Python-like rendering of an encoding in at most ``limit`` characters; runs nothing."""
    try:
        written = _describe(encoded, limit)
    except RecursionError:
        written = "..."
    return written if len(written) <= limit else written[: max(0, limit - 3)] + "..."


# --- encoding ---

_SMALL = 1 << 63
# Descriptors of the built-in classes, so that no attribute of a subclass is asked instead.
_FACTORY: Any = vars(collections.defaultdict)["default_factory"]
_MAXLEN: Any = vars(collections.deque)["maxlen"]
_ARGS: Any = vars(BaseException)["args"]
_SCALARS = frozenset({bool, type(None), int, float, str})
_HEAP_TYPE = 1 << 9
_NOT_INSTANTIABLE = 1 << 7


def _encode(value: Any, memo: Memo) -> Any:
    cls = type(value)
    handler = _ENCODERS.get(cls)
    if handler is not None:
        return handler(value, memo)
    return _encode_other(value, cls, memo)


def _itself(value: Any, memo: Memo) -> Any:
    return value


def _int(value: int, memo: Memo) -> Any:
    return value if -_SMALL <= value < _SMALL else ["I", hex(value)]


def _float(value: float, memo: Memo) -> Any:
    return value if math.isfinite(value) else ["F", repr(value)]


def _str(value: str, memo: Memo) -> Any:
    return value if _is_clean(value) else ["S", [ord(c) for c in value]]


def _is_clean(value: str) -> bool:
    """Whether JSON brings the text back as it is: two lone surrogates would come back as one character."""
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_plain(items: Any) -> bool:
    """Whether every item is a scalar that stands for itself, found without a Python-level loop."""
    kinds = set(map(type, items))
    if not kinds <= _SCALARS:
        return False
    if len(kinds) > 1 and not kinds <= {bool, type(None)}:
        return all(_is_plain_scalar(item) for item in items)
    if int in kinds:
        return bool(min(items) >= -_SMALL and max(items) < _SMALL)
    if float in kinds:
        return all(map(math.isfinite, items))
    if str in kinds:
        return _is_clean("".join(items))
    return True


def _is_plain_scalar(item: Any) -> bool:
    cls = type(item)
    if cls is int:
        return bool(-_SMALL <= item < _SMALL)
    if cls is float:
        return math.isfinite(item)
    return _is_clean(item) if cls is str else True


def _number(value: Any, memo: Memo) -> Optional[List[Any]]:
    """Number a mutable value; return a reference where it has been met before."""
    key = id(value)
    seen = memo.numbers.get(key)
    if seen is not None:
        return ["ref", seen]
    memo.numbers[key] = len(memo.kept)
    memo.kept.append(value)
    return None


def _items(items: Any, memo: Memo) -> List[Any]:
    out: List[Any] = []
    try:
        out.extend(_encode(item, memo) for item in items)
    except Unencodable as error:
        # What was encoded before the failure tells its place.
        error.under(f"[{len(out)}]")
        raise
    return out


def _pairs(items: Any, memo: Memo) -> List[Any]:
    out = []
    for key, value in items:
        name = _encode(key, memo)
        try:
            out.append([name, _encode(value, memo)])
        except Unencodable as error:
            error.under(f"[{describe(name, 40)}]")
            raise
    return out


def _list(value: List[Any], memo: Memo) -> Any:
    ref = _number(value, memo)
    return ref if ref is not None else _sequence("L", "l", list(list.__iter__(value)), memo)


def _tuple(value: Tuple[Any, ...], memo: Memo) -> Any:
    return _sequence("T", "t", list(tuple.__iter__(value)), memo)


def _sequence(plain: str, mixed: str, items: List[Any], memo: Memo) -> Any:
    return [plain, items] if _is_plain(items) else [mixed, _items(items, memo)]


def _set(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    return ref if ref is not None else _unordered("E", "e", list(set.__iter__(value)), memo)


def _frozenset(value: Any, memo: Memo) -> Any:
    return _unordered("Z", "z", list(frozenset.__iter__(value)), memo)


def _unordered(plain: str, mixed: str, items: List[Any], memo: Memo) -> Any:
    if _is_plain(items):
        if len(set(map(type, items))) <= 1 and items[:1] != [None]:
            return [plain, sorted(items)]
        return [plain, sorted(items, key=text)]
    # The numbers inside an element depend on the order of encoding, so the order is found by trial first.
    try:
        order = sorted(items, key=lambda item: _tried(item, memo))
    except Unencodable as error:
        error.under("{...}")
        raise
    return [mixed, [_encode(item, memo) for item in order]]


def _tried(item: Any, memo: Memo) -> str:
    start = len(memo.kept)
    tried = text(_encode(item, memo))
    memo.forget(start)
    return tried


def _dict(value: Dict[Any, Any], memo: Memo) -> Any:
    ref = _number(value, memo)
    return ref if ref is not None else _mapping(dict.items(value), memo)


def _mapping(items: Any, memo: Memo) -> Any:
    keys = []
    values = []
    for key, item in items:
        keys.append(key)
        values.append(item)
    if _is_plain(keys) and _is_plain(values):
        return ["D", keys, values]
    return ["d", _pairs(zip(keys, values), memo)]


def _ordered(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    items = collections.OrderedDict.items(value)
    return ["od", _pairs(items, memo)]


def _defaultdict(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    try:
        factory = _encode(_FACTORY.__get__(value), memo)
    except Unencodable as error:
        error.under(".default_factory")
        raise
    return ["dd", factory, _mapping(dict.items(value), memo)]


def _deque(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    return ["dq", _MAXLEN.__get__(value), *_sequence("L", "l", list(value), memo)]


def _bytes(value: bytes, memo: Memo) -> Any:
    return ["b", base64.b64encode(value).decode("ascii")]


def _bytearray(value: bytearray, memo: Memo) -> Any:
    ref = _number(value, memo)
    return ref if ref is not None else ["ba", base64.b64encode(value).decode("ascii")]


def _complex(value: complex, memo: Memo) -> Any:
    return ["c", _float(value.real, memo), _float(value.imag, memo)]


def _range(value: range, memo: Memo) -> Any:
    return ["range", *(_int(n, memo) for n in (value.start, value.stop, value.step))]


def _slice(value: slice, memo: Memo) -> Any:
    return ["slice", *(_encode(n, memo) for n in (value.start, value.stop, value.step))]


def _decimal(value: decimal.Decimal, memo: Memo) -> Any:
    return ["dec", str(value)]


def _fraction(value: fractions.Fraction, memo: Memo) -> Any:
    return ["frac", _int(value.numerator, memo), _int(value.denominator, memo)]


def _date(value: datetime.date, memo: Memo) -> Any:
    return ["date", value.year, value.month, value.day]


def _time(value: datetime.time, memo: Memo) -> Any:
    clock = [value.hour, value.minute, value.second, value.microsecond, value.fold]
    return ["time", *clock, _encode(value.tzinfo, memo)]


def _datetime(value: datetime.datetime, memo: Memo) -> Any:
    clock = [value.hour, value.minute, value.second, value.microsecond, value.fold]
    return ["datetime", value.year, value.month, value.day, *clock, _encode(value.tzinfo, memo)]


def _timedelta(value: datetime.timedelta, memo: Memo) -> Any:
    return ["timedelta", value.days, value.seconds, value.microseconds]


def _timezone(value: datetime.timezone, memo: Memo) -> Any:
    # The name was given or it was not: repr of this built-in class is the one place that tells.
    offset = value.utcoffset(None)
    named = repr(value).count(",") > repr(offset).count(",")
    return ["tz", _timedelta(offset, memo), value.tzname(None) if named else None]


def _pattern(value: Any, memo: Memo) -> Any:
    return ["re", _encode(value.pattern, memo), value.flags]


def _ellipsis(value: Any, memo: Memo) -> Any:
    return ["..."]


def _not_implemented(value: Any, memo: Memo) -> Any:
    return ["NotImplemented"]


def _function(value: Any, memo: Memo) -> Any:
    if value.__code__ is _ANSWER:
        return ["answer", value.__closure__[0].cell_contents]
    return ["fn", *_named(value.__module__, value.__qualname__, "a function", memo)]


def _builtin(value: Any, memo: Memo) -> Any:
    owner = value.__self__
    if owner is None or type(owner) is types.ModuleType:
        return ["fn", *_named(value.__module__, value.__qualname__, "a function", memo)]
    return ["method", _encode(owner, memo), value.__name__]


def _method(value: Any, memo: Memo) -> Any:
    return ["method", _encode(value.__self__, memo), value.__func__.__name__]


def _partial(value: Any, memo: Memo) -> Any:
    return ["partial", _encode(value.func, memo), _tuple(value.args, memo), _dict(dict(value.keywords), memo)]


def _namespace(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    return ref if ref is not None else ["ns", _fields(value, (), memo)]


def _module(value: Any, memo: Memo) -> Any:
    return ["module", value.__name__]


def _descriptor(value: Any, memo: Memo) -> Any:
    return ["attr", *_class_name(value.__objclass__, memo), value.__name__]


def _iterator(value: Any, memo: Memo) -> Any:
    """Encode what is left of an iterator over a list, without taking from it."""
    ref = _number(value, memo)
    if ref is not None:
        return ref
    state = value.__reduce__()
    position = state[2] if len(state) > 2 else 0
    rest = list(state[1][0])[position:] if state[1] else []
    return ["iter", *_sequence("L", "l", rest, memo)]


def _rest(value: Any, memo: Memo) -> Any:
    """Encode what is left of an iterator over a tuple, text, bytes, range or dict, without taking from it."""
    ref = _number(value, memo)
    if ref is not None:
        return ref
    kind = type(value)
    items = value.__reduce__()[1][0]
    rest = items[len(items) - value.__length_hint__() :]
    name = next(name for name, kinds in _ITERATORS.items() if kind in kinds)
    if name in {"str", "bytes", "range"}:
        empty: Dict[str, Any] = {"str": "", "bytes": b"", "range": range(0)}
        return ["it", name, _encode(rest if len(rest) else empty[name], memo)]
    return ["it", name, _tuple(tuple(rest), memo)]


def _over(value: Any, memo: Memo) -> Any:
    """Encode an iterator over other iterators: what they still hold is encoded, nothing is taken."""
    ref = _number(value, memo)
    if ref is not None:
        return ref
    made = value.__reduce__()
    if len(made) > 2 and made[2] is not None and type(made[2]) is not int:
        raise Unencodable(_kind(type(value)))
    state = made[2] if len(made) > 2 else None
    name = "reversed" if made[0] is reversed else type(value).__name__
    if made[0] not in (enumerate, zip, map, filter, reversed):
        # An iterator that has come to its end forgets what it was over.
        return ["it", "tuple", _tuple((), memo)]
    return ["over", name, [_encode(part, memo) for part in made[1]], state]


def _generator(value: Any, memo: Memo) -> Any:
    return _replay("gen", value, value.gi_code is replayed.__code__, value.gi_frame, memo)


def _async_generator(value: Any, memo: Memo) -> Any:
    return _replay("agen", value, value.ag_code is replayed_async.__code__, value.ag_frame, memo)


def _replay(tag: str, value: Any, is_ours: bool, frame: Any, memo: Memo) -> Any:
    if not is_ours:
        raise Unencodable("a generator")
    ref = _number(value, memo)
    if ref is not None:
        return ref
    if frame is None:
        return [tag, ["it", "tuple", ["T", []]]]
    rest = frame.f_locals["rest"]
    return [tag, _encode(rest, memo)]


def _text_stream(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    return ["sio"] if value.closed else ["sio", _str(value.getvalue(), memo), value.tell()]


def _byte_stream(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    return ["bio"] if value.closed else ["bio", base64.b64encode(value.getvalue()).decode(), value.tell()]


def _memoryview(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    try:
        owner = value.obj
    except ValueError:
        return ["mv"]
    if type(owner) in (bytes, bytearray) and value.nbytes == len(owner) and value.format == "B":
        return ["mv", _encode(owner, memo)]
    return ["mvp", base64.b64encode(value.tobytes()).decode("ascii"), value.format, value.readonly]


def _number_array(value: Any, memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    return ["arr", value.typecode, base64.b64encode(value.tobytes()).decode("ascii")]


def _mapping_proxy(value: Any, memo: Memo) -> Any:
    # The mapping behind it may be anybody's class: only a dict is asked for its items.
    behind = next(iter(gc.get_referents(value)), None)
    if type(behind) is not dict:
        raise Unencodable("a read-only view of something other than a dict")
    return ["mp", _encode(behind, memo)]


def _view(value: Any, memo: Memo) -> Any:
    return ["view", type(value).__name__, _tuple(tuple(value), memo)]


def _named(module: Any, qualname: Any, kind: str, memo: Memo) -> List[Any]:
    if type(qualname) is not str or "<locals>" in qualname or "<lambda>" in qualname:
        raise Unencodable(f"{kind} made inside another function or a lambda ({qualname})")
    if type(module) is not str:
        module = "builtins"
    return ["." if module == memo.home else module, qualname]


def _class_name(cls: type, memo: Memo) -> List[Any]:
    module = type.__getattribute__(cls, "__module__")
    qualname = type.__getattribute__(cls, "__qualname__")
    if type(module) is not str or type(qualname) is not str:
        raise Unencodable("an object of a class without a name")
    return ["." if module == memo.home else module, qualname]


_ENCODERS: Dict[type, Callable[[Any, Memo], Any]] = {
    type(None): _itself,
    bool: _itself,
    int: _int,
    float: _float,
    str: _str,
    list: _list,
    tuple: _tuple,
    dict: _dict,
    set: _set,
    frozenset: _frozenset,
    bytes: _bytes,
    bytearray: _bytearray,
    complex: _complex,
    range: _range,
    slice: _slice,
    type(...): _ellipsis,
    type(NotImplemented): _not_implemented,
    collections.OrderedDict: _ordered,
    collections.defaultdict: _defaultdict,
    collections.deque: _deque,
    decimal.Decimal: _decimal,
    fractions.Fraction: _fraction,
    datetime.date: _date,
    datetime.time: _time,
    datetime.datetime: _datetime,
    datetime.timedelta: _timedelta,
    datetime.timezone: _timezone,
    re.Pattern: _pattern,
    types.FunctionType: _function,
    types.BuiltinFunctionType: _builtin,
    types.MethodType: _method,
    types.MethodWrapperType: _builtin,
    types.MethodDescriptorType: _descriptor,
    types.WrapperDescriptorType: _descriptor,
    functools.partial: _partial,
    types.ModuleType: _module,
    types.SimpleNamespace: _namespace,
    type({}.keys()): _view,
    type({}.values()): _view,
    type({}.items()): _view,
    type(iter([])): _iterator,
    types.GeneratorType: _generator,
    types.AsyncGeneratorType: _async_generator,
    types.MappingProxyType: _mapping_proxy,
    io.StringIO: _text_stream,
    io.BytesIO: _byte_stream,
    memoryview: _memoryview,
    array.array: _number_array,
    **dict.fromkeys((enumerate, zip, map, filter, reversed, type(reversed([]))), _over),
}
_ITERATORS: Dict[str, Tuple[type, ...]] = {
    "tuple": (type(iter(())),),
    "str": (type(iter("a")), type(iter("\u20ac"))),
    "bytes": (type(iter(b"")),),
    "range": (type(iter(range(0))), type(iter(range(1 << 70)))),
    "keys": (type(iter({})),),
    "values": (type(iter({}.values())),),
    "items": (type(iter({}.items())),),
}
_ENCODERS.update(dict.fromkeys((kind for kinds in _ITERATORS.values() for kind in kinds), _rest))
_ANSWER = answering(()).__code__


def _drawn(value: Any) -> int:
    """Return a number for a value: the same for equal values, in every process."""
    cls = type(value)
    if cls is int or cls is bool or cls is float:
        return hash(value) if value == value else 0
    try:
        written = value if cls is str else text(_encode(value, Memo()))
    except Unencodable:
        return 0
    return zlib.crc32(written.encode("utf-8", "surrogatepass"))


def _encode_other(value: Any, cls: type, memo: Memo) -> Any:
    """Encode what its bases tell: classes, enum members, exceptions, arrays, subclasses, user objects."""
    mro = type.__getattribute__(cls, "__mro__")
    if type in mro:
        return ["class", *_class_name(value, memo)]
    module = type.__getattribute__(cls, "__module__")
    if enum.Enum in mro:
        return _enum(value, cls, memo)
    if module.split(".")[0] == "numpy":
        encoded = _numpy(value, cls, memo)
        if encoded is not None:
            return encoded
    if pathlib.PurePath in mro and module.startswith("pathlib"):
        return ["path", cls.__name__, pathlib.PurePath.__str__(value)]
    if module == "ipaddress" and cls.__name__ in _ADDRESSES:
        # Networks keep what they have worked out, which is nobody's business.
        return ["ip", cls.__name__, str(value)]
    if module == "zoneinfo" and cls.__name__ == "ZoneInfo" and value.key is not None:
        return ["zone", value.key]
    if module == "operator" and cls.__name__ in {"itemgetter", "attrgetter", "methodcaller"}:
        return _getter(value, cls, memo)
    if BaseException in mro:
        return _exception(value, cls, mro, memo)
    for base in mro:
        if base in _SUBCLASSABLE:
            return _subclass(value, cls, base, memo)
    return _object(value, cls, mro, memo)


_ADDRESSES = frozenset({
    "IPv4Address", "IPv4Interface", "IPv4Network", "IPv6Address", "IPv6Interface", "IPv6Network",
})  # fmt: skip


def _getter(value: Any, cls: type, memo: Memo) -> Any:
    # Standard library classes written in C: their __reduce__ is nobody's code but CPython's.
    made = value.__reduce__()
    args = made[1] if made[0] is cls else (*made[0].args, *made[1])
    keywords = {} if made[0] is cls else made[0].keywords
    return ["getter", cls.__name__, _tuple(tuple(args), memo), _dict(dict(keywords), memo)]


def _enum(value: Any, cls: type, memo: Memo) -> Any:
    fields = object.__getattribute__(value, "__dict__")
    name = fields.get("_name_")
    known = type.__getattribute__(cls, "__members__").get(name) if type(name) is str else None
    if known is value:
        return ["enum", *_class_name(cls, memo), name]
    return ["flag", *_class_name(cls, memo), _encode(fields.get("_value_"), memo)]


def _numpy(value: Any, cls: type, memo: Memo) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if cls is numpy.ndarray:
        ref = _number(value, memo)
        if ref is not None:
            return ref
        shape = list(value.shape)
        if value.dtype.hasobject:
            return ["nda", shape, _items(value.ravel().tolist(), memo)]
        return ["nd", _dtype(value.dtype), shape, _raw(value, numpy)]
    if cls is numpy.dtype or numpy.dtype in cls.__mro__:
        return ["dtype", _dtype(value)]
    if numpy.generic in cls.__mro__ and cls.__module__ == "numpy":
        return ["np", _dtype(value.dtype), _raw(value, numpy)]
    return None


def _raw(value: Any, numpy: Any) -> str:
    if value.dtype.kind in "fc":
        # NaN equals NaN, whatever its sign and payload: every one is written as the same bytes.
        nans = numpy.isnan(value)
        if nans.any():
            value = numpy.where(nans, value.dtype.type(numpy.nan), value).astype(value.dtype)
    return base64.b64encode(value.tobytes()).decode("ascii")


def _dtype(dtype: Any) -> Any:
    if dtype.names is None:
        return dtype.str
    if dtype.hasobject:
        raise Unencodable("a structured array that holds objects")
    return [[str(part) if i < 2 else list(part) for i, part in enumerate(field)] for field in dtype.descr]


def _exception(value: Any, cls: type, mro: Tuple[type, ...], memo: Memo) -> Any:
    ref = _number(value, memo)
    if ref is not None:
        return ref
    args = _ARGS.__get__(value)
    try:
        encoded = _tuple(args, memo)
    except Unencodable as error:
        error.under(".args")
        raise
    return ["exc", *_class_name(cls, memo), encoded, _fields(value, mro, memo)]


def _plain_base(base: type) -> Callable[[Any, Memo], Any]:
    """Encode only the built-in part of an instance of a subclass of ``base``."""

    def encode_part(value: Any, memo: Memo) -> Any:
        if base is list:
            return _sequence("L", "l", list(list.__iter__(value)), memo)
        if base is dict:
            return _mapping(dict.items(value), memo)
        if base is set:
            return _unordered("E", "e", list(set.__iter__(value)), memo)
        if base is frozenset:
            return _unordered("Z", "z", list(frozenset.__iter__(value)), memo)
        if base is tuple:
            return _tuple(value, memo)
        if base is collections.OrderedDict:
            return ["od", _pairs(collections.OrderedDict.items(value), memo)]
        if base is collections.defaultdict:
            factory = _FACTORY.__get__(value)
            return ["dd", _encode(factory, memo), _mapping(dict.items(value), memo)]
        if base is collections.deque:
            items = list(collections.deque.__iter__(value))
            return ["dq", _MAXLEN.__get__(value), *_sequence("L", "l", items, memo)]
        if base is int:
            return _int(int.__index__(value), memo)
        if base is float:
            return _float(float.__float__(value), memo)
        if base is str:
            return _str(str.__str__(value), memo)
        if base is bytes:
            return _bytes(bytes.__getitem__(value, slice(None)), memo)
        if base is bytearray:
            return ["ba", base64.b64encode(bytearray.__getitem__(value, slice(None))).decode("ascii")]
        raise Unencodable(f"an object of a subclass of {base.__name__}")

    return encode_part


# Which of them a class builds on is told by its method resolution order, where OrderedDict precedes dict.
_SUBCLASSABLE: Dict[type, Callable[[Any, Memo], Any]] = {
    base: _plain_base(base)
    for base in (
        collections.OrderedDict,
        collections.defaultdict,
        collections.deque,
        list,
        dict,
        set,
        frozenset,
        tuple,
        int,
        float,
        str,
        bytes,
        bytearray,
    )
}
_VALUES = (tuple, frozenset, int, float, str, bytes)


def _subclass(value: Any, cls: type, base: type, memo: Memo) -> Any:
    mro = type.__getattribute__(cls, "__mro__")
    if base is tuple and any("n_sequence_fields" in vars(c) for c in mro):
        return ["struct", *_class_name(cls, memo), _tuple(value, memo)]
    # A value without room for fields (a named tuple) is as immutable as its base: identity means nothing.
    if base in _VALUES and _has_no_fields(mro):
        return ["sub", *_class_name(cls, memo), _SUBCLASSABLE[base](value, memo), None]
    ref = _number(value, memo)
    if ref is not None:
        return ref
    part = _SUBCLASSABLE[base](value, memo)
    return ["sub", *_class_name(cls, memo), part, _fields(value, mro, memo)]


def _has_no_fields(mro: Tuple[type, ...]) -> bool:
    return all(
        "__slots__" in vars(cls) and not vars(cls)["__slots__"] for cls in mro if cls.__flags__ & _HEAP_TYPE
    )


def _object(value: Any, cls: type, mro: Tuple[type, ...], memo: Memo) -> Any:
    for base in mro[:-1]:
        if not _is_written_in_python(base):
            raise Unencodable(_kind(cls))
    params = cls.__dict__.get("__dataclass_params__")
    if params is not None and getattr(params, "frozen", False) is True:
        return ["val", *_class_name(cls, memo), _fields(value, mro, memo)]
    ref = _number(value, memo)
    if ref is not None:
        return ref
    return ["obj", *_class_name(cls, memo), _fields(value, mro, memo)]


def _is_written_in_python(cls: type) -> bool:
    """Whether instances hold nothing but fields: C classes keep state that no field shows."""
    if cls is object:
        return True
    if not cls.__flags__ & _HEAP_TYPE or cls.__flags__ & _NOT_INSTANTIABLE:
        return False
    return not isinstance(vars(cls).get("__new__"), types.BuiltinFunctionType)


def _kind(cls: type) -> str:
    module = type.__getattribute__(cls, "__module__")
    name = type.__getattribute__(cls, "__qualname__")
    word = {"generator": "a generator", "TextIOWrapper": "an open file", "lock": "a lock"}.get(name)
    return word or f"an object of {name if module == 'builtins' else f'{module}.{name}'}"


def _fields(value: Any, mro: Tuple[type, ...], memo: Memo) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for cls in mro:
        slots = vars(cls).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else tuple(slots):
            if slot in {"__dict__", "__weakref__"}:
                continue
            name = (
                f"_{cls.__name__.lstrip('_')}{slot}"
                if slot.startswith("__") and not slot.endswith("__")
                else slot
            )
            member = vars(cls).get(name)
            if isinstance(member, types.MemberDescriptorType):
                try:
                    found.setdefault(name, member.__get__(value, cls))
                except AttributeError:
                    continue
    try:
        inside = object.__getattribute__(value, "__dict__")
    except AttributeError:
        inside = None
    if type(inside) is dict:
        found.update(inside)
    fields: Dict[str, Any] = {}
    for name in sorted(found, key=str):
        if type(name) is not str:
            raise Unencodable("an object whose __dict__ has a key that is not text")
        try:
            fields[name] = _encode(found[name], memo)
        except Unencodable as error:
            error.under(f".{name}")
            raise
    return fields


# --- decoding ---


def _decode(encoded: Any, memo: Memo) -> Any:
    if type(encoded) is not list:
        return encoded
    handler = _DECODERS.get(encoded[0]) if encoded else None
    if handler is None:
        raise Undecodable(f"no value is written as {str(encoded)[:60]}")
    return handler(encoded, memo)


def _kept(value: Any, memo: Memo) -> Any:
    memo.kept.append(value)
    return value


def _ref(encoded: Any, memo: Memo) -> Any:
    if encoded[1] >= len(memo.kept) or memo.kept[encoded[1]] is _PENDING:
        raise Undecodable("a reference to a value that is not there yet")
    return memo.kept[encoded[1]]


_PENDING = object()


def _reserve(memo: Memo) -> int:
    memo.kept.append(_PENDING)
    return len(memo.kept) - 1


def _decode_list(encoded: Any, memo: Memo) -> Any:
    out = _kept([], memo)
    out.extend([_decode(item, memo) for item in encoded[1]])
    return out


def _decode_set(encoded: Any, memo: Memo) -> Any:
    out = _kept(set(), memo)
    out.update([_decode(item, memo) for item in encoded[1]])
    return out


def _decode_plain_dict(encoded: Any, memo: Memo) -> Any:
    return _kept(dict(zip(encoded[1], encoded[2])), memo)


def _decode_dict(encoded: Any, memo: Memo) -> Any:
    out = _kept({}, memo)
    for key, value in encoded[1]:
        name = _decode(key, memo)
        out[name] = _decode(value, memo)
    return out


def _decode_ordered(encoded: Any, memo: Memo) -> Any:
    out = _kept(collections.OrderedDict(), memo)
    for key, value in encoded[1]:
        name = _decode(key, memo)
        out[name] = _decode(value, memo)
    return out


def _part_pairs(part: Any, memo: Memo) -> List[Tuple[Any, Any]]:
    if part[0] == "D":
        return list(zip(part[1], part[2]))
    return [(_decode(key, memo), _decode(value, memo)) for key, value in part[1]]


def _part_items(part: Any, memo: Memo) -> List[Any]:
    return list(part[1]) if part[0].isupper() else [_decode(item, memo) for item in part[1]]


def _decode_defaultdict(encoded: Any, memo: Memo) -> Any:
    out: Any = _kept(collections.defaultdict(), memo)
    out.default_factory = _decode(encoded[1], memo)
    dict.update(out, _part_pairs(encoded[2], memo))
    return out


def _decode_deque(encoded: Any, memo: Memo) -> Any:
    out: Any = _kept(collections.deque(maxlen=encoded[1]), memo)
    out.extend(_part_items(encoded[2:], memo))
    return out


def _decode_datetime(encoded: Any, memo: Memo) -> Any:
    zone = _decode(encoded[9], memo)
    return datetime.datetime(*encoded[1:8]).replace(tzinfo=zone, fold=encoded[8])


def _decode_time(encoded: Any, memo: Memo) -> Any:
    hour, minute, second, micro, fold = encoded[1:6]
    return datetime.time(hour, minute, second, micro, _decode(encoded[6], memo), fold=fold)


def _decode_timezone(encoded: Any, memo: Memo) -> Any:
    offset = _decode(encoded[1], memo)
    return datetime.timezone(offset) if encoded[2] is None else datetime.timezone(offset, encoded[2])


def _decode_method(encoded: Any, memo: Memo) -> Any:
    return getattr(_decode(encoded[1], memo), encoded[2])


def _decode_partial(encoded: Any, memo: Memo) -> Any:
    function = _decode(encoded[1], memo)
    args = _decode(encoded[2], memo)
    return functools.partial(function, *args, **_decode(encoded[3], memo))


def _decode_getter(encoded: Any, memo: Memo) -> Any:
    args = _decode(encoded[2], memo)
    return getattr(operator, encoded[1])(*args, **_decode(encoded[3], memo))


def _decode_iterator(encoded: Any, memo: Memo) -> Any:
    at = _reserve(memo)
    memo.kept[at] = iter(_part_items(encoded[1:], memo))
    return memo.kept[at]


def _decode_rest(encoded: Any, memo: Memo) -> Any:
    at = _reserve(memo)
    items = _decode(encoded[2], memo)
    if encoded[1] == "keys":
        memo.kept[at] = iter(dict.fromkeys(items))
    elif encoded[1] == "values":
        memo.kept[at] = iter(dict(enumerate(items)).values())
    elif encoded[1] == "items":
        memo.kept[at] = iter(dict(items).items())
    else:
        memo.kept[at] = iter(items)
    return memo.kept[at]


def _decode_over(encoded: Any, memo: Memo) -> Any:
    at = _reserve(memo)
    made: Dict[str, Any] = {"enumerate": enumerate, "zip": zip, "map": map, "filter": filter}
    parts = [_decode(part, memo) for part in encoded[2]]
    out: Any = made.get(encoded[1], reversed)(*parts)
    if encoded[3] is not None:
        out.__setstate__(encoded[3])
    memo.kept[at] = out
    return out


def _decode_replay(encoded: Any, memo: Memo) -> Any:
    at = _reserve(memo)
    rest = iter(_decode(encoded[1], memo))
    memo.kept[at] = (replayed if encoded[0] == "gen" else replayed_async)(rest)
    return memo.kept[at]


def _decode_stream(encoded: Any, memo: Memo) -> Any:
    at = _reserve(memo)
    out: Any = io.StringIO() if encoded[0] == "sio" else io.BytesIO()
    if len(encoded) == 1:
        out.close()
    else:
        out.write(_decode(encoded[1], memo) if encoded[0] == "sio" else base64.b64decode(encoded[1]))
        out.seek(encoded[2])
    memo.kept[at] = out
    return out


def _decode_memoryview(encoded: Any, memo: Memo) -> Any:
    at = _reserve(memo)
    if encoded[0] == "mvp":
        raw = base64.b64decode(encoded[1])
        # One byte longer, so that what was a part of something is one again.
        whole = memoryview(raw + b"\0" if encoded[3] else bytearray(raw + b"\0"))
        memo.kept[at] = whole[: len(raw)].cast(encoded[2])
        return memo.kept[at]
    memo.kept[at] = memoryview(_decode(encoded[1], memo) if len(encoded) > 1 else b"")
    if len(encoded) == 1:
        memo.kept[at].release()
    return memo.kept[at]


def _decode_number_array(encoded: Any, memo: Memo) -> Any:
    out = array.array(encoded[1])
    out.frombytes(base64.b64decode(encoded[2]))
    return _kept(out, memo)


def _decode_view(encoded: Any, memo: Memo) -> Any:
    items = _decode(encoded[2], memo)
    if encoded[1] == "dict_keys":
        return dict.fromkeys(items).keys()
    return dict(enumerate(items)).values() if encoded[1] == "dict_values" else dict(items).items()


def _decode_array(encoded: Any, memo: Memo) -> Any:
    numpy = importlib.import_module("numpy")
    flat = numpy.frombuffer(base64.b64decode(encoded[3]), dtype=_decode_dtype(encoded[1]))
    return _kept(flat.reshape(encoded[2]).copy(), memo)


def _decode_object_array(encoded: Any, memo: Memo) -> Any:
    numpy = importlib.import_module("numpy")
    flat = numpy.empty(len(encoded[2]), dtype=object)
    shaped = _kept(flat.reshape(encoded[1]), memo)
    for at, item in enumerate(encoded[2]):
        flat[at] = _decode(item, memo)
    return shaped


def _decode_numpy_scalar(encoded: Any, memo: Memo) -> Any:
    numpy = importlib.import_module("numpy")
    return numpy.frombuffer(base64.b64decode(encoded[2]), dtype=_decode_dtype(encoded[1]))[0]


def _decode_dtype(encoded: Any) -> Any:
    numpy = importlib.import_module("numpy")
    if isinstance(encoded, str):
        return numpy.dtype(encoded)
    return numpy.dtype([tuple(tuple(p) if isinstance(p, list) else p for p in field) for field in encoded])


def _decode_object(encoded: Any, memo: Memo) -> Any:
    cls = _resolve_class(encoded, memo)
    out = object.__new__(cls)
    if encoded[0] == "obj":
        memo.kept.append(out)
    return _with_fields(out, encoded[3], memo)


def _with_fields(out: Any, fields: Any, memo: Memo) -> Any:
    for name, field in (fields or {}).items():
        value = _decode(field, memo)
        try:
            object.__setattr__(out, name, value)
        except AttributeError:
            # A property or a read-only descriptor shadows the field; the instance dictionary still takes it.
            object.__getattribute__(out, "__dict__")[name] = value
    return out


def _decode_exception(encoded: Any, memo: Memo) -> Any:
    at = _reserve(memo)
    cls = _resolve_class(encoded, memo)
    if not issubclass(cls, BaseException):
        raise Undecodable(f"{encoded[2]} is not an exception")
    args = _decode(encoded[3], memo)
    base = next(c for c in cls.__mro__ if not _is_written_in_python(c))
    out: Any = base.__new__(cls, *args)
    try:
        base.__init__(out, *args)
    except TypeError:
        pass
    _ARGS.__set__(out, args)
    memo.kept[at] = out
    return _with_fields(out, encoded[4], memo)


def _decode_subclass(encoded: Any, memo: Memo) -> Any:
    cls = _resolve_class(encoded, memo)
    part, fields = encoded[3], encoded[4]
    base = next((b for b in cls.__mro__ if b in _SUBCLASSABLE), None)
    if base is None:
        raise Undecodable(f"{encoded[1]}.{encoded[2]} is no longer built on a built-in class")
    if base in _VALUES:
        at = _reserve(memo) if fields is not None else None
        plain = tuple(_part_items(part, memo)) if base in (tuple, frozenset) else _decode(part, memo)
        value: Any = base.__new__(cls, plain)
        if at is not None:
            memo.kept[at] = value
        return _with_fields(value, fields, memo)
    out: Any = base.__new__(cls)
    memo.kept.append(out)
    _fill(out, base, part, memo)
    return _with_fields(out, fields, memo)


def _fill(out: Any, base: type, part: Any, memo: Memo) -> None:
    if base is list:
        list.extend(out, _part_items(part, memo))
    elif base is dict:
        dict.update(out, _part_pairs(part, memo))
    elif base is set:
        set.update(out, _part_items(part, memo))
    elif base is bytearray:
        bytearray.extend(out, base64.b64decode(part[1]))
    elif base is collections.deque:
        collections.deque.__init__(out, maxlen=part[1])
        collections.deque.extend(out, _part_items(part[2:], memo))
    elif base is collections.OrderedDict:
        collections.OrderedDict.__init__(out)
        for key, value in _part_pairs(part, memo):
            collections.OrderedDict.__setitem__(out, key, value)
    else:
        collections.defaultdict.__init__(out, _decode(part[1], memo))
        dict.update(out, _part_pairs(part[2], memo))


def _decode_enum(encoded: Any, memo: Memo) -> Any:
    return _resolve_class(encoded, memo).__members__[encoded[3]]


def _decode_flag(encoded: Any, memo: Memo) -> Any:
    return _resolve_class(encoded, memo)(_decode(encoded[3], memo))


def _decode_zone(encoded: Any, memo: Memo) -> Any:
    return importlib.import_module("zoneinfo").ZoneInfo(encoded[1])


def _resolve_class(encoded: Any, memo: Memo) -> Any:
    found = _resolve(encoded[1], encoded[2], memo)
    if not isinstance(found, type):
        raise Undecodable(f"{encoded[1]}.{encoded[2]} is not a class")
    return found


def _resolve(module: str, qualname: str, memo: Memo) -> Any:
    name = memo.home if module == "." else module
    try:
        found: Any = sys.modules.get(name) or importlib.import_module(name)
        for part in qualname.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise Undecodable(f"{name}.{qualname} cannot be found here: {type(error).__name__}") from error
    return found


_DECODERS: Dict[str, Callable[[Any, Memo], Any]] = {
    "ref": _ref,
    "I": lambda e, memo: int(e[1], 16),
    "F": lambda e, memo: float(e[1]),
    "S": lambda e, memo: "".join(map(chr, e[1])),
    "L": lambda e, memo: _kept(list(e[1]), memo),
    "l": _decode_list,
    "T": lambda e, memo: tuple(e[1]),
    "t": lambda e, memo: tuple([_decode(item, memo) for item in e[1]]),
    "E": lambda e, memo: _kept(set(e[1]), memo),
    "e": _decode_set,
    "Z": lambda e, memo: frozenset(e[1]),
    "z": lambda e, memo: frozenset([_decode(item, memo) for item in e[1]]),
    "D": _decode_plain_dict,
    "d": _decode_dict,
    "od": _decode_ordered,
    "dd": _decode_defaultdict,
    "dq": _decode_deque,
    "b": lambda e, memo: base64.b64decode(e[1]),
    "ba": lambda e, memo: _kept(bytearray(base64.b64decode(e[1])), memo),
    "c": lambda e, memo: complex(_decode(e[1], memo), _decode(e[2], memo)),
    "range": lambda e, memo: range(*(_decode(n, memo) for n in e[1:])),
    "slice": lambda e, memo: slice(*(_decode(n, memo) for n in e[1:])),
    "...": lambda e, memo: ...,
    "NotImplemented": lambda e, memo: NotImplemented,
    "dec": lambda e, memo: decimal.Decimal(e[1]),
    "frac": lambda e, memo: fractions.Fraction(_decode(e[1], memo), _decode(e[2], memo)),
    "date": lambda e, memo: datetime.date(*e[1:]),
    "time": _decode_time,
    "datetime": _decode_datetime,
    "timedelta": lambda e, memo: datetime.timedelta(*e[1:]),
    "tz": _decode_timezone,
    "zone": _decode_zone,
    "re": lambda e, memo: re.compile(_decode(e[1], memo), e[2]),
    "path": lambda e, memo: getattr(pathlib, e[1])(e[2]),
    "ip": lambda e, memo: getattr(importlib.import_module("ipaddress"), e[1])(e[2]),
    "fn": lambda e, memo: _resolve(e[1], e[2], memo),
    "class": _resolve_class,
    "attr": lambda e, memo: getattr(_resolve_class(e, memo), e[3]),
    "method": _decode_method,
    "module": lambda e, memo: importlib.import_module(e[1]),
    "partial": _decode_partial,
    "getter": _decode_getter,
    "iter": _decode_iterator,
    "it": _decode_rest,
    "over": _decode_over,
    "gen": _decode_replay,
    "agen": _decode_replay,
    "answer": lambda e, memo: answering(e[1]),
    "sio": _decode_stream,
    "bio": _decode_stream,
    "mv": _decode_memoryview,
    "mvp": _decode_memoryview,
    "arr": _decode_number_array,
    "mp": lambda e, memo: types.MappingProxyType(_decode(e[1], memo)),
    "view": _decode_view,
    "ns": lambda e, memo: _with_fields(_kept(types.SimpleNamespace(), memo), e[1], memo),
    "nd": _decode_array,
    "nda": _decode_object_array,
    "np": _decode_numpy_scalar,
    "dtype": lambda e, memo: _decode_dtype(e[1]),
    "obj": _decode_object,
    "val": _decode_object,
    "exc": _decode_exception,
    "sub": _decode_subclass,
    "struct": lambda e, memo: _resolve_class(e, memo)(_decode(e[3], memo)),
    "enum": _decode_enum,
    "flag": _decode_flag,
}


# --- describing ---


def _describe(encoded: Any, room: int) -> str:
    if type(encoded) is not list:
        return _short(repr(encoded), room)
    handler = _DESCRIBERS.get(encoded[0]) if encoded else None
    if handler is not None:
        return handler(encoded, room)
    return f"<{encoded[0] if encoded else 'nothing'}>"


def _short(written: str, room: int) -> str:
    return written if len(written) <= room + 3 else written[: max(room, 0)] + "..."


def _joined(parts: Any, room: int) -> str:
    """Join what ``parts`` yields until the room is used up; a part is a function of the room left."""
    out: List[str] = []
    for part in parts:
        if room <= 0:
            out.append("...")
            break
        written = part(room)
        out.append(written)
        room -= len(written) + 2
    return ", ".join(out)


def _describe_items(items: Any, room: int) -> str:
    return _joined((functools.partial(_describe, item) for item in items), room)


def _describe_pairs(pairs: Any, room: int) -> str:
    def one(pair: Any, left: int) -> str:
        key = _describe(pair[0], left)
        return f"{key}: {_describe(pair[1], left - len(key) - 2)}"

    return _joined((functools.partial(one, pair) for pair in pairs), room)


def _describe_fields(fields: Any, room: int) -> str:
    def one(name: str, left: int) -> str:
        return f"{name}={_describe(fields[name], left - len(name) - 1)}"

    return _joined((functools.partial(one, name) for name in fields or ()), room)


def _describe_tuple(encoded: Any, room: int) -> str:
    comma = "," if len(encoded[1]) == 1 else ""
    return f"({_describe_items(encoded[1], room)}{comma})"


def _describe_set(encoded: Any, room: int) -> str:
    return f"{{{_describe_items(encoded[1], room)}}}" if encoded[1] else "set()"


def _describe_mapping(part: Any, room: int) -> str:
    pairs = zip(part[1], part[2]) if part[0] == "D" else part[1]
    return f"{{{_describe_pairs(pairs, room)}}}"


def _describe_deque(encoded: Any, room: int) -> str:
    end = "" if encoded[1] is None else f", maxlen={encoded[1]}"
    return f"deque([{_describe_items(encoded[3], room)}]{end})"


def _describe_bytes(encoded: Any, room: int) -> str:
    written = _short(repr(base64.b64decode(encoded[1])), room)
    return written if encoded[0] == "b" else f"bytearray({written})"


def _describe_call(name: str, first: int) -> Callable[[Any, int], str]:
    return lambda encoded, room: f"{name}({_describe_items(encoded[first:], room)})"


def _describe_object(encoded: Any, room: int) -> str:
    return f"{encoded[2]}({_describe_fields(encoded[3], room)})"


def _describe_subclass(encoded: Any, room: int) -> str:
    inside = _describe(encoded[3], room)
    fields = _describe_fields(encoded[4], room - len(inside))
    return f"{encoded[2]}({inside}{', ' + fields if fields else ''})"


def _describe_exception(encoded: Any, room: int) -> str:
    return f"{encoded[2]}({_describe_items(encoded[3][1], room)})"


def _describe_array(encoded: Any, room: int) -> str:
    dtype, shape, raw = encoded[1], encoded[2], base64.b64decode(encoded[3])
    kind = _STRUCT.get(dtype[1:]) if isinstance(dtype, str) else None
    if kind is None:
        return f"array(shape={tuple(shape)}, dtype={dtype})"
    order = ">" if dtype[0] == ">" else "<"
    count = min(len(raw) // struct.calcsize(order + kind), room + 1)
    flat = struct.unpack_from(f"{order}{count}{kind}", raw)
    if len(shape) == 1:
        return f"array([{_describe_items(flat, room)}])"
    return f"array([{_describe_items(flat, room)}], shape={tuple(shape)})"


def _describe_numpy_scalar(encoded: Any, room: int) -> str:
    kind = _STRUCT.get(encoded[1][1:]) if isinstance(encoded[1], str) else None
    if kind is None:
        return f"<numpy scalar {encoded[1]}>"
    order = ">" if encoded[1][0] == ">" else "<"
    return f"numpy.{encoded[1][1:]}({struct.unpack(order + kind, base64.b64decode(encoded[2]))[0]!r})"


_STRUCT: Dict[str, str] = {
    "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
    "f4": "f", "f8": "d", "b1": "?",
}  # fmt: skip

_DESCRIBERS: Dict[str, Callable[[Any, int], str]] = {
    "ref": lambda e, room: f"<shared #{e[1]}>",
    "I": lambda e, room: _short(e[1], room),
    "F": lambda e, room: f"float('{e[1]}')",
    "S": lambda e, room: _short(repr("".join(map(chr, e[1]))), room),
    **dict.fromkeys(("L", "l"), lambda e, room: f"[{_describe_items(e[1], room)}]"),
    **dict.fromkeys(("T", "t"), _describe_tuple),
    **dict.fromkeys(("E", "e"), _describe_set),
    **dict.fromkeys(("Z", "z"), lambda e, room: f"frozenset({_describe_set(e, room) if e[1] else ''})"),
    **dict.fromkeys(("D", "d"), _describe_mapping),
    "od": lambda e, room: f"OrderedDict({_describe_mapping(e, room)})",
    "dd": lambda e, room: f"defaultdict({_describe(e[1], room)}, {_describe_mapping(e[2], room)})",
    "dq": _describe_deque,
    **dict.fromkeys(("b", "ba"), _describe_bytes),
    "c": _describe_call("complex", 1),
    "range": _describe_call("range", 1),
    "slice": _describe_call("slice", 1),
    "...": lambda e, room: "...",
    "NotImplemented": lambda e, room: "NotImplemented",
    "dec": lambda e, room: f"Decimal('{e[1]}')",
    "frac": _describe_call("Fraction", 1),
    "date": _describe_call("date", 1),
    "time": _describe_call("time", 1),
    "datetime": _describe_call("datetime", 1),
    "timedelta": _describe_call("timedelta", 1),
    "tz": lambda e, room: f"timezone({_describe(e[1], room)})",
    "zone": lambda e, room: f"ZoneInfo({e[1]!r})",
    "re": lambda e, room: f"re.compile({_describe(e[1], room)})",
    "path": lambda e, room: f"{e[1]}({e[2]!r})",
    "ip": lambda e, room: f"{e[1]}({e[2]!r})",
    "fn": lambda e, room: e[2],
    "class": lambda e, room: e[2],
    "attr": lambda e, room: f"{e[2]}.{e[3]}",
    "method": lambda e, room: f"{_describe(e[1], room)}.{e[2]}",
    "module": lambda e, room: f"<module {e[1]}>",
    "partial": lambda e, room: f"partial({_describe(e[1], room)}, {_describe(e[2], room)})",
    "getter": lambda e, room: f"{e[1]}{_describe(e[2], room)}",
    "iter": lambda e, room: f"iter([{_describe_items(e[2], room)}])",
    "it": lambda e, room: f"iter({_describe(e[2], room)})",
    "over": lambda e, room: f"{e[1]}({_describe_items(e[2], room)})",
    "gen": lambda e, room: f"(x for x in {_describe(e[1], room)})",
    "agen": lambda e, room: f"(x async for x in {_describe(e[1], room)})",
    "answer": lambda e, room: f"a function answering {_describe_items(e[1], room)}",
    "sio": lambda e, room: f"StringIO({_describe(e[1], room) if len(e) > 1 else ''})",
    "bio": lambda e, room: f"BytesIO({_short(repr(base64.b64decode(e[1])), room) if len(e) > 1 else ''})",
    "mv": lambda e, room: f"memoryview({_describe(e[1], room) if len(e) > 1 else ''})",
    "mvp": lambda e, room: f"memoryview({_short(repr(base64.b64decode(e[1])), room)})",
    "arr": lambda e, room: f"array({e[1]!r}, {_short(repr(list(_decode_number_array(e, Memo()))), room)})",
    "mp": lambda e, room: f"mappingproxy({_describe(e[1], room)})",
    "view": lambda e, room: f"{e[1]}({_describe(e[2], room)})",
    "nd": _describe_array,
    "nda": lambda e, room: f"array([{_describe_items(e[2], room)}], dtype=object, shape={tuple(e[1])})",
    "np": _describe_numpy_scalar,
    "dtype": lambda e, room: f"dtype({e[1]!r})",
    "ns": lambda e, room: f"SimpleNamespace({_describe_fields(e[1], room)})",
    "obj": _describe_object,
    "val": _describe_object,
    "exc": _describe_exception,
    "sub": _describe_subclass,
    "struct": lambda e, room: f"{e[2]}{_describe(e[3], room)}",
    "enum": lambda e, room: f"{e[2]}.{e[3]}",
    "flag": lambda e, room: f"{e[2]}({_describe(e[3], room)})",
}
