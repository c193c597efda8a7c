"""Templates: the Python text that replaces a match, with the same holes as its pattern.

A hole stands for the source text that was bound to it, put in parentheses where the new place binds tighter
than the text does. A line that holds nothing but ``$$$BODY`` stands for those statements, moved to the line's
own indentation; the inside of multi-line strings stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lessonbank.recipe.pattern import (
    MANY,
    ONE,
    PatternError,
    holes_in,
    is_hole_name,
    is_variable,
    sole_expression,
    with_identifiers,
)
from lessonbank.recipe.tree import Node, parse

INDENT = 4
"""Spaces a level of indentation has in a template."""

ANYTHING = 0
ATOM = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a template where bound text goes, and how tightly its surroundings bind."""

    name: str
    is_many: bool
    tightness: int
    is_attribute_owner: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a template. ``block``: the line is nothing but ``$$$NAME``, statements."""

    level: int
    parts: tuple[str | Slot, ...]
    block: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template."""

    text: str
    lines: tuple[Line, ...]
    is_expression: bool
    tightness: int
    """How tightly the whole binds, when it is an expression."""
    holes: frozenset[str]
    names: frozenset[str]
    """Plain identifiers that are variables."""
    lone_hole: str | None
    """The hole, when the template is nothing else."""


def compile_template(text: str, *, renamed: frozenset[str] = frozenset()) -> Template:
    """Compile a template.

    ``renamed`` are plain identifiers to be treated as holes too: imported names, which may need an alias.
    Raises PatternError.
    """
    stripped = text.strip("\n").rstrip()
    plain = with_identifiers(stripped)
    try:
        tree = parse(plain)
    except ValueError as error:
        raise PatternError(str(error)) from error
    if tree.has_error or not tree.root.children:
        raise PatternError("does not parse as Python")
    slots: dict[int, tuple[int, Slot]] = {}
    names = set[str]()
    for node in tree.by_type.get("identifier", ()):
        name = node.text or ""
        if is_hole_name(name):
            prefix = MANY if name.startswith(MANY) else ONE
            slots[node.start] = (node.end, _slot(node, name[len(prefix) :], is_many=prefix == MANY))
        elif is_variable(node):
            names.add(name)
            if name in renamed:
                slots[node.start] = (node.end, _slot(node, name, is_many=False))
    expression = sole_expression(tree)
    lone = expression is not None and expression.text is not None and is_hole_name(expression.text)
    return Template(
        text=text,
        lines=_lines(plain, slots),
        is_expression=expression is not None,
        tightness=tightness_of(expression) if expression is not None else ANYTHING,
        holes=holes_in(text),
        names=frozenset(names),
        lone_hole=next(iter(slots.values()))[1].name if lone else None,
    )


def tightness_of(node: Node) -> int:
    """How tightly an expression holds together: higher binds tighter (the order of Python's grammar)."""
    if node.type == "tuple":
        return ANYTHING if node.bare else ATOM
    if node.type in {"binary_operator", "boolean_operator"}:
        operator = node.child("operator")
        return _OPERATORS.get(operator.type if operator is not None else "", ANYTHING)
    return _TIGHTNESS.get(node.type, ATOM)


def tightness_at(node: Node) -> int:
    """How tightly an expression must hold together to stand, without parentheses, where ``node`` stands."""
    parent = node.parent
    if parent is None:
        return ANYTHING
    if parent.type == "binary_operator":
        own = tightness_of(parent)
        if own == _OPERATORS["**"]:
            return own + 1 if node.field == "left" else _TIGHTNESS["unary_operator"]
        return own if node.field == "left" else own + 1
    if parent.type == "boolean_operator":
        return tightness_of(parent)
    if parent.type == "conditional_expression":
        return 2 if parent.children[-1] is node else 3
    if parent.type in {"attribute", "call", "subscript"} and node.field in {"object", "function", "value"}:
        return ATOM
    if parent.type == "for_in_clause":
        return ANYTHING if node.field == "left" else 3
    return _PLACES.get(parent.type, ANYTHING)


_OPERATORS = {
    "or": 3,
    "and": 4,
    "|": 7,
    "^": 8,
    "&": 9,
    "<<": 10,
    ">>": 10,
    "+": 11,
    "-": 11,
    "*": 12,
    "/": 12,
    "//": 12,
    "%": 12,
    "@": 12,
    "**": 14,
}
_TIGHTNESS = {
    "yield": 0,
    "list_splat": 2,
    "dictionary_splat": 2,
    "keyword_argument": 2,
    "named_expression": 1,
    "lambda": 2,
    "conditional_expression": 2,
    "not_operator": 5,
    "comparison_operator": 6,
    "unary_operator": 13,
    "await": 15,
}
_PLACES = {
    "not_operator": 5,
    "comparison_operator": 7,
    "unary_operator": 13,
    "await": 16,
    "lambda": 2,
    "list_splat": 7,
    "dictionary_splat": 7,
    "if_clause": 3,
    "interpolation": 3,
    "argument_list": 2,
    "keyword_argument": 2,
    "default_parameter": 2,
    "list": 2,
    "set": 2,
    "tuple": 2,
    "dictionary": 2,
    "pair": 2,
    "subscript": 2,
    "slice": 2,
    "named_expression": 2,
    "list_comprehension": 2,
    "set_comprehension": 2,
    "dictionary_comprehension": 2,
    "generator_expression": 2,
    "if_statement": 1,
    "elif_clause": 1,
    "while_statement": 1,
    "assert_statement": 2,
}


def _slot(node: Node, name: str, *, is_many: bool) -> Slot:
    is_owner = node.field == "object" and node.parent is not None and node.parent.type == "attribute"
    return Slot(name, is_many, tightness_at(node), is_owner)


def _lines(plain: str, slots: dict[int, tuple[int, Slot]]) -> tuple[Line, ...]:
    # Offsets in the tree are bytes; templates are cut by characters, so both are kept.
    lines: list[Line] = []
    offset = 0
    for raw in plain.encode().split(b"\n"):
        body = raw.lstrip(b" ")
        start = offset + len(raw) - len(body)
        parts: list[str | Slot] = []
        at = start
        for begin in sorted(b for b in slots if start <= b < offset + len(raw)):
            end, slot = slots[begin]
            parts.append(plain.encode()[at:begin].decode())
            parts.append(slot)
            at = end
        parts.append(plain.encode()[at : offset + len(raw)].decode())
        kept = tuple(part for part in parts if part != "")
        block = None
        if len(kept) == 1 and isinstance(kept[0], Slot) and kept[0].is_many:
            block = kept[0].name
        lines.append(Line((len(raw) - len(body)) // INDENT, kept, block))
        offset += len(raw) + 1
    return tuple(lines)


def fill(template: Template, holes: dict[str, str]) -> str:
    """Fill a template with plain text, holes alone: for helpers and imports, which bind no source."""
    return re.sub(r"\$([A-Z][A-Z0-9_]*)", lambda found: holes.get(found[1], found[0]), template.text)
