"""Heeding a person's word: recipes that a comment turns off, or that were dismissed, are not tried there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from paceline.syntax.ignore import Ignored, ignored_at
from paceline.syntax.target import Target
from paceline.team.member import Member
from paceline.team.recipes import RecipeMember
from paceline.workspace import read_dismissals


def heeding(members: tuple[Member, ...], root: Path, target: Target) -> tuple[Member, ...]:
    """Return the members as they may work on this target of a workspace.

    Whoever asks for a run on one function wants it; a comment without names turns off what nobody asked for.
    """
    names = ignored_at(target).names | {
        name
        for one in read_dismissals(root)
        if not one.function and not one.candidate
        for name in (one.recipe, one.category)
        if name
    }
    return tuple(_allowed(members, Ignored(names=names))) if names else members


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
