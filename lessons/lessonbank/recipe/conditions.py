"""The conditions a recipe may state: each a named predicate over one match.

A condition is written ``name(ARGUMENT, ...)`` in a recipe's ``where``; ``not`` may stand before it and ``or``
between two. Arguments are holes without their ``$``, kinds joined by ``|``, numbers, or regions.

A region is a hole, ``match`` (what the pattern covers), ``loop`` (the loop the hoist leaves, or the innermost
one around the match) or ``function`` (the whole body). Every condition errs towards refusing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lessonbank.recipe.effects import (
    has_suspension,
    is_pure,
    is_pure_call,
    is_steady,
    is_unchanged,
    runs_unknown_code,
)
from lessonbank.recipe.kinds import annotation_of, is_kind, may_be_kind
from lessonbank.recipe.pattern import Bindings, Many
from lessonbank.recipe.scope import COMPREHENSIONS, LOOPS, NESTED_SCOPES, Function, Role
from lessonbank.recipe.tree import Node

REGIONS = frozenset({"match", "loop", "function"})


@dataclass(frozen=True, slots=True)
class Site:
    """One match in one function, as the conditions see it."""

    function: Function
    nodes: tuple[Node, ...]
    bindings: Bindings
    loop: Node | None = None

    def node(self, hole: str) -> Node | None:
        """The one node a hole stands for; None when it stands for several."""
        value = self.bindings[hole].value
        return value if isinstance(value, Node) else None

    def region(self, name: str) -> tuple[Node, ...]:
        """The nodes of a region."""
        if name == "match":
            return self.nodes
        if name == "function":
            return (self.function.body,)
        if name == "loop":
            loop = self.loop or next(self.function.loops_around(self.nodes[0]), None)
            return (loop,) if loop is not None else ()
        value = self.bindings[name].value
        return value.nodes if isinstance(value, Many) else (value,)


@dataclass(frozen=True, slots=True)
class Condition:
    """A predicate with the number of arguments it takes; ``holes`` of them are holes or regions."""

    check: Callable[..., bool]
    arguments: int
    holes: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition as a recipe states it."""

    name: str
    arguments: tuple[str, ...]
    negated: bool

    def holds(self, site: Site) -> bool:
        """Whether the condition holds at the site."""
        return CONDITIONS[self.name].check(site, *self.arguments) is not self.negated


_CLAUSE = re.compile(r"(not )?([a-z_]+)\(([^()]*)\)")


def read_condition(text: str, holes: frozenset[str]) -> tuple[Clause, ...]:
    """Read one entry of ``where``: alternatives, one of which must hold.

    Raises ValueError saying what is off.
    """
    return tuple(_clause(part.strip(), holes) for part in text.split(" or "))


def _clause(text: str, holes: frozenset[str]) -> Clause:
    found = _CLAUSE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not written as name(ARGUMENT, ...)")
    negated, name, inside = found.groups()
    condition = CONDITIONS.get(name)
    if condition is None:
        raise ValueError(f"there is no condition {name!r}; there are {', '.join(sorted(CONDITIONS))}")
    arguments = tuple(part.strip() for part in inside.split(",")) if inside.strip() else ()
    if len(arguments) != condition.arguments:
        raise ValueError(f"{name!r} takes {condition.arguments} arguments, not {len(arguments)}")
    for argument in arguments[: condition.holes]:
        if argument not in holes and argument not in REGIONS:
            raise ValueError(f"{text!r} names {argument!r}, which the pattern does not bind")
    for argument in arguments[condition.holes :]:
        if name in {"at_least", "recursive"} and not argument.isdigit():
            raise ValueError(f"{text!r} needs a number, not {argument!r}")
    return Clause(name, arguments, bool(negated))


def identifier(site: Site, hole: str) -> bool:
    """The hole stands for a plain name."""
    node = site.node(hole)
    return node is not None and node.type == "identifier"


