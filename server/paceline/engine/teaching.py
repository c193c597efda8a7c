"""Learning from a change that a person made: judged like anybody's rewrite, and what it teaches is banked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lessonbank.lesson import Lesson, Source
from lessonbank.outcome import Outcome
from paceline.engine import memory
from paceline.engine.events import StageReached
from paceline.engine.learning import with_recipe
from paceline.engine.ranking import speedup_words
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged, hash_of
from paceline.team.reflection import lesson_from
from paceline.workspace import place_in

if TYPE_CHECKING:
    from paceline.engine.engine import Engine

PERSON = "a person"
"""The member's name in the lesson and in the verdict that is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A rewrite that a person made of a target, and what they say of it."""

    target: Target
    replacement: Replacement
    words: str = ""
    """They become the lesson's title. Empty leaves it to the target's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What came of a change: its verdict, and the lesson, None where nothing could be judged."""

    judged: Judged
    lesson: Lesson | None

    @property
    def words(self) -> str:
        """The verdict as a person reads it, in one sentence."""
        verdict = self.judged.verdict
        if verdict.outcome is Outcome.FASTER:
            return f"{speedup_words(verdict)}."
        return f"{verdict.outcome.value.replace('-', ' ')}: {verdict.reason}"


async def teach(
    engine: Engine, change: Change, *, on_stage: Callable[[StageReached], None] = lambda _: None
) -> Taught:
    """Judge a person's change and bank what it teaches.

    Raises LessonBankError when the lesson cannot be kept, and what the judge raises.
    """
    target, replacement = change.target, change.replacement
    candidate = Candidate(
        member=PERSON,
        target=target,
        replacement=replacement,
        hash=hash_of(replacement, target.language),
        title=change.words or f"the change that was taught in {target.name}",
        categories=("taught",),
    )
    verdict = await engine.judge(
        target,
        replacement,
        on_stage=lambda stage, detail: on_stage(
            StageReached(candidate=candidate, stage=stage, detail=detail)
        ),
    )
    judged = Judged(candidate=candidate, verdict=verdict)
    lesson = lesson_from(judged, explanation="", language=target.language)
    if lesson is None:
        return Taught(judged=judged, lesson=None)
    lesson = replace(lesson, origin=replace(lesson.origin, source=Source.PERSON))
    memory.remember(engine.bank, judged)
    # What a person has worked out serves other functions as well, where its change has a form that can.
    lesson = await asyncio.to_thread(with_recipe, engine.bank, judged, lesson)
    engine.bank.add(lesson, place=place_in(engine.root, target.file))
    engine.look_for_learnt()
    return Taught(judged=judged, lesson=lesson)
