"""What a recipe is: the data of one machine-applicable rewrite, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lessonbank.recipe.conditions import Clause
from lessonbank.recipe.pattern import Pattern
from lessonbank.recipe.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A function the recipe fires on, what comes out, and what to run both with."""

    before: str
    after: str
    arguments: str
    """A Python expression for a tuple of arguments, evaluated only where code may run: in the sandbox."""
    setup: str = ""
    """Module-level code the function needs."""
    requires: str = ""
    """A distribution the example needs, such as ``numpy``."""


@dataclass(frozen=True, slots=True)
class Case:
    """One pattern and what replaces it. A recipe has several where Python spells one thing several ways."""

    pattern: Pattern
    rewrite: Template


@dataclass(frozen=True, slots=True)
class Inside:
    """A rewrite of every match of a smaller pattern within a bound region."""

    region: str
    pattern: Pattern
    rewrite: Template
    least: int
    """The recipe refuses when the region holds fewer matches."""
    covers: str
    """A hole whose every occurrence in the region must be part of one of the matches; empty for none."""


@dataclass(frozen=True, slots=True)
class UseCase:
    """One way a variable may be used. Without a rewrite it stays as it is."""

    pattern: Pattern
    rewrite: Template | None


@dataclass(frozen=True, slots=True)
class Uses:
    """Every occurrence of a variable outside the match must be one of these, or the recipe refuses."""

    of: str
    cases: tuple[UseCase, ...]


class HoistFrom(StrEnum):
    """What hoisted statements are put in front of."""

    LOOP = "loop"
    """The outermost loop around the match throughout which all that is hoisted keeps its value."""
    STATEMENT = "statement"
    """The statement the match stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A structural rewrite with conditions. See the package's docstring for what each part does."""

    id: str
    title: str
    category: str
    language: str
    explanation: str
    match: tuple[str, ...]
    rewrite: tuple[str, ...]
    where: tuple[str, ...] = ()
    example: Example
    refuses: tuple[str, ...] = ()
    """Functions that look alike and must be left alone."""
    imports: tuple[str, ...] = ()
    hoist_text: str = ""
    helper_names: tuple[str, ...] = ()
    """What the helpers define, before any of it is renamed."""
    hints: bool = True
    """Whether it is worth a hint before the judge has measured it."""

    cases: tuple[Case, ...] = field(repr=False, compare=False)
    conditions: tuple[tuple[Clause, ...], ...] = field(default=(), repr=False, compare=False)
    helpers: Template | None = field(default=None, repr=False, compare=False)
    hoist: Template | None = field(default=None, repr=False, compare=False)
    hoist_from: HoistFrom = HoistFrom.LOOP
    keeps: str = "value"
    """What a hoist out of a loop relies on: the same ``value`` throughout, or only the same ``object``."""
    fresh: Mapping[str, str] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[Inside, ...] = field(default=(), repr=False, compare=False)
    uses: Uses | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A recipe applied at one place of one function."""

    recipe: str
    """The recipe's id."""
    title: str
    category: str
    source: str
    """The whole definition after the rewrite."""
    imports: tuple[str, ...] = ()
    """Import statements the new definition needs at module level."""
    helpers: str = ""
    """Module-level definitions the new definition needs."""
    start: int
    """Byte offset, in the source given, of what the recipe matched."""
    end: int
    bindings: Mapping[str, str] = field(default_factory=dict)
    """The source text each hole stood for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A place where a recipe's pattern and conditions hold. Byte offsets in the source given."""

    recipe: str
    title: str
    category: str
    start: int
    end: int
