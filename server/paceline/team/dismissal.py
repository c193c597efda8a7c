"""What a person teaches by turning a proven rewrite down: it was faster, and it was not wanted."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.resources import files

from lessonbank.lesson import Lesson, LessonEvidence, Source
from lessonbank.outcome import Outcome
from paceline.judge.verdict import Verdict
from paceline.team.member import Candidate, Judged
from paceline.team.reflection import lesson_of


def lesson_of_dismissal(candidate: Candidate, *, speedup: float, low: float, high: float) -> Lesson:
    """Return the lesson: of this very function, with the figures that did not convince.

    Its outcome is *not proven faster*: no selection counts it as a gain to be had, and a recipe member leaves
    the same recipes alone on this function.
    """
    text = files("paceline.team").joinpath("words/dismissal.toml").read_text(encoding="utf-8")
    words = str(tomllib.loads(text)["suggestion"]["text"])
    title = candidate.title[:1].upper() + candidate.title[1:]
    category = candidate.categories[-1] if candidate.categories else "other"
    judged = Judged(candidate=candidate, verdict=Verdict(outcome=Outcome.NOT_PROVEN_FASTER, reason=""))
    lesson = lesson_of(
        judged,
        text=words.format(change=title, target=candidate.target.name, speedup=speedup).strip(),
        category=category,
        language=candidate.target.language,
    )
    return replace(
        lesson,
        evidence=LessonEvidence(outcome=Outcome.NOT_PROVEN_FASTER, speedup=speedup, low=low, high=high),
        origin=replace(lesson.origin, source=Source.PERSON),
    )
