"""What to try: for each parameter, shapes from observed values, hints and usage, and the plans they make.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import random
import sys
import types
import typing
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import codec, generation, hints, shapes, signatures, usage
    from .hints import Scope
    from .plans import Call, Parameter, Plan, Relation
    from .shapes import Shape
else:
    import codec
    import generation
    import hints
    import shapes
    import signatures
    import usage
    from hints import Scope
    from plans import Call, Parameter, Plan, Relation
    from shapes import Shape

_MOST_PLANS = 120


@dataclass
class Options:
    """The shapes to try for each parameter, and the relations the source speaks of."""

    parameters: List[Tuple[Parameter, List[Optional[Shape]]]]
    """With the likeliest shape first; None leaves an optional parameter out."""
    relations: List[Relation]

    def plans(self) -> Iterator[Plan]:
        """Yield plans, the likeliest first."""
        lists = [shapes_ for _, shapes_ in self.parameters]
        widest = 10 if len(lists) <= 2 else 5 if len(lists) == 3 else 3
        ranges = [range(min(len(shapes_), widest)) for shapes_ in lists]
        order = sorted(
            itertools.islice(itertools.product(*ranges), 20_000), key=lambda at: (sum(at), max(at, default=0))
        )
        for places in order[:_MOST_PLANS]:
            parameters = []
            for (parameter, options), at in zip(self.parameters, places):
                shape = options[at]
                if shape is not None:
                    parameters.append(replace(parameter, shape=shape))
            names = {p.name for p in parameters}
            relations = tuple(r for r in self.relations if r.of in names and r.to in names)
            yield Plan(tuple(parameters), relations)


@dataclass
class Target:
    """The target as read: its parameters, its object where it is a method, and what its source says."""

    last_name: str
    docstring: str
    names: Dict[str, Any]
    own: List[inspect.Parameter]
    """Its parameters without ``self``."""
    self_name: str
    self_shapes: List[Shape]
    hints: Dict[str, Any]
    used: Optional[usage.Usage]
    scope: Scope
    unbuildable: str = ""
    """The class whose instances could not be made, for a method."""

    def unmakeable(self) -> Tuple[str, str, str]:
        """Return a parameter of which no value can be made, what it wants, and why not; three times ""."""
        for name in self.asked:
            if name not in self.hinted:
                continue
            shape = hints.shape_of_hint(self.hints[name], self.scope)
            wanted = _written(self.hints[name])
            if isinstance(shape, shapes.Unknown) and not self._used(name):
                return name, wanted, "its annotation says nothing that could be followed"
            why = failure_to_make(shape)
            if why:
                return name, wanted, why
        return "", "", ""

    def most_wanting(self) -> Tuple[str, Tuple[str, ...]]:
        """Return the parameter without a hint that most is asked of, and what."""
        asked = self.used.asked if self.used is not None else {}
        unhinted = [name for name in self.asked if name not in self.hinted]
        if not unhinted:
            return "", ()
        name = max(unhinted, key=lambda n: len(asked.get(n, ())))
        return name, asked.get(name, ())

    @property
    def asked(self) -> List[str]:
        """The parameters a caller must give."""
        return [p.name for p in self.own if p.default is p.empty]

    @property
    def hinted(self) -> Set[str]:
        """The parameters whose hint says something."""
        return {
            name for name, hint in self.hints.items() if hint not in (Any, object, inspect.Parameter.empty)
        }

    @property
    def is_hinted(self) -> bool:
        """Whether every parameter that must be given has a hint."""
        return bool(self.asked) and set(self.asked) <= self.hinted

    @property
    def numbers(self) -> Tuple[int, ...]:
        """Whole numbers the source names."""
        return self.used.numbers if self.used is not None else ()

    @property
    def words(self) -> Tuple[str, ...]:
        """Texts the source names."""
        return self.used.words if self.used is not None else ()

    def options(self, observed: Sequence[Call]) -> Options:
        """Return what to try, given the calls that are known to run."""
        values = self.bound(observed)
        listed: List[Tuple[Parameter, List[Optional[Shape]]]] = []
        if self.self_name:
            known = _widened(shapes.shape_of(values[self.self_name])) if values.get(self.self_name) else []
            own: List[Optional[Shape]] = [*_unique([*self.self_shapes, *known])]
            listed.append((Parameter(self.self_name, shapes.Unknown()), own))
        for parameter in self.own:
            how = _HOW.get(parameter.kind)
            if how is None:
                continue
            is_optional = parameter.default is not parameter.empty
            found = self._candidates(parameter, values.get(parameter.name, []))
            options: List[Optional[Shape]] = [*found]
            if is_optional and not self._is_told(parameter, values):
                options.insert(0, None)
            elif is_optional:
                options.append(None)
            listed.append((Parameter(parameter.name, shapes.Unknown(), how, is_optional), options))
        relations = [Relation(**r) for r in self.used.relations] if self.used is not None else []
        if self.self_name:
            relations += [Relation("state", p.name, self.self_name) for p in self.own]
        return Options(listed, relations[:6])

    @property
    def may_be_none(self) -> Set[str]:
        """The parameters for which None is allowed."""
        found = {p.name for p in self.own if p.default is None}
        for name in self.hinted:
            shape = hints.shape_of_hint(self.hints[name], self.scope)
            if isinstance(shape, shapes.OneOf) and shapes.Nothing() in shape.options:
                found.add(name)
        return found

    def completed(self, args: Call, kwargs: Any, rng: random.Random, source: str) -> Iterator[Call]:
        """Yield written calls as the function takes them: a method's object stands first."""
        if source == "recorded" or not self.self_name:
            yield tuple(args), kwargs
            return
        for shape in self.self_shapes[:2]:
            for elements in (3, 0, 8):
                try:
                    yield (generation.generate(shape, rng, elements), *args), kwargs
                except Exception:
                    continue

    def _is_told(self, parameter: inspect.Parameter, values: Dict[str, List[Any]]) -> bool:
        if parameter.name in self.hinted or len(values.get(parameter.name, ())) > 0:
            return True
        return parameter.default is not None or bool(
            self._used(parameter.name)[:1] and self._evident(parameter.name)
        )

    def _evident(self, name: str) -> bool:
        first = self._used(name)[0]
        return isinstance(first, shapes.Literal) or not isinstance(first, (shapes.Int, shapes.Unknown))

    def _used(self, name: str) -> List[Shape]:
        return self.used.candidates.get(name, []) if self.used is not None else []

    def _candidates(self, parameter: inspect.Parameter, observed: List[Any]) -> List[Shape]:
        used = self._used(parameter.name)
        found: List[Shape] = []
        if observed:
            found += [r for shape in _widened(shapes.shape_of(observed)) for r in _sized(shape, used)]
        if parameter.name in self.hinted:
            hinted = hints.shape_of_hint(self.hints[parameter.name], self.scope)
            if parameter.kind is parameter.VAR_POSITIONAL:
                hinted = shapes.Many("list", hinted)
            if parameter.kind is parameter.VAR_KEYWORD and not isinstance(hinted, shapes.Record):
                hinted = shapes.Mapping("dict", shapes.Str("word", 1), hinted)
            found += refined(hinted, used)
        elif (
            not isinstance(parameter.default, (type(None), type)) and parameter.default is not parameter.empty
        ):
            like = shapes.shape_of([parameter.default])
            found += refined(
                like if not isinstance(like, (shapes.Int, shapes.Float, shapes.Str)) else _free(like), used
            )
            if isinstance(parameter.default, (bool, str)):
                found.append(shapes.Literal(tuple(shapes.encoded([parameter.default]))))
        else:
            found += used
        if parameter.kind is parameter.VAR_POSITIONAL:
            found = [s if isinstance(s, shapes.Many) else shapes.Many("list", s) for s in found]
        if parameter.kind is parameter.VAR_KEYWORD:
            found = [s for s in found if isinstance(s, (shapes.Record, shapes.Mapping))]
            return _unique(found or [shapes.Mapping("dict", shapes.Str("word", 1), shapes.Int())])
        return _unique(found or [shapes.Int(), shapes.Str("word"), shapes.Many("list", shapes.Int())])

    def bound(self, observed: Sequence[Call]) -> Dict[str, List[Any]]:
        """Return the values that each parameter had in these calls."""
        every = ([_self_parameter(self.self_name)] if self.self_name else []) + self.own
        signature = inspect.Signature(every)
        values: Dict[str, List[Any]] = {}
        for args, kwargs in observed:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError:
                continue
            for name, value in bound.arguments.items():
                values.setdefault(name, []).append(value)
        return values


