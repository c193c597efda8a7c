"""Lessons for tests."""

from __future__ import annotations

from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome


def lesson(
    text: str = "Use a set for membership.",
    *,
    outcome: Outcome = Outcome.FASTER,
    speedup: float | None = 2.0,
    target_hash: str = "target",
    recipes: tuple[str, ...] = (),
    features: dict[str, int] | None = None,
    language: str = "python",
    category: str = "membership",
    created: str = "2026-01-02T03:04:05+00:00",
) -> Lesson:
    return Lesson(
        text=text,
        category=category,
        language=language,
        transformation="use a set",
        recipes=recipes,
        features=features or {},
        created=created,
        evidence=LessonEvidence(
            outcome=outcome,
            speedup=speedup,
            low=speedup and speedup * 0.9,
            inputs=12,
            environment={"cpu": "x"},
        ),
        origin=Origin(
            source=Source.LEARNT, member="m", target="f", target_hash=target_hash, before="def f(): 1"
        ),
    )
