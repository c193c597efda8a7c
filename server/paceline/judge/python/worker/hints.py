"""Shapes from annotations: what a type hint promises about a value.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import array
import ast
import collections
import collections.abc
import contextlib
import dataclasses
import enum
import inspect
import io
import operator
import os
import re
import sys
import types
import typing
from dataclasses import replace
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import codec, protocols, shapes, signatures, standard
    from .shapes import (
        Answer,
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
        Standard,
        Str,
        Stream,
        Unknown,
        encoded,
    )
else:
    import codec
    import protocols
    import shapes
    import signatures
    import standard
    from shapes import (
        Answer,
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
        Standard,
        Str,
        Stream,
        Unknown,
        encoded,
    )


def _tells_nothing(cls: type) -> Dict[str, List[Shape]]:
    return {}


class Scope(NamedTuple):
    """What stands around an annotation."""

    names: typing.Mapping[str, Any] = types.MappingProxyType({})
    """The names of the target's module: where forward references and classes that fit are looked up."""
    used: Callable[[type], Dict[str, List[Shape]]] = _tells_nothing
    """How the source of a class uses the parameters of its constructor, the likeliest shape first."""
    owner: Optional[type] = None
    """The class of the target, where it is a method: what ``Self`` means."""


_NOWHERE = Scope()
_DEEPEST = 8
_UNROLLED = 3
"""How often an alias may stand inside itself before its branches end."""


class _Endless(Exception):
    """A recursive alias that has been followed far enough."""


class _At(NamedTuple):
    """Where in an annotation we are."""

    scope: Scope
    depth: int = 0
    around: Tuple[Any, ...] = ()
    """The classes this annotation stands inside of."""
    aliases: Tuple[str, ...] = ()
    bound: Tuple[Tuple[Any, Shape], ...] = ()
    """What the type variables of a generic class stand for here."""


def shape_of_hint(hint: Any, scope: Scope = _NOWHERE) -> Shape:
    """Return the shape an annotation promises. Any, object and what is not understood are Unknown."""
    try:
        return _shape(hint, _At(scope))
    except Exception:
        # An alias without end, or a class that answers questions about itself by raising.
        return Unknown()


def _shape(hint: Any, at: _At) -> Shape:
    if isinstance(hint, typing.ForwardRef):
        hint = hint.__forward_arg__
    if isinstance(hint, str):
        return _named(hint, at)
    simple = _SIMPLE.get(hint) if isinstance(hint, collections.abc.Hashable) else None
    if simple is not None:
        return simple
    if hint is None or hint is type(None):
        return Nothing()
    if at.depth > _DEEPEST:
        return Unknown()
    inside = at._replace(depth=at.depth + 1)
    if isinstance(hint, dataclasses.InitVar):
        return _shape(hint.type, inside)
    origin = typing.get_origin(hint)
    if origin is not None:
        return _generic(hint, origin, typing.get_args(hint), inside)
    if _is_called(hint, "Self"):
        return _self(at)
    if isinstance(hint, typing.TypeVar):
        return _variable(hint, inside)
    if type(hint).__name__ == "TypeAliasType":
        return _alias(hint, (), inside)
    wrapped = getattr(hint, "__supertype__", None)
    if wrapped is not None:
        return _shape(wrapped, inside)
    if _is_called(hint, "LiteralString"):
        return Str("word")
    return _class(hint, at) if isinstance(hint, type) else Unknown()


def _is_called(hint: Any, *names: str) -> bool:
    """Whether a special form of typing or of typing_extensions has one of these names."""
    module = getattr(hint, "__module__", "") or type(hint).__module__
    name = getattr(hint, "_name", None) or getattr(hint, "__name__", "")
    return name in names and module in ("typing", "typing_extensions")


def _named(text: str, at: _At) -> Shape:
    """Follow a forward reference, a few times where it stands inside itself."""
    if at.aliases.count(text) >= _UNROLLED:
        raise _Endless
    try:
        hint = evaluated(text, at.scope.names)
    except Exception:
        return Unknown()
    if isinstance(hint, str) and hint == text:
        return Unknown()
    return _shape(hint, at._replace(aliases=(*at.aliases, text), depth=max(0, at.depth - 1)))


