"""What is made of a proven rewrite beyond its lesson: a recipe, so that the next function needs no model.

A distilled recipe turns its own pair's one side into the other, and that very rewrite is what the judge has
proven. Elsewhere it is a conjecture: members propose it, the judge decides, and the first place where it is
found wrong sets it aside for good.
"""

from __future__ import annotations

from dataclasses import replace

from lessonbank.bank import Bank
from lessonbank.distil import Distilled, distil
from lessonbank.errors import BankUnavailable, LessonBankError
from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from paceline.team.member import Judged

LONGEST = 10_000
"""Characters of either version. What is longer is no single change, and takes long to compare."""

WORTH_A_HINT = 1.2
"""Lower bound of the speedup from which on the recipe gives hints on save, not only candidates."""

DISPROVES = frozenset({Outcome.WRONG, Outcome.CRASHED, Outcome.TAMPERED, Outcome.DOES_NOT_BUILD})


def with_recipe(bank: Bank, judged: Judged, lesson: Lesson) -> Lesson:
    """Return the lesson naming the recipe that was distilled from its rewrite and banked, where there is one.

    Raises BankUnavailable.
    """
    distilled = distilled_from(judged, lesson)
    if distilled is None:
        return lesson
    try:
        is_of_use = bank.add_recipe(distilled.record)
    except BankUnavailable:
        raise
    except LessonBankError:
        return lesson
    return replace(lesson, recipes=(distilled.recipe.id,)) if is_of_use else lesson


def distilled_from(judged: Judged, lesson: Lesson) -> Distilled | None:
    """Distil a recipe from a rewrite that was proven faster and that no recipe has made. Milliseconds."""
    candidate, verdict = judged.candidate, judged.verdict
    replacement, source = candidate.replacement, candidate.target.source
    if verdict.outcome is not Outcome.FASTER or candidate.recipes or replacement.helpers:
        return None
    if max(len(source), len(replacement.definition)) > LONGEST:
        return None
    try:
        distilled = distil(
            source,
            replacement.definition,
            language=candidate.target.language,
            title=candidate.title,
            category=lesson.category,
            explanation=lesson.text,
            imports=replacement.imports,
            hints=verdict.low >= WORTH_A_HINT,
        )
    except RecursionError:
        return None
    return distilled


def disprove(bank: Bank, judged: Judged) -> bool:
    """Set aside the distilled recipe that alone has made a rewrite which was found wrong; say if it did.

    Raises BankUnavailable.
    """
    if judged.verdict.outcome not in DISPROVES or len(judged.candidate.recipes) != 1:
        return False
    return bank.disprove(judged.candidate.recipes[0], judged.verdict.reason)
