"""Patterns: Python with holes.

    $X      one expression or name; the same name twice must be structurally equal both times
    $_      one expression, whatever it is
    $$$B    zero or more statements, arguments or elements

A pattern of one expression matches expressions anywhere; a pattern of statements matches consecutive
statements of one block. Holes are read as identifiers, so a pattern must itself parse as Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lessonbank.recipe.tree import Node, Tree, parse

HOLE = re.compile(r"\$(\$\$)?([A-Z][A-Z0-9_]*|_)(?![A-Za-z0-9_])")
ONE = "__hole_one_"
MANY = "__hole_many_"


@dataclass(frozen=True, slots=True)
class Many:
    """What ``$$$NAME`` stands for: neighbouring nodes, perhaps none."""

    nodes: tuple[Node, ...]

    @property
    def key(self) -> str:
        """As `Node.key`."""
        return " ".join(node.key for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a hole stands for, and every place where the match found it."""

    value: Node | Many
    sites: tuple[Node, ...] = ()


Bindings = Mapping[str, Binding]


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: the node or consecutive statements it covers, and what its holes stand for."""

    nodes: tuple[Node, ...]
    bindings: Bindings

    @property
    def start(self) -> int:
        """Byte offset of the first covered node."""
        return self.nodes[0].start

    @property
    def end(self) -> int:
        """Byte offset after the last covered node."""
        return self.nodes[-1].end


class PatternError(ValueError):
    """The text is no pattern: it does not parse, or has no fixed head to look for."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern."""

    text: str
    nodes: tuple[Node, ...]
    is_expression: bool
    holes: frozenset[str]
    names: frozenset[str]
    """Plain identifiers of the pattern that are variables (not attributes or keywords)."""
    words: frozenset[str] = field(default_factory=frozenset)
    """Identifiers that any matching source must contain, for a quick look before matching."""

    @property
    def head(self) -> str:
        """The node type that a match begins with."""
        return head_type(self.nodes[0])


def holes_in(text: str) -> frozenset[str]:
    """The names of the holes in a text, the wildcard left out."""
    return frozenset(name for _, name in HOLE.findall(text) if name != "_")


def with_identifiers(text: str) -> str:
    """The text with each hole written as an identifier, so that it parses."""
    return HOLE.sub(lambda found: (MANY if found[1] else ONE) + found[2], text)


def compile_pattern(text: str, *, as_statements: bool = False) -> Pattern:
    """Compile a pattern.

    ``as_statements`` makes a pattern of one expression match only where it is a statement of its own.
    Raises PatternError.
    """
    tree = _parse(with_identifiers(text.strip("\n")))
    if tree.has_error or not tree.root.children:
        raise PatternError("does not parse as Python")
    nodes = tree.root.children
    expression = sole_expression(tree)
    if expression is not None and not as_statements:
        nodes = (expression,)
    _mark_holes(tree)
    if nodes[0].hole is not None:
        raise PatternError("begins with a hole, so it would match everywhere")
    plain = [node for node in tree.by_type.get("identifier", ()) if not is_hole_name(node.text or "")]
    return Pattern(
        text=text,
        nodes=nodes,
        is_expression=expression is not None and not as_statements,
        holes=holes_in(text),
        names=frozenset(node.text or "" for node in plain if is_variable(node)),
        words=frozenset(node.text or "" for node in plain),
    )


def _parse(text: str) -> Tree:
    try:
        return parse(text)
    except ValueError as error:
        raise PatternError(str(error)) from error


def sole_expression(tree: Tree) -> Node | None:
    """The expression, when the whole text is one expression."""
    if len(tree.root.children) != 1:
        return None
    statement = tree.root.children[0]
    if statement.type != "expression_statement" or len(statement.children) != 1:
        return None
    inner = statement.children[0]
    return None if inner.type in {"assignment", "augmented_assignment"} else inner


def is_hole_name(name: str) -> bool:
    """Whether an identifier stands for a hole."""
    return name.startswith((ONE, MANY))


def is_variable(identifier: Node) -> bool:
    """Whether an identifier names a variable, not an attribute, a keyword argument or part of a type."""
    parent = identifier.parent
    if parent is None:
        return True
    if parent.type == "attribute":
        return identifier.field != "attribute"
    if parent.type == "keyword_argument":
        return identifier.field != "name"
    return not any(node.type == "type" for node in identifier.ancestors())


