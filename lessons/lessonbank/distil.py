"""Distil a recipe from one proven pair: what a rewrite did to one function, as a rewrite of others.

The two functions are compared as trees. The smallest part that differs becomes the pattern and its
replacement; what occurs on both sides becomes a variable (anti-unification of one pair), names that only the
new version has become fresh ones. Conditions are as narrow as the pair: a variable that stood for a plain
name stands for simple things only, an expression has to be pure, a dropped variable must not be read later.

A distilled recipe is a conjecture. It is known to turn its own ``before`` into its own ``after``; that it
is right elsewhere, only the judge can say.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from lessonbank.errors import InvalidRecipe
from lessonbank.recipe import Recipe, apply, read_recipe
from lessonbank.recipe.pattern import is_variable
from lessonbank.recipe.scope import Function
from lessonbank.recipe.tree import Node, Tree, parse

_COMPOUND = frozenset(
    {
        "attribute",
        "binary_operator",
        "boolean_operator",
        "call",
        "comparison_operator",
        "conditional_expression",
        "dictionary",
        "list",
        "not_operator",
        "subscript",
        "tuple",
        "unary_operator",
    }
)
_EXPRESSIONS = _COMPOUND | {
    "list_comprehension",
    "set_comprehension",
    "dictionary_comprehension",
    "generator_expression",
    "set",
    "await",
    "lambda",
}
_STATEMENT_TARGETS = frozenset({"assignment", "augmented_assignment", "for_statement"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Distilled:
    """A recipe that nobody wrote: the record a pack or a lesson can hold, and the recipe read from it."""

    record: Mapping[str, Any]
    recipe: Recipe


def distil(
    before: str,
    after: str,
    *,
    language: str = "python",
    title: str = "rewrite as was proven before",
    category: str = "distilled",
    explanation: str = "",
    imports: Iterable[str] = (),
    arguments: str = "()",
    hints: bool = True,
) -> Distilled | None:
    """Return the most local recipe that turns one function into the other and then rests.

    ``before`` and ``after`` are dedented definitions of one name and signature; ``imports`` are what
    ``after`` needs at module level, ``arguments`` an expression for a tuple of arguments to try both with,
    ``hints`` whether it is worth a hint before the judge has measured it somewhere else.
    None where the change says nothing general: it needs names the changed part does not hold, drops one, has
    nothing to be recognised by, or spans multi-line strings.
    """
    old, new = _function(before), _function(after) if language == "python" else None
    if old is None or new is None:
        return None
    needed = list(imports)
    for region in _regions(old.body, new.body):
        rewrite = _generalised(old, new, region)
        if rewrite is None:
            continue
        for narrower in _narrower(rewrite):
            identity = json.dumps([narrower, needed], sort_keys=True).encode()
            record: dict[str, Any] = {
                "id": f"distilled-{hashlib.sha256(identity).hexdigest()[:12]}",
                "title": title,
                "category": category,
                "language": language,
                "explanation": explanation or f"Was proven faster in {old.name}.",
                **narrower,
                **({"imports": needed} if needed else {}),
                **({} if hints else {"hints": False}),
                "example": {"before": before, "after": after, "arguments": arguments},
            }
            try:
                recipe = read_recipe(record, file="a distilled recipe")
            except InvalidRecipe:
                break
            if _does_what_was_done(recipe, before, after):
                return Distilled(record=record, recipe=recipe)
    return None


@dataclass(frozen=True, slots=True)
class _Region:
    """A part of each function, outside of which the two are equal."""

    old: tuple[Node, ...]
    new: tuple[Node, ...]


def _function(source: str) -> Function | None:
    tree = parse(source)
    if tree.has_error or len(tree.root.children) != 1:
        return None
    definition = tree.root.children[0]
    if definition.type == "decorated_definition":
        definition = definition.children[-1]
    return Function(tree, definition, frozenset()) if definition.type == "function_definition" else None


def _regions(old: Node, new: Node) -> list[_Region]:
    """Return the parts that hold all of the difference, the smallest first."""
    found = [_Region(old.children, new.children)]
    while old.type == new.type and old.key != new.key:
        if old.type == "block":
            region = _without_common_ends(old.children, new.children)
            found.append(region)
            if len(region.old) != 1 or len(region.new) != 1:
                break
            old, new = region.old[0], region.new[0]
            continue
        pairs = [
            (one, other)
            for one, other in zip(old.children, new.children, strict=False)
            if one.key != other.key
        ]
        if len(old.children) != len(new.children) or len(pairs) != 1:
            break
        old, new = pairs[0]
        if old.type in _EXPRESSIONS:
            found.append(_Region((old,), (new,)))
    return found[::-1]


def _without_common_ends(old: tuple[Node, ...], new: tuple[Node, ...]) -> _Region:
    first = 0
    while first < min(len(old), len(new)) and old[first].key == new[first].key:
        first += 1
    last = 0
    room = min(len(old), len(new)) - first
    while last < room and old[-1 - last].key == new[-1 - last].key:
        last += 1
    # A pattern has to hold something: what was only added takes its neighbour along.
    if first + last in {len(old), len(new)}:
        first, last = (first, last - 1) if last else (first - 1, last)
    return _Region(old[max(first, 0) : len(old) - last], new[max(first, 0) : len(new) - last])


def _generalised(old: Function, new: Function, region: _Region) -> dict[str, Any] | None:
    """Return ``match``, ``rewrite``, ``where`` and ``fresh`` of a region; None where it has no such form."""
    holes: dict[str, tuple[str, Node]] = {}
    kept = {node.key for part in region.new for node in part.walk()}
    places_old = list(_variables_of(old, region, holes, kept))
    fresh: dict[str, str] = {}
    places_new = []
    for node in _maximal(region.new, lambda node: _stands_for(node, holes)):
        if _stands_for(node, holes):
            places_new.append((node, holes[node.key][0]))
        elif node.type == "identifier" and is_variable(node) and node.text:
            if old.is_bound(node.text):
                return None
            if new.is_bound(node.text):
                name = fresh.setdefault(node.text, f"N{len(fresh) + 1}")
                places_new.append((node, name))
    if not _is_recognisable(region, holes) or _dropped(holes, places_new, region):
        return None
    match, rewrite = _text(old.tree, region.old, places_old), _text(new.tree, region.new, places_new)
    if match is None or rewrite is None:
        return None
    result: dict[str, Any] = {"match": [match], "rewrite": [rewrite]}
    if where := list(_conditions(holes, region)):
        result["where"] = where
    if fresh:
        result["fresh"] = {name: wish for wish, name in fresh.items()}
    return result


def _narrower(rewrite: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a rewrite, and then with one more condition: a recipe that fires on its own result needs one."""
    yield rewrite
    where = rewrite.get("where", [])
    for clause in where:
        if simple := _SIMPLE.fullmatch(clause):
            for extra in ("not known({}, set|frozenset|dict)", "parameter({})"):
                yield {**rewrite, "where": [*where, extra.format(simple[1])]}