def simple(site: Site, hole: str) -> bool:
    """The hole stands for a name, a chain of attributes of a name, or a literal: cheap to write twice."""
    node = site.node(hole)
    while node is not None and node.type == "attribute":
        node = node.child("object")
    return node is not None and (node.type == "identifier" or _is_literal(node))


def local(site: Site, hole: str) -> bool:
    """The hole is a name that the function binds itself and shares with nobody."""
    node = site.node(hole)
    if node is None or node.type != "identifier" or node.text is None:
        return False
    function = site.function
    return (
        function.is_bound(node.text)
        and not function.is_declared(node.text)
        and not function.is_captured(node.text)
    )


def parameter(site: Site, hole: str) -> bool:
    """The hole is the name of a parameter of the function."""
    node = site.node(hole)
    return node is not None and any(
        role is Role.PARAMETER for _, role in site.function.references(node.text or "")
    )


def builtin(site: Site, hole: str) -> bool:
    """The hole is a name that means Python's own object."""
    node = site.node(hole)
    return node is not None and node.type == "identifier" and site.function.is_builtin(node.text or "")


def module_function(site: Site, hole: str) -> bool:
    """The hole is the name of a lower-case function of the module: not local, not builtin, not this one."""
    node = site.node(hole)
    if node is None or node.type != "identifier" or not node.text:
        return False
    function = site.function
    is_known = node.text in function.module_names or not function.module_names
    return (
        is_known
        and node.text.islower()
        and not function.is_builtin(node.text)
        and node.text != function.name
        and not function.is_bound(node.text)
    )


def pure(site: Site, hole: str) -> bool:
    """Evaluating the hole does nothing but compute: no unknown call, no await, yield or walrus."""
    return all(is_pure(node, site.function) for node in site.region(hole))


def unchanged(site: Site, hole: str, region: str) -> bool:
    """The hole has the same value throughout the region: nothing rebinds, changes or gives away its parts."""
    return all(is_unchanged(node, site.region(region), site.function) for node in site.region(hole))


def steady(site: Site, hole: str, region: str) -> bool:
    """The hole means the same object throughout the region, though its contents may change."""
    return all(is_steady(node, site.region(region), site.function) for node in site.region(hole))


def unused(site: Site, hole: str, region: str) -> bool:
    """None of the names of the hole occurs in the region."""
    names = {
        part.text or ""
        for node in site.region(hole)
        for part in node.walk()
        if part.type == "identifier" and part.field != "attribute"
    }
    inside = site.region(region)
    return not any(True for name in names for _ in site.function.references_in(name, inside))


def unassigned(site: Site, hole: str, region: str) -> bool:
    """No name of the hole is bound in the region."""
    names = {
        part.text or "" for node in site.region(hole) for part in node.walk() if part.type == "identifier"
    }
    inside = site.region(region)
    return not any(
        role is not Role.LOAD for name in names for _, role in site.function.references_in(name, inside)
    )


def unused_after(site: Site, hole: str) -> bool:
    """Nothing reads the names of the hole once the match is over."""
    names = {
        part.text or ""
        for node in site.region(hole)
        for part in node.walk()
        if part.type == "identifier" and part.field != "attribute"
    }
    return all(_is_dead_after(name, site) for name in names)


def literal(site: Site, hole: str) -> bool:
    """The hole is a literal: number, plain string, True, False or None."""
    node = site.node(hole)
    return node is not None and _is_literal(node)


def constants(site: Site, hole: str) -> bool:
    """The hole is a list or tuple of hashable literals only."""
    node = site.node(hole)
    if node is None or node.type not in {"list", "tuple", "set"}:
        return False
    return bool(node.children) and all(_is_literal(child) for child in node.children)


def at_least(site: Site, hole: str, count: str) -> bool:
    """The hole has at least so many elements."""
    value = site.bindings[hole].value
    nodes = value.nodes if isinstance(value, Many) else value.children
    return len(nodes) >= int(count)