def _alias(hint: Any, args: Tuple[Any, ...], at: _At) -> Shape:
    name = hint.__name__
    if at.aliases.count(name) >= _UNROLLED:
        raise _Endless
    given = tuple(zip(getattr(hint, "__type_params__", ()), (_shape(arg, at) for arg in args)))
    return _shape(
        hint.__value__,
        at._replace(aliases=(*at.aliases, name), bound=(*given, *at.bound), depth=max(0, at.depth - 2)),
    )


def _variable(hint: Any, at: _At) -> Shape:
    for variable, shape in at.bound:
        if variable is hint:
            return shape
    if hint.__constraints__:
        return OneOf(tuple(_shape(c, at) for c in hint.__constraints__))
    return _shape(hint.__bound__, at) if hint.__bound__ is not None else Unknown()


def _self(at: _At) -> Shape:
    if at.around:
        return Self(at.around[-1].__qualname__)
    return _shape(at.scope.owner, at) if at.scope.owner is not None else Unknown()


# --- hints with arguments ---


def _generic(hint: Any, origin: Any, args: Tuple[Any, ...], at: _At) -> Shape:
    if origin is typing.Union or origin is getattr(types, "UnionType", None):
        return _union(args, at)
    if origin is typing.Literal or _is_called(origin, "Literal"):
        return Literal(tuple(encoded(args)))
    metadata = getattr(hint, "__metadata__", None)
    if metadata is not None:
        return _limited(_shape(args[0], at), metadata)
    if origin in (typing.Final, typing.ClassVar) or _is_called(origin, *_WRAPPERS):
        return _shape(args[0], at)
    if origin is tuple:
        return _tuple(args, at)
    if origin is type:
        return _type_of(args[0], at)
    if origin is collections.abc.Callable:
        return _callable(args, at)
    container = _MANY_ORIGINS.get(origin)
    if container is not None:
        return _many(container, args, at)
    if origin in _VIEWS:
        return _view(_VIEWS[origin], args, at)
    mapping = _MAPPING_ORIGINS.get(origin)
    if mapping is not None:
        return _mapping(mapping, args, at)
    if getattr(origin, "__name__", "") == "ndarray":
        return _array(args)
    if type(origin).__name__ == "TypeAliasType":
        return _alias(origin, args, at)
    if origin in _STREAMS:
        return _stream(args[0])
    if isinstance(origin, type):
        simple = _SIMPLE.get(origin)
        return simple if simple is not None else _class(origin, at, args)
    return Unknown()


_WRAPPERS = ("Required", "NotRequired", "ReadOnly", "Unpack", "Final", "ClassVar", "TypeGuard", "Annotated")


def _union(args: Tuple[Any, ...], at: _At) -> Shape:
    options: List[Shape] = []
    for arg in args:
        try:
            options.append(_shape(arg, at))
        except _Endless:
            continue
    if not options:
        raise _Endless
    unique: List[Shape] = []
    for option in options:
        if option not in unique:
            unique.append(option)
    return unique[0] if len(unique) == 1 else OneOf(tuple(unique))


def _tuple(args: Tuple[Any, ...], at: _At) -> Shape:
    if not args:
        return Many("tuple", Unknown())
    if len(args) == 2 and args[1] is ...:
        return Many("tuple", _shape(args[0], at))
    return Fixed(tuple(_shape(arg, at) for arg in args if arg != ()))


def _type_of(arg: Any, at: _At) -> Shape:
    kinds = list(typing.get_args(arg)) if typing.get_origin(arg) not in (None, type) else [arg]
    found: List[type] = []
    for kind in kinds:
        kind = getattr(kind, "__bound__", None) or kind
        if isinstance(kind, type):
            found += [kind, *_subclasses(kind)]
    concrete = [cls for cls in found if not inspect.isabstract(cls)] or found or [int, str]
    return Literal(tuple(encoded(concrete)))


def _callable(args: Tuple[Any, ...], at: _At) -> Shape:
    taken = args[0] if args and isinstance(args[0], list) else None
    result = _shape(args[-1], at) if args else Unknown()
    first = _shape(taken[0], at) if taken else Unknown()
    return callables(len(taken) if taken is not None else None, result, first)


