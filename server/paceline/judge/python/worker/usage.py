"""How a function uses its parameters, read from its source: candidate shapes where no type hint helps.

The body is walked once. Every expression stands for a *place*; places that must hold the same kind of value
are joined (``x in xs`` joins x with the elements of xs), and every operation is a vote on what a place
holds. It is a guess made from evidence, never a proof: the candidates are ranked, and the caller keeps what
runs.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import ast
import re
import typing
from collections import Counter
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple, Union

if typing.TYPE_CHECKING or __package__:
    from . import hints, shapes
    from .shapes import Shape
else:
    import hints
    import shapes
    from shapes import Shape

__all__ = ["Found", "Usage", "definition_of", "usage_of"]

Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]


class Usage(typing.NamedTuple):
    """What reading a function told."""

    candidates: Dict[str, List[Shape]]
    """For each parameter, shapes to try, the most likely first."""
    others: Dict[str, Dict[str, List[Shape]]]
    """The same for the other methods of the class."""
    relations: List[Dict[str, Any]]
    """Relations between parameters to try: {"kind", "of", "to"}."""
    numbers: Tuple[int, ...]
    words: Tuple[str, ...]
    """Constants the function names, small ones first."""
    recursive: bool
    """Whether the function calls itself."""


class Found(typing.NamedTuple):
    """A definition, the module around it, and its class where it is a method."""

    tree: ast.Module
    definition: Definition
    owner: Optional[ast.ClassDef]


def definition_of(source: str, qualname: str) -> Optional[Found]:
    """Parse ``source`` and find ``function`` or ``Class.method`` in it, by its last name where need be.

    Raises SyntaxError when the source is not Python.
    """
    tree = ast.parse(source)
    parts = [part for part in qualname.split(".") if part != "<locals>"]
    body: Sequence[ast.stmt] = tree.body
    found: Optional[ast.stmt] = None
    owner: Optional[ast.ClassDef] = None
    for part in parts:
        owner = found if isinstance(found, ast.ClassDef) else None
        found = next((s for s in _flat(body) if getattr(s, "name", None) == part), None)
        if found is None:
            break
        body = getattr(found, "body", [])
    if isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return Found(tree, found, owner)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == parts[-1]:
            return Found(tree, node, None)
    return None


def _flat(body: Sequence[ast.stmt]) -> List[ast.stmt]:
    """Return the definitions at this level, also under ``if`` and ``try``, the last one of a name first."""
    found: List[ast.stmt] = []
    for statement in body:
        if isinstance(statement, (ast.If, ast.Try)):
            found.extend(_flat([*statement.body, *statement.orelse]))
        else:
            found.append(statement)
    return found[::-1]


def usage_of(found: Found, names: Mapping[str, Any], skip: Iterable[str] = ()) -> Usage:
    """Return candidate shapes for the parameters of a definition, and of its class's other methods.

    ``names`` are the module's globals: constants and classes the body may name. ``skip`` are parameters that
    are not asked for (``self``).
    """
    walker = _Walker(found.tree, names)
    if found.owner is not None:
        walker.enter(found.owner)
    places = walker.function(found.definition)
    others = {
        name: walker.function(method) for name, method in walker.own.items() if method is not found.definition
    }
    walker.settle()
    reader = _Reader(walker)
    wanted = {name: place for name, place in places.items() if name not in skip}
    numbers = sorted({n for n in walker.numbers if abs(n) < 10**6}, key=abs)
    words = sorted({w for w in walker.words if 0 < len(w) <= 24}, key=len)
    return Usage(
        {name: reader.candidates(name, place) for name, place in wanted.items()},
        {
            method: {name: reader.candidates(name, place) for name, place in given.items()}
            for method, given in others.items()
        },
        _relations(walker, wanted),
        tuple(numbers[:12]),
        tuple(words[:24]),
        walker.recursive,
    )


class _Place:
    """One place a value can be: what is known of it, joined with its equals."""

    __slots__ = (
        "above", "arity", "at", "attrs", "calls", "element", "fields", "index", "instances", "item", "key",
        "lengths", "literals", "must", "names", "parts", "patterns", "value", "votes",
    )  # fmt: skip

    def __init__(self) -> None:
        self.above: Optional[_Place] = None
        self.votes: Counter[str] = Counter()
        self.element: Optional[_Place] = None
        self.item: Optional[_Place] = None
        self.index: Optional[_Place] = None
        self.key: Optional[_Place] = None
        self.value: Optional[_Place] = None
        self.fields: Dict[str, _Place] = {}
        self.attrs: Dict[str, _Place] = {}
        self.at: Dict[int, _Place] = {}
        self.parts: Dict[str, _Place] = {}
        """For text: the list that splitting by a separator gives."""
        self.arity: Set[int] = set()
        self.lengths: Set[int] = set()
        self.literals: Dict[Any, None] = {}
        self.must: Dict[Any, None] = {}
        self.instances: Dict[str, None] = {}
        self.calls: Set[int] = set()
        self.patterns: Dict[str, None] = {}
        self.names: Dict[str, None] = {}
        """What the source calls it."""

    def root(self) -> _Place:
        place = self
        while place.above is not None:
            place = place.above
        return place

    def vote(self, *kinds: str) -> _Place:
        here = self.root()
        here.votes.update(kinds)
        return here

    def part(self, name: str) -> _Place:
        """Return the place of ``element``, ``item``, ``index``, ``key`` or ``value``."""
        here = self.root()
        found: Optional[_Place] = getattr(here, name)
        if found is None:
            found = _Place()
            setattr(here, name, found)
        return found.root()

    def position(self, at: int) -> _Place:
        return self.root().at.setdefault(at, _Place()).root()


_LINKS = ("element", "item", "index", "key", "value")


def _join(left: _Place, right: _Place) -> _Place:
    """Make two places one: what is known of either is known of both."""
    todo = [(left, right)]
    while todo:
        a, b = (place.root() for place in todo.pop())
        if a is b:
            continue
        b.above = a
        a.votes.update(b.votes)
        a.arity |= b.arity
        a.lengths |= b.lengths
        a.calls |= b.calls
        a.literals.update(b.literals)
        a.must.update(b.must)
        a.instances.update(b.instances)
        a.patterns.update(b.patterns)
        a.names.update(b.names)
        for link in _LINKS:
            mine, theirs = getattr(a, link), getattr(b, link)
            if mine is None:
                setattr(a, link, theirs)
            elif theirs is not None:
                todo.append((mine, theirs))
        for mine_all, theirs_all in ((a.fields, b.fields), (a.attrs, b.attrs), (a.parts, b.parts)):
            for name, place in theirs_all.items():
                todo.append((mine_all.setdefault(name, place), place))
        for at, place in b.at.items():
            todo.append((a.at.setdefault(at, place), place))
    return left.root()


_STR_SAME = frozenset(
    [
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "title",
        "capitalize",
        "casefold",
        "swapcase",
        "replace",
        "removeprefix",
        "removesuffix",
        "zfill",
        "center",
        "ljust",
        "rjust",
        "expandtabs",
        "translate",
    ]
)
_STR_ONLY = frozenset(
    [
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isalnum",
        "isspace",
        "isupper",
        "islower",
        "isnumeric",
        "isdecimal",
        "isidentifier",
        "istitle",
        "format",
        "encode",
        "partition",
        "rpartition",
        "find",
        "rfind",
        "rindex",
        "splitlines",
        "rsplit",
    ]
)
_SAME_ELEMENT = frozenset(
    [
        "sorted",
        "reversed",
        "list",
        "tuple",
        "set",
        "frozenset",
        "iter",
        "deque",
        "Counter",
        "copy",
        "deepcopy",
        "heapify",
        "chain",
        "cycle",
        "islice",
    ]
)
_NUMERIC = frozenset(["abs", "round", "pow", "divmod"])
_TYPE_NAMES = frozenset(
    [
        "int",
        "float",
        "str",
        "list",
        "dict",
        "tuple",
        "set",
        "bool",
        "bytes",
        "frozenset",
        "Mapping",
        "Sequence",
        "Iterable",
    ]
)
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class _Walker:
    """Walks one function (and, one level down, the local functions it calls)."""

    def __init__(self, tree: ast.Module, names: Mapping[str, Any]) -> None:
        self.names = names
        self.env: Dict[str, _Place] = {}
        self.places: List[_Place] = []
        self.numbers: Set[int] = set()
        self.words: Set[str] = set()
        self.compared: List[Tuple[_Place, _Place]] = []
        self.looked_up: List[Tuple[_Place, _Place]] = []
        """(container, index) pairs, in order."""
        self.sought: List[Tuple[_Place, _Place]] = []
        """(container, member) pairs: searched for, counted, removed."""
        self.measured: List[Tuple[_Place, _Place]] = []
        """(number, container) pairs where the number is compared with a length or cuts a slice."""
        self.recursive = False
        self._functions: Dict[str, Definition] = {
            node.name: node
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        self._known: Dict[str, Tuple[List[_Place], _Place]] = {}
        self._depth = 0
        self._lengths: Dict[int, _Place] = {}
        self._result = _Place()
        self.own: Dict[str, Definition] = {}
        """The methods of the target's class."""
        self._self: Optional[_Place] = None
        self._own_known: Dict[str, Tuple[List[_Place], _Place]] = {}

    def enter(self, owner: ast.ClassDef) -> None:
        """Let the methods of a class share one object: what one does to a field tells the others."""
        self._self = self.new()
        self.own = {
            node.name: node
            for node in owner.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not _is_static(node)
        }

    def new(self, *votes: str) -> _Place:
        place = _Place()
        place.votes.update(votes)
        self.places.append(place)
        return place

    def function(self, definition: Definition) -> Dict[str, _Place]:
        """Walk a definition; return the place of each of its parameters."""
        args = definition.args
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        places = {arg.arg: self.new() for arg in every}
        for name, place in places.items():
            place.names[name] = None
        if args.vararg is not None:
            places[args.vararg.arg] = self.new("sequence")
        result = self.new()
        positional = [places[arg.arg] for arg in [*args.posonlyargs, *args.args]]
        if self._self is not None and self.own.get(definition.name) is definition and positional:
            _join(self._self, positional[0])
            self._own_known[definition.name] = (positional[1:], result)
        else:
            self._known[definition.name] = (positional, result)
        outer_env, outer_result = self.env, self._result
        self.env, self._result = {**self.env, **places}, result
        defaults = [*args.defaults, *(d for d in args.kw_defaults)]
        owners = [*[*args.posonlyargs, *args.args][len(positional) - len(args.defaults) :], *args.kwonlyargs]
        for arg, default in zip(owners, defaults):
            if isinstance(default, ast.Constant) and default.value is None:
                places[arg.arg].vote("none")
            elif default is not None:
                _join(places[arg.arg], self.value(default))
        self.block(definition.body)
        self.env, self._result = outer_env, outer_result
        return places

    # Statements

    def block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            handler = getattr(self, f"on_{type(statement).__name__}", None)
            if handler is not None:
                handler(statement)
            else:
                self.children(statement)

    def children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
            elif isinstance(child, ast.stmt):
                self.block([child])
            else:
                self.children(child)

    def on_FunctionDef(self, node: Definition) -> None:  # noqa: N802 - named after the node
        self.function(node)

    on_AsyncFunctionDef = on_FunctionDef  # noqa: N815

    def on_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        return

    def on_Assign(self, node: ast.Assign) -> None:  # noqa: N802
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def on_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def on_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        target = self.value(node.target)
        self.arithmetic(node.op, target, self.value(node.value), node.target, node.value)

    def on_For(self, node: ast.For) -> None:  # noqa: N802
        self.bind(node.target, self.elements(self.value(node.iter)))
        self.block(node.body)
        self.block(node.orelse)

    on_AsyncFor = on_For  # noqa: N815

    def on_If(self, node: ast.If) -> None:  # noqa: N802
        self.condition(node.test)
        before = dict(self.env)
        self.block(node.body)
        after_body, self.env = self.env, dict(before)
        self.block(node.orelse)
        for name, place in after_body.items():
            # What only a branch rebinds keeps the meaning it had before.
            self.env.setdefault(name, place)
            if name in before and self.env[name].root() is not place.root():
                self.env[name] = before[name]

    def on_While(self, node: ast.While) -> None:  # noqa: N802
        self.condition(node.test)
        self.block(node.body)
        self.block(node.orelse)

    def on_Return(self, node: ast.Return) -> None:  # noqa: N802
        if node.value is not None:
            value = self.value(node.value)
            if not isinstance(node.value, ast.Constant) and not self._result.root().votes:
                _join(self._result, value)

    def on_Delete(self, node: ast.Delete) -> None:  # noqa: N802
        for target in node.targets:
            self.value(target)

    def condition(self, test: ast.expr) -> None:
        self.value(test).vote("truthy")

    def bind(self, target: ast.expr, value: _Place) -> None:
        if isinstance(target, ast.Name):
            old = self.env.get(target.id)
            if old is not None and any(p.root() is value.root() for p in old.root().attrs.values()):
                # node = node.next: every node of the chain is alike.
                value = _join(old, value)
            value.root().names[target.id] = None
            self.env[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            starred = any(isinstance(part, ast.Starred) for part in target.elts)
            if not starred:
                value.root().arity.add(len(target.elts))
            value.vote("iterable")
            for at, part in enumerate(target.elts):
                if isinstance(part, ast.Starred):
                    rest = self.new("list")
                    rest.element = value.part("element")
                    self.bind(part.value, rest)
                else:
                    self.bind(part, value.part("element") if starred else value.position(at))
        elif isinstance(target, ast.Subscript):
            _join(self.subscript(target), value)
            self.value(target.value).vote("assigned")
        elif isinstance(target, ast.Attribute):
            _join(self.value(target), value)

    # Expressions

    def value(self, node: ast.expr) -> _Place:
        handler = getattr(self, f"of_{type(node).__name__}", None)
        if handler is not None:
            return typing.cast(_Place, handler(node))
        self.children(node)
        return self.new()

    def elements(self, place: _Place) -> _Place:
        place.vote("iterable")
        return place.part("element")

    def of_Name(self, node: ast.Name) -> _Place:  # noqa: N802
        if node.id not in self.env:
            self.env[node.id] = self.constant_of(self.names.get(node.id))
        return self.env[node.id].root()

    def constant_of(self, value: Any, depth: int = 0) -> _Place:
        """Return the place of a module-level constant."""
        place = self.new()
        if isinstance(value, bool) or value is None or depth > 2:
            return place
        if isinstance(value, (int, float, str)):
            place.vote(type(value).__name__)
            place.literals[value] = None
        elif isinstance(value, dict) and len(value) <= 200:
            place.vote("mapping")
            for key, item in list(value.items())[:64]:
                _join(place.part("key"), self.constant_of(key, depth + 1))
                _join(place.part("value"), self.constant_of(item, depth + 1))
            if all(isinstance(key, (str, int)) for key in value):
                place.part("key").must.update(dict.fromkeys(value))
        elif isinstance(value, (list, tuple, set, frozenset)) and len(value) <= 200:
            place.vote("sequence" if isinstance(value, (list, tuple)) else "set")
            for item in list(value)[:64]:
                _join(place.part("element"), self.constant_of(item, depth + 1))
        return place

    def of_Constant(self, node: ast.Constant) -> _Place:  # noqa: N802
        value = node.value
        place = self.new()
        if isinstance(value, bool):
            return place.vote("bool")
        if value is None or value is ...:
            return place
        if isinstance(value, int):
            self.numbers.add(value)
        if isinstance(value, str):
            self.words.add(value)
        place.vote(type(value).__name__)
        place.literals[value] = None
        return place

    def of_JoinedStr(self, node: ast.JoinedStr) -> _Place:  # noqa: N802
        self.children(node)
        return self.new("str")

    def of_Starred(self, node: ast.Starred) -> _Place:  # noqa: N802
        return self.elements(self.value(node.value))

    def of_Await(self, node: ast.Await) -> _Place:  # noqa: N802
        return self.value(node.value)

    def of_NamedExpr(self, node: ast.NamedExpr) -> _Place:  # noqa: N802
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def of_IfExp(self, node: ast.IfExp) -> _Place:  # noqa: N802
        self.condition(node.test)
        body, other = self.value(node.body), self.value(node.orelse)
        return other if isinstance(node.body, ast.Constant) else body

    def of_BoolOp(self, node: ast.BoolOp) -> _Place:  # noqa: N802
        places = [self.value(part) for part in node.values]
        if isinstance(node.op, ast.Or) and isinstance(
            node.values[-1], (ast.List, ast.Dict, ast.Set, ast.Constant)
        ):
            return _join(places[0], places[-1])
        return places[0]

    def of_UnaryOp(self, node: ast.UnaryOp) -> _Place:  # noqa: N802
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            value.vote("truthy")
            return self.new("bool")
        if isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, int):
            self.numbers.add(-node.operand.value)
        return value.vote("number")

    def of_BinOp(self, node: ast.BinOp) -> _Place:  # noqa: N802
        return self.arithmetic(node.op, self.value(node.left), self.value(node.right), node.left, node.right)

    def arithmetic(
        self, op: ast.operator, left: _Place, right: _Place, left_node: ast.expr, right_node: ast.expr
    ) -> _Place:
        if isinstance(op, ast.Add):
            for one, other in ((left, right), (right, left)):
                if "list" in one.root().votes:
                    other.vote("list")
            # 1.5 + x is no sign that x is a float.
            if "float" in left.root().votes or "float" in right.root().votes:
                left.vote("number")
                right.vote("number")
                return self.new("number")
            return _join(left, right)
        if isinstance(op, ast.Mult) and (_is_display(left_node) or _is_display(right_node)):
            sequence, count = (left, right) if _is_display(left_node) else (right, left)
            count.vote("int", "size")
            return sequence
        if isinstance(op, ast.Mod) and _is_text(left_node):
            return self.new("str")
        if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            if "set" in left.root().votes or "set" in right.root().votes:
                return _join(left, right)
            left.vote("int")
            return _join(left, right)
        if isinstance(op, ast.Sub) and ("set" in left.root().votes or "set" in right.root().votes):
            return _join(left, right)
        whole = isinstance(op, (ast.Mod, ast.FloorDiv, ast.LShift, ast.RShift))
        for place in (left, right):
            place.vote("int" if whole else "number")
        if isinstance(op, (ast.Mod, ast.FloorDiv, ast.Div)):
            right.vote("nonzero")
        return self.new("int" if whole else "number")

    def of_Compare(self, node: ast.Compare) -> _Place:  # noqa: N802
        left_node, left = node.left, self.value(node.left)
        for op, right_node in zip(node.ops, node.comparators):
            right = self.value(right_node)
            if isinstance(op, (ast.In, ast.NotIn)):
                self.contains(right, left, right_node)
            elif isinstance(op, (ast.Is, ast.IsNot)) or _is_none(right_node) or _is_none(left_node):
                for place, other in ((left, right_node), (right, left_node)):
                    if _is_none(other):
                        place.vote("none")
            else:
                self.same(left, right, isinstance(op, _ORDERED))
            left_node, left = right_node, right
        return self.new("bool")

    def same(self, left: _Place, right: _Place, ordered: bool) -> None:
        for place, other in ((left, right), (right, left)):
            container = self._lengths.get(id(place.root()))
            if container is not None:
                self.measured.append((other, container))
                other.vote("length")
                container.root().lengths.update(n for n in other.root().literals if isinstance(n, int))
        self.compared.append((left.root(), right.root()))
        joined = _join(left, right)
        if ordered:
            joined.vote("ordered")

    def contains(self, container: _Place, member: _Place, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            member.vote("str")
            member.root().literals.update(dict.fromkeys(node.value))
            return
        literal = [p for p in member.root().literals if isinstance(p, str)]
        if literal and not container.root().votes:
            container.vote("searched")
        container.vote("container")
        member.vote("tested")
        self.sought.append((container, member))
        _join(container.part("element"), member)

    def of_Subscript(self, node: ast.Subscript) -> _Place:  # noqa: N802
        return self.subscript(node)

    def subscript(self, node: ast.Subscript) -> _Place:
        owner = self.value(node.value)
        index = node.slice
        inner = getattr(index, "value", None) if type(index).__name__ == "Index" else index
        if isinstance(inner, ast.Slice):
            owner.vote("sequence", "sliced")
            for bound in (inner.lower, inner.upper, inner.step):
                if bound is not None:
                    place = self.value(bound).vote("int")
                    self.measured.append((place, owner))
            return owner
        if isinstance(inner, ast.UnaryOp) and isinstance(inner.operand, ast.Constant):
            owner.vote("sequence")
            return self.elements_at(owner, -1)
        if isinstance(inner, ast.Constant):
            if isinstance(inner.value, str):
                self.words.add(inner.value)
                owner.vote("record")
                return self.field(owner, inner.value)
            if isinstance(inner.value, int):
                return self.elements_at(owner, inner.value)
        if isinstance(inner, ast.expr):
            place = self.value(inner)
            self.looked_up.append((owner, place))
            place.vote("looked up")
            owner.vote("indexed")
            _join(owner.part("index"), place)
        return owner.part("item")

    def field(self, owner: _Place, name: str) -> _Place:
        found = owner.root().fields.setdefault(name, self.new()).root()
        found.names[name] = None
        return found

    def elements_at(self, owner: _Place, at: int) -> _Place:
        owner.vote("sequence", "positions")
        return owner.position(at)

    def of_Attribute(self, node: ast.Attribute) -> _Place:  # noqa: N802
        if isinstance(node.value, ast.Name) and node.value.id not in self.env:
            module = self.names.get(node.value.id)
            if type(module).__name__ == "module":
                return self.new()
        owner = self.value(node.value)
        found = owner.root().attrs.setdefault(node.attr, self.new()).root()
        found.names[node.attr] = None
        return found

    def of_List(self, node: ast.List) -> _Place:  # noqa: N802
        return self.display(node.elts, "list")

    def of_Set(self, node: ast.Set) -> _Place:  # noqa: N802
        return self.display(node.elts, "set")

    def display(self, items: Sequence[ast.expr], kind: str) -> _Place:
        place = self.new(kind)
        for item in items[:64]:
            _join(place.part("element"), self.value(item))
        return place

    def of_Tuple(self, node: ast.Tuple) -> _Place:  # noqa: N802
        place = self.new("tuple")
        if node.elts and all(isinstance(item, ast.Constant) for item in node.elts):
            return self.display(node.elts, "tuple")
        for at, item in enumerate(node.elts):
            place.at[at] = self.value(item)
        place.arity.add(len(node.elts))
        return place

    def of_Dict(self, node: ast.Dict) -> _Place:  # noqa: N802
        place = self.new("mapping")
        constant = True
        for key, value in zip(node.keys, node.values):
            if key is not None:
                _join(place.part("key"), self.value(key))
                constant = constant and isinstance(key, ast.Constant)
            _join(place.part("value"), self.value(value))
        if constant and node.keys:
            place.part("key").must.update(place.part("key").literals)
        return place

    def of_Lambda(self, node: ast.Lambda) -> _Place:  # noqa: N802
        self.lambda_on(node, [])
        return self.new("callable")

    def lambda_on(self, node: ast.Lambda, given: Sequence[_Place]) -> _Place:
        before = self.env
        self.env = dict(before)
        for at, arg in enumerate(node.args.args):
            self.env[arg.arg] = given[at] if at < len(given) else self.new()
        result = self.value(node.body)
        self.env = before
        return result

    def comprehension(self, node: Any, *parts: ast.expr) -> List[_Place]:
        before = self.env
        self.env = dict(before)
        for generator in node.generators:
            self.bind(generator.target, self.elements(self.value(generator.iter)))
            for test in generator.ifs:
                self.condition(test)
        made = [self.value(part) for part in parts]
        self.env = before
        return made

    def of_ListComp(self, node: Any) -> _Place:  # noqa: N802
        (element,) = self.comprehension(node, node.elt)
        place = self.new("set" if isinstance(node, ast.SetComp) else "iterable")
        place.element = element
        return place

    of_GeneratorExp = of_ListComp  # noqa: N815
    of_SetComp = of_ListComp  # noqa: N815

    def of_DictComp(self, node: ast.DictComp) -> _Place:  # noqa: N802
        key, value = self.comprehension(node, node.key, node.value)
        place = self.new("mapping")
        place.key, place.value = key, value
        return place

    def of_Call(self, node: ast.Call) -> _Place:  # noqa: N802
        if isinstance(node.func, ast.Attribute):
            return self.method(node, node.func)
        args = [self.value(arg) for arg in node.args if not isinstance(arg, ast.Lambda)]
        if isinstance(node.func, ast.Name):
            name = node.func.id
            place = self.env.get(name)
            if place is not None and name not in self._functions and name not in self._known:
                place.vote("callable")
                place.root().calls.add(len(args))
                return self.new()
            known = self.local(name, args, node)
            return known if known is not None else self.builtin(name, args, node)
        self.value(node.func)
        return self.new()

    def local(self, name: str, args: List[_Place], node: ast.Call) -> Optional[_Place]:
        """Join arguments with the parameters of a function of this module: its own use of them counts too."""
        if name in self._known:
            self.recursive = self.recursive or self._depth == 0
        elif name in self._functions and self._depth < 2:
            self._depth += 1
            outer, self.env = self.env, {}
            self.function(self._functions[name])
            self.env = outer
            self._depth -= 1
        if name not in self._known:
            return None
        places, result = self._known[name]
        self.keywords(node)
        for place, arg in zip(places, args):
            _join(place, arg)
        return result

    def keywords(self, node: ast.Call) -> Dict[str, _Place]:
        return {
            k.arg or "**": self.value(k.value) for k in node.keywords if not isinstance(k.value, ast.Lambda)
        }

    def builtin(self, name: str, args: List[_Place], node: ast.Call) -> _Place:
        first = args[0] if args else self.new()
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Lambda):
                self.lambda_on(keyword.value, [first.part("element")])
            elif keyword.arg == "key" and not isinstance(keyword.value, ast.Attribute):
                self.value(keyword.value).vote("callable")
            else:
                self.value(keyword.value)
        if name == "len":
            first.vote("sized")
            length = self.new("int")
            self._lengths[id(length)] = first
            return length
        if name == "range":
            for arg in args:
                arg.vote("int", "size")
            made = self.new("sequence")
            made.part("element").vote("int")
            return made
        if name == "isinstance" and len(node.args) == 2:
            kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
            named = [k.id if isinstance(k, ast.Name) else getattr(k, "attr", "") for k in kinds]
            first.root().instances.update(dict.fromkeys(n for n in named if n in _TYPE_NAMES))
            return self.new("bool")
        if name in _SAME_ELEMENT:
            return self.same_element(name, args)
        if name in {"sum", "fsum", "prod"}:
            return self.elements(first).vote("number")
        if name in {"min", "max"}:
            if len(args) > 1:
                joined = first
                for arg in args[1:]:
                    joined = _join(joined, arg)
                return joined.vote("ordered")
            first.vote("nonempty")
            return self.elements(first).vote("ordered")
        if name in {"any", "all"}:
            self.elements(first)
            return self.new("bool")
        if name in {"enumerate", "zip"}:
            return self.paired(name, args)
        if name in {"map", "filter", "reduce"}:
            return self.mapped(name, args, node)
        if name in {"int", "float"}:
            first.vote("numeral", f"numeral {name}")
            return self.new("int" if name == "int" else "number")
        if name in _NUMERIC:
            for arg in args:
                arg.vote("number")
            return self.new("number")
        if name in {"ord"}:
            first.vote("str", "char")
            return self.new("int")
        if name in {"chr", "bin", "hex"}:
            first.vote("int")
            return self.new("str")
        if name in {"str", "repr"}:
            return self.new("str")
        if name == "next":
            return self.elements(first)
        if name in {"dict", "OrderedDict"} and args:
            return first
        if name in {"dict", "defaultdict", "OrderedDict"}:
            return self.new("mapping")
        if name in {"heappush", "bisect_left", "bisect_right", "bisect", "insort"} and len(args) > 1:
            self.sought.append((first, args[1]))
            _join(self.elements(first.vote("list")), args[1]).vote("ordered")
            if name.startswith(("bisect", "insort")):
                first.vote("sorted")
            return self.new("int")
        if name == "heappop":
            return self.elements(first.vote("list"))
        if name in {"nlargest", "nsmallest"} and len(args) > 1:
            first.vote("int")
            made = self.new("list")
            made.element = self.elements(args[1]).vote("ordered")
            return made
        if name in {"sqrt", "gcd", "floor", "ceil", "log", "isqrt", "factorial", "comb", "log2", "exp"}:
            for arg in args:
                arg.vote("int" if name in {"gcd", "isqrt", "factorial", "comb"} else "number")
            return self.new("number")
        if name in {"combinations", "permutations", "product"}:
            made = self.new("sequence")
            inner = self.new("tuple")
            inner.element = self.elements(first)
            made.element = inner
            for arg in args[1:]:
                arg.vote("iterable" if name == "product" else "int")
            return made
        if name == "print":
            return self.new()
        cls = self.names.get(name)
        if isinstance(cls, type):
            return self.new()
        return self.new()

    def same_element(self, name: str, args: List[_Place]) -> _Place:
        made = self.new(
            "set" if name in {"set", "frozenset"} else "mapping" if name == "Counter" else "sequence"
        )
        for arg in args[:1] if name != "chain" else args:
            element = self.elements(arg)
            if name == "sorted":
                element.vote("ordered")
            if name in {"set", "frozenset", "Counter"}:
                element.vote("hashed")
            made.element = element if made.element is None else _join(made.element, element)
        if name == "Counter":
            made.key = made.element
            made.part("value").vote("int")
        if name in {"copy", "deepcopy"} and args:
            return args[0]
        return made

    def paired(self, name: str, args: List[_Place]) -> _Place:
        made, pair = self.new("sequence"), self.new("tuple")
        made.element = pair
        columns = [self.elements(arg) for arg in args]
        if name == "enumerate":
            columns = [self.new("int"), *columns[:1]]
        pair.at = dict(enumerate(columns))
        if name == "zip" and len(args) > 1:
            self.measured.append((args[0], args[1]))
        return made

    def mapped(self, name: str, args: List[_Place], node: ast.Call) -> _Place:
        made = self.new("sequence")
        function = node.args[0] if node.args else None
        columns = [self.elements(arg) for arg in (args if isinstance(function, ast.Lambda) else args[1:])]
        if isinstance(function, ast.Lambda):
            given = columns[:1] * 2 if name == "reduce" else columns
            made.element = self.lambda_on(function, given)
        elif isinstance(function, ast.Name):
            if function.id in {"int", "float"} and columns:
                columns[0].vote("numeral", f"numeral {function.id}")
                made.element = self.new("int")
            elif function.id in self._functions or function.id in self._known:
                made.element = self.local(function.id, columns, ast.Call(function, [], []))
            elif function.id in self.env:
                self.env[function.id].vote("callable")
        if name == "filter" and columns:
            made.element = columns[0]
        return made

    def method(self, node: ast.Call, func: ast.Attribute) -> _Place:
        name = func.attr
        args = [self.value(arg) for arg in node.args if not isinstance(arg, ast.Lambda)]
        base = func.value
        if isinstance(base, ast.Name) and base.id not in self.env:
            module = self.names.get(base.id)
            if type(module).__name__ == "module" or base.id in {"re", "math", "heapq", "bisect", "itertools"}:
                return self.module_call(base.id, name, args, node)
            if isinstance(module, re.Pattern) and isinstance(module.pattern, str):
                for arg in args[1:2] if name in {"sub", "subn"} else args[:1]:
                    arg.vote("str").patterns[module.pattern] = None
                return self.new()
        if isinstance(base, ast.Constant) and isinstance(base.value, str):
            self.words.add(base.value)
            if name == "join" and args:
                self.elements(args[0]).vote("str")
            return self.new("str")
        owner = self.value(base)
        if self._self is not None and owner.root() is self._self.root() and name in self.own:
            return self.own_method(name, args)
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Lambda):
                self.lambda_on(keyword.value, [owner.part("element")])
            else:
                self.value(keyword.value)
        handler = getattr(self, f"call_{name}", None)
        if handler is not None:
            return typing.cast(_Place, handler(owner, args, node))
        if name in _STR_SAME:
            for arg in args:
                arg.vote("str") if name not in {"zfill", "center", "ljust", "rjust"} else arg.vote("int")
            return owner.vote("str")
        if name in _STR_ONLY:
            owner.vote("str")
            for arg in args:
                arg.vote("str")
                self.sought.append((owner, arg))
                owner.root().literals.update(w for w in arg.root().literals.items() if isinstance(w[0], str))
            if name == "splitlines":
                return self.split(owner, "\n")
            return self.new("bool" if name.startswith("is") else "int")
        made = owner.root().attrs.setdefault(name, self.new()).root()
        made.vote("method")
        return self.new()

    def own_method(self, name: str, args: List[_Place]) -> _Place:
        if name not in self._own_known:
            outer, self.env = self.env, {}
            self.function(self.own[name])
            self.env = outer
        if name not in self._own_known:
            return self.new()
        places, result = self._own_known[name]
        for place, arg in zip(places, args):
            _join(place, arg)
        return result

    def module_call(self, module: str, name: str, args: List[_Place], node: ast.Call) -> _Place:
        if module == "re":
            for arg in args[: 3 if name == "sub" else 2]:
                arg.vote("str")
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                for arg in args[2:3] if name in {"sub", "subn"} else args[1:2]:
                    arg.root().patterns[node.args[0].value] = None
                self.words.discard(node.args[0].value)
            if args and name in {"split", "findall"}:
                made = self.new("list")
                made.part("element").vote("str")
                return made
            return self.new()
        if module in {"json", "ast"} and name in {"loads", "literal_eval"} and args:
            args[0].vote("str", "json")
            return self.new()
        return self.builtin("chain" if name == "from_iterable" else name, args, node)

    # Methods whose name tells something

    def call_split(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("str")
        for arg in args[:1]:
            arg.vote("str")
        separators = [s for s in (args[0].root().literals if args else {"": None}) if isinstance(s, str)]
        return self.split(owner, separators[0] if separators else ",")

    call_rsplit = call_split

    def call_partition(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        parts = self.call_split(owner, args, node)
        made = self.new("tuple")
        made.at = {0: parts.position(0), 1: self.new("str"), 2: parts.position(1)}
        parts.root().arity.add(2)
        return made

    call_rpartition = call_partition

    def split(self, owner: _Place, separator: str) -> _Place:
        owner.vote("str")
        made = owner.root().parts.setdefault(separator, self.new("list")).root()
        made.part("element").vote("str")
        return made

    def call_splitlines(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        return self.split(owner, "\n")

    def call_join(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("str")
        if args:
            self.elements(args[0]).vote("str")
        return self.new("str")

    def call_append(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("list")
        if args:
            _join(owner.part("element"), args[0])
        return self.new()

    call_appendleft = call_append

    def call_extend(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("list")
        if args:
            _join(owner.part("element"), self.elements(args[0]))
        return self.new()

    def call_insert(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("list")
        if len(args) > 1:
            _join(owner.part("element"), args[1])
        return self.new()

    def call_sort(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("list").part("element").vote("ordered")
        return self.new()

    def call_reverse(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("list")
        return self.new()

    def call_remove(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("list")
        if args:
            self.sought.append((owner, args[0]))
            _join(owner.part("element"), args[0])
        return self.new()

    def call_index(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("sequence")
        if args:
            self.sought.append((owner, args[0]))
            _join(owner.part("element"), args[0])
        return self.new("int")

    def call_count(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        return self.call_index(owner, args, node)

    def call_popleft(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("deque")
        return owner.part("element")

    def call_pop(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        if len(node.args) == 2 or (args and "str" in args[0].root().votes):
            owner.vote("mapping")
            _join(owner.part("key"), args[0])
            return owner.part("value")
        owner.vote("iterable")
        return owner.part("element")

    def call_copy(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        return owner

    def call_add(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("set")
        if args:
            _join(owner.part("element"), args[0]).vote("hashed")
        return self.new()

    call_discard = call_add

    def call_union(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("set")
        for arg in args:
            _join(owner.part("element"), self.elements(arg))
        return owner

    call_intersection = call_union
    call_difference = call_union
    call_symmetric_difference = call_union
    call_issubset = call_union
    call_issuperset = call_union
    call_isdisjoint = call_union

    def call_items(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("mapping")
        made, pair = self.new("sequence"), self.new("tuple")
        pair.at = {0: owner.part("key"), 1: owner.part("value")}
        made.element = pair
        return made

    def call_keys(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        made = self.new("sequence")
        made.element = owner.vote("mapping").part("key")
        return made

    def call_values(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        made = self.new("sequence")
        made.element = owner.vote("mapping").part("value")
        return made

    def call_get(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        owner.vote("mapping")
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            field = self.field(owner.vote("record"), node.args[0].value)
            field.vote("optional")
            if len(args) > 1 and not _is_none(node.args[1]):
                _join(field, args[1])
            return field.root()
        if args:
            self.sought.append((owner, args[0]))
            _join(owner.part("key"), args[0])
        if len(args) > 1 and not _is_none(node.args[1]):
            _join(owner.part("value"), args[1])
        return owner.part("value")

    call_setdefault = call_get

    def call_update(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        if args and "mapping" in args[0].root().votes:
            _join(owner, args[0])
        return self.new()

    def call_most_common(self, owner: _Place, args: List[_Place], node: ast.Call) -> _Place:
        for arg in args:
            arg.vote("int")
        return self.call_items(owner, args, node)

    def settle(self) -> None:
        """Decide between list and dict for what was subscripted, until nothing changes any more."""
        for _ in range(6):
            changed = False
            seen = set()
            for place in list(self.places):
                here = place.root()
                if id(here) not in seen:
                    seen.add(id(here))
                    changed = _settle(here) or changed
            if not changed:
                return


def _settle(here: _Place) -> bool:
    if is_mapping(here):
        pairs = [("item", "value"), ("index", "key"), ("element", "key")]
    elif here.item is not None and ("str" in here.votes or here.index is None or not _is_mapping_index(here)):
        pairs = [("item", "element")]
        if here.index is not None:
            here.index.vote("int")
    else:
        pairs = []
    changed = False
    for name, other in pairs:
        if getattr(here, name) is not None and here.part(name) is not here.part(other):
            _join(here.part(other), here.part(name))
            changed = True
    here = here.root()
    # What stands at the known positions of something that is also walked over is an element of it.
    if here.at and here.element is not None and not here.arity and not is_mapping(here):
        for place in list(here.at.values()):
            if place.root() is not here.part("element"):
                _join(here.part("element"), place)
                changed = True
    return changed


def is_mapping(place: _Place) -> bool:
    """Whether a place is more likely a dict than a list."""
    votes = place.votes
    if votes["str"] > votes["mapping"]:
        return False
    if votes["mapping"] or votes["record"]:
        return votes["mapping"] + votes["record"] + votes["indexed"] >= votes["list"] + votes["sequence"]
    return votes["indexed"] > 0 and _is_mapping_index(place)


def _is_mapping_index(place: _Place) -> bool:
    if place.index is None or place.votes["list"] or place.votes["sliced"] or place.votes["positions"]:
        return False
    index = place.index.root()
    if index.votes["str"]:
        return True
    return not (index.votes["int"] or index.votes["size"] or index.votes["number"])


def _is_display(node: ast.expr) -> bool:
    return isinstance(node, (ast.List, ast.Tuple, ast.ListComp)) or _is_text(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_static(node: Definition) -> bool:
    names = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    return bool(names & {"staticmethod", "classmethod"})


def _relations(walker: _Walker, places: Mapping[str, _Place]) -> List[Dict[str, Any]]:
    """Return the relations between parameters that the body speaks of."""
    named: Dict[int, str] = {}
    for name, place in places.items():
        named.setdefault(id(place.root()), name)
    found: List[Dict[str, Any]] = []

    def note(kind: str, of: _Place, to: _Place) -> None:
        a, b = named.get(id(of.root())), named.get(id(to.root()))
        relation = {"kind": kind, "of": a, "to": b}
        if a is not None and b is not None and a != b and relation not in found:
            found.append(relation)

    for container, index in walker.looked_up:
        note("key" if is_mapping(container.root()) else "index", index, container)
    for container, member in walker.sought:
        note("member", member, container)
    for number, container in walker.measured:
        if "int" in number.root().votes or "size" in number.root().votes:
            note("length", number, container)
        else:
            note("same-length", number, container)
    for name, place in places.items():
        for other, container in places.items():
            parts = [container.root().element, container.root().key, container.root().item]
            if name != other and any(p is not None and p.root() is place.root() for p in parts):
                note("member", place, container)
    return found


class _Reader:
    """Turns settled places into ranked shapes."""

    def __init__(self, walker: _Walker) -> None:
        self.walker = walker
        self._inside: List[_Place] = []
        self._decided: Dict[int, List[Shape]] = {}
        """What was read for a place of single values: the same wherever the place is met again."""

    def candidates(self, name: str, place: _Place) -> List[Shape]:
        found = list(self.read(place.root(), name))
        if place.root().votes["none"]:
            found = [*found, *(shapes.OneOf((shape, shapes.Nothing())) for shape in found[:1])]
        unique: List[Shape] = []
        for shape in found:
            if shape not in unique:
                unique.append(shape)
        return unique[:10]

    def best(self, place: Optional[_Place], name: str = "") -> Shape:
        """Return the likeliest shape of a place inside another."""
        if place is None:
            return shapes.Unknown()
        return next(iter(self.read(place.root(), name)), shapes.Unknown())

    def read(self, place: _Place, name: str = "") -> List[Shape]:
        if any(place is other for other in self._inside):
            return self.again(place)
        if len(self._inside) > 6:
            return [shapes.Unknown()]
        self._inside.append(place)
        try:
            return self._read(place, name)
        finally:
            self._inside.pop()

    def again(self, place: _Place) -> List[Shape]:
        if place.attrs:
            return [shapes.Self("")]
        return [shapes.Unknown()]

    def _read(self, place: _Place, name: str) -> List[Shape]:
        votes = place.votes
        attrs = {
            n: p for n, p in place.attrs.items() if not p.root().votes["method"] and not n.startswith("__")
        }
        if attrs:
            return [*self.objects(place, attrs), *_by_name(name)]
        if place.instances:
            mixed = self.instances(place)
            if mixed is not None:
                return [mixed]
        if votes["callable"]:
            return [hints.callables(max(place.calls, default=1))]
        if votes["bytes"] and not votes["str"]:
            return [shapes.Bytes(), shapes.Bytes(True), *self.sequences(place, name)[:2]]
        text = votes["str"] + 2 * len(place.parts) + votes["json"]
        if text and not votes["list"] and not votes["mapping"]:
            return self.texts(place, name)
        if is_mapping(place):
            return self.mappings(place)
        if votes["set"] > votes["list"] + votes["indexed"]:
            return [self.many("set", place), self.many("list", place)]
        if place.arity and not votes["list"]:
            return [*self.fixed(place), self.many("list", place)]
        if (
            place.at
            and place.element is None
            and place.item is None
            and not votes["list"]
            and len(place.at) > 1
        ):
            return [*self.fixed(place), self.many("list", place)]
        sequence = votes["list"] + votes["sequence"] + votes["indexed"] + votes["deque"] + votes["iterable"]
        sequence += votes["sized"] + votes["container"] + votes["assigned"] + votes["sorted"]
        if sequence:
            found = self.sequences(place, name)
            return [*self.texts(place, name)[:2], *found] if _is_likely_text(place) else found
        if id(place) not in self._decided:
            self._decided[id(place)] = self.scalars(place, name)
        return self._decided[id(place)]

    def scalars(self, place: _Place, name: str) -> List[Shape]:
        votes = place.votes
        notable = tuple(n for n in place.literals if type(n) is int and abs(n) < 10**6)[:8]
        words = tuple(w for w in (*place.must, *place.literals) if isinstance(w, str))
        whole: Shape = shapes.Int(None, None, "value", notable)
        if votes["size"]:
            return [shapes.Int(0, None, "size", notable), shapes.Int(1, None, "size", notable)]
        if votes["numeral"] and not votes["number"] and not votes["int"]:
            kind = "integer" if votes["numeral int"] else "number"
            return [shapes.Str(kind), whole, shapes.Float()]
        if votes["int"] or votes["length"]:
            positive: Shape = shapes.Int(1, None, "value", notable)
            natural: Shape = shapes.Int(0, None, "value", notable)
            if votes["nonzero"]:
                return [positive, natural, whole]
            return [natural, whole, positive] if votes["length"] else [whole, natural, positive]
        if words:
            exact = shapes.Str("word", words=words[:24], exact=True)
            relied_upon = votes["looked up"] and not votes["tested"]
            return [exact] if relied_upon else [shapes.Str("word", 1, None, words[:24]), exact]
        if votes["bool"]:
            return [shapes.Bool()]
        if votes["float"] or (votes["number"] and any(type(n) is float for n in place.literals)):
            return [shapes.Float(), shapes.Float(0.0), shapes.Int(0, None)]
        if votes["number"]:
            start = [shapes.Int(1, None, "value", notable)] if votes["nonzero"] else []
            return [*start, whole, shapes.Int(0, None, "value", notable), shapes.Float(), shapes.Float(0.0)]
        known = next((found for found in map(_by_name, place.names) if found), [])
        rest: List[Shape] = [whole, shapes.Str("word"), shapes.Float(), shapes.Many("list", shapes.Int())]
        if votes["hashed"] or votes["ordered"]:
            return [*(k for k in known if not shapes.is_container(k) or isinstance(k, shapes.Str)), *rest[:3]]
        rest += [shapes.Many("list", shapes.Str("word")), shapes.Mapping("dict", shapes.Str(), shapes.Int())]
        return [*known, *rest, shapes.Matrix(shapes.Int()), shapes.Bytes(), shapes.Bool()]

    def texts(self, place: _Place, name: str) -> List[Shape]:
        votes = place.votes
        if votes["json"]:
            return [shapes.Str("json")]
        joined = self.structured(place)
        if joined is not None:
            return [joined, shapes.Str("text")]
        char = place.element.root() if place.element is not None else None
        must = [c for c in (char.must if char is not None else ()) if isinstance(c, str)]
        if char is not None and (char.votes["tested"] or not char.votes["looked up"]):
            # Only asked about, not relied upon.
            char.literals.update(char.must)
            must = []
        own = tuple(w for w in (*place.must, *place.literals) if isinstance(w, str) and w)[:24]
        if must and all(len(c) == 1 for c in must):
            letters = "".join(dict.fromkeys(must))
            if set(letters) == set("IVXLCDM"):
                return [shapes.Str("roman", 1), shapes.Str("word", alphabet=letters)]
            return [shapes.Str("word", alphabet=letters), shapes.Str("word")]
        if votes["char"]:
            return [shapes.Str("char"), shapes.Str("letters")]
        if place.must and place.votes["looked up"] and not place.votes["tested"]:
            return [shapes.Str("word", words=own, exact=True)]
        if place.patterns:
            return [
                shapes.Str("text", words=own, patterns=tuple(place.patterns)[:6]),
                shapes.Str("text", words=own),
            ]
        soft = "".join(
            c for c in (char.literals if char is not None else ()) if isinstance(c, str) and len(c) == 1
        )
        if votes["numeral"]:
            return [shapes.Str("integer" if votes["numeral int"] else "number"), shapes.Str("digits", 1)]
        found: List[Shape] = []
        if soft and set(soft) <= set("()[]{}"):
            found.append(shapes.Str("brackets"))
        if soft and set(soft) & set("+-*/"):
            found.append(shapes.Str("expression"))
        if soft:
            # The characters the function knows, and some it does not.
            found.append(shapes.Str("word", alphabet=(soft * 3 + "abcXYZ019 ")[:60]))
        if own and not char and votes["ordered"] == 0 and len(own) > 1:
            found.append(shapes.Str("word", words=own, exact=True))
        if name in _SHORT_TEXT:
            found.append(shapes.Str("word", 1, 3, own))
        digits = char is not None and bool(char.votes["numeral"] or char.votes["int"])
        if digits:
            found.append(shapes.Str("digits"))
        kinds = ["text", "letters", "word"]
        if char is None and (votes["tested"] or votes["hashed"] or votes["looked up"]):
            # What is looked for among others is a name.
            kinds = ["word", "text", "letters"]
        elif place.names.keys() & {"word", "s", "string", "a", "b", "s1", "s2"}:
            kinds = ["letters", "text", "word"]
        found += [shapes.Str(kind, 1 if kind == "word" else 0, words=own) for kind in kinds]
        return [*found, shapes.Str("digits", 1)]

    def structured(self, place: _Place) -> Optional[Shape]:
        """Return the shape of text that the function takes apart."""
        for separator, parts in place.parts.items():
            parts = parts.root()
            element = parts.element
            inner: Union[shapes.Str, shapes.Joined] = shapes.Str("word", 1)
            if element is not None:
                read = self.read(element.root())[0]
                if isinstance(read, (shapes.Joined, shapes.Str)):
                    inner = read
                elif element.root().votes["numeral"]:
                    inner = shapes.Str("integer")
                if isinstance(inner, shapes.Str) and inner.kind == "text":
                    inner = shapes.Str("letters", 1, None, inner.words)
            counts = sorted(parts.arity)
            if not counts and parts.at and min(parts.at) >= 0:
                # Some positions are read; there may be more.
                counts = [max(parts.at) + 1, max(parts.at) + 4]
            if counts:
                known = counts[-1] if parts.arity else counts[0]
                columns = [self.best(parts.at.get(at) or element) for at in range(known)]
                texts = tuple(c if isinstance(c, _TEXTS) else shapes.Str("word", 1) for c in columns)
                return shapes.Joined(separator, _either(texts), counts[0], counts[-1], texts)
            told = (
                isinstance(inner, shapes.Joined) or inner.kind in {"integer", "number"} or bool(inner.words)
            )
            if separator.strip(" ") == "" and not told:
                # Words: prose has them, with what stands between and around words in real texts.
                return None
            words = self.words_of(place, parts, element)
            return shapes.Joined(separator, inner, words=words)
        return None

    def words_of(self, *places: Optional[_Place]) -> Tuple[str, ...]:
        """Return the texts the function compares these places with."""
        found = [w for p in places if p is not None for w in (*p.root().literals, *p.root().must)]
        return tuple(dict.fromkeys(w for w in found if isinstance(w, str) and w))[:12]

    def sequences(self, place: _Place, name: str) -> List[Shape]:
        element = place.element.root() if place.element is not None else None
        if element is None and place.at:
            element = next(iter(place.at.values())).root()
        container = "deque" if place.votes["deque"] > place.votes["sliced"] else "list"
        inner = self.read(element) if element is not None else []
        low = 1 if place.votes["nonempty"] or -1 in place.at or 0 in place.at else 0
        order = "sorted" if place.votes["sorted"] else ""
        known = [shape for shape in _by_name(name) if shapes.is_container(shape)]
        if element is None or not (
            element.votes or element.at or element.arity or element.element or element.attrs
        ):
            named = [k for k in known if isinstance(k, (shapes.Many, shapes.Matrix, shapes.Graph))]
            weak = [shapes.Int(), shapes.Str("word", 1), shapes.Float(), shapes.Many("list", shapes.Int())]
            return [
                *named,
                *(shapes.Many(container, shape, low, None, order) for shape in weak),
                shapes.Str("text"),
            ]
        found: List[Shape] = []
        for shape in inner[:4]:
            if isinstance(shape, shapes.Many) and shape.container == "list" and not shape.order:
                if _is_grid(place, element):
                    found.append(shapes.Matrix(shape.element))
                found.append(shapes.Many(container, shape, low))
                if not _is_grid(place, element):
                    found.append(shapes.Matrix(shape.element))
            else:
                found.append(shapes.Many(container, shape, low, None, order))
        if not place.votes["assigned"] and not place.votes["list"] and _may_be_text(element):
            at = 1 if not (element.votes["hashed"] or element.votes["ordered"]) else len(found)
            found.insert(at, shapes.Str("text"))
        if low:
            found += [shapes.Many(container, inner[0], 0, None, order)]
        if place.votes["sorted"] == 0 and any(isinstance(s, shapes.Many) for s in found):
            found.append(shapes.Many(container, inner[0], low, None, "sorted"))
        return found

    def many(self, container: str, place: _Place) -> Shape:
        return shapes.Many(container, self.best(place.element))

    def fixed(self, place: _Place) -> List[Shape]:
        count = max([*place.arity, *(at + 1 for at in place.at)], default=2)
        columns = tuple(self.best(place.at.get(at) or place.element) for at in range(count))
        numbers = all(isinstance(c, (shapes.Int, shapes.Float, shapes.Unknown)) for c in columns)
        plain = shapes.Fixed(columns)
        if numbers and count == 2 and any(p.root().votes["ordered"] for p in place.at.values()):
            # A pair of comparable numbers is most often an interval.
            return [shapes.Fixed(columns, ordered=True), plain]
        return [plain, shapes.Fixed(columns, "list")]

    def mappings(self, place: _Place) -> List[Shape]:
        if place.fields:
            fields = tuple((name, self.best(p, name)) for name, p in place.fields.items())
            optional = tuple(n for n, p in place.fields.items() if p.root().votes["optional"])
            return (
                [shapes.Record(fields), shapes.Record(fields, optional)]
                if optional
                else [shapes.Record(fields)]
            )
        key = place.key.root() if place.key is not None else None
        value = place.value.root() if place.value is not None else None
        found: List[Shape] = []
        if value is not None and key is not None and not value.votes["number"]:
            # Neighbours are looked up again, or at least walked over as what was looked up.
            inner = value.element.root() if value.element is not None else None
            weighted = value.key is not None and value.key.root() is key
            pairs = inner is not None and inner.at.get(0) is not None and inner.at[0].root() is key
            if inner is key or weighted or pairs:
                kind = "dict" if weighted or is_mapping(value) else "pairs" if pairs else "list"
                nodes: Tuple[Shape, ...] = (shapes.Str("word", 1), shapes.Int(0))
                found += [shapes.Graph(node, kind) for node in nodes]
                found.append(shapes.Graph(nodes[0], kind, acyclic=True))
        names = self.best(key) if key is not None else shapes.Unknown()
        if isinstance(names, shapes.Unknown) or (key is not None and not key.votes):
            names = shapes.Str("word", 1)
        if not isinstance(names, (shapes.Str, shapes.Int, shapes.Float, shapes.Fixed, shapes.Bool)):
            names = shapes.Str("word", 1)
        items = self.read(value) if value is not None else [shapes.Int()]
        found += [shapes.Mapping("dict", names, item) for item in items[:3]]
        return [
            *found,
            shapes.Mapping("dict", shapes.Int(), items[0]),
            shapes.Mapping("dict", names, shapes.Int()),
        ]

    def instances(self, place: _Place) -> Optional[Shape]:
        """Return the shape of something the function asks about its type."""
        kinds = list(place.instances)
        recursive = any(
            p is not None and p.root() is place for p in (place.element, place.value, place.item, place.key)
        )
        leaves: List[Shape] = [_LEAVES[kind] for kind in kinds if kind in _LEAVES]
        nests = [kind for kind in kinds if kind not in _LEAVES]
        if not nests:
            leaves = leaves or [shapes.Int()]
            return _either([*leaves, shapes.Str("word")]) if len(leaves) == 1 else _either(leaves)
        if not recursive:
            return None
        level = _either([*(leaves or [shapes.Int()]), shapes.Int()])
        for _ in range(3):
            options: List[Shape] = [*(level.options if isinstance(level, shapes.OneOf) else (level,))]
            options = [o for o in options if not shapes.is_container(o) or isinstance(o, shapes.Str)]
            built: List[Shape] = []
            for kind in nests:
                if kind in {"dict", "Mapping"}:
                    built.append(
                        shapes.Mapping("dict", shapes.Str("word", 1, words=self.walker_words()), level)
                    )
                else:
                    container = kind if kind in {"tuple", "set", "frozenset"} else "list"
                    built.append(shapes.Many(container, level))
            level = _either([*options, *built])
        top = [o for o in getattr(level, "options", ()) if isinstance(o, (shapes.Mapping, shapes.Many))]
        return _either(top) if top else level

    def walker_words(self) -> Tuple[str, ...]:
        return tuple(w for w in sorted(self.walker.words) if w.isidentifier())[:6]

    def objects(self, place: _Place, attrs: Dict[str, _Place]) -> List[Shape]:
        """Return instances of a class of this module that has these attributes, else plain namespaces."""
        found: List[Shape] = []
        wanted = set(attrs) | {n for n, p in place.attrs.items() if p.root().votes["method"]}
        for cls in self.walker.names.values():
            if not isinstance(cls, type) or cls.__module__ != self.walker.names.get("__name__"):
                continue
            shape = hints.shape_of_hint(cls)
            if not isinstance(shape, shapes.Object):
                if isinstance(shape, shapes.Fixed) and wanted <= set(getattr(cls, "_fields", ())):
                    found.append(shape)
                continue
            initial = _parameters_of(cls)
            if wanted <= set(initial) | set(dir(cls)):
                known = dict(shape.fields)
                fields = []
                for name in initial:
                    guessed = known.get(name, shapes.Unknown())
                    if isinstance(guessed, shapes.Unknown):
                        used = self.best(place.attrs.get(name), name)
                        used = shapes.Self(cls.__qualname__) if isinstance(used, shapes.Self) else used
                        guessed = (
                            shapes.OneOf((used, shapes.Nothing())) if isinstance(used, shapes.Self) else used
                        )
                    fields.append((name, guessed))
                found.append(shapes.Object(shape.module, shape.qualname, tuple(fields)))
        fields = [(name, self.best(p, name)) for name, p in attrs.items()]
        if not any(isinstance(part, shapes.Self) for _, part in fields):
            found.append(shapes.Object("types", "SimpleNamespace", tuple(fields)))
        return found


_LEAVES: Dict[str, Shape] = {
    "int": shapes.Int(),
    "float": shapes.Float(),
    "str": shapes.Str("word"),
    "bool": shapes.Bool(),
    "bytes": shapes.Bytes(),
}
_TEXTS = (shapes.Str, shapes.Joined, shapes.Int, shapes.Float)
_SHORT_TEXT = frozenset(
    [
        "sep",
        "separator",
        "delimiter",
        "pattern",
        "prefix",
        "suffix",
        "sub",
        "needle",
        "old",
        "new",
        "ch",
        "char",
        "fill",
    ]
)

_NUMBERS = shapes.Many("list", shapes.Int())
_WORDS = shapes.Many("list", shapes.Str("word", 1))
_PAIRS = shapes.Many("list", shapes.Fixed((shapes.Int(), shapes.Int())))
_NAMES: Dict[str, Tuple[Shape, ...]] = {
    "n k m num number limit size count depth times exp exponent base": (shapes.Int(0, None),),
    "i j x y z a b p q val value year month day total amount left right lo hi start end low high": (
        shapes.Int(),
    ),
    "text s string sentence line message content phrase paragraph document html": (shapes.Str("text"),),
    "word name key label pattern prefix suffix letter char sep delimiter token path url code": (
        shapes.Str("word"),
    ),
    "words names strings tokens labels texts lines keys": (_WORDS,),
    "nums numbers arr array lst list xs ys data values items elements seq sequence ints scores prices": (
        _NUMBERS,
        _WORDS,
    ),
    "weights costs heights sizes counts ages times durations profits": (shapes.Many("list", shapes.Int(0)),),
    "matrix grid board table m1 m2 mat image": (shapes.Matrix(shapes.Int()),),
    "graph adjacency adj tree deps dependencies": (shapes.Graph(shapes.Str("word", 1)),),
    "points intervals pairs edges ranges coords segments": (_PAIRS,),
    "d dictionary mapping counter lookup table_map config": (
        shapes.Mapping("dict", shapes.Str("word", 1), shapes.Int()),
    ),
    "ratio rate factor threshold tolerance eps alpha price weight": (shapes.Float(0.0), shapes.Int()),
    "buf buffer payload raw blob octets": (shapes.Bytes(),),
    "flag reverse ascending strict verbose ignore_case": (shapes.Bool(),),
    "func function fn key_func predicate callback": (hints.callables(1),),
}


def _by_name(name: str) -> List[Shape]:
    for names, found in _NAMES.items():
        if name in names.split():
            return list(found)
    return []


def _either(options: Sequence[Shape]) -> Shape:
    unique = tuple(dict.fromkeys(options))
    return unique[0] if len(unique) == 1 else shapes.OneOf(unique)


def _named(shape: Shape, qualname: str) -> Shape:
    """Say which class a recursive place is of."""
    return shapes.changed(
        shape, lambda s: shapes.Self(qualname) if isinstance(s, shapes.Self) and not s.qualname else s
    )


def _is_grid(place: _Place, element: _Place) -> bool:
    return bool(element.votes["indexed"] or element.votes["positions"]) and bool(
        place.votes["indexed"] or place.votes["positions"]
    )


def _may_be_text(element: _Place) -> bool:
    votes = element.votes
    numeric = votes["int"] + votes["number"] + votes["float"] + votes["size"]
    nested = element.element is not None or element.at or element.arity or element.fields or element.attrs
    return not numeric and not nested


def _is_likely_text(place: _Place) -> bool:
    """Whether something walked over is text: it is called so, or its elements are compared to characters."""
    if place.votes["list"] or place.votes["assigned"] or place.votes["deque"]:
        return False
    element = place.element.root() if place.element is not None else None
    if element is None or not _may_be_text(element):
        return False
    known = [w for w in (*element.literals, *element.must) if isinstance(w, str)]
    if known:
        return all(len(w) == 1 for w in known) and not any(type(n) is int for n in element.literals)
    return bool(place.names.keys() & _TEXT_NAMES)


_TEXT_NAMES = frozenset(["text", "s", "string", "sentence", "line", "word", "phrase", "dna", "message"])


def _parameters_of(cls: type) -> List[str]:
    code = getattr(getattr(cls, "__init__", None), "__code__", None)
    return list(code.co_varnames[1 : code.co_argcount]) if code is not None else []
