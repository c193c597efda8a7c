"""Walking a function's source: every expression becomes a place, every operation a vote.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import ast
import functools
import re
import typing
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple, Union

if typing.TYPE_CHECKING or __package__:
    from .places import Place, join, parts_of, settle
else:
    from places import Place, join, parts_of, settle

Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]

_STR_SAME = frozenset({
    "lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "swapcase", "replace",
    "removeprefix", "removesuffix", "zfill", "center", "ljust", "rjust", "expandtabs", "translate",
})  # fmt: skip
_STR_ONLY = frozenset({
    "startswith", "endswith", "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric",
    "isdecimal", "isidentifier", "istitle", "format", "encode", "partition", "rpartition", "find", "rfind",
    "rindex", "splitlines", "rsplit",
})  # fmt: skip
_SAME_ELEMENT = frozenset({
    "sorted", "reversed", "list", "tuple", "set", "frozenset", "iter", "deque", "Counter", "copy",
    "deepcopy", "heapify", "chain", "cycle", "islice",
})  # fmt: skip
_NUMERIC = frozenset({
    "abs", "round", "pow", "divmod",
})  # fmt: skip
_TYPE_NAMES = frozenset({
    "int", "float", "str", "list", "dict", "tuple", "set", "bool", "bytes", "frozenset", "Mapping",
    "Sequence", "Iterable",
})  # fmt: skip
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@functools.lru_cache(maxsize=8)
def _definitions_in(tree: ast.Module) -> Tuple[Dict[str, ast.ClassDef], Dict[str, Definition]]:
    """Return a module's classes, and the functions that a bare name may call: methods are none.

    Of several of one name the outermost counts, and the last of these. A module is asked for many of its
    classes, and walked once.
    """
    classes: Dict[str, ast.ClassDef] = {}
    functions: Dict[str, Definition] = {}
    for node, is_method in _outermost_last(tree):
        if isinstance(node, ast.ClassDef):
            classes[node.name] = node
        elif not is_method:
            functions[node.name] = node
    return classes, functions


def _outermost_last(tree: ast.Module) -> List[Tuple[Union[ast.ClassDef, Definition], bool]]:
    """Return all definitions, and whether each stands in a class's body, as in the order of the source."""
    levels: List[List[Tuple[Union[ast.ClassDef, Definition], bool]]] = []
    waiting: List[Tuple[ast.AST, int, bool]] = [(tree, 0, False)]
    while waiting:
        node, depth, is_method = waiting.pop()
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            while len(levels) <= depth:
                levels.append([])
            levels[depth].append((node, is_method))
            depth, is_method = depth + 1, isinstance(node, ast.ClassDef)
        # Backwards, because the end is taken first.
        waiting += [(child, depth, is_method) for child in [*ast.iter_child_nodes(node)][::-1]]
    return [found for level in reversed(levels) for found in level]