def callables(arguments: Optional[int], result: Shape = Unknown(), first: Shape = Unknown()) -> Shape:  # noqa: B008
    """Return functions that stand in for a callable: well-known ones where they fit, else one that answers.

    ``arguments`` is how many it takes, where that is known; ``result`` what it has to return, ``first`` what
    its first argument is.
    """
    is_number = isinstance(first, (Int, Float))
    if isinstance(result, Unknown):
        known: Tuple[Any, ...] = (
            (str, repr, bool, operator.neg, abs) if arguments == 1 else (operator.add, max, min)
        )
        return Literal(tuple(codec.encode(function) for function in known))
    known = ()
    if arguments == 1:
        if isinstance(result, Bool):
            known = (bool, operator.not_)
        elif isinstance(result, (Int, Float)) and is_number:
            known = (operator.neg, abs)
        elif isinstance(result, Int) and shapes.is_container(first):
            known = (len,)
        elif result == _SIMPLE[str]:
            known = (str, repr)
    elif arguments == 2 and isinstance(result, (Int, Float)) and is_number:
        known = (operator.add, max, min, operator.mul, operator.sub)
    made = Answer(Int(0, 20) if result == Int() else result)
    if not known:
        return made
    return OneOf((Literal(tuple(codec.encode(function) for function in known)), made))


def _many(container: str, args: Tuple[Any, ...], at: _At) -> Shape:
    if not args:
        return Many(container, Unknown())
    inner = args[0]
    if container == "list" and typing.get_origin(inner) in (list, collections.abc.Sequence):
        cell = typing.get_args(inner)
        element = _shape(cell[0], at) if cell else Unknown()
        return OneOf((Matrix(element), Many("list", Many("list", element))))
    return Many(container, _shape(inner, at))


def _view(container: str, args: Tuple[Any, ...], at: _At) -> Shape:
    first = _shape(args[0], at) if args else Unknown()
    if container == "keys":
        return Mapping("keys", first, Int())
    if container == "values":
        return Mapping("values", Str("word", 1), first)
    return Mapping("items", first, _shape(args[1], at) if len(args) > 1 else Unknown())


def _mapping(container: str, args: Tuple[Any, ...], at: _At) -> Shape:
    key = _shape(args[0], at) if args else Str()
    if container == "Counter":
        return Mapping("Counter", key, Int(0, 20))
    value = _shape(args[1], at) if len(args) > 1 else Unknown()
    factory = ""
    if container == "defaultdict":
        kind = typing.get_origin(args[1]) or args[1] if len(args) > 1 else int
        factory = kind.__name__ if kind in (int, float, str, list, dict, set) else ""
    plain = Mapping(container, key, value, factory=factory)
    if container == "dict" and isinstance(value, Many) and value.element == key:
        return OneOf((Graph(key, "set" if value.container == "set" else "list"), plain))
    return plain


def _stream(arg: Any) -> Shape:
    return _BYTE_STREAM if arg is bytes else _TEXT_STREAM


_DTYPES = {
    "float64": "<f8", "float32": "<f4", "float16": "<f2", "floating": "<f8", "number": "<f8", "double": "<f8",
    "int64": "<i8", "int32": "<i4", "int16": "<i2", "int8": "|i1", "integer": "<i8", "intp": "<i8",
    "signedinteger": "<i8", "uint64": "<u8", "uint32": "<u4", "uint16": "<u2", "uint8": "|u1",
    "unsignedinteger": "|u1", "bool": "|b1", "bool_": "|b1", "complex128": "<c16", "complex64": "<c8",
    "int_": "<i8", "float_": "<f8", "generic": "<f8", "longlong": "<i8", "inexact": "<f8",
}  # fmt: skip


def _array(args: Tuple[Any, ...]) -> Shape:
    dtype = "<f8"
    for arg in args[1:]:
        for inner in typing.get_args(arg):
            dtype = _DTYPES.get(getattr(inner, "__name__", ""), dtype)
    sides = typing.get_args(args[0]) if args else ()
    if sides and ... not in sides:
        return Array(dtype, len(sides))
    return OneOf((Array(dtype, 1), Array(dtype, 2)))


