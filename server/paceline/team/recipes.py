"""Recipe members: specialists that apply lessons that carry recipes. One a category, no model needed.

A member prefers what the lessons it was shown say has worked, builds on the best proven candidate before it
goes back to the original, and leaves alone what the lessons say has failed on this very target.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Self

from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from lessonbank.recipe import Application, Recipe, apply
from paceline.syntax import Snapshot, module_names
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged, Member, Turn, hash_of
from paceline.team.reflection import lesson_from

APPLICATIONS_OF_ONE_RECIPE = 8
"""Sites of one function that a recipe is applied to at once, at most: generated code can hold hundreds."""


def recipe_team(recipes: Iterable[Recipe], *, language: str) -> tuple[RecipeMember, ...]:
    """Return one member for each category of the language, in alphabetical order."""
    known = {recipe.id: recipe for recipe in recipes if recipe.language == language}
    categories = sorted({recipe.category for recipe in known.values()})
    return tuple(RecipeMember(category=category, recipes=known) for category in categories)


def with_learnt(members: Iterable[Member], learnt: Iterable[Recipe]) -> tuple[Member, ...]:
    """Return the members, the recipe members among them with the learnt recipes as well.

    A category that has had no specialist gets one. Where there is no recipe member, none joins.
    """
    members, more = tuple(members), {recipe.id: recipe for recipe in learnt}
    specialists = [member for member in members if isinstance(member, RecipeMember)]
    if not more or not specialists:
        return members
    known = {**specialists[0].recipes, **more}
    have = {member.category for member in specialists}
    missing = sorted({recipe.category for recipe in more.values()} - have)
    return (
        *(replace(m, recipes={**m.recipes, **more}) if isinstance(m, RecipeMember) else m for m in members),
        *(RecipeMember(category=category, recipes=known) for category in missing),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleBindings:
    """What a recipe must know of the module around a function: which names are taken, by which imports."""

    names: frozenset[str]
    imports: frozenset[str]
    """Import statements, one name each."""

    @staticmethod
    def of(target: Target) -> ModuleBindings:
        """Read them from the target's document; once, however many members ask."""
        with _READING:
            return _bindings(target.file, target.module)

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot) -> Self:
        """Read them from a snapshot's outline."""
        return cls(names=module_names(snapshot), imports=snapshot.outline.import_statements)


_READING = threading.Lock()
"""Members ask at the same time, from threads of their own: one reads, the others find it read."""