_HOW: Dict[Any, str] = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "star",
    inspect.Parameter.VAR_KEYWORD: "double star",
}


def read_target(function: Any, source: str, name: str) -> Target:
    """Read a target: signature, hints, source. Never raises; what cannot be read is left out."""
    names = dict(getattr(_plain(function), "__globals__", {}))
    found = _definition(function, source, name)
    parameters = _parameters(function, found)
    cls, is_bound = _owner(function, name, names)
    self_name = ""
    if cls is not None and not is_bound and parameters:
        self_name = parameters.pop(0).name
    used = None
    scope = Scope(names, _Constructors(found, names), cls)
    if found is not None:
        skip = [self_name] if self_name else []
        if isinstance(function, types.MethodType) and found.definition.args.args:
            skip.append(found.definition.args.args[0].arg)
        try:
            used = usage.usage_of(found, scope, skip)
        except Exception:
            # Source that is read wrongly costs its candidates, not the search.
            used = None
    own_hints = hints.hints_of(_plain(function))
    own_hints.pop("return", None)
    docstring = (ast.get_docstring(found.definition) if found is not None else None) or ""
    if cls is not None:
        docstring += "\n" + (cls.__doc__ or "")
    last_name = name.rpartition(".")[2]
    target = Target(last_name, docstring, names, parameters, self_name, [], own_hints, used, scope)
    if self_name and cls is not None:
        target.self_shapes = _self_shapes(cls, used, found, scope)
        target.unbuildable = "" if target.self_shapes and _builds(target.self_shapes) else cls.__name__
    return target