def _limited(shape: Shape, metadata: Sequence[Any]) -> Shape:
    """Return the shape within the bounds that ``Annotated`` states as annotated-types and pydantic do."""
    marks = [inner for mark in metadata for inner in (*getattr(mark, "metadata", ()), mark)]

    def stated(*names: str) -> Any:
        values = (getattr(mark, name, None) for mark in marks for name in names)
        return next((value for value in values if type(value) in (int, float)), None)

    low, high = stated("ge"), stated("le")
    above, below = stated("gt"), stated("lt")
    if isinstance(shape, Int):
        low = low if above is None else int(above) + 1
        high = high if below is None else int(below) - 1
        return replace(shape, low=_int(low), high=_int(high))
    if isinstance(shape, Float):
        low = low if above is None else float(above) + 1e-6
        high = high if below is None else float(below) - 1e-6
        return replace(
            shape, low=None if low is None else float(low), high=None if high is None else float(high)
        )
    least, most = stated("min_length"), stated("max_length")
    if isinstance(shape, OneOf) and (least is not None or most is not None):
        return replace(shape, options=tuple(_limited(option, metadata) for option in shape.options))
    if isinstance(shape, (Many, Mapping, Str)) and (least is not None or most is not None):
        return replace(shape, low=_int(least) or 0, high=_int(most))
    return shape


def _int(value: Any) -> Optional[int]:
    return None if value is None else int(value)


# --- classes ---


def _class(cls: type, at: _At, args: Tuple[Any, ...] = ()) -> Shape:
    if cls in at.around:
        return Self(cls.__qualname__)
    kind = standard.kind_of(cls)
    if kind:
        return Standard(kind)
    if issubclass(cls, enum.Enum):
        return Literal(tuple(encoded(_members(cls))))
    if cls.__module__ == "numpy":
        return _array(()) if cls.__name__ == "ndarray" else _scalar(cls)
    inside = at._replace(around=(*at.around, cls), depth=at.depth + 1, scope=_scope_of(cls, at.scope))
    inside = inside._replace(bound=(*_bindings(cls, args, at), *at.bound))
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        hints = hints_of(cls)
        items = tuple(_shape(hints.get(name, Any), inside) for name in cls._fields)
        return Fixed(items, "tuple", cls.__module__, cls.__qualname__)
    if hasattr(cls, "__total__") and hasattr(cls, "__required_keys__"):
        return _typed_dict(cls, inside)
    if getattr(cls, "_is_protocol", False):
        return _protocol(cls, inside, at)
    if issubclass(cls, BaseException) and cls.__module__ == "builtins":
        return Literal(tuple(encoded(_exceptions(cls))))
    if inspect.isabstract(cls):
        return _first_of(_subclasses(cls), at)
    if cls.__module__ == "builtins":
        return Unknown()
    return _constructed(cls, inside)


def _scope_of(cls: type, scope: Scope) -> Scope:
    """Return the scope in which the annotations of a class stand."""
    module = sys.modules.get(cls.__module__)
    if module is None or cls.__module__ == scope.names.get("__name__"):
        return scope
    return scope._replace(names={**scope.names, **vars(module)})


def _bindings(cls: type, args: Tuple[Any, ...], at: _At) -> Iterator[Tuple[Any, Shape]]:
    """Yield what the type variables of a class and of its generic bases stand for."""
    variables = getattr(cls, "__parameters__", ())
    known = [(variable, _shape(arg, at)) for variable, arg in zip(variables, args)]
    yield from known
    for base in getattr(cls, "__orig_bases__", ()):
        origin, inner = typing.get_origin(base), typing.get_args(base)
        if isinstance(origin, type) and origin not in (typing.Generic, cls):
            yield from _bindings(origin, inner, at._replace(bound=(*known, *at.bound)))


def _members(cls: Any) -> List[Any]:
    members = list(cls)
    if issubclass(cls, enum.Flag):
        pairs = [one | other for at, one in enumerate(members) for other in members[at + 1 :]]
        members = [*members, *pairs[:12], cls(0)]
    return members


def _exceptions(cls: Any) -> Iterator[Any]:
    for args in (("it failed",), (), ("no", 3), (404,)):
        with contextlib.suppress(Exception):
            yield cls(*args)