@lru_cache(maxsize=8)
def _bindings(file: Path, text: bytes) -> ModuleBindings:
    return ModuleBindings.of_snapshot(Snapshot.open(file, text))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeMember:
    """The specialist of one category."""

    category: str
    recipes: Mapping[str, Recipe]
    """Every recipe known, by id: a lesson may name one of another category."""

    @property
    def name(self) -> str:
        """Shown to people, and the member's name in lessons."""
        return f"recipes/{self.category}"

    @property
    def deliberates(self) -> bool:
        """Applying recipes takes milliseconds."""
        return False

    async def propose(self, target: Target, turn: Turn) -> Candidate | None:
        """Return the most promising rewrite not tried yet, or None. Runs off the event loop."""
        return await asyncio.to_thread(self._first_new, target, turn)

    async def reflect(self, judged: Judged) -> Lesson | None:
        """Explain the verdict by template; the recipes' own explanations say why it is faster."""
        known = [self.recipes[name] for name in judged.candidate.recipes if name in self.recipes]
        explanation = " ".join(dict.fromkeys(recipe.explanation for recipe in known))
        return lesson_from(judged, explanation=explanation, language=judged.candidate.target.language)

    def _first_new(self, target: Target, turn: Turn) -> Candidate | None:
        for draft in self._drafts(target, turn, ModuleBindings.of(target)):
            candidate = draft.candidate(self.name, turn)
            if candidate.hash not in turn.tried and tuple(sorted(candidate.recipes)) not in turn.combined:
                return candidate
        return None

    def _drafts(self, target: Target, turn: Turn, module: ModuleBindings) -> Iterator[_Draft]:
        """Drafts, most promising first: what lessons say worked here, then on the best so far, then anew."""
        original = _Draft.of(target)
        failed = {
            lesson.recipes
            for lesson in turn.lessons
            if lesson.origin.target_hash == target.hash and lesson.evidence.outcome is not Outcome.FASTER
        }
        own = [recipe for recipe in self.recipes.values() if recipe.category == self.category]
        taught = [
            tuple(self.recipes[name] for name in lesson.recipes)
            for lesson in turn.lessons
            if lesson.evidence.outcome is Outcome.FASTER
            and all(name in self.recipes for name in lesson.recipes)
            # Other specialists see to what has no part in this category.
            and any(self.recipes[name].category == self.category for name in lesson.recipes)
        ]
        for chain in taught:
            yield from _applied_in_turn(original, chain, module)
        # What a lesson taught comes before the rest of the category.
        known_to_help = [r for chain in taught for r in chain if r.category == self.category]
        steps = {recipe.id: recipe for recipe in (*known_to_help, *own)}
        for base in (*(_Draft.on(judged) for judged in turn.bases), original):
            for recipe in steps.values():
                if (*base.recipes, recipe.id) not in failed:
                    yield from _applied(base, recipe, module)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A rewrite in the making: the replacement so far, and the recipes that led there."""

    target: Target
    replacement: Replacement
    recipes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    parent: str | None = None

    @classmethod
    def of(cls, target: Target) -> _Draft:
        return cls(target=target, replacement=Replacement(definition=target.source))

    @classmethod
    def on(cls, judged: Judged) -> _Draft:
        base = judged.candidate
        return cls(
            target=base.target,
            replacement=base.replacement,
            recipes=base.recipes,
            titles=(base.title,),
            categories=base.categories,
            parent=base.hash,
        )

    def with_step(self, recipe: Recipe, application: Application) -> _Draft:
        helpers = [part for part in (self.replacement.helpers, application.helpers) if part]
        return _Draft(
            target=self.target,
            replacement=Replacement(
                definition=application.source,
                imports=tuple(dict.fromkeys([*self.replacement.imports, *application.imports])),
                helpers="\n\n\n".join(dict.fromkeys(helpers)),
            ),
            recipes=(*self.recipes, recipe.id),
            titles=tuple(dict.fromkeys([*self.titles, recipe.title])),
            categories=tuple(dict.fromkeys([*self.categories, recipe.category])),
            parent=self.parent,
        )

    def candidate(self, member: str, turn: Turn) -> Candidate:
        replacement = self.replacement
        return Candidate(
            member=member,
            target=self.target,
            replacement=replacement,
            hash=hash_of(replacement, self.target.language),
            title=", then ".join(self.titles),
            recipes=self.recipes,
            categories=self.categories,
            lessons=tuple(lesson.id for lesson in turn.lessons),
            parent=self.parent,
        )


def _applied(draft: _Draft, recipe: Recipe, module: ModuleBindings) -> Iterator[_Draft]:
    """Yield the draft with the recipe applied at every site, then at each site alone."""
    singles = apply(
        recipe, draft.replacement.definition, module_names=module.names, module_imports=module.imports
    )
    if not singles:
        return
    if len(singles) > 1:
        everywhere = draft
        sites: Sequence[Application] = singles
        for _ in range(APPLICATIONS_OF_ONE_RECIPE):
            everywhere = everywhere.with_step(recipe, sites[0])
            sites = apply(
                recipe,
                everywhere.replacement.definition,
                module_names=module.names,
                module_imports=module.imports,
            )
            if not sites:
                break
        yield _once(everywhere, draft, recipe)
    for single in singles[:APPLICATIONS_OF_ONE_RECIPE]:
        yield draft.with_step(recipe, single)


def _once(everywhere: _Draft, draft: _Draft, recipe: Recipe) -> _Draft:
    """The same draft, named as one step: a recipe applied at three sites is one change to a reader."""
    return _Draft(
        target=everywhere.target,
        replacement=everywhere.replacement,
        recipes=(*draft.recipes, recipe.id),
        titles=everywhere.titles,
        categories=everywhere.categories,
        parent=everywhere.parent,
    )


def _applied_in_turn(draft: _Draft, chain: Sequence[Recipe], module: ModuleBindings) -> Iterator[_Draft]:
    """Yield the draft after the whole chain, where every recipe of it still applies."""
    for recipe in chain:
        step = next(_applied(draft, recipe, module), None)
        if step is None:
            return
        draft = step
    yield draft