def refined(hinted: Shape, used: Sequence[Shape]) -> List[Shape]:
    """Return the shapes a hint allows, told more precisely by usage where usage agrees with it."""
    if isinstance(hinted, shapes.Unknown):
        return list(used) or [hinted]
    if isinstance(hinted, shapes.OneOf):
        whole: List[Shape] = [hinted]
        kinds = [option for option in hinted.options if not isinstance(option, shapes.Nothing)]
        if all(isinstance(option, shapes.Str) for option in kinds):
            return _unique([*(s for s in used if isinstance(s, (shapes.Str, shapes.Joined))), *whole])
        parts = [r for option in kinds for r in refined(option, used)[:3]]
        if len(kinds) == 1 and len(kinds) < len(hinted.options):
            return _unique([*(shapes.OneOf((part, shapes.Nothing())) for part in parts[:2]), *parts])
        agreed = [p for p in parts if p in used]
        return _unique([*agreed, *whole, *parts])
    if isinstance(hinted, shapes.Int):
        return _unique([*(s for s in used if isinstance(s, shapes.Int)), hinted])
    if isinstance(hinted, shapes.Float):
        return _unique([hinted, *(s for s in used if isinstance(s, shapes.Float))])
    if isinstance(hinted, shapes.Many):
        return _refined_many(hinted, used)
    if isinstance(hinted, shapes.Mapping):
        return _refined_mapping(hinted, used)
    return [hinted]