_SIMPLE = re.compile(r"simple\((\w+)\)")


def _is_recognisable(region: _Region, holes: Mapping[str, tuple[str, Node]]) -> bool:
    """Whether the pattern holds more than statements of variables: a call, an operation, a loop."""
    kinds = _EXPRESSIONS | {"for_statement", "while_statement"}
    parts = _maximal(region.old, lambda node: _stands_for(node, holes))
    return any(node.type in kinds and not _stands_for(node, holes) for node in parts)


def _dropped(
    holes: Mapping[str, tuple[str, Node]], places: Iterable[tuple[Node, str]], region: _Region
) -> bool:
    """Whether something goes into the old part, and not into the new one."""
    used = {name for _, name in places}
    bound = {node.key for node in _targets(region.old)}
    return any(name not in used and key not in bound for key, (name, _) in holes.items())


def _variables_of(
    function: Function, region: _Region, holes: dict[str, tuple[str, Node]], kept: set[str]
) -> Iterator[tuple[Node, str]]:
    """Name what becomes a variable, where it stands: local names, and expressions that both sides hold."""

    def is_shared(node: Node) -> bool:
        return node.type in _COMPOUND and node.key in kept and node not in region.old and _is_read(node)

    for node in _maximal(region.old, is_shared):
        is_local = node.type == "identifier" and is_variable(node) and function.is_bound(node.text or "")
        if is_local or is_shared(node):
            name, _ = holes.setdefault(node.key, (f"V{len(holes) + 1}", node))
            yield node, name