def no_flow(site: Site, region: str) -> bool:
    """The region has no break, continue, return, raise, yield, await or nested definition."""
    stops = {
        "break_statement",
        "continue_statement",
        "return_statement",
        "raise_statement",
        "yield",
        "await",
    } | NESTED_SCOPES - {"lambda"}
    return not any(part.type in stops for node in site.region(region) for part in node.walk())


def no_leave(site: Site, region: str) -> bool:
    """The region has no return, raise or yield that leaves before what follows the loop could run."""
    stops = {"return_statement", "raise_statement", "yield"}
    return not any(_has_jump(node, stops) for node in site.region(region))


def no_jump(site: Site, region: str) -> bool:
    """The region has no break or continue that belongs to a loop around the region."""
    return not any(_has_jump(node, {"break_statement", "continue_statement"}) for node in site.region(region))


def no_continue(site: Site, region: str) -> bool:
    """The region has no continue that belongs to a loop around the region."""
    return not any(_has_jump(node, {"continue_statement"}) for node in site.region(region))


def no_break(site: Site, region: str) -> bool:
    """The region has no break that belongs to a loop around the region."""
    return not any(_has_jump(node, {"break_statement"}) for node in site.region(region))


def uninterrupted(site: Site, region: str) -> bool:
    """No yield or await in the region, so no other code runs in its middle."""
    return not has_suspension(site.region(region))


def computes(site: Site, region: str) -> bool:
    """Nothing runs in the region but known builtins and methods of builtin types."""
    return not runs_unknown_code(site.region(region), site.function)


def maybe(site: Site, hole: str, kinds: str) -> bool:
    """The hole's value may be of one of the kinds: it is not known to be something else."""
    node = site.node(hole)
    return node is not None and may_be_kind(node, _kinds(kinds), site.function)


def known(site: Site, hole: str, kinds: str) -> bool:
    """The hole's value is known to be of one of the kinds."""
    node = site.node(hole)
    return node is not None and is_kind(node, _kinds(kinds), site.function)


def not_annotated(site: Site, hole: str, word: str) -> bool:
    """The annotation of the name, if there is one, does not mention the word."""
    node = site.node(hole)
    if node is None or node.type != "identifier":
        return True
    annotation = annotation_of(node.text or "", site.function)
    return annotation is None or re.search(rf"\b{re.escape(word)}\b", annotation) is None


def in_loop(site: Site, region: str) -> bool:
    """The region is repeated by a loop of the function."""
    nodes = site.region(region)
    return bool(nodes) and next(site.function.loops_around(nodes[0]), None) is not None


def iterates(site: Site, hole: str) -> bool:
    """The loop runs over the very value of the hole, so that is not empty when the loop's body runs."""
    loop, node = next(iter(site.region("loop")), None), site.node(hole)
    if loop is None or node is None:
        return False
    if loop.type in COMPREHENSIONS:
        loop = next(child for child in loop.children if child.type == "for_in_clause")
    right = loop.child("right")
    return right is not None and right.key == node.key


def used(site: Site, hole: str, method: str, argument: str) -> bool:
    """Somewhere in the function, inside a loop, ``hole.method(argument, ...)`` is called."""
    node = site.node(hole)
    if node is None:
        return False
    for reference, _ in site.function.references(node.text or ""):
        attribute = reference.parent
        call = attribute.parent if attribute is not None else None
        if attribute is None or call is None or call.type != "call" or attribute.field != "function":
            continue
        name, arguments = attribute.child("attribute"), call.child("arguments")
        is_it = name is not None and name.text == method and arguments is not None and arguments.children
        if is_it and arguments is not None and arguments.children[0].text == argument:
            return next(site.function.loops_around(call), None) is not None
    return False


def natural(site: Site, hole: str) -> bool:
    """The hole is a whole number, written out and not negative."""
    node = site.node(hole)
    return node is not None and node.type == "integer"