def _scalar(cls: type) -> Shape:
    dtype = _DTYPES.get(cls.__name__, "")
    return Array(dtype, 0) if dtype and "c" not in dtype else Unknown()


def _typed_dict(cls: Any, at: _At) -> Shape:
    optional = set(cls.__optional_keys__)
    fields = []
    for name, hint in hints_of(cls, include_extras=True).items():
        # Where annotations are text, the class itself could not see which keys are required.
        while _is_called(typing.get_origin(hint), *_WRAPPERS):
            if _is_called(typing.get_origin(hint), "NotRequired"):
                optional.add(name)
            if _is_called(typing.get_origin(hint), "Required"):
                optional.discard(name)
            hint = typing.get_args(hint)[0]
        fields.append((name, _shape(hint, at)))
    return Record(tuple(fields), tuple(name for name, _ in fields if name in optional))


def _protocol(cls: type, inside: _At, at: _At) -> Shape:
    """Return a class of the workspace that has what the protocol asks for, else a stand-in."""
    wanted = protocols.members(cls)
    fitting = [c for c in protocols.workspace_classes(at.scope.names) if protocols.fits(c, wanted)]
    if fitting:
        return _first_of(fitting, at)
    plain = [shape for kind, shape in _PLAIN.items() if all(hasattr(kind, name) for name in wanted)]
    if plain:
        return plain[0] if len(plain) == 1 else OneOf(tuple(plain))
    if any(name.startswith("__") for name in wanted):
        call = vars(cls).get("__call__")
        return _method(call, inside) if set(wanted) == {"__call__"} and call is not None else Unknown()
    hints = hints_of(cls)
    fields = tuple(
        (name, _method(member, inside) if callable(member) else _shape(_result(hints, name, member), inside))
        for name, member in wanted.items()
    )
    return Object("types", "SimpleNamespace", fields)


def _result(hints: Dict[str, Any], name: str, member: Any) -> Any:
    """Return the annotation of an attribute, or of the property that stands for it."""
    if isinstance(member, property) and member.fget is not None:
        return hints_of(member.fget).get("return", Any)
    return hints.get(name, Any)


def _method(function: Any, at: _At) -> Shape:
    hints = hints_of(function)
    result = _shape(hints.get("return", Any), at)
    return Answer(Int(0, 20) if isinstance(result, Unknown) else result)


def _first_of(classes: Sequence[type], at: _At) -> Shape:
    options: List[Shape] = []
    for cls in classes[:6]:
        shape = _class(cls, at)
        if not isinstance(shape, Unknown) and shape not in options:
            options.append(shape)
    if not options:
        return Unknown()
    return options[0] if len(options) == 1 else OneOf(tuple(options[:4]))


def _subclasses(cls: type) -> List[type]:
    """Return the loaded subclasses of a class that can be named and made."""
    found: List[type] = []
    try:
        direct: List[type] = list(type.__subclasses__(cls))
    except TypeError:
        return []
    for sub in direct:
        if "<locals>" not in sub.__qualname__ and not inspect.isabstract(sub):
            found.append(sub)
        found += _subclasses(sub)
    return list(dict.fromkeys(found))


def _constructed(cls: type, at: _At) -> Shape:
    base = next((b for b in cls.__mro__ if b in _BUILT_ON), None)
    if base is not None and "__init__" not in vars(cls) and "__new__" not in vars(cls):
        return Object(cls.__module__, cls.__qualname__, (("items", _built_on(cls, base, at)),), "from")
    try:
        parameters = signatures.signature_of(cls).parameters.values()
    except (TypeError, ValueError):
        return Unknown()
    hints = hints_of(cls) if dataclasses.is_dataclass(cls) else hints_of(cls.__init__)  # type: ignore[misc]
    used = at.scope.used(cls)
    fields: List[Tuple[str, Shape]] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        hint = hints.get(parameter.name, parameter.annotation)
        shape = _shape(hint if hint is not parameter.empty else Any, at)
        if isinstance(shape, Unknown):
            shape = next(iter(used.get(parameter.name, ())), shape)
        if parameter.kind is parameter.VAR_POSITIONAL:
            if not isinstance(shape, Unknown):
                listed = shape if isinstance(shape, Many) and parameter.name in used else Many("list", shape)
                fields.append((f"*{parameter.name}", listed))
            continue
        if isinstance(shape, Unknown) and parameter.default is not parameter.empty:
            continue
        fields.append((parameter.name, shape))
    return Object(cls.__module__, cls.__qualname__, tuple(fields), "init")


