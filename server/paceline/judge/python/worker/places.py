"""Places: what is known of each value a function's source speaks of, and how places become one.

A *place* is anywhere a value can be: a parameter, its elements, the field of an element. Operations are
votes on what a place holds; places that must hold the same kind of value are joined.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, Optional, Set


class Place:
    """One place a value can be: what is known of it, joined with its equals."""

    __slots__ = (
        "above", "arity", "at", "attrs", "calls", "element", "fields", "forms", "index", "instances", "item",
        "key", "lengths", "literals", "must", "names", "parts", "patterns", "value", "votes",
    )  # fmt: skip

    def __init__(self) -> None:
        self.above: Optional[Place] = None
        self.votes: Counter[str] = Counter()
        self.element: Optional[Place] = None
        self.item: Optional[Place] = None
        self.index: Optional[Place] = None
        self.key: Optional[Place] = None
        self.value: Optional[Place] = None
        self.fields: Dict[str, Place] = {}
        self.attrs: Dict[str, Place] = {}
        self.at: Dict[int, Place] = {}
        self.parts: Dict[str, Place] = {}
        """For text: the list that splitting by a separator gives."""
        self.arity: Set[int] = set()
        self.lengths: Set[int] = set()
        self.literals: Dict[Any, None] = {}
        self.must: Dict[Any, None] = {}
        self.instances: Dict[str, None] = {}
        self.calls: Set[int] = set()
        self.patterns: Dict[str, None] = {}
        self.forms: Dict[str, None] = {}
        """For text that tells a moment: the formats it is read by, ``date`` and ``datetime`` for ISO 8601."""
        self.names: Dict[str, None] = {}
        """What the source calls it."""

    def root(self) -> Place:
        """Return the place this one was joined into, itself where it was not."""
        place = self
        while place.above is not None:
            place = place.above
        return place

    def vote(self, *kinds: str) -> Place:
        """Note what an operation says about the place."""
        here = self.root()
        here.votes.update(kinds)
        return here

    def part(self, name: str) -> Place:
        """Return the place of ``element``, ``item``, ``index``, ``key`` or ``value``."""
        here = self.root()
        found: Optional[Place] = getattr(here, name)
        if found is None:
            found = Place()
            setattr(here, name, found)
        return found.root()

    def position(self, at: int) -> Place:
        """Return the place of what stands at a known position."""
        return self.root().at.setdefault(at, Place()).root()


_LINKS = ("element", "item", "index", "key", "value")


def join(left: Place, right: Place) -> Place:
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
        a.forms.update(b.forms)
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


def parts_of(here: Place) -> List[Place]:
    """Return the places directly inside a place."""
    linked = [getattr(here, link) for link in _LINKS]
    named = [*here.fields.values(), *here.attrs.values(), *here.parts.values(), *here.at.values()]
    return [place for place in linked if place is not None] + named


def settle(here: Place) -> bool:
    """Join the parts of a place as its kind, list or dict, demands. Returns whether that changed anything."""
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
            join(here.part(other), here.part(name))
            changed = True
    here = here.root()
    # What stands at the known positions of something that is also walked over is an element of it.
    if here.at and here.element is not None and not here.arity and not is_mapping(here):
        for place in list(here.at.values()):
            if place.root() is not here.part("element"):
                join(here.part("element"), place)
                changed = True
    return changed


def is_mapping(place: Place) -> bool:
    """Whether a place is more likely a dict than a list."""
    votes = place.votes
    if votes["str"] > votes["mapping"]:
        return False
    if votes["mapping"] or votes["record"]:
        return votes["mapping"] + votes["record"] + votes["indexed"] >= votes["list"] + votes["sequence"]
    return votes["indexed"] > 0 and _is_mapping_index(place)


def _is_mapping_index(place: Place) -> bool:
    if place.index is None or place.votes["list"] or place.votes["sliced"] or place.votes["positions"]:
        return False
    index = place.index.root()
    if index.votes["str"]:
        return True
    return not (index.votes["int"] or index.votes["size"] or index.votes["number"])