def _refined_many(hinted: shapes.Many, used: Sequence[Shape]) -> List[Shape]:
    alike = [s for s in used if isinstance(s, shapes.Many)]
    inner = refined(hinted.element, [s.element for s in alike])
    low = min((s.low for s in alike), default=0) if alike and alike[0].low else 0
    made: List[Shape] = [replace(hinted, element=element, low=low) for element in inner[:4]]
    if isinstance(hinted.element, shapes.Unknown) and hinted.container == "list":
        made += [s for s in used if isinstance(s, shapes.Matrix)]
        if not alike:
            made += [replace(hinted, element=shapes.Int()), replace(hinted, element=shapes.Str("word", 1))]
    if any(s.order for s in alike):
        made += [replace(s, order="sorted") for s in made[:1] if isinstance(s, shapes.Many)]
    return _unique(made)


def _refined_mapping(hinted: shapes.Mapping, used: Sequence[Shape]) -> List[Shape]:
    alike = [s for s in used if isinstance(s, shapes.Mapping)]
    records: List[Shape] = [s for s in used if isinstance(s, shapes.Record)]
    graphs: List[Shape] = [s for s in used if isinstance(s, shapes.Graph)]
    keys = refined(hinted.key, [s.key for s in alike])
    values = refined(hinted.value, [s.value for s in alike])
    made: List[Shape] = [replace(hinted, key=keys[0], value=value) for value in values[:3]]
    is_vague = isinstance(hinted.value, (shapes.Unknown, shapes.Many))
    return _unique([*records, *(graphs if is_vague else ()), *made])


def _widened(shape: Shape) -> List[Shape]:
    """Return the shape with room for more than a few tests show, then as observed."""

    def free(inner: Shape) -> Shape:
        if isinstance(inner, shapes.Int) and inner.low is not None and inner.high is not None:
            low = None if inner.low < 0 else min(inner.low, 1)
            return shapes.Int(low, None, inner.role, inner.notable)
        if isinstance(inner, shapes.Float) and inner.low is not None:
            return shapes.Float(0.0 if inner.low >= 0 else None, None)
        if isinstance(inner, (shapes.Many, shapes.Mapping)) and inner.low == 1:
            # That none was seen to be empty does not mean that none is.
            return replace(inner, low=0)
        if isinstance(inner, shapes.Str) and not inner.exact:
            return replace(inner, low=min(inner.low, 1), high=None if (inner.high or 9) > 3 else inner.high)
        return inner

    wide = shapes.changed(shape, free)
    return _unique([wide, shape])


def _free(shape: Shape) -> Shape:
    return _widened(shape)[0]


def _sized(shape: Shape, used: Sequence[Shape]) -> List[Shape]:
    """Let an observed number be a size where usage says it is one."""
    if isinstance(shape, shapes.Int) and shape.high is None:
        for one in used[:1]:
            if isinstance(one, shapes.Int) and one.role == "size":
                return [replace(shape, role="size")]
    return [shape]


def _written(hint: Any) -> str:
    """Return an annotation as one writes it."""
    return hint.__qualname__ if isinstance(hint, type) else str(hint).replace("typing.", "")


def _unique(found: Sequence[Shape]) -> List[Shape]:
    kept: List[Shape] = []
    for shape in found:
        if shape not in kept:
            kept.append(shape)
    return kept


def _plain(function: Any) -> Any:
    function = getattr(function, "__func__", function)
    seen = set()
    while hasattr(function, "__wrapped__") and id(function) not in seen:
        seen.add(id(function))
        function = function.__wrapped__
    return function


def _definition(function: Any, source: str, name: str) -> Optional[usage.Found]:
    try:
        found = usage.definition_of(source, name)
    except (SyntaxError, ValueError, RecursionError):
        found = None
    if found is not None:
        return found
    try:
        return usage.definition_of(inspect.cleandoc("\n" + inspect.getsource(_plain(function))), name)
    except Exception:
        return None


def _parameters(function: Any, found: Optional[usage.Found]) -> List[inspect.Parameter]:
    try:
        return list(signatures.signature_of(function).parameters.values())
    except (TypeError, ValueError):
        pass
    if found is None:
        return []
    args = found.definition.args
    return [inspect.Parameter(a.arg, inspect.Parameter.POSITIONAL_OR_KEYWORD) for a in args.args]


