"""Heeding a person's word: recipes that a comment turns off, or that were dismissed, are not tried there."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from paceline.syntax.ignore import Ignored, ignored_at
from paceline.syntax.target import Target
from paceline.team.member import Member
from paceline.team.recipes import RecipeMember
from paceline.workspace import read_dismissals

if TYPE_CHECKING:
    from paceline.engine.engine import Engine


def heeding(engine: Engine, target: Target) -> Engine:
    """Return the engine with the members that may work on this target: itself where nobody minds.

    Whoever asks for a run on one function wants it; a comment without names turns off what nobody asked for.
    """
    ignored = replace(ignored_at(target), everything=False)
    dismissed = frozenset(
        name
        for one in read_dismissals(engine.root)
        if not one.function and not one.candidate
        for name in (one.recipe, one.category)
        if name
    )
    ignored |= Ignored(names=dismissed)
    if not ignored.names:
        return engine
    # The same bank, settings and judge; only the team is another.
    heedful = copy.copy(engine)
    heedful.members = tuple(_allowed(engine.members, ignored))
    return heedful


def _allowed(members: tuple[Member, ...], ignored: Ignored) -> Iterator[Member]:
    for member in members:
        if not isinstance(member, RecipeMember):
            yield member
            continue
        recipes = {
            name: recipe
            for name, recipe in member.recipes.items()
            if not ignored.covers(recipe=recipe.id, category=recipe.category)
        }
        if any(recipe.category == member.category for recipe in recipes.values()):
            yield replace(member, recipes=recipes)