def targets(site: Site, hole: str) -> bool:
    """The hole binds plain names only, so that a comprehension can bind them too."""
    return all(
        part.type in {"identifier", "tuple", "list"} for node in site.region(hole) for part in node.walk()
    )


def already(site: Site, region: str) -> bool:
    """The region stands last in a conditional expression: the way out of an earlier rewrite."""
    node = site.region(region)[0]
    parent = node.parent
    return parent is not None and parent.type == "conditional_expression" and parent.children[-1] is node


def unguarded(site: Site, region: str) -> bool:
    """No try statement around the region could see how far it got before an exception."""
    around = site.region(region)[0].ancestors()
    return not any(node.type == "try_statement" for node in around)


def sequence(site: Site, hole: str) -> bool:
    """The hole may be iterated over twice: it is not known to be an iterator."""
    node = site.node(hole)
    return node is not None and not is_kind(node, frozenset({"iterator"}), site.function)


def distinct(site: Site, first: str, second: str) -> bool:
    """The two holes stand for different things."""
    return site.bindings[first].value.key != site.bindings[second].value.key


def text(site: Site, hole: str) -> bool:
    """The hole is a plain string literal without a prefix."""
    node = site.node(hole)
    return node is not None and node.type == "string" and node.text is not None and node.text[0] in "'\""


def single(site: Site, hole: str) -> bool:
    """The hole is one character, a number or a constant, so that `count` and `==` agree about it."""
    node = site.node(hole)
    if node is None or not _is_literal(node):
        return False
    return node.type != "string" or (node.text is not None and len(node.text) == 3 and node.text[0] in "'\"")


def mentions(site: Site, hole: str, other: str) -> bool:
    """The hole reads at least one of the names of the other."""
    return not unused(site, other, hole)


def imported(site: Site, hole: str) -> bool:
    """The hole begins with a name that the function does not bind: a module, a class or a global."""
    node = site.node(hole)
    while node is not None and node.type == "attribute":
        node = node.child("object")
    return node is not None and node.type == "identifier" and not site.function.is_bound(node.text or "")


def in_condition(site: Site, region: str) -> bool:
    """The region stands in the condition of a while loop."""
    node = site.region(region)[0]
    for outer in node.ancestors():
        if outer.type == "while_statement":
            return node.field == "condition"
        if outer.type == "block":
            return False
        node = outer
    return False


def displayed(site: Site, hole: str) -> bool:
    """The hole is a tuple, list or set written out."""
    node = site.node(hole)
    return node is None or node.type in {"tuple", "list", "set"}


def loaded(site: Site, region: str) -> bool:
    """The region is an expression that is read: not called, assigned to, or the owner of an attribute."""
    node = site.region(region)[0]
    parent = node.parent
    if parent is None or node.field in {"function", "object"}:
        return False
    while parent is not None and parent.type in {"tuple", "list", "list_splat"}:
        node, parent = parent, parent.parent
    if parent is None or parent.type in {"delete_statement", "as_pattern_target"}:
        return False
    targets = {"assignment", "augmented_assignment", "for_statement", "for_in_clause"}
    return not (node.field == "left" and parent.type in targets)


def value_used(site: Site, region: str) -> bool:
    """The region is an expression whose value goes somewhere, not a statement of its own."""
    parent = site.region(region)[0].parent
    return parent is not None and parent.type != "expression_statement"


def read_only_value(site: Site, region: str) -> bool:
    """The value of the expression is only compared, calculated with, iterated over or tested."""
    node = site.region(region)[0]
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "argument_list" and parent.parent is not None:
        return is_pure_call(parent.parent, site.function)
    if parent.type == "subscript":
        return True
    return parent.type in {
        "comparison_operator",
        "binary_operator",
        "unary_operator",
        "not_operator",
        "for_statement",
        "for_in_clause",
        "if_statement",
        "while_statement",
        "if_clause",
        "augmented_assignment",
        "interpolation",
    }


