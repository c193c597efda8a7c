"""Mutation operators: each says, for one node of a syntax tree, what a slip would have put in its place.

The table at the end is the catalogue. An operator knows nothing of where its node stands, and returns new
nodes only: the tree it looks at stays as it is.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Replacements = Iterator[ast.AST]


@dataclass(frozen=True, slots=True)
class Operator:
    """One kind of slip."""

    name: str
    says: str
    """What it does, in a few words."""
    of: Callable[[ast.AST], Replacements]
    """Yields what could stand in the place of a node."""


_BOUNDARIES: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_TURNED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_DIVISIONS: Mapping[type[ast.operator], type[ast.operator]] = {ast.Div: ast.FloorDiv, ast.FloorDiv: ast.Div}
_FUNCTIONS: Mapping[str, str] = {"min": "max", "max": "min", "any": "all", "all": "any", "int": "round"}
_METHODS: Mapping[str, str] = {
    "startswith": "endswith",
    "endswith": "startswith",
    "lower": "upper",
    "upper": "lower",
    "strip": "rstrip",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
    "partition": "rpartition",
    "rpartition": "partition",
    "find": "rfind",
    "rfind": "find",
    "append": "extend",
    "extend": "append",
    "popleft": "pop",
    "isdigit": "isalnum",
    "isalnum": "isalpha",
    "isspace": "isdigit",
    "isupper": "islower",
    "keys": "values",
    "items": "keys",
    "setdefault": "get",
    "match": "search",
    "search": "match",
}
_DROPPED = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title", "capitalize", "encode", "replace"}
)
_COPYING = frozenset({"list", "dict", "set", "tuple", "sorted"})
_CONVERTING = frozenset({"abs", "int", "str", "round", "len", "bool", "max"})
_EXCEPTIONS: Mapping[str, str] = {
    "ValueError": "TypeError",
    "TypeError": "ValueError",
    "KeyError": "IndexError",
    "IndexError": "KeyError",
    "StatisticsError": "ValueError",
}


def _boundary(node: ast.AST) -> Replacements:
    yield from _other_comparison(node, _BOUNDARIES)


def _turned(node: ast.AST) -> Replacements:
    yield from _other_comparison(node, _TURNED)


def _other_comparison(node: ast.AST, table: Mapping[type[ast.cmpop], type[ast.cmpop]]) -> Replacements:
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            if type(op) in table:
                new = copy.deepcopy(node)
                new.ops[at] = table[type(op)]()
                yield new


def _negated(node: ast.AST) -> Replacements:
    if isinstance(node, ast.If | ast.IfExp):
        new = copy.deepcopy(node)
        new.test = ast.UnaryOp(op=ast.Not(), operand=new.test)
        yield new
    elif isinstance(node, ast.comprehension) and node.ifs:
        again = copy.deepcopy(node)
        again.ifs[0] = ast.UnaryOp(op=ast.Not(), operand=again.ifs[0])
        yield again


def _settled(node: ast.AST) -> Replacements:
    if isinstance(node, ast.If | ast.IfExp):
        for value in (True, False):
            new = copy.deepcopy(node)
            new.test = ast.Constant(value)
            yield new


def _filter_dropped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.comprehension) and node.ifs:
        new = copy.deepcopy(node)
        new.ifs = new.ifs[1:]
        yield new


def _not_removed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield copy.deepcopy(node.operand)


def _sign_removed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield copy.deepcopy(node.operand)


def _and_or(node: ast.AST) -> Replacements:
    if isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield new


def _operand_dropped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.BoolOp):
        for at in range(len(node.values)):
            kept = [copy.deepcopy(value) for i, value in enumerate(node.values) if i != at]
            yield kept[0] if len(kept) == 1 else ast.BoolOp(op=node.op, values=kept)


def _off_by_one(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)


def _float_constant(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Constant) and type(node.value) is float:
        yield ast.Constant(node.value * (1 + 1e-9) if node.value else 1e-9)


def _bool_constant(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield ast.Constant(not node.value)


def _string_constant(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Constant) and type(node.value) is str:
        yield ast.Constant(node.value + "!")
        if node.value:
            yield ast.Constant("")


def _arithmetic(node: ast.AST) -> Replacements:
    yield from _other_operation(node, _ARITHMETIC)


def _division(node: ast.AST) -> Replacements:
    yield from _other_operation(node, _DIVISIONS)


def _other_operation(node: ast.AST, table: Mapping[type[ast.operator], type[ast.operator]]) -> Replacements:
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in table:
        new = copy.deepcopy(node)
        new.op = table[type(node.op)]()
        yield new


def _operand_only(node: ast.AST) -> Replacements:
    if isinstance(node, ast.BinOp):
        yield copy.deepcopy(node.left)
        yield copy.deepcopy(node.right)


def _not_added_up(node: ast.AST) -> Replacements:
    if isinstance(node, ast.AugAssign):
        yield ast.Assign(targets=[copy.deepcopy(node.target)], value=copy.deepcopy(node.value))


def _statement_removed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Raise | ast.Delete) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield)
    ):
        yield ast.Pass()


def _guard_removed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.If) and not node.orelse:
        yield ast.Pass()


def _branch_lost(node: ast.AST) -> Replacements:
    if isinstance(node, ast.If) and node.orelse:
        new = copy.deepcopy(node)
        new.orelse = []
        yield new


def _nothing_returned(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield ast.Return(value=ast.Constant(None))
    elif isinstance(node, ast.Return):
        yield ast.Pass()


def _first_turn_only(node: ast.AST) -> Replacements:
    if isinstance(node, ast.For):
        new = copy.deepcopy(node)
        new.body.append(ast.Break())
        yield new


def _exit_swapped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()


def _exit_removed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Break | ast.Continue):
        yield ast.Pass()


def _loop_reversed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.For | ast.comprehension):
        new = copy.deepcopy(node)
        new.iter = _call("reversed", _call("list", new.iter))
        yield new


def _first_left_out(node: ast.AST) -> Replacements:
    if isinstance(node, ast.For | ast.comprehension):
        new = copy.deepcopy(node)
        new.iter = ast.Subscript(
            value=_call("list", new.iter), slice=ast.Slice(lower=ast.Constant(1)), ctx=ast.Load()
        )
        yield new


def _range_bounds(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and _name(node.func) == "range" and node.args:
        stop = min(1, len(node.args) - 1)
        for change in (-1, 1):
            new = copy.deepcopy(node)
            new.args[stop] = _plus(new.args[stop], change)
            yield new
        if stop:
            again = copy.deepcopy(node)
            again.args[0] = _plus(again.args[0], 1)
            yield again


def _slice_bounds(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Slice):
        for side in ("lower", "upper"):
            bound = getattr(node, side)
            if bound is not None:
                for value in (None, _plus(bound, 1), _plus(bound, -1)):
                    new = copy.deepcopy(node)
                    setattr(new, side, copy.deepcopy(value))
                    yield new


def _index(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice | ast.Constant | ast.Tuple):
        new = copy.deepcopy(node)
        new.slice = _plus(new.slice, -1)
        yield new


def _arguments_swapped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and len(node.args) >= 2 and _name(node.func) not in {"min", "max"}:
        new = copy.deepcopy(node)
        new.args[0], new.args[1] = new.args[1], new.args[0]
        yield new


def _argument_dropped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        new = copy.deepcopy(node)
        new.args.pop()
        yield new


def _operands_swapped(node: ast.AST) -> Replacements:
    if not isinstance(node, ast.BinOp) or isinstance(node.op, ast.Mult | ast.BitAnd | ast.BitOr | ast.BitXor):
        return
    # A sum is turned round where it may be one of texts or lists: numbers do not mind.
    numeric = any(
        isinstance(side, ast.Constant) and type(side.value) is int for side in (node.left, node.right)
    )
    if not (isinstance(node.op, ast.Add) and numeric):
        new = copy.deepcopy(node)
        new.left, new.right = new.right, new.left
        yield new


def _pair_swapped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Tuple) and len(node.elts) >= 2 and isinstance(node.ctx, ast.Load):
        new = copy.deepcopy(node)
        new.elts[0], new.elts[1] = new.elts[1], new.elts[0]
        yield new


def _order_changed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Dict) and len(node.keys) >= 2:
        yield ast.Dict(keys=copy.deepcopy(node.keys[::-1]), values=copy.deepcopy(node.values[::-1]))


def _sort_dropped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and _name(node.func) in {"sorted", "reversed"} and node.args:
        yield _call("list", copy.deepcopy(node.args[0]))


def _sort_otherwise(node: ast.AST) -> Replacements:
    if not isinstance(node, ast.Call):
        return
    for at, keyword in enumerate(node.keywords):
        if keyword.arg in {"key", "reverse", "default"}:
            new = copy.deepcopy(node)
            del new.keywords[at]
            yield new
    if _name(node.func) == "sorted" and all(keyword.arg != "reverse" for keyword in node.keywords):
        again = copy.deepcopy(node)
        again.keywords.append(ast.keyword(arg="reverse", value=ast.Constant(True)))
        yield again


def _dedupe_lost(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and _name(node.func) in {"set", "frozenset"} and node.args:
        yield _call("list", copy.deepcopy(node.args[0]))
    elif isinstance(node, ast.SetComp):
        yield ast.ListComp(elt=copy.deepcopy(node.elt), generators=copy.deepcopy(node.generators))


def _copy_removed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call):
        if _name(node.func) in _COPYING and len(node.args) == 1 and not node.keywords:
            yield copy.deepcopy(node.args[0])
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not node.args:
            yield copy.deepcopy(node.func.value)
    elif (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Slice)
        and node.slice.lower is node.slice.upper is node.slice.step is None
    ):
        yield copy.deepcopy(node.value)


def _rows_shared(node: ast.AST) -> Replacements:
    if (
        isinstance(node, ast.ListComp)
        and isinstance(node.generators[0].iter, ast.Call)
        and _name(node.generators[0].iter.func) == "range"
        and len(node.generators[0].iter.args) == 1
        and _name(node.generators[0].target) == "_"
    ):
        yield ast.BinOp(
            left=ast.List(elts=[copy.deepcopy(node.elt)], ctx=ast.Load()),
            op=ast.Mult(),
            right=copy.deepcopy(node.generators[0].iter.args[0]),
        )


def _cleaning_dropped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _DROPPED:
        yield copy.deepcopy(node.func.value)


def _call_dropped(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and _name(node.func) in _CONVERTING and node.args:
        yield copy.deepcopy(node.args[0])


def _other_function(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and _name(node.func) in _FUNCTIONS:
        new = copy.deepcopy(node)
        new.func = ast.Name(id=_FUNCTIONS[_name(node.func)], ctx=ast.Load())
        yield new


def _other_method(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        new = copy.deepcopy(node)
        assert isinstance(new.func, ast.Attribute)
        new.func.attr = _METHODS[node.func.attr]
        yield new


def _accumulator(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        value = node.value
        other: ast.expr | None = None
        if isinstance(value, ast.List) and not value.elts:
            other = ast.List(elts=[ast.Constant(None)], ctx=ast.Load())
        elif isinstance(value, ast.Dict) and not value.keys:
            other = ast.Dict(keys=[ast.Constant("")], values=[ast.Constant(0)])
        elif isinstance(value, ast.Constant) and value.value == "":
            other = ast.Constant(" ")
        elif isinstance(value, ast.Constant) and type(value.value) is float:
            other = ast.Constant(value.value + 1)
        if other is not None:
            new = copy.deepcopy(node)
            new.value = other
            yield new


def _exception(node: ast.AST) -> Replacements:
    if isinstance(node, ast.Raise) and node.exc is not None:
        new = copy.deepcopy(node)
        raised = new.exc.func if isinstance(new.exc, ast.Call) else new.exc
        if isinstance(raised, ast.Name) and raised.id in _EXCEPTIONS:
            raised.id = _EXCEPTIONS[raised.id]
            yield new


def _caught_otherwise(node: ast.AST) -> Replacements:
    if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name):
        new = copy.deepcopy(node)
        new.type = ast.Name(id="ZeroDivisionError", ctx=ast.Load())
        yield new


def _default_changed(node: ast.AST) -> Replacements:
    if isinstance(node, ast.arguments):
        for at, default in enumerate(node.defaults):
            if isinstance(default, ast.Constant) and type(default.value) is int:
                new = copy.deepcopy(node)
                new.defaults[at] = ast.Constant(default.value + 1)
                yield new


def _made_eager(node: ast.AST) -> Replacements:
    if isinstance(node, ast.FunctionDef) and any(
        isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(node)
    ):
        inner = copy.deepcopy(node)
        inner.name, inner.args, inner.decorator_list, inner.returns = (
            "all_at_once",
            ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]),
            [],
            None,
        )
        if _rebinds_a_parameter(node):
            return
        new = copy.deepcopy(node)
        new.body = [
            inner,
            ast.Expr(ast.YieldFrom(_call("list", _call("all_at_once")))),
        ]
        yield new


def _rebinds_a_parameter(node: ast.FunctionDef) -> bool:
    names = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    return any(
        isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n.id in names for n in ast.walk(node)
    )


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=list(arguments), keywords=[])


def _plus(value: ast.expr, change: int) -> ast.expr:
    op: ast.operator = ast.Add() if change > 0 else ast.Sub()
    return ast.BinOp(left=copy.deepcopy(value), op=op, right=ast.Constant(abs(change)))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


OPERATORS: tuple[Operator, ...] = (
    Operator("comparison-boundary", "< becomes <=", _boundary),
    Operator("comparison-turned", "< becomes >, == becomes !=", _turned),
    Operator("condition-negated", "if a becomes if not a", _negated),
    Operator("condition-settled", "if a becomes if True or if False", _settled),
    Operator("filter-dropped", "a comprehension without its if", _filter_dropped),
    Operator("not-removed", "not a becomes a", _not_removed),
    Operator("sign-removed", "-a becomes a", _sign_removed),
    Operator("and-or", "and becomes or", _and_or),
    Operator("operand-dropped", "a and b becomes a", _operand_dropped),
    Operator("constant-off-by-one", "a whole number one larger or smaller", _off_by_one),
    Operator("float-constant", "a float a billionth larger", _float_constant),
    Operator("bool-constant", "True becomes False", _bool_constant),
    Operator("string-constant", "a text with one sign more, or empty", _string_constant),
    Operator("arithmetic-swapped", "+ becomes -", _arithmetic),
    Operator("division-swapped", "/ becomes //", _division),
    Operator("operand-only", "a + b becomes a", _operand_only),
    Operator("operands-swapped", "a - b becomes b - a", _operands_swapped),
    Operator("not-added-up", "a += b becomes a = b", _not_added_up),
    Operator("statement-removed", "a statement left out", _statement_removed),
    Operator("guard-removed", "an if without else left out", _guard_removed),
    Operator("branch-lost", "an else or elif left out", _branch_lost),
    Operator("nothing-returned", "return a becomes return None", _nothing_returned),
    Operator("first-turn-only", "a loop left after its first turn", _first_turn_only),
    Operator("exit-swapped", "break becomes continue", _exit_swapped),
    Operator("exit-removed", "break or continue left out", _exit_removed),
    Operator("loop-reversed", "a loop run backwards", _loop_reversed),
    Operator("first-left-out", "a loop without its first item", _first_left_out),
    Operator("range-bounds", "range one longer, shorter or later", _range_bounds),
    Operator("slice-bounds", "a bound of a slice moved or left out", _slice_bounds),
    Operator("index-off-by-one", "a[i] becomes a[i - 1]", _index),
    Operator("arguments-swapped", "f(a, b) becomes f(b, a)", _arguments_swapped),
    Operator("argument-dropped", "f(a, b) becomes f(a)", _argument_dropped),
    Operator("pair-swapped", "(a, b) becomes (b, a)", _pair_swapped),
    Operator("dict-order", "a dict written in the other order", _order_changed),
    Operator("sort-dropped", "sorted(a) becomes list(a)", _sort_dropped),
    Operator("sort-otherwise", "sorted without its key, or the other way round", _sort_otherwise),
    Operator("dedupe-lost", "set(a) becomes list(a)", _dedupe_lost),
    Operator("copy-removed", "list(a) becomes a", _copy_removed),
    Operator("rows-shared", "[[0] * m for _ in range(n)] becomes [[0] * m] * n", _rows_shared),
    Operator("cleaning-dropped", "a.strip() becomes a", _cleaning_dropped),
    Operator("call-dropped", "abs(a) becomes a", _call_dropped),
    Operator("other-function", "min becomes max", _other_function),
    Operator("other-method", "startswith becomes endswith", _other_method),
    Operator("accumulator-started-otherwise", "[] becomes [None]", _accumulator),
    Operator("other-exception", "raise ValueError becomes raise TypeError", _exception),
    Operator("caught-otherwise", "except KeyError becomes except ZeroDivisionError", _caught_otherwise),
    Operator("default-changed", "def f(n=1) becomes def f(n=2)", _default_changed),
    Operator("made-eager", "a generator that does all its work at once", _made_eager),
)
