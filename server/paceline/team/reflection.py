"""Solicitation for members without words of their own: a verdict becomes a lesson by template, by outcome.

The templates are data (``words/recipe-lessons.toml``), so that a person can review what the bank will say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome
from paceline.team.member import Judged


def lesson_from(judged: Judged, *, explanation: str, language: str) -> Lesson | None:
    """Return the lesson of one verdict, or None where the judge could not judge: nothing was learnt then."""
    candidate, verdict = judged.candidate, judged.verdict
    template = _templates().get(verdict.outcome)
    if template is None:
        return None
    timing = verdict.evidence.timing
    text = template.format(
        change=candidate.title[:1].upper() + candidate.title[1:],
        target=candidate.target.name,
        speedup=timing.speedup if timing else 1.0,
        low=timing.low if timing else 1.0,
        high=timing.high if timing else 1.0,
        explanation=explanation,
        reason=verdict.reason,
    )
    category = candidate.categories[-1] if candidate.categories else "other"
    return lesson_of(judged, text=text.strip(), category=category, language=language)


def lesson_of(judged: Judged, *, text: str, category: str, language: str) -> Lesson:
    """Return a lesson with somebody's words, and with the evidence of the verdict."""
    candidate, verdict = judged.candidate, judged.verdict
    timing, counterexample = verdict.evidence.timing, verdict.evidence.counterexample
    return Lesson(
        text=text,
        category=category,
        language=language,
        transformation=candidate.title,
        recipes=candidate.recipes,
        features=dict(candidate.target.features),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        evidence=LessonEvidence(
            outcome=verdict.outcome,
            speedup=timing.speedup if timing else None,
            low=timing.low if timing else None,
            high=timing.high if timing else None,
            inputs=verdict.evidence.checks.inputs,
            counterexample=counterexample.call if counterexample else None,
            diagnostics=verdict.evidence.diagnostics,
            environment=dict(verdict.evidence.environment),
        ),
        origin=Origin(
            source=Source.LEARNT,
            member=candidate.member,
            target=candidate.target.name,
            file=candidate.target.file.name,
            target_hash=candidate.target.hash,
            candidate_hash=candidate.hash,
            before=candidate.target.source,
            after=candidate.replacement.definition,
        ),
    )


@cache
def _templates() -> Mapping[Outcome, str]:
    text = files("paceline.team").joinpath("words/recipe-lessons.toml").read_text(encoding="utf-8")
    return {Outcome(name): entry["text"] for name, entry in tomllib.loads(text).items() if name != "version"}
