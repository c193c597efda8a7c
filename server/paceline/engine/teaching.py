"""Learning from a change that a person made: judged like anybody's rewrite, and what it teaches is banked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lessonbank.lesson import Lesson, Source
from lessonbank.outcome import Outcome
from paceline.engine import memory
from paceline.engine.learning import with_recipe
from paceline.engine.ranking import speedup_words
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged, hash_of
from paceline.team.reflection import lesson_from

if TYPE_CHECKING:
    from paceline.engine.engine import Engine

PERSON = "a person"
"""The member's name in the lesson and in the verdict that is remembered."""


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
    engine: Engine,
    target: Target,
    replacement: Replacement,
    *,
    words: str = "",
    on_stage: Callable[[str, str], None] | None = None,
) -> Taught:
    """Judge a person's rewrite of a target and bank what it teaches, with the person's words where given.

    Raises LessonBankError when the lesson cannot be kept, and what the judge raises.
    """
    verdict = await engine.judge(target, replacement, on_stage=on_stage)
    candidate = Candidate(
        member=PERSON,
        target=target,
        replacement=replacement,
        hash=hash_of(replacement, target.language),
        title=words or f"the change that was taught in {target.name}",
        categories=("taught",),
    )
    judged = Judged(candidate=candidate, verdict=verdict)
    lesson = lesson_from(judged, explanation="", language=target.language)
    if lesson is None:
        return Taught(judged=judged, lesson=None)
    lesson = replace(lesson, origin=replace(lesson.origin, source=Source.PERSON))
    memory.remember(engine.bank, judged)
    # What a person has worked out serves other functions as well, where its change has a form that can.
    lesson = await asyncio.to_thread(with_recipe, engine.bank, judged, lesson)
    engine.bank.add(lesson)
    engine.look_for_learnt()
    return Taught(judged=judged, lesson=lesson)
