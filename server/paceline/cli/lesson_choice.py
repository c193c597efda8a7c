"""Finding and ordering lessons for a person."""

from __future__ import annotations

from collections.abc import Iterable

from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from paceline.errors import UnusableRequest


def by_evidence(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Return proven speedups first, by the lower bound of their interval; then the failures, by outcome."""
    return sorted(
        lessons,
        key=lambda lesson: (
            lesson.evidence.outcome is not Outcome.FASTER,
            -(lesson.evidence.low or 0.0),
            lesson.evidence.outcome.value,
            lesson.id,
        ),
    )


def the_lesson(prefix: str, lessons: Iterable[Lesson]) -> Lesson:
    """Return the lesson whose id begins with the prefix. Raises UnusableRequest for none or several."""
    found = [lesson for lesson in lessons if lesson.id.startswith(prefix.lower())]
    if not found:
        raise UnusableRequest(f"no lesson of this workspace begins with {prefix}; see paceline lessons list")
    if len(found) > 1:
        ids = ", ".join(lesson.id for lesson in found[:5])
        raise UnusableRequest(f"{prefix} stands for {len(found)} lessons ({ids}); give more of the id")
    return found[0]