def head_type(node: Node) -> str:
    """The type that says most about a node: an expression statement is looked up by its expression."""
    if node.type == "expression_statement" and len(node.children) == 1:
        return node.children[0].type
    return node.type


def find(pattern: Pattern, tree: Tree, within: Node | None = None) -> Iterator[Match]:
    """Every match in the tree (inside ``within``, where given), in document order; matches may overlap."""
    for node in tree.by_type.get(pattern.head, ()):
        if within is not None and not within.contains(node):
            continue
        found = match_at(pattern, node)
        if found is not None:
            yield found


def match_at(pattern: Pattern, node: Node, known: Bindings | None = None) -> Match | None:
    """Match with the pattern's head at this node.

    ``known`` are holes already bound elsewhere, which must agree.
    """
    state = _State(known or {})
    if pattern.is_expression:
        if not _match(pattern.nodes[0], node, state):
            return None
        return Match((node,), state.frozen())
    statement = node
    if node.parent is not None and node.parent.type == "expression_statement":
        statement = node.parent
    block = statement.parent
    if block is None or block.type not in {"block", "module"}:
        return None
    first = block.children.index(statement)
    taken = _match_statements(pattern.nodes, block.children[first:], state)
    if not taken:
        return None
    return Match(block.children[first : first + taken], state.frozen())


class _State:
    """Bindings in the making, which a failed branch can take back."""

    def __init__(self, known: Bindings) -> None:
        self._bound: dict[str, Binding] = dict(known)

    def bind(self, name: str, value: Node | Many, site: tuple[Node, ...]) -> bool:
        if name == "_":
            return True
        before = self._bound.get(name)
        if before is None:
            self._bound[name] = Binding(value, site)
            return True
        if before.value.key != value.key:
            return False
        self._bound[name] = Binding(before.value, before.sites + site)
        return True

    def mark(self) -> dict[str, Binding]:
        return dict(self._bound)

    def back(self, mark: dict[str, Binding]) -> None:
        self._bound = mark

    def frozen(self) -> Bindings:
        return self._bound


def _match(pattern: Node, node: Node, state: _State) -> bool:
    if pattern.hole is not None:
        return node.named and node.type != "block" and state.bind(pattern.hole, node, (node,))
    if pattern.type != node.type:
        return False
    if pattern.text is not None or node.text is not None:
        return pattern.text == node.text
    return _match_sequence(pattern.children, node.children, state, whole=True) >= 0


def _match_statements(patterns: tuple[Node, ...], nodes: tuple[Node, ...], state: _State) -> int:
    return max(0, _match_sequence(patterns, nodes, state, whole=False))


def _match_sequence(
    patterns: tuple[Node, ...], nodes: tuple[Node, ...], state: _State, *, whole: bool
) -> int:
    """How many nodes the patterns take from the front, or -1. ``whole``: they must take all of them."""
    taken = 0
    for index, pattern in enumerate(patterns):
        if pattern.hole is not None and pattern.hole.startswith("$$$"):
            rest = _match_many(patterns[index:], nodes[taken:], state, whole=whole)
            return -1 if rest < 0 else taken + rest
        if taken == len(nodes) or not _match(pattern, nodes[taken], state):
            return -1
        taken += 1
    return -1 if whole and taken < len(nodes) else taken


def _match_many(patterns: tuple[Node, ...], nodes: tuple[Node, ...], state: _State, *, whole: bool) -> int:
    name = (patterns[0].hole or "").removeprefix("$$$")
    # At the end of a block, the rest; elsewhere the fewest that let the remaining patterns match.
    least = len(nodes) if len(patterns) == 1 else 0
    for count in range(least, len(nodes) + 1):
        mark = state.mark()
        if state.bind(name, Many(nodes[:count]), ()):
            rest = _match_sequence(patterns[1:], nodes[count:], state, whole=whole)
            if rest >= 0:
                return count + rest
        state.back(mark)
    return -1


def _mark_holes(tree: Tree) -> None:
    """Note on every node of a pattern which hole it is; a lone ``$$$B`` statement is a hole as a whole."""
    for node in tree.by_type.get("identifier", ()):
        name = node.text or ""
        if name.startswith(ONE):
            node.hole = name[len(ONE) :]
        elif name.startswith(MANY):
            node.hole = "$$$" + name[len(MANY) :]
            statement = node.parent
            if statement is not None and statement.type == "expression_statement":
                statement.hole = node.hole