def plain_parameters(site: Site, hole: str) -> bool:
    """The parameters are positional names, without defaults, stars or separators."""
    nodes = site.region(hole)
    return bool(nodes) and all(
        node.type == "identifier"
        or (node.type == "typed_parameter" and node.children[0].type == "identifier")
        for node in nodes
    )


def recursive(site: Site, name: str, region: str, count: str) -> bool:
    """The region calls the function of this name at least so often, and does nothing impure otherwise."""
    node = site.node(name)
    if node is None or not node.text:
        return False
    calls = 0
    for reference, role in site.function.references_in(node.text, site.region(region)):
        is_call = reference.parent is not None and reference.parent.type == "call"
        if role is not Role.LOAD or not is_call or reference.field != "function":
            return False
        calls += 1
    return calls >= int(count) and _computes_only(site, region, frozenset({node.text}))


def undecorated(site: Site, region: str) -> bool:
    """The definition in the region carries no decorator."""
    parent = site.region(region)[0].parent
    return parent is None or parent.type != "decorated_definition"


def elementwise(site: Site, expression: str, index: str, array: str) -> bool:
    """The expression adds, subtracts and multiplies elements ``array[index]`` with numbers, nothing else."""
    root, at, whole = site.node(expression), site.node(index), site.node(array)
    return (
        root is not None and at is not None and whole is not None and _is_elementwise(root, at, whole, site)
    )


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "already": Condition(already, 1, 1),
        "at_least": Condition(at_least, 2, 1),
        "builtin": Condition(builtin, 1, 1),
        "computes": Condition(computes, 1, 1),
        "constants": Condition(constants, 1, 1),
        "displayed": Condition(displayed, 1, 1),
        "distinct": Condition(distinct, 2, 2),
        "elementwise": Condition(elementwise, 3, 3),
        "identifier": Condition(identifier, 1, 1),
        "imported": Condition(imported, 1, 1),
        "in_condition": Condition(in_condition, 1, 1),
        "in_loop": Condition(in_loop, 1, 1),
        "iterates": Condition(iterates, 1, 1),
        "known": Condition(known, 2, 1),
        "literal": Condition(literal, 1, 1),
        "local": Condition(local, 1, 1),
        "loaded": Condition(loaded, 1, 1),
        "maybe": Condition(maybe, 2, 1),
        "mentions": Condition(mentions, 2, 2),
        "module_function": Condition(module_function, 1, 1),
        "natural": Condition(natural, 1, 1),
        "no_break": Condition(no_break, 1, 1),
        "no_continue": Condition(no_continue, 1, 1),
        "no_flow": Condition(no_flow, 1, 1),
        "no_leave": Condition(no_leave, 1, 1),
        "no_jump": Condition(no_jump, 1, 1),
        "not_annotated": Condition(not_annotated, 2, 1),
        "parameter": Condition(parameter, 1, 1),
        "plain_parameters": Condition(plain_parameters, 1, 1),
        "pure": Condition(pure, 1, 1),
        "read_only_value": Condition(read_only_value, 1, 1),
        "recursive": Condition(recursive, 3, 2),
        "sequence": Condition(sequence, 1, 1),
        "simple": Condition(simple, 1, 1),
        "single": Condition(single, 1, 1),
        "steady": Condition(steady, 2, 2),
        "targets": Condition(targets, 1, 1),
        "text": Condition(text, 1, 1),
        "unassigned": Condition(unassigned, 2, 2),
        "unchanged": Condition(unchanged, 2, 2),
        "undecorated": Condition(undecorated, 1, 1),
        "uninterrupted": Condition(uninterrupted, 1, 1),
        "unguarded": Condition(unguarded, 1, 1),
        "unused": Condition(unused, 2, 2),
        "unused_after": Condition(unused_after, 1, 1),
        "used": Condition(used, 3, 1),
        "value_used": Condition(value_used, 1, 1),
    }
)