def _self_parameter(name: str) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY)


def _owner(function: Any, name: str, names: Dict[str, Any]) -> Tuple[Optional[type], bool]:
    """Return the class of a method, and whether the function comes without its object."""
    found: Any = None
    for at, part in enumerate(name.split(".")[:-1]):
        found = names.get(part) if at == 0 else getattr(found, part, None)
    if not isinstance(found, type):
        return None, False
    raw = inspect.getattr_static(found, name.rpartition(".")[2], None)
    is_bound = isinstance(raw, (staticmethod, classmethod)) or isinstance(function, types.MethodType)
    return found, is_bound


class _Constructors:
    """Tells how constructors use their parameters, from the source of the class. Reads each class once."""

    def __init__(self, found: Optional[usage.Found], names: Dict[str, Any]) -> None:
        self._known: Dict[type, Dict[str, List[Shape]]] = {}
        self._trees: Dict[str, Optional[ast.Module]] = {}
        if found is not None:
            self._trees[names.get("__name__", "")] = found.tree

    def __call__(self, cls: type) -> Dict[str, List[Shape]]:
        if cls not in self._known:
            # A class whose constructor takes its own instances is met again while it is read.
            self._known[cls] = {}
            try:
                self._known[cls] = self._read(cls)
            except Exception:
                # Source that cannot be had or read tells nothing.
                self._known[cls] = {}
        return self._known[cls]

    def _read(self, cls: type) -> Dict[str, List[Shape]]:
        owner = next((base for base in cls.__mro__ if "__init__" in vars(base)), object)
        tree = self._tree(owner.__module__)
        if tree is None or owner is object or not inspect.isfunction(vars(owner)["__init__"]):
            return {}
        found = usage.definition_in(tree, f"{owner.__qualname__}.__init__")
        if found is None or found.owner is None:
            return {}
        names = dict(vars(sys.modules[owner.__module__])) if owner.__module__ in sys.modules else {}
        own = found.definition.args.args[:1]
        return usage.candidates_of(found, Scope(names, self), [arg.arg for arg in own])

    def _tree(self, module: str) -> Optional[ast.Module]:
        if module not in self._trees:
            self._trees[module] = None
            if module in sys.modules:
                self._trees[module] = ast.parse(inspect.getsource(sys.modules[module]))
        return self._trees[module]


def _self_shapes(
    cls: type, used: Optional[usage.Usage], found: Optional[usage.Found], scope: Scope
) -> List[Shape]:
    """Return shapes of a method's object: made by its class, brought into varied states by its methods."""
    hinted = hints.shape_of_hint(cls, scope)
    others = used.others if used is not None else {}
    initial = others.get("__init__", {})
    if isinstance(hinted, (shapes.Fixed, shapes.OneOf, shapes.Literal)) or (
        isinstance(hinted, shapes.Object) and (hinted.qualname != cls.__qualname__ or hinted.made != "init")
    ):
        # A named tuple, a concrete class for an abstract one, an enumeration, a subclass of a built-in.
        return [hinted]
    if not isinstance(hinted, shapes.Object):
        return []
    options: List[List[Shape]] = []
    known = {name.lstrip("*"): shape for name, shape in hinted.fields}
    names: List[str] = []
    for parameter in _initial(cls):
        shape = known.get(parameter.name, shapes.Unknown())
        told = (
            []
            if parameter.name in known and not _is_guessed(cls, parameter)
            else initial.get(parameter.name, [])
        )
        found_shapes = told or refined(shape, initial.get(parameter.name, []))
        if parameter.kind is parameter.VAR_POSITIONAL:
            found_shapes = [s if isinstance(s, shapes.Many) else shapes.Many("list", s) for s in found_shapes]
        if isinstance(shape, shapes.Unknown) and parameter.default is not parameter.empty and not told:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            names.append(f"*{parameter.name}")
        else:
            names.append(parameter.name)
        options.append(list(found_shapes[:3]))
    steps = _steps(cls, used, found, scope)
    made: List[Shape] = []
    for places in sorted(itertools.product(*(range(len(o)) for o in options)), key=sum)[:12]:
        fields = tuple((name, options[i][at]) for i, (name, at) in enumerate(zip(names, places)))
        made.append(shapes.Object(cls.__module__, cls.__qualname__, fields, "init", steps))
    if steps:
        made += [replace(m, steps=()) for m in made[:2] if isinstance(m, shapes.Object)]
    return made