class Walker:
    """Walks one function (and, one level down, the local functions it calls)."""

    def __init__(self, tree: ast.Module, names: Mapping[str, Any]) -> None:
        self.names = names
        self.env: Dict[str, Place] = {}
        self.places: List[Place] = []
        self.numbers: Set[int] = set()
        self.words: Set[str] = set()
        self.compared: List[Tuple[Place, Place]] = []
        self.looked_up: List[Tuple[Place, Place]] = []
        """(container, index) pairs, in order."""
        self.sought: List[Tuple[Place, Place]] = []
        """(container, member) pairs: searched for, counted, removed."""
        self.measured: List[Tuple[Place, Place]] = []
        """(number, container) pairs where the number is compared with a length or cuts a slice."""
        self.recursive = False
        self._classes, self._functions = _definitions_in(tree)
        self._owner: Optional[ast.ClassDef] = None
        self._differences: Dict[int, Tuple[Place, Place]] = {}
        """What was subtracted from what, by the place of the result."""
        self._numerals: Dict[int, Place] = {}
        """The text that a number was read from, by the place of the number."""
        self._known: Dict[str, Tuple[List[Place], Place]] = {}
        self._depth = 0
        self._lengths: Dict[int, Place] = {}
        self._result = Place()
        self.own: Dict[str, Definition] = {}
        """The methods of the target's class."""
        self._self: Optional[Place] = None
        self._own_known: Dict[str, Tuple[List[Place], Place]] = {}

    def enter(self, owner: ast.ClassDef) -> None:
        """Let the methods of a class share one object: what one does to a field tells the others."""
        self._self = self._new()
        self._owner = owner
        for cls in reversed(self._lineage(owner)):
            self.own.update(
                (node.name, node)
                for node in cls.body
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not _is_static(node)
            )
            for node in cls.body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    join(self._field_of_self(node.targets[0].id), self._value(node.value))

    def _lineage(self, owner: ast.ClassDef, depth: int = 0) -> List[ast.ClassDef]:
        """Return a class and those it is built on, as far as this module defines them, itself first."""
        found = [owner]
        for base in owner.bases if depth < 5 else ():
            if isinstance(base, ast.Name) and base.id in self._classes and base.id != owner.name:
                found += self._lineage(self._classes[base.id], depth + 1)
        return found

    def _field_of_self(self, name: str) -> Place:
        assert self._self is not None
        return self._self.root().attrs.setdefault(name, self._new()).root()

    def _new(self, *votes: str) -> Place:
        place = Place()
        place.votes.update(votes)
        self.places.append(place)
        return place

    def function(self, definition: Definition) -> Dict[str, Place]:
        """Walk a definition; return the place of each of its parameters."""
        args = definition.args
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        places = {arg.arg: self._new() for arg in every}
        for name, place in places.items():
            place.names[name] = None
        if args.vararg is not None:
            places[args.vararg.arg] = self._new("sequence")
        if args.kwarg is not None:
            places[args.kwarg.arg] = self._new("mapping")
            places[args.kwarg.arg].part("key").vote("str")
        result = self._new()
        positional = [places[arg.arg] for arg in [*args.posonlyargs, *args.args]]
        if self._self is not None and self.own.get(definition.name) is definition and positional:
            join(self._self, positional[0])
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
                join(places[arg.arg], self._value(default))
        self._block(definition.body)
        self.env, self._result = outer_env, outer_result
        return places

    # Statements

    def _block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            handler = getattr(self, f"_on_{type(statement).__name__}", None)
            if handler is not None:
                handler(statement)
            else:
                self._children(statement)

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._value(child)
            elif isinstance(child, ast.stmt):
                self._block([child])
            else:
                self._children(child)

    def _on_FunctionDef(self, node: Definition) -> None:  # noqa: N802 - named after the node
        self.function(node)

    _on_AsyncFunctionDef = _on_FunctionDef  # noqa: N815

    def _on_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        return

    def _on_Assign(self, node: ast.Assign) -> None:  # noqa: N802
        value = self._value(node.value)
        for target in node.targets:
            self._bind(target, value)

    def _on_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        if node.value is not None:
            self._bind(node.target, self._value(node.value))

    def _on_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        target = self._value(node.target)
        self._arithmetic(node.op, target, self._value(node.value), node.target, node.value)

    def _on_For(self, node: ast.For) -> None:  # noqa: N802
        self._bind(node.target, self._elements(self._value(node.iter)))
        self._block(node.body)
        self._block(node.orelse)

    _on_AsyncFor = _on_For  # noqa: N815

    def _on_If(self, node: ast.If) -> None:  # noqa: N802
        self._condition(node.test)
        before = dict(self.env)
        self._block(node.body)
        after_body, self.env = self.env, dict(before)
        self._block(node.orelse)
        for name, place in after_body.items():
            # What only a branch rebinds keeps the meaning it had before.
            self.env.setdefault(name, place)
            if name in before and self.env[name].root() is not place.root():
                self.env[name] = before[name]

    def _on_While(self, node: ast.While) -> None:  # noqa: N802
        self._condition(node.test)
        self._block(node.body)
        self._block(node.orelse)

    def _on_Return(self, node: ast.Return) -> None:  # noqa: N802
        if node.value is not None:
            value = self._value(node.value)
            if not isinstance(node.value, ast.Constant) and not self._result.root().votes:
                join(self._result, value)

    def _on_Delete(self, node: ast.Delete) -> None:  # noqa: N802
        for target in node.targets:
            self._value(target)

    def _condition(self, test: ast.expr) -> None:
        self._value(test).vote("truthy")

    def _bind(self, target: ast.expr, value: Place) -> None:
        if isinstance(target, ast.Name):
            old = self.env.get(target.id)
            if old is not None and any(p.root() is value.root() for p in old.root().attrs.values()):
                # node = node.next: every node of the chain is alike.
                value = join(old, value)
            value.root().names[target.id] = None
            self.env[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            starred = any(isinstance(part, ast.Starred) for part in target.elts)
            if not starred:
                value.root().arity.add(len(target.elts))
            value.vote("iterable")
            for at, part in enumerate(target.elts):
                if isinstance(part, ast.Starred):
                    rest = self._new("list")
                    rest.element = value.part("element")
                    self._bind(part.value, rest)
                else:
                    self._bind(part, value.part("element") if starred else value.position(at))
        elif isinstance(target, ast.Subscript):
            join(self._subscript(target), value)
            self._value(target.value).vote("assigned")
        elif isinstance(target, ast.Attribute):
            join(self._value(target), value)

    # Expressions

    def _value(self, node: ast.expr) -> Place:
        handler = getattr(self, f"_of_{type(node).__name__}", None)
        if handler is not None:
            return typing.cast(Place, handler(node))
        self._children(node)
        return self._new()

    def _elements(self, place: Place) -> Place:
        place.vote("iterable")
        return place.part("element")

    def _of_Name(self, node: ast.Name) -> Place:  # noqa: N802
        if node.id not in self.env:
            self.env[node.id] = self._constant_of(self.names.get(node.id))
        return self.env[node.id].root()

    def _constant_of(self, value: Any, depth: int = 0) -> Place:
        """Return the place of a module-level constant."""
        place = self._new()
        if isinstance(value, bool) or value is None or depth > 2:
            return place
        if isinstance(value, (int, float, str)):
            place.vote(type(value).__name__)
            place.literals[value] = None
        elif isinstance(value, dict) and len(value) <= 200:
            place.vote("mapping")
            for key, item in list(value.items())[:64]:
                join(place.part("key"), self._constant_of(key, depth + 1))
                join(place.part("value"), self._constant_of(item, depth + 1))
            if all(isinstance(key, (str, int)) for key in value):
                place.part("key").must.update(dict.fromkeys(value))
        elif isinstance(value, (list, tuple, set, frozenset)) and len(value) <= 200:
            place.vote("sequence" if isinstance(value, (list, tuple)) else "set")
            for item in list(value)[:64]:
                join(place.part("element"), self._constant_of(item, depth + 1))
        return place

    def _of_Constant(self, node: ast.Constant) -> Place:  # noqa: N802
        value = node.value
        place = self._new()
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

    def _of_JoinedStr(self, node: ast.JoinedStr) -> Place:  # noqa: N802
        self._children(node)
        return self._new("str")

    def _of_Starred(self, node: ast.Starred) -> Place:  # noqa: N802
        return self._elements(self._value(node.value))

    def _of_Await(self, node: ast.Await) -> Place:  # noqa: N802
        return self._value(node.value)

    def _of_NamedExpr(self, node: ast.NamedExpr) -> Place:  # noqa: N802
        value = self._value(node.value)
        self._bind(node.target, value)
        return value

    def _of_IfExp(self, node: ast.IfExp) -> Place:  # noqa: N802
        self._condition(node.test)
        body, other = self._value(node.body), self._value(node.orelse)
        return other if isinstance(node.body, ast.Constant) else body

    def _of_BoolOp(self, node: ast.BoolOp) -> Place:  # noqa: N802
        places = [self._value(part) for part in node.values]
        if isinstance(node.op, ast.Or) and isinstance(
            node.values[-1], (ast.List, ast.Dict, ast.Set, ast.Constant)
        ):
            return join(places[0], places[-1])
        return places[0]

    def _of_UnaryOp(self, node: ast.UnaryOp) -> Place:  # noqa: N802
        value = self._value(node.operand)
        if isinstance(node.op, ast.Not):
            value.vote("truthy")
            return self._new("bool")
        if isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, int):
            self.numbers.add(-node.operand.value)
        return value.vote("number")

    def _of_BinOp(self, node: ast.BinOp) -> Place:  # noqa: N802
        return self._arithmetic(
            node.op, self._value(node.left), self._value(node.right), node.left, node.right
        )

    def _arithmetic(
        self, op: ast.operator, left: Place, right: Place, left_node: ast.expr, right_node: ast.expr
    ) -> Place:
        if isinstance(op, ast.Add):
            for one, other in ((left, right), (right, left)):
                if "list" in one.root().votes:
                    other.vote("list")
            # 1.5 + x is no sign that x is a float.
            if "float" in left.root().votes or "float" in right.root().votes:
                left.vote("number")
                right.vote("number")
                return self._new("number")
            return join(left, right)
        if isinstance(op, ast.Mult) and (_is_display(left_node) or _is_display(right_node)):
            sequence, count = (left, right) if _is_display(left_node) else (right, left)
            count.vote("int", "size")
            return sequence
        if isinstance(op, ast.Mod) and _is_text(left_node):
            return self._new("str")
        if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            if "set" in left.root().votes or "set" in right.root().votes:
                return join(left, right)
            # Sets and whole numbers take the same operators: what else is done with them decides.
            return join(left, right).vote("bitwise")
        if isinstance(op, ast.Sub) and any(
            place.root().votes["set"] or place.root().votes["bitwise"] for place in (left, right)
        ):
            return join(left, right)
        whole = isinstance(op, (ast.Mod, ast.FloorDiv, ast.LShift, ast.RShift))
        if isinstance(op, ast.Sub):
            made = self._new("number")
            self._differences[id(made)] = (left, right)
            for place in (left, right):
                place.vote("number")
            return made
        for place in (left, right):
            place.vote("int" if whole else "number")
        if isinstance(op, (ast.Mod, ast.FloorDiv, ast.Div)):
            right.vote("nonzero")
        return self._new("int" if whole else "number")

    def _of_Compare(self, node: ast.Compare) -> Place:  # noqa: N802
        left_node, left = node.left, self._value(node.left)
        for op, right_node in zip(node.ops, node.comparators):
            right = self._value(right_node)
            if isinstance(op, (ast.In, ast.NotIn)):
                self._contains(right, left, right_node)
            elif isinstance(op, (ast.Is, ast.IsNot)) or _is_none(right_node) or _is_none(left_node):
                for place, other in ((left, right_node), (right, left_node)):
                    if _is_none(other):
                        place.vote("none")
            else:
                self._same(left, right, isinstance(op, _ORDERED))
            left_node, left = right_node, right
        return self._new("bool")

    def _same(self, left: Place, right: Place, ordered: bool) -> None:
        for place, other in ((left, right), (right, left)):
            container = self._lengths.get(id(place.root()))
            if container is not None:
                self.measured.append((other, container))
                other.vote("length")
                container.root().lengths.update(n for n in other.root().literals if isinstance(n, int))
        self.compared.append((left.root(), right.root()))
        joined = join(left, right)
        if ordered:
            joined.vote("ordered")

    def _contains(self, container: Place, member: Place, node: ast.expr) -> None:
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
        join(container.part("element"), member)

    def _of_Subscript(self, node: ast.Subscript) -> Place:  # noqa: N802
        return self._subscript(node)

    def _subscript(self, node: ast.Subscript) -> Place:
        owner = self._value(node.value)
        index = node.slice
        inner = getattr(index, "value", None) if type(index).__name__ == "Index" else index
        if isinstance(inner, ast.Slice):
            owner.vote("sequence", "sliced")
            for bound in (inner.lower, inner.upper, inner.step):
                if bound is not None:
                    place = self._value(bound).vote("int")
                    self.measured.append((place, owner))
            return owner
        if isinstance(inner, ast.UnaryOp) and isinstance(inner.operand, ast.Constant):
            owner.vote("sequence")
            return self._elements_at(owner, -1)
        if isinstance(inner, ast.Constant):
            if isinstance(inner.value, str):
                self.words.add(inner.value)
                owner.vote("record")
                return self._field(owner, inner.value)
            if isinstance(inner.value, int):
                return self._elements_at(owner, inner.value)
        if isinstance(inner, ast.expr):
            place = self._value(inner)
            self.looked_up.append((owner, place))
            place.vote("looked up")
            owner.vote("indexed")
            join(owner.part("index"), place)
        return owner.part("item")

    def _field(self, owner: Place, name: str) -> Place:
        found = owner.root().fields.setdefault(name, self._new()).root()
        found.names[name] = None
        return found

    def _elements_at(self, owner: Place, at: int) -> Place:
        owner.vote("sequence", "positions")
        return owner.position(at)

    def _of_Attribute(self, node: ast.Attribute) -> Place:  # noqa: N802
        if isinstance(node.value, ast.Name) and node.value.id not in self.env:
            module = self.names.get(node.value.id)
            if type(module).__name__ == "module":
                return self._new()
        owner = self._value(node.value)
        if node.attr in _OF_SPANS:
            self._between_moments(owner)
        found = owner.root().attrs.setdefault(node.attr, self._new()).root()
        found.names[node.attr] = None
        return found

    def _between_moments(self, owner: Place) -> None:
        """Note that what was subtracted are moments: the difference is asked for its days or seconds."""
        for place in self._differences.get(id(owner), ()):
            place.root().votes.pop("number", None)
            place.vote("moment")

    def _of_List(self, node: ast.List) -> Place:  # noqa: N802
        return self._display(node.elts, "list")

    def _of_Set(self, node: ast.Set) -> Place:  # noqa: N802
        return self._display(node.elts, "set")

    def _display(self, items: Sequence[ast.expr], kind: str) -> Place:
        place = self._new(kind)
        for item in items[:64]:
            join(place.part("element"), self._value(item))
        return place

    def _of_Tuple(self, node: ast.Tuple) -> Place:  # noqa: N802
        place = self._new("tuple")
        if node.elts and all(isinstance(item, ast.Constant) for item in node.elts):
            return self._display(node.elts, "tuple")
        for at, item in enumerate(node.elts):
            place.at[at] = self._value(item)
        place.arity.add(len(node.elts))
        return place

    def _of_Dict(self, node: ast.Dict) -> Place:  # noqa: N802
        place = self._new("mapping")
        constant = True
        for key, value in zip(node.keys, node.values):
            if key is not None:
                join(place.part("key"), self._value(key))
                constant = constant and isinstance(key, ast.Constant)
            join(place.part("value"), self._value(value))
        if constant and node.keys:
            place.part("key").must.update(place.part("key").literals)
        return place

    def _of_Lambda(self, node: ast.Lambda) -> Place:  # noqa: N802
        self._lambda_on(node, [])
        return self._new("callable")

    def _lambda_on(self, node: ast.Lambda, given: Sequence[Place]) -> Place:
        before = self.env
        self.env = dict(before)
        for at, arg in enumerate(node.args.args):
            self.env[arg.arg] = given[at] if at < len(given) else self._new()
        result = self._value(node.body)
        self.env = before
        return result

    def _comprehension(self, node: Any, *parts: ast.expr) -> List[Place]:
        before = self.env
        self.env = dict(before)
        for generator in node.generators:
            self._bind(generator.target, self._elements(self._value(generator.iter)))
            for test in generator.ifs:
                self._condition(test)
        made = [self._value(part) for part in parts]
        self.env = before
        return made

    def _of_ListComp(self, node: Any) -> Place:  # noqa: N802
        (element,) = self._comprehension(node, node.elt)
        place = self._new("set" if isinstance(node, ast.SetComp) else "iterable")
        place.element = element
        return place

    _of_GeneratorExp = _of_ListComp  # noqa: N815
    _of_SetComp = _of_ListComp  # noqa: N815

    def _of_DictComp(self, node: ast.DictComp) -> Place:  # noqa: N802
        key, value = self._comprehension(node, node.key, node.value)
        place = self._new("mapping")
        place.key, place.value = key, value
        return place

    def _of_Call(self, node: ast.Call) -> Place:  # noqa: N802
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        args = [self._value(arg) for arg in node.args if not isinstance(arg, ast.Lambda)]
        if isinstance(node.func, ast.Name):
            name = node.func.id
            place = self.env.get(name)
            if place is not None and name not in self._functions and name not in self._known:
                place.vote("callable")
                place.root().calls.add(len(args))
                return self._new()
            known = self._local(name, args, node)
            return known if known is not None else self._builtin(name, args, node)
        place = self._value(node.func).vote("callable")
        place.root().calls.add(len(args))
        return self._new()

    def _local(self, name: str, args: List[Place], node: ast.Call) -> Optional[Place]:
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
        self._keywords(node)
        for place, arg in zip(places, args):
            join(place, arg)
        return result

    def _keywords(self, node: ast.Call) -> Dict[str, Place]:
        return {
            k.arg or "**": self._value(k.value) for k in node.keywords if not isinstance(k.value, ast.Lambda)
        }

    def _builtin(self, name: str, args: List[Place], node: ast.Call) -> Place:
        first = args[0] if args else self._new()
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Lambda):
                self._lambda_on(keyword.value, [first.part("element")])
            elif keyword.arg == "key" and not isinstance(keyword.value, ast.Attribute):
                self._value(keyword.value).vote("callable")
            else:
                self._value(keyword.value)
        if name == "len":
            first.vote("sized")
            length = self._new("int")
            self._lengths[id(length)] = first
            return length
        if name == "range":
            for arg in args:
                arg.vote("int", "size")
            made = self._new("sequence")
            made.part("element").vote("int")
            return made
        if name == "isinstance" and len(node.args) == 2:
            kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
            named = [k.id if isinstance(k, ast.Name) else getattr(k, "attr", "") for k in kinds]
            first.root().instances.update(dict.fromkeys(n for n in named if n in _TYPE_NAMES))
            return self._new("bool")
        if name in _SAME_ELEMENT:
            return self._same_element(name, args)
        if name in {"sum", "fsum", "prod"}:
            return self._elements(first).vote("number")
        if name in {"min", "max"}:
            if len(args) > 1:
                joined = first
                for arg in args[1:]:
                    joined = join(joined, arg)
                return joined.vote("ordered")
            first.vote("nonempty")
            return self._elements(first).vote("ordered")
        if name in {"any", "all"}:
            self._elements(first)
            return self._new("bool")
        if name in {"enumerate", "zip"}:
            return self._paired(name, args)
        if name in {"map", "filter", "reduce"}:
            return self._mapped(name, args, node)
        if name == "int" and len(node.args) > 1:
            first.vote("str", "numeral hex")
            return self._new("int")
        if name in {"int", "float", "Decimal", "Fraction"}:
            first.vote("numeral", f"numeral {name}")
            made = self._new("int" if name == "int" else "number")
            self._numerals[id(made)] = first
            return made
        if name in {"date", "datetime"} and len(args) >= 3:
            for part, arg in zip(("year", "month", "day"), args):
                self._numerals.get(id(arg.root()), arg).vote(part)
            return self._new()
        if name in _NUMERIC:
            for arg in args:
                arg.vote("number")
            return self._new("number")
        if name in {"ord"}:
            first.vote("str", "char")
            return self._new("int")
        if name in {"chr", "bin", "hex"}:
            first.vote("int")
            return self._new("str")
        if name in {"str", "repr"}:
            return self._new("str")
        if name == "next":
            first.vote("iterator")
            return self._elements(first)
        if name in {"dict", "OrderedDict"} and args:
            return first
        if name in {"dict", "defaultdict", "OrderedDict"}:
            return self._new("mapping")
        if name in {"heappush", "bisect_left", "bisect_right", "bisect", "insort"} and len(args) > 1:
            self.sought.append((first, args[1]))
            join(self._elements(first.vote("list")), args[1]).vote("ordered")
            if name.startswith(("bisect", "insort")):
                first.vote("sorted")
            return self._new("int")
        if name == "heappop":
            return self._elements(first.vote("list"))
        if name in {"nlargest", "nsmallest"} and len(args) > 1:
            first.vote("int")
            made = self._new("list")
            made.element = self._elements(args[1]).vote("ordered")
            return made
        if name in {"sqrt", "gcd", "floor", "ceil", "log", "isqrt", "factorial", "comb", "log2", "exp"}:
            for arg in args:
                arg.vote("int" if name in {"gcd", "isqrt", "factorial", "comb"} else "number")
            return self._new("number")
        if name in {"combinations", "permutations", "product"}:
            made = self._new("sequence")
            inner = self._new("tuple")
            inner.element = self._elements(first)
            made.element = inner
            for arg in args[1:]:
                arg.vote("iterable" if name == "product" else "int")
            return made
        if name == "print":
            return self._new()
        cls = self.names.get(name)
        if isinstance(cls, type):
            return self._new()
        return self._new()

    def _same_element(self, name: str, args: List[Place]) -> Place:
        made = self._new(
            "set" if name in {"set", "frozenset"} else "mapping" if name == "Counter" else "sequence"
        )
        for arg in args[:1] if name != "chain" else args:
            element = self._elements(arg)
            if name == "sorted":
                element.vote("ordered")
            if name in {"set", "frozenset", "Counter"}:
                element.vote("hashed")
            made.element = element if made.element is None else join(made.element, element)
        if name == "Counter":
            made.key = made.element
            made.part("value").vote("int")
        if name in {"copy", "deepcopy"} and args:
            return args[0]
        return made

    def _paired(self, name: str, args: List[Place]) -> Place:
        made, pair = self._new("sequence"), self._new("tuple")
        made.element = pair
        columns = [self._elements(arg) for arg in args]
        if name == "enumerate":
            columns = [self._new("int"), *columns[:1]]
        pair.at = dict(enumerate(columns))
        if name == "zip" and len(args) > 1:
            self.measured.append((args[0], args[1]))
        return made

    def _mapped(self, name: str, args: List[Place], node: ast.Call) -> Place:
        made = self._new("sequence")
        function = node.args[0] if node.args else None
        columns = [self._elements(arg) for arg in (args if isinstance(function, ast.Lambda) else args[1:])]
        if isinstance(function, ast.Lambda):
            given = columns[:1] * 2 if name == "reduce" else columns
            made.element = self._lambda_on(function, given)
        elif isinstance(function, ast.Name):
            if function.id in {"int", "float"} and columns:
                columns[0].vote("numeral", f"numeral {function.id}")
                made.element = self._new("int")
            elif function.id in self._functions or function.id in self._known:
                made.element = self._local(function.id, columns, ast.Call(function, [], []))
            elif function.id in self.env:
                self.env[function.id].vote("callable")
        if name == "filter" and columns:
            made.element = columns[0]
        return made

    def _method(self, node: ast.Call, func: ast.Attribute) -> Place:
        name = func.attr
        args = [self._value(arg) for arg in node.args if not isinstance(arg, ast.Lambda)]
        base = func.value
        if isinstance(base, ast.Name) and base.id not in self.env:
            module = self.names.get(base.id)
            if type(module).__name__ == "module" or base.id in {"re", "math", "heapq", "bisect", "itertools"}:
                return self._module_call(base.id, name, args, node)
            if isinstance(module, re.Pattern) and isinstance(module.pattern, str):
                for arg in args[1:2] if name in {"sub", "subn"} else args[:1]:
                    arg.vote("str").patterns[module.pattern] = None
                return self._new()
        if isinstance(base, ast.Constant) and isinstance(base.value, str):
            self.words.add(base.value)
            if name == "join" and args:
                self._elements(args[0]).vote("str")
            return self._new("str")
        if _is_super(base) and self._owner is not None:
            return self._inherited(name, args)
        if name in {"strptime", "fromisoformat"} and args and not isinstance(base, ast.Call):
            return self._moment(base, name, args)
        owner = self._value(base)
        if name in _OF_SPANS:
            self._between_moments(owner)
        if self._self is not None and owner.root() is self._self.root() and name in self.own:
            return self._own_method(name, args)
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Lambda):
                self._lambda_on(keyword.value, [owner.part("element")])
            else:
                self._value(keyword.value)
        handler = getattr(self, f"_call_{name}", None)
        if handler is not None:
            return typing.cast(Place, handler(owner, args, node))
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
                return self._split(owner, "\n")
            return self._new("bool" if name.startswith("is") else "int")
        made = owner.root().attrs.setdefault(name, self._new()).root()
        made.vote("method")
        return self._new()

    def _own_method(self, name: str, args: List[Place]) -> Place:
        if name not in self._own_known:
            outer, self.env = self.env, {}
            self.function(self.own[name])
            self.env = outer
        if name not in self._own_known:
            return self._new()
        places, result = self._own_known[name]
        for place, arg in zip(places, args):
            join(place, arg)
        return result

    def _inherited(self, name: str, args: List[Place]) -> Place:
        """Join the arguments of a call by ``super()`` with the parameters of the method it reaches."""
        assert self._owner is not None
        for cls in self._lineage(self._owner)[1:]:
            for node in cls.body:
                if isinstance(node, ast.FunctionDef) and node.name == name and node.args.args:
                    outer, self.env = self.env, {}
                    places = self.function(node)
                    self.env = outer
                    assert self._self is not None
                    given = [places[arg.arg] for arg in node.args.args]
                    join(self._self, given[0])
                    for place, arg in zip(given[1:], args):
                        join(place, arg)
                    return self._new()
        return self._new()

    def _moment(self, base: ast.expr, name: str, args: List[Place]) -> Place:
        """Note that a text is read as a moment."""
        args[0].vote("str", "written moment")
        kind = base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")
        forms = [kind if kind == "date" else "datetime"]
        if name == "strptime":
            forms = [f for f in (args[1].root().literals if len(args) > 1 else ()) if isinstance(f, str)]
            self.words.difference_update(forms)
        args[0].root().forms.update(dict.fromkeys(forms))
        return self._new()

    def _module_call(self, module: str, name: str, args: List[Place], node: ast.Call) -> Place:
        if module == "re":
            for arg in args[: 3 if name == "sub" else 2]:
                arg.vote("str")
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                for arg in args[2:3] if name in {"sub", "subn"} else args[1:2]:
                    arg.root().patterns[node.args[0].value] = None
                self.words.discard(node.args[0].value)
            if args and name in {"split", "findall"}:
                made = self._new("list")
                made.part("element").vote("str")
                return made
            return self._new()
        if module in {"json", "ast"} and name in {"loads", "literal_eval"} and args:
            args[0].vote("str", "json")
            return self._new()
        return self._builtin("chain" if name == "from_iterable" else name, args, node)

    # Methods whose name tells something

    def _call_split(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("str")
        for arg in args[:1]:
            arg.vote("str")
        separators = [s for s in (args[0].root().literals if args else {"": None}) if isinstance(s, str)]
        return self._split(owner, separators[0] if separators else ",")

    _call_rsplit = _call_split

    def _call_partition(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        parts = self._call_split(owner, args, node)
        made = self._new("tuple")
        made.at = {0: parts.position(0), 1: self._new("str"), 2: parts.position(1)}
        parts.root().arity.add(2)
        return made

    _call_rpartition = _call_partition

    def _split(self, owner: Place, separator: str) -> Place:
        owner.vote("str")
        made = owner.root().parts.setdefault(separator, self._new("list")).root()
        made.part("element").vote("str")
        return made

    def _call_splitlines(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        return self._split(owner, "\n")

    def _call_join(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("str")
        if args:
            self._elements(args[0]).vote("str")
        return self._new("str")

    def _call_append(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("list")
        if args:
            join(owner.part("element"), args[0])
        return self._new()

    _call_appendleft = _call_append

    def _call_extend(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("list")
        if args:
            join(owner.part("element"), self._elements(args[0]))
        return self._new()

    def _call_insert(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("list")
        if len(args) > 1:
            join(owner.part("element"), args[1])
        return self._new()

    def _call_sort(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("list").part("element").vote("ordered")
        return self._new()

    def _call_reverse(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("list")
        return self._new()

    def _call_remove(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("list")
        if args:
            self.sought.append((owner, args[0]))
            join(owner.part("element"), args[0])
        return self._new()

    def _call_index(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("sequence")
        if args:
            self.sought.append((owner, args[0]))
            join(owner.part("element"), args[0])
        return self._new("int")

    def _call_count(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        return self._call_index(owner, args, node)

    def _call_popleft(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("deque")
        return owner.part("element")

    def _call_pop(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        if len(node.args) == 2 or (args and "str" in args[0].root().votes):
            owner.vote("mapping")
            join(owner.part("key"), args[0])
            return owner.part("value")
        owner.vote("iterable")
        return owner.part("element")

    def _call_copy(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        return owner

    def _call_add(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("set")
        if args:
            join(owner.part("element"), args[0]).vote("hashed")
        return self._new()

    _call_discard = _call_add

    def _call_union(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("set")
        for arg in args:
            join(owner.part("element"), self._elements(arg))
        return owner

    _call_intersection = _call_union
    _call_difference = _call_union
    _call_symmetric_difference = _call_union
    _call_issubset = _call_union
    _call_issuperset = _call_union
    _call_isdisjoint = _call_union

    def _call_items(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("mapping")
        made, pair = self._new("sequence"), self._new("tuple")
        pair.at = {0: owner.part("key"), 1: owner.part("value")}
        made.element = pair
        return made

    def _call_keys(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        made = self._new("sequence")
        made.element = owner.vote("mapping").part("key")
        return made

    def _call_values(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        made = self._new("sequence")
        made.element = owner.vote("mapping").part("value")
        return made

    def _call_get(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        owner.vote("mapping")
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            field = self._field(owner.vote("record"), node.args[0].value)
            field.vote("optional")
            if len(args) > 1 and not _is_none(node.args[1]):
                join(field, args[1])
            return field.root()
        if args:
            self.sought.append((owner, args[0]))
            join(owner.part("key"), args[0])
        if len(args) > 1 and not _is_none(node.args[1]):
            join(owner.part("value"), args[1])
        return owner.part("value")

    _call_setdefault = _call_get

    def _call_update(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        if args and "mapping" in args[0].root().votes:
            join(owner, args[0])
        return self._new()

    def _call_most_common(self, owner: Place, args: List[Place], node: ast.Call) -> Place:
        for arg in args:
            arg.vote("int")
        return self._call_items(owner, args, node)

    def settle(self) -> None:
        """Decide between list and dict for what was subscripted, until nothing changes any more."""
        for _ in range(6):
            changed = False
            seen = set()
            todo = list(self.places)
            while todo:
                here = todo.pop().root()
                if id(here) not in seen:
                    seen.add(id(here))
                    changed = settle(here) or changed
                    todo += parts_of(here.root())
            if not changed:
                return


def _is_display(node: ast.expr) -> bool:
    return isinstance(node, (ast.List, ast.Tuple, ast.ListComp)) or _is_text(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


_OF_SPANS = frozenset({"days", "seconds", "total_seconds", "microseconds"})
"""What only the time between two moments has."""


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _is_static(node: Definition) -> bool:
    names = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    return bool(names & {"staticmethod", "classmethod"})