def _maximal(nodes: Iterable[Node], is_whole: Any) -> Iterator[Node]:
    """Yield every node in document order, but nothing inside one that is taken as a whole."""
    stack = list(reversed(list(nodes)))
    while stack:
        node = stack.pop()
        yield node
        if not is_whole(node):
            stack.extend(reversed(node.children))


def _stands_for(node: Node, holes: Mapping[str, tuple[str, Node]]) -> bool:
    return node.key in holes and (node.type != "identifier" or is_variable(node))


def _is_read(node: Node) -> bool:
    parent = node.parent
    return node.field not in {"left", "function"} and (
        parent is None or parent.type != "expression_statement"
    )


def _conditions(holes: Mapping[str, tuple[str, Node]], region: _Region) -> Iterator[str]:
    bound = _targets(region.old)
    by_statement = {node.key for node in _targets(region.old, _STATEMENT_TARGETS)}
    rebound = {node.key for node in _targets(region.new, _STATEMENT_TARGETS)}
    names = {holes[node.key][0]: node for node in bound if node.key in holes}
    for key, (hole, node) in holes.items():
        if hole in names:
            yield f"local({hole})" if key in by_statement else f"identifier({hole})"
            if key in by_statement - rebound:
                yield f"unused_after({hole})"
        elif node.type == "identifier":
            yield f"simple({hole})"
        else:
            yield f"pure({hole})"
            inside = {part.key for part in node.walk()}
            yield from (
                f"unused({name}, {hole})" for name, target in names.items() if target.key not in inside
            )
    plain = [hole for hole, node in holes.values() if node.type == "identifier"]
    yield from (f"distinct({one}, {other})" for one, other in combinations(plain, 2))


def _targets(
    nodes: Iterable[Node], kinds: frozenset[str] = _STATEMENT_TARGETS | {"for_in_clause"}
) -> list[Node]:
    """Return the names that statements and clauses of these kinds bind."""
    found: dict[str, Node] = {}
    for part in nodes:
        for node in part.walk():
            left = node.child("left") if node.type in kinds else None
            for name in left.walk() if left is not None and left.type != "subscript" else ():
                if name.type == "identifier" and is_variable(name):
                    found.setdefault(name.key, name)
    return list(found.values())


def _text(tree: Tree, nodes: tuple[Node, ...], places: Iterable[tuple[Node, str]]) -> str | None:
    """Return the source of neighbouring nodes with variables in their places, moved to the margin."""
    if not nodes:
        return None
    start, end = nodes[0].start, nodes[-1].end
    changes = [(node.start, node.end, f"${name}") for node, name in places]
    changes += [(comment.start, comment.end, "") for comment in tree.comments if start <= comment.start < end]
    source = tree.source[start:end]
    if b"$" in source or any(tree.begins_in_text(start + at.end()) for at in re.finditer(rb"\n", source)):
        return None
    pieces, done = [], start
    for begin, stop, text in sorted(changes):
        pieces += [tree.source[done:begin].decode("utf-8", "surrogateescape"), text]
        done = stop
    pieces.append(tree.source[done:end].decode("utf-8", "surrogateescape"))
    indent = tree.indent(start)
    first, *rest = "".join(pieces).split("\n")
    lines = [first, *(line.removeprefix(indent) for line in rest)]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _does_what_was_done(recipe: Recipe, before: str, after: str) -> bool:
    """Whether the recipe turns one side of its own pair into the other, and does not fire on the result.

    Annotations of the signature may have been dropped on the way, as models like to: they compute nothing.
    """
    wanted = _function(after)
    made = [_function(application.source) for application in apply(recipe, before)]
    return (
        wanted is not None
        and any(
            one is not None and one.body.key == wanted.body.key and _parameters(one) == _parameters(wanted)
            for one in made
        )
        and not apply(recipe, after)
    )


def _parameters(function: Function) -> list[tuple[str, str]]:
    """Return each parameter's name, with its stars, and its default."""
    found = []
    for node in function.parameters:
        name = node.children[0] if node.type == "typed_parameter" else node.child("name") or node
        default = node.child("value")
        found.append((name.key, default.key if default is not None else ""))
    return found