def _kinds(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split("|"))


def _is_literal(node: Node) -> bool:
    if node.type == "unary_operator":
        return len(node.children) == 2 and node.children[1].type in {"integer", "float"}
    if node.type == "string":
        return node.text is not None and not node.text[:2].lower().startswith(("f", "rf"))
    return node.type in {"integer", "float", "true", "false", "none"}


def _has_jump(node: Node, jumps: set[str]) -> bool:
    if node.type in jumps:
        return True
    if node.type in NESTED_SCOPES:
        return False
    for child in node.children:
        inner = jumps
        if node.type in {"for_statement", "while_statement"} and child.field == "body":
            inner = jumps - {"break_statement", "continue_statement"}
        if inner and _has_jump(child, inner):
            return True
    return False


def _is_dead_after(name: str, site: Site) -> bool:
    function = site.function
    if function.is_declared(name) or function.is_captured(name):
        return False
    end, start = site.nodes[-1].end, site.nodes[0].start
    references = function.own_references(name)
    around = [node for node in site.nodes[0].ancestors() if node.type in LOOPS]
    if around:
        # The next turn of an enclosing loop may read what this turn left behind.
        earlier = [(n, r) for n, r in references if around[-1].start <= n.start < start]
        if earlier and earlier[0][1] is not Role.STORE:
            return False
    blocks = {id(node) for node in site.nodes[0].ancestors() if node.type == "block"}
    later = [(n, r) for n, r in references if n.start >= end]
    while later:
        node, role = later[0]
        if role is not Role.STORE:
            return False
        statement = next(
            (n for n in node.ancestors() if n.parent is not None and n.parent.type == "block"), None
        )
        if statement is None or statement.parent is None or id(statement.parent) not in blocks:
            return False
        if statement.type != "for_statement":
            right = next((n for n in node.ancestors() if n.type == "assignment"), None)
            return right is None or not any(
                n.text == name and n.start > node.start for n in right.walk() if n.type == "identifier"
            )
        later = [(n, r) for n, r in later if n.start >= statement.end]
    return True


def _computes_only(site: Site, region: str, calling: frozenset[str]) -> bool:
    statements = {
        "block",
        "if_statement",
        "elif_clause",
        "else_clause",
        "return_statement",
        "expression_statement",
        "assignment",
        "augmented_assignment",
        "for_statement",
        "while_statement",
        "break_statement",
        "continue_statement",
        "pass_statement",
        "raise_statement",
    }
    function = site.function
    for node in site.region(region):
        for part in node.walk():
            if part.type in {"yield", "await", "named_expression", "global_statement", "nonlocal_statement"}:
                return False
            if part.type.endswith(("_statement", "_clause", "_definition")) and part.type not in (
                statements | {"for_in_clause", "if_clause"}
            ):
                return False
            if part.type == "call" and not is_pure_call(part, function, calling=calling):
                return False
            if part.type in {"assignment", "augmented_assignment"}:
                left = part.child("left")
                if left is None or any(n.type in {"attribute", "subscript"} for n in left.walk()):
                    return False
    return True


def _is_elementwise(node: Node, index: Node, array: Node, site: Site) -> bool:
    if node.type == "subscript":
        value, at = node.child("value"), node.child("subscript")
        return value is not None and at is not None and value.key == array.key and at.key == index.key
    if node.type == "binary_operator":
        operator = node.child("operator")
        return (
            operator is not None
            and operator.type in {"+", "-", "*"}
            and all(
                _is_elementwise(child, index, array, site)
                for child in (node.child("left"), node.child("right"))
                if child is not None
            )
        )
    if node.type in {"integer", "float"}:
        return True
    return node.type == "identifier" and is_kind(node, frozenset({"int", "float"}), site.function)