def _initial(cls: type) -> List[inspect.Parameter]:
    try:
        every = signatures.signature_of(cls).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p for p in every if p.kind is not p.VAR_KEYWORD]


def _is_guessed(cls: type, parameter: inspect.Parameter) -> bool:
    """Whether no annotation says what a constructor takes, so that its shape was read from the source."""
    hints_ = hints.hints_of(cls) if dataclasses.is_dataclass(cls) else hints.hints_of(cls.__init__)  # type: ignore[misc]
    return hints_.get(parameter.name, parameter.annotation) in (parameter.empty, Any, object)


def _steps(
    cls: type, used: Optional[usage.Usage], found: Optional[usage.Found], scope: Scope
) -> Tuple[Tuple[str, Tuple[Shape, ...]], ...]:
    """Return the methods that change the object, with shapes for their arguments."""
    if found is None or found.owner is None or used is None:
        return ()
    steps = []
    for node in found.owner.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("__") or node.decorator_list:
            continue
        if not _changes_self(node):
            continue
        function = cls.__dict__.get(node.name)
        told = hints.hints_of(function)
        given = {**used.others.get(node.name, {}), **(used.candidates if node is found.definition else {})}
        wanted = node.args.args[1 : len(node.args.args) - len(node.args.defaults)] if node.args.args else []
        parts = [
            refined(hints.shape_of_hint(told.get(a.arg, Any), scope), given.get(a.arg, []))[0] for a in wanted
        ]
        steps.append((node.name, tuple(parts)))
    return tuple(steps)


_CHANGING = frozenset(
    [
        "append",
        "appendleft",
        "add",
        "insert",
        "extend",
        "update",
        "setdefault",
        "push",
        "put",
        "heappush",
        "insort",
    ]
)


def _changes_self(node: ast.FunctionDef) -> bool:
    """Whether a method looks like it puts something into its object."""
    if not node.args.args:
        return False
    own = node.args.args[0].arg

    def is_own(part: ast.AST) -> bool:
        while isinstance(part, (ast.Attribute, ast.Subscript)):
            part = part.value
        return isinstance(part, ast.Name) and part.id == own

    for part in ast.walk(node):
        if isinstance(part, (ast.Assign, ast.AugAssign)):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            if any(isinstance(t, (ast.Attribute, ast.Subscript)) and is_own(t) for t in targets):
                return True
        if not (isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)):
            continue
        if part.func.attr in _CHANGING and any(is_own(p) for p in (part.func.value, *part.args[:1])):
            return True
    return False


def _builds(options: Sequence[Shape]) -> bool:
    return bool(options) and any(failure_to_make(shape) == "" for shape in options)


def failure_to_make(shape: Shape) -> str:
    """Return why no value of a shape can be made, "" where one can."""
    rng = random.Random(0)
    why = ""
    for elements in (2, 0, 5):
        try:
            codec.encode(generation.generate(shape, rng, elements))
        except codec.Unencodable as error:
            why = why or f"{error.kind} cannot be handed to another process"
        except Exception as error:
            why = why or explained(error)
        else:
            return ""
    return why


def explained(error: BaseException) -> str:
    """Return an exception in a line: its name, and what it says where that is the interpreter's own words."""
    name = type(error).__name__
    said = str(error) if type(error).__module__ == "builtins" else ""
    return f"{name}: {said[:80]}" if said else name
