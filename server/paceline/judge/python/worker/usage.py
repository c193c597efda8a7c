"""How a function uses its parameters, read from its source: candidate shapes where no type hint helps.

The body is walked once. Every expression stands for a *place*; places that must hold the same kind of value
are joined (``x in xs`` joins x with the elements of xs), and every operation is a vote on what a place
holds. It is a guess made from evidence, never a proof: the candidates are ranked, and the caller keeps what
runs.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import ast
import typing
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import hints
    from .places import Place, is_mapping
    from .reading import Reader
    from .shapes import Shape
    from .walking import Definition, Walker
else:
    import hints
    from places import Place, is_mapping
    from reading import Reader
    from shapes import Shape
    from walking import Definition, Walker

__all__ = ["Found", "Usage", "candidates_of", "definition_in", "definition_of", "usage_of"]


class Usage(NamedTuple):
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
    asked: Dict[str, Tuple[str, ...]]
    """For each parameter, the attributes and methods that are asked of it."""


class Found(NamedTuple):
    """A definition, the module around it, and its class where it is a method."""

    tree: ast.Module
    definition: Definition
    owner: Optional[ast.ClassDef]


def definition_of(source: str, qualname: str) -> Optional[Found]:
    """Parse ``source`` and find ``function`` or ``Class.method`` in it, by its last name where need be.

    Raises SyntaxError when the source is not Python.
    """
    return definition_in(ast.parse(source), qualname)


def definition_in(tree: ast.Module, qualname: str) -> Optional[Found]:
    """Find ``function`` or ``Class.method`` in a module, by its last name where need be."""
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


def usage_of(found: Found, scope: hints.Scope, skip: Iterable[str] = ()) -> Usage:
    """Return candidate shapes for the parameters of a definition, and of its class's other methods.

    ``scope`` has the module's globals: constants and classes the body may name. ``skip`` are parameters that
    are not asked for (``self``).
    """
    walker, places, others = _walked(found, scope)
    reader = Reader(scope, walker.words)
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
        {name: _asked_of(place.root()) for name, place in wanted.items()},
    )


def candidates_of(found: Found, scope: hints.Scope, skip: Iterable[str] = ()) -> Dict[str, List[Shape]]:
    """Return the ``candidates`` of ``usage_of`` alone: much less to read in a class of many methods."""
    walker, places, _ = _walked(found, scope)
    reader = Reader(scope, walker.words)
    return {name: reader.candidates(name, place) for name, place in places.items() if name not in skip}


def _walked(found: Found, scope: hints.Scope) -> Tuple[Walker, Dict[str, Place], Dict[str, Dict[str, Place]]]:
    """Walk a definition and its class's other methods; return the places of their parameters, settled."""
    walker = Walker(found.tree, scope.names)
    if found.owner is not None:
        walker.enter(found.owner)
    places = walker.function(found.definition)
    others = {
        name: walker.function(method) for name, method in walker.own.items() if method is not found.definition
    }
    walker.settle()
    return walker, places, others


def _asked_of(place: Place) -> Tuple[str, ...]:
    return tuple(
        f".{name}()" if attribute.root().votes["method"] else f".{name}"
        for name, attribute in place.attrs.items()
    )


def _relations(walker: Walker, places: Mapping[str, Place]) -> List[Dict[str, Any]]:
    """Return the relations between parameters that the body speaks of."""
    named: Dict[int, str] = {}
    for name, place in places.items():
        named.setdefault(id(place.root()), name)
    found: List[Dict[str, Any]] = []

    def note(kind: str, of: Place, to: Place) -> None:
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