_BUILT_ON: Tuple[type, ...] = (list, set, frozenset, tuple, dict, collections.deque, str, int, float)


def _built_on(cls: type, base: type, at: _At) -> Shape:
    """Return the shape of what a subclass of a built-in class is made from."""
    for generic in getattr(cls, "__orig_bases__", ()):
        if typing.get_origin(generic) is base:
            return _shape(generic, at)
    return _SIMPLE[base]


# --- evaluating ---


def hints_of(owner: Any, *, include_extras: bool = False) -> Dict[str, Any]:
    """Return the annotations of a function or class, evaluated as far as they can be."""
    try:
        return typing.get_type_hints(owner, include_extras=True) if include_extras else _told(owner)
    except Exception:
        pass
    found: Dict[str, Any] = {}
    for cls in reversed(owner.__mro__[:-1]) if isinstance(owner, type) else [owner]:
        names = getattr(cls, "__globals__", None) or vars(
            sys.modules.get(getattr(cls, "__module__", ""), typing)
        )
        for name, hint in signatures.annotations_of(cls).items():
            if isinstance(hint, str):
                try:
                    hint = evaluated(hint, names)
                except Exception:
                    continue
            found[name] = hint
    return found


def _told(owner: Any) -> Dict[str, Any]:
    # What Annotated adds is wanted, what Required and its like add only where it is asked for.
    hints = typing.get_type_hints(owner, include_extras=True)
    plain = typing.get_type_hints(owner)
    return {name: hint if hasattr(hint, "__metadata__") else plain[name] for name, hint in hints.items()}


def evaluated(text: str, names: typing.Mapping[str, Any]) -> Any:
    """Evaluate an annotation: the workspace's own code, in the sandbox. Raises whatever it raises."""
    space = {**vars(typing), **names}
    try:
        return eval(text, space)  # noqa: S307 - see above
    except TypeError:
        # Written for a newer Python: bars between classes, arguments of classes that take none yet.
        tree = ast.fix_missing_locations(_Older().visit(ast.parse(text, mode="eval")))
        space.update(__Union__=typing.Union, __of__=_of)
        return eval(compile(tree, "<annotation>", "eval"), space)  # noqa: S307


def _of(generic: Any, argument: Any) -> Any:
    try:
        return generic[argument]
    except TypeError:
        return generic


class _Older(ast.NodeTransformer):
    """Writes ``A | B`` as ``Union[A, B]``, and what takes no arguments without them."""

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        if not isinstance(node.op, ast.BitOr):
            return node
        sides = ast.Tuple([self.visit(node.left), self.visit(node.right)], ast.Load())
        return ast.Subscript(ast.Name("__Union__", ast.Load()), sides, ast.Load())

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        of = ast.Name("__of__", ast.Load())
        return ast.Call(of, [self.visit(node.value), self.visit(node.slice)], [])


# --- tables ---

_TEXT_STREAM = Stream(
    OneOf((Str("text"), shapes.Joined("\n", Str("word", 1)), shapes.Joined("\n", Str("integer"))))
)
_BYTE_STREAM = Stream(Bytes(), binary=True)

