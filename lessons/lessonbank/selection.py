"""Which lessons are shown: the published rule, and ours."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from lessonbank.credit import Credit, Tally, uplift
from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome
from lessonbank.similarity import feature_similarity, text_similarity

if TYPE_CHECKING:
    from lessonbank.bank import Bank
    from lessonbank.recipe import Recipe

WORTH_SHOWING = 1.1
"""Published threshold on speedup times factor (arXiv 2505.23946)."""

Rule = Literal["lessonl", "paceline"]


def select(
    bank: Bank,
    *,
    target_features: Mapping[str, int],
    target_text: str,
    language: str,
    k: int,
    rule: Rule = "lessonl",
    target_hash: str = "",
    shipped: Sequence[Lesson] = (),
    seed: int = 0,
    member: str = "",
) -> list[Lesson]:
    """Return at most ``k`` lessons of the bank (and of ``shipped``) for one target, most worth showing first.

    ``lessonl`` is the published rule: all lessons where there are no more than k; else the ceil(k/2) with the
    highest speedup x factor of at least 1.1, and for the rest those whose text is nearest to the target's.

    ``paceline`` puts pinned lessons first, then what has failed on this very target, as a warning, with one
    place left for something to try; the rest by uplift x relevance, where the uplift is drawn from its
    posterior. Equal ``seed`` and ``member`` draw alike, so members differ and runs repeat.
    Raises BankUnavailable.
    """
    lessons = {lesson.id: lesson for lesson in (*shipped, *bank.lessons()) if lesson.language == language}
    credits_of = bank.credits()
    pool = [(lesson, credits_of.get(lesson.id, Credit())) for _, lesson in sorted(lessons.items())]
    if k <= 0:
        return []
    if rule == "lessonl":
        return _published(pool, target_text, k)
    return _ours(
        pool,
        bank.tally(language),
        k=k,
        target_hash=target_hash,
        likeness=lambda lesson: relevance(lesson, target_features, target_text, target_hash),
        draw=lambda lesson: random.Random(f"{seed}:{member}:{lesson.id}"),
    )


def relevance(
    lesson: Lesson, target_features: Mapping[str, int], target_text: str, target_hash: str = ""
) -> float:
    """Return how much a lesson has to do with a target, 0 to 1.

    By shape, the fingerprint of the lesson's own source against the target's, and by words, the lesson's text
    and transformation against the target's source; 1 where it was learnt on this very target.
    """
    if target_hash and lesson.origin.target_hash == target_hash:
        return 1.0
    words = text_similarity(f"{lesson.transformation} {lesson.text} {lesson.origin.before}", target_text)
    if not lesson.features or not target_features:
        return words
    return (feature_similarity(lesson.features, target_features) + words) / 2


def lessons_of_recipes(recipes: Iterable[Recipe]) -> list[Lesson]:
    """Return shipped recipes as lessons, so that selection ranks them with those that were learnt."""
    return [
        Lesson(
            text=recipe.explanation,
            category=recipe.category,
            language=recipe.language,
            transformation=recipe.title,
            recipes=(recipe.id,),
            evidence=LessonEvidence(outcome=Outcome.FASTER),
            origin=Origin(source=Source.SHIPPED, before=recipe.example.before, after=recipe.example.after),
        )
        for recipe in recipes
    ]


Pool = Sequence[tuple[Lesson, Credit]]
Likeness = Callable[[Lesson], float]
Draw = Callable[[Lesson], random.Random]


def _published(pool: Pool, target_text: str, k: int) -> list[Lesson]:
    def effect(entry: tuple[Lesson, Credit]) -> float:
        lesson, credit = entry
        return (lesson.evidence.speedup or 0.0) * credit.factor

    ranked = sorted(pool, key=effect, reverse=True)
    if len(pool) <= k:
        return [lesson for lesson, _ in ranked]
    high = [entry[0] for entry in ranked[: math.ceil(k / 2)] if effect(entry) >= WORTH_SHOWING]
    chosen = {lesson.id for lesson in high}
    near = sorted(
        (lesson for lesson, _ in pool if lesson.id not in chosen),
        key=lambda lesson: text_similarity(lesson.text, target_text),
        reverse=True,
    )
    return [*high, *near[: k - len(high)]]


def _ours(
    pool: Pool,
    tally: Tally,
    *,
    k: int,
    target_hash: str,
    likeness: Likeness,
    draw: Draw,
) -> list[Lesson]:
    pinned = [lesson for lesson, credit in pool if credit.pinned]
    pinned.sort(key=likeness, reverse=True)
    warnings = [
        lesson
        for lesson, credit in pool
        if not credit.pinned and target_hash and _has_failed_on(lesson, target_hash)
    ]
    warnings.sort(key=lambda lesson: lesson.created, reverse=True)
    taken = {lesson.id for lesson in (*pinned, *warnings)}

    def worth(entry: tuple[Lesson, Credit]) -> float:
        lesson, credit = entry
        gain = max(lesson.evidence.low or 1.0, 1.0) if lesson.evidence.outcome is Outcome.FASTER else 1.0
        # An uplift is a difference of rates, -1 to 1; relevance must not turn a bad one into a good one.
        return (1 + uplift(credit, tally, draw(lesson))) * likeness(lesson) * (1 + math.log(gain))

    rest = [entry[0] for entry in sorted(pool, key=worth, reverse=True) if entry[0].id not in taken]
    room = max(k - len(pinned) - (1 if rest and k > 1 else 0), 0)
    return [*pinned, *warnings[:room], *rest][:k]


def _has_failed_on(lesson: Lesson, target_hash: str) -> bool:
    return lesson.origin.target_hash == target_hash and lesson.evidence.outcome is not Outcome.FASTER
