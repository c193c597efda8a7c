"""Shapes from annotations: what a type hint promises about a value.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import fractions
import inspect
import operator
import pathlib
import re
import sys
import types
import typing
from typing import Any, Callable, Dict, Iterable, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import codec
    from .shapes import (
        Array,
        Bool,
        Bytes,
        Fixed,
        Float,
        Graph,
        Int,
        Literal,
        Many,
        Mapping,
        Matrix,
        Nothing,
        Object,
        OneOf,
        Record,
        Self,
        Shape,
        Str,
        Unknown,
        encoded,
    )
else:
    import codec
    from shapes import (
        Array,
        Bool,
        Bytes,
        Fixed,
        Float,
        Graph,
        Int,
        Literal,
        Many,
        Mapping,
        Matrix,
        Nothing,
        Object,
        OneOf,
        Record,
        Self,
        Shape,
        Str,
        Unknown,
        encoded,
    )


def shape_of_hint(hint: Any, *, depth: int = 0, around: Tuple[Any, ...] = ()) -> Shape:
    """Return the shape an annotation promises. Any, object and what is not understood are Unknown."""
    simple = _SIMPLE.get(hint) if isinstance(hint, collections.abc.Hashable) else None
    if simple is not None:
        return simple
    if hint is None or hint is type(None):
        return Nothing()
    if depth > 6:
        return Unknown()

    def below(inner: Any) -> Shape:
        return shape_of_hint(inner, depth=depth + 1, around=around)

    origin = typing.get_origin(hint)
    args = typing.get_args(hint)
    if origin is not None:
        return _generic_hint(hint, origin, args, below)
    if isinstance(hint, typing.TypeVar):
        if hint.__constraints__:
            return OneOf(tuple(below(c) for c in hint.__constraints__))
        return below(hint.__bound__) if hint.__bound__ is not None else Unknown()
    wrapped = getattr(hint, "__supertype__", None)
    if wrapped is not None:
        return below(wrapped)
    if isinstance(hint, type):
        return _class_hint(hint, depth, around)
    return Unknown()


def _generic_hint(hint: Any, origin: Any, args: Tuple[Any, ...], below: Callable[[Any], Shape]) -> Shape:
    first = below(args[0]) if args else Unknown()
    if origin is typing.Union or origin is getattr(types, "UnionType", None):
        return OneOf(tuple(below(arg) for arg in args))
    if origin is typing.Literal:
        return Literal(tuple(encoded(args)))
    if _annotated(hint):
        return first
    if origin is tuple:
        if not args:
            return Many("tuple", Unknown())
        if len(args) == 2 and args[1] is ...:
            return Many("tuple", first)
        return Fixed(tuple(below(arg) for arg in args if arg != ()))
    if origin in (typing.Final, typing.ClassVar):
        return first
    container = _MANY_ORIGINS.get(origin)
    if container is not None:
        inner = args[0] if args else None
        if container == "list" and typing.get_origin(inner) in (list, collections.abc.Sequence):
            cell = typing.get_args(inner)
            element = below(cell[0]) if cell else Unknown()
            return OneOf((Matrix(element), Many("list", Many("list", element))))
        return Many(container, first)
    mapping = _MAPPING_ORIGINS.get(origin)
    if mapping is not None:
        if mapping == "Counter":
            return Mapping("Counter", first, Int(0, 20))
        return _mapping_hint(mapping, args, below)
    if origin is collections.abc.Callable:
        count = len(args[0]) if args and isinstance(args[0], list) else 1
        return callables(count)
    if getattr(origin, "__name__", "") == "ndarray":
        return _array_hint(args)
    if isinstance(origin, type):
        return below(origin)
    return Unknown()


def _annotated(hint: Any) -> bool:
    return hasattr(hint, "__metadata__")


def _mapping_hint(container: str, args: Tuple[Any, ...], below: Callable[[Any], Shape]) -> Shape:
    key = below(args[0]) if args else Str()
    value = below(args[1]) if len(args) > 1 else Unknown()
    factory = ""
    if container == "defaultdict":
        kind = typing.get_origin(args[1]) or args[1] if len(args) > 1 else int
        factory = kind.__name__ if kind in (int, float, str, list, dict, set) else ""
    plain = Mapping(container, key, value, factory=factory)
    if container == "dict" and isinstance(value, Many) and value.element == key:
        return OneOf((Graph(key, "set" if value.container == "set" else "list"), plain))
    return plain


def callables(arguments: int) -> Shape:
    """Return the well-known functions that stand in for a callable of so many arguments."""
    known: Tuple[Any, ...] = (
        (str, repr, bool, operator.neg, abs) if arguments == 1 else (operator.add, max, min)
    )
    return Literal(tuple(codec.encode(function) for function in known))


def _array_hint(args: Tuple[Any, ...]) -> Shape:
    for arg in args[1:]:
        for inner in typing.get_args(arg):
            name = getattr(inner, "__name__", "")
            kinds = {"float64": "<f8", "float32": "<f4", "int64": "<i8", "int32": "<i4", "uint8": "|u1"}
            if name in kinds:
                return OneOf((Array(kinds[name], 1), Array(kinds[name], 2)))
            if name in ("bool", "bool_"):
                return OneOf((Array("|b1", 1), Array("|b1", 2)))
    return OneOf((Array("<f8", 1), Array("<f8", 2)))


def _class_hint(cls: type, depth: int, around: Tuple[Any, ...]) -> Shape:
    if cls in around:
        return Self(cls.__qualname__)
    if issubclass(cls, enum.Enum):
        return Literal(tuple(encoded(cls)))
    if cls.__name__ == "ndarray" and cls.__module__ == "numpy":
        return _array_hint(())
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        hints = hints_of(cls)
        items = tuple(
            shape_of_hint(hints.get(name, Any), depth=depth + 1, around=(*around, cls))
            for name in cls._fields
        )
        return Fixed(items, "tuple", cls.__module__, cls.__qualname__)
    if typing.is_typeddict(cls) if hasattr(typing, "is_typeddict") else hasattr(cls, "__total__"):
        fields = tuple(
            (name, shape_of_hint(hint, depth=depth + 1, around=around))
            for name, hint in hints_of(cls).items()
        )
        return Record(fields, tuple(getattr(cls, "__optional_keys__", ())))
    if cls.__module__ == "builtins" or issubclass(cls, BaseException) or inspect.isabstract(cls):
        return Unknown()
    return _constructed(cls, depth, around)


def _constructed(cls: type, depth: int, around: Tuple[Any, ...]) -> Shape:
    try:
        parameters = inspect.signature(cls).parameters.values()
    except (TypeError, ValueError):
        return Unknown()
    hints = hints_of(cls) if dataclasses.is_dataclass(cls) else hints_of(cls.__init__)  # type: ignore[misc]
    fields = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        hint = hints.get(parameter.name, Any)
        shape = shape_of_hint(hint, depth=depth + 1, around=(*around, cls))
        if isinstance(shape, Unknown) and parameter.default is not parameter.empty:
            continue
        fields.append((parameter.name, shape))
    return Object(cls.__module__, cls.__qualname__, tuple(fields), "init")


def hints_of(owner: Any) -> Dict[str, Any]:
    """Return the annotations of a function or class, evaluated as far as they can be."""
    try:
        return typing.get_type_hints(owner)
    except Exception:
        pass
    names = getattr(owner, "__globals__", None) or vars(
        sys.modules.get(getattr(owner, "__module__", ""), typing)
    )
    found = {}
    for name, hint in dict(getattr(owner, "__annotations__", {}) or {}).items():
        if isinstance(hint, str):
            try:
                hint = eval(hint, dict(names))  # noqa: S307 - the workspace's own, in the sandbox
            except Exception:
                continue
        found[name] = hint
    return found


_DECIMALS = tuple(
    decimal.Decimal(text) for text in ("0", "1", "-1", "1.10", "2.5", "3.333", "100", "1E+3", "-0.01")
)
_FRACTIONS = tuple(fractions.Fraction(n, d) for n, d in ((0, 1), (1, 2), (-3, 7), (5, 1), (22, 7)))
_DATES = tuple(datetime.date(2023 + n % 3, 1 + n % 12, 1 + 5 * n % 28) for n in range(14))
_MOMENTS = tuple(
    datetime.datetime(2023 + n % 3, 1 + n % 12, 1 + 5 * n % 28, n % 24, 7 * n % 60) for n in range(14)
)
_SPANS = tuple(datetime.timedelta(n % 5 - 1, 977 * n) for n in range(9))
_PATHS = tuple(pathlib.PurePosixPath(p) for p in ("a", "a/b.txt", "/x/y.py", ".", "a/../b", "c.tar.gz", "/"))


def _literals(values: Iterable[Any]) -> Literal:
    return Literal(tuple(codec.encode(value) for value in values))


_SIMPLE: Dict[Any, Shape] = {
    int: Int(),
    float: Float(),
    bool: Bool(),
    str: OneOf((Str("word"), Str("text"))),
    bytes: Bytes(),
    bytearray: Bytes(True),
    complex: _literals((0j, 1 + 2j, -1.5j, 3 + 0j)),
    list: Many("list", Unknown()),
    tuple: Many("tuple", Unknown()),
    set: Many("set", Unknown()),
    frozenset: Many("frozenset", Unknown()),
    dict: Mapping("dict", Str("word"), Unknown()),
    collections.deque: Many("deque", Unknown()),
    collections.Counter: Mapping("Counter", Str("word"), Int(0, 20)),
    decimal.Decimal: _literals(_DECIMALS),
    fractions.Fraction: _literals(_FRACTIONS),
    datetime.date: _literals(_DATES),
    datetime.datetime: _literals(_MOMENTS),
    datetime.timedelta: _literals(_SPANS),
    pathlib.Path: _literals(pathlib.PosixPath(p) for p in _PATHS) if sys.platform != "win32" else Unknown(),
    pathlib.PurePath: _literals(_PATHS),
    collections.abc.Iterable: Many("list", Unknown()),
    collections.abc.Sequence: Many("list", Unknown()),
    collections.abc.Callable: callables(1),
    re.Pattern: _literals((re.compile("a"), re.compile(r"\d+"), re.compile(r"\s+"), re.compile("[a-c]+"))),
    Any: Unknown(),
    object: Unknown(),
}

_MANY_ORIGINS: Dict[Any, str] = {
    list: "list",
    set: "set",
    frozenset: "frozenset",
    collections.deque: "deque",
    collections.abc.Sequence: "list",
    collections.abc.MutableSequence: "list",
    collections.abc.Iterable: "list",
    collections.abc.Collection: "list",
    collections.abc.Reversible: "list",
    collections.abc.Container: "list",
    collections.abc.Set: "set",
    collections.abc.MutableSet: "set",
    collections.abc.Iterator: "iterator",
    collections.abc.Generator: "iterator",
}

_MAPPING_ORIGINS: Dict[Any, str] = {
    dict: "dict",
    collections.abc.Mapping: "dict",
    collections.abc.MutableMapping: "dict",
    collections.defaultdict: "defaultdict",
    collections.OrderedDict: "OrderedDict",
    collections.Counter: "Counter",
}