_SIMPLE: Dict[Any, Shape] = {
    int: Int(),
    float: Float(),
    bool: Bool(),
    str: OneOf((Str("word"), Str("text"))),
    bytes: Bytes(),
    bytearray: Bytes(True),
    memoryview: OneOf((Bytes(view=True), Bytes(True, view=True))),
    list: Many("list", Unknown()),
    tuple: Many("tuple", Unknown()),
    set: Many("set", Unknown()),
    frozenset: Many("frozenset", Unknown()),
    dict: Mapping("dict", Str("word"), Unknown()),
    type: Literal(tuple(encoded([int, str, list, dict, float]))),
    collections.deque: Many("deque", Unknown()),
    collections.Counter: Mapping("Counter", Str("word"), Int(0, 20)),
    collections.ChainMap: Mapping("ChainMap", Str("word"), Unknown()),
    array.array: OneOf((Many("array", Int()), Many("array", Float()))),
    os.PathLike: Standard("path"),
    types.MappingProxyType: Mapping("mappingproxy", Str("word"), Unknown()),
    types.SimpleNamespace: Object("types", "SimpleNamespace", ()),
    io.StringIO: _TEXT_STREAM,
    io.BytesIO: _BYTE_STREAM,
    io.TextIOBase: _TEXT_STREAM,
    io.TextIOWrapper: _TEXT_STREAM,
    io.BufferedIOBase: _BYTE_STREAM,
    io.BufferedReader: _BYTE_STREAM,
    io.RawIOBase: _BYTE_STREAM,
    io.IOBase: _TEXT_STREAM,
    typing.IO: _TEXT_STREAM,
    typing.TextIO: _TEXT_STREAM,
    typing.BinaryIO: _BYTE_STREAM,
    collections.abc.Iterable: Many("list", Unknown()),
    collections.abc.Iterator: Many("iterator", Unknown()),
    collections.abc.Generator: Many("generator", Unknown()),
    collections.abc.Sequence: Many("list", Unknown()),
    collections.abc.Collection: Many("list", Unknown()),
    collections.abc.Sized: Many("list", Unknown()),
    collections.abc.Hashable: OneOf((Int(), Str("word"))),
    collections.abc.Mapping: Mapping("dict", Str("word"), Unknown()),
    collections.abc.MutableMapping: Mapping("dict", Str("word"), Unknown()),
    collections.abc.Set: Many("set", Unknown()),
    collections.abc.Callable: callables(1),
    re.Pattern: Standard("pattern"),
    Any: Unknown(),
    object: Unknown(),
}
_SIMPLE.update(
    (getattr(typing, name), _SIMPLE[kind])
    for name, kind in (
        ("List", list),
        ("Dict", dict),
        ("Set", set),
        ("FrozenSet", frozenset),
        ("Tuple", tuple),
        ("Callable", collections.abc.Callable),
        ("Iterable", collections.abc.Iterable),
        ("Iterator", collections.abc.Iterator),
        ("Sequence", collections.abc.Sequence),
        ("Mapping", collections.abc.Mapping),
    )
)
_SIMPLE[getattr(collections.abc, "Buffer", bytes)] = Bytes()
_SIMPLE[getattr(collections.abc, "ByteString", bytes)] = Bytes()

_PLAIN: Dict[type, Shape] = {
    int: Int(),
    float: Float(),
    str: Str("word"),
    list: Many("list", Int()),
    dict: Mapping("dict", Str("word", 1), Int()),
    io.StringIO: _TEXT_STREAM,
}
"""Plain values that have what many a protocol asks for."""

_STREAMS = frozenset({typing.IO})

_VIEWS: Dict[Any, str] = {
    collections.abc.KeysView: "keys",
    collections.abc.ValuesView: "values",
    collections.abc.ItemsView: "items",
}

_MANY_ORIGINS: Dict[Any, str] = {
    list: "list",
    set: "set",
    frozenset: "frozenset",
    collections.deque: "deque",
    array.array: "array",
    collections.abc.Sequence: "list",
    collections.abc.MutableSequence: "list",
    collections.abc.Iterable: "list",
    collections.abc.Collection: "list",
    collections.abc.Reversible: "list",
    collections.abc.Container: "list",
    collections.abc.Set: "set",
    collections.abc.MutableSet: "set",
    collections.abc.Iterator: "iterator",
    collections.abc.Generator: "generator",
    collections.abc.AsyncIterable: "async generator",
    collections.abc.AsyncIterator: "async generator",
    collections.abc.AsyncGenerator: "async generator",
}

_MAPPING_ORIGINS: Dict[Any, str] = {
    dict: "dict",
    collections.abc.Mapping: "dict",
    collections.abc.MutableMapping: "dict",
    collections.defaultdict: "defaultdict",
    collections.OrderedDict: "OrderedDict",
    collections.Counter: "Counter",
    collections.ChainMap: "ChainMap",
    types.MappingProxyType: "mappingproxy",
}
