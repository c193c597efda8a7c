"""What ``--json`` prints, as plain JSON values. Schema 1; a field is added, never renamed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    # A report only reads what it is given: listing lessons need not load the engine.
    from lessonbank.credit import Credit
    from lessonbank.lesson import Lesson
    from lessonbank.recipe import Recipe
    from paceline.engine import Finished, Suggestion
    from paceline.judge.verdict import Checks, Timing, Verdict
    from paceline.syntax.target import Replacement
    from paceline.team.member import Judged

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Result:
    """One function's run, and the file's name as the person knows it."""

    file: Path
    finished: Finished


def print_json(report: dict[str, Any]) -> None:
    """Print one object on stdout. What is not finite has no JSON and becomes null."""
    click.echo(json.dumps(_finite(report), indent=2, allow_nan=False))


def optimize_report(results: Iterable[Result], *, elapsed_s: float) -> dict[str, Any]:
    """Return the object of ``paceline optimize --json``. Times are seconds, speedups original / candidate."""
    results = list(results)
    return {
        "schema": SCHEMA,
        "targets": [_target(result) for result in results],
        "lessons_banked": sum(result.finished.lessons_banked for result in results),
        "elapsed_s": round(elapsed_s, 3),
    }


def judge_report(verdict: Verdict, *, elapsed_s: float) -> dict[str, Any]:
    """Return the object of ``paceline judge --json``."""
    evidence = verdict.evidence
    return {
        "schema": SCHEMA,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        **_timing(evidence.timing),
        "sizes": [
            {
                "label": size.label,
                "elements": size.elements,
                "speedup": size.speedup,
                "low": size.low,
                "high": size.high,
                "original_s": size.original_s,
                "candidate_s": size.candidate_s,
            }
            for size in (evidence.timing.sizes if evidence.timing else ())
        ],
        "checks": _checks(evidence.checks),
        "counterexample": asdict(evidence.counterexample) if evidence.counterexample else None,
        "elapsed_s": round(elapsed_s, 3),
    }


def lessons_report(lessons: Iterable[Lesson], credit_of: Mapping[str, Credit]) -> dict[str, Any]:
    """Return the object of ``paceline lessons list --json``: every lesson with its credit."""
    return {
        "schema": SCHEMA,
        "lessons": [{**lesson.to_json(), "credit": asdict(credit_of[lesson.id])} for lesson in lessons],
    }


def lesson_report(lesson: Lesson, credit: Credit, learnt: Iterable[Recipe] = ()) -> dict[str, Any]:
    """Return the object of ``paceline lessons show --json``; ``learnt`` are recipes distilled with it."""
    recipes = [
        {
            "id": recipe.id,
            "match": list(recipe.match),
            "rewrite": list(recipe.rewrite),
            "where": list(recipe.where),
            "imports": list(recipe.imports),
        }
        for recipe in learnt
    ]
    record = {**lesson.to_json(), "credit": asdict(credit), "learnt_recipes": recipes}
    return {"schema": SCHEMA, "lesson": record}


def replacement_text(replacement: Replacement) -> str:
    """Return a replacement as one piece of source: what ``paceline judge --candidate`` takes."""
    parts = [
        "\n".join(replacement.imports),
        replacement.helpers.strip("\n"),
        replacement.definition.strip("\n"),
    ]
    return "\n\n\n".join(part for part in parts if part) + "\n"


def _target(result: Result) -> dict[str, Any]:
    finished, target = result.finished, result.finished.target
    return {
        "name": target.name,
        "file": str(result.file),
        "start_line": target.start_line,
        "end_line": target.end_line,
        "language": target.language,
        "status": finished.status,
        "reason": finished.reason,
        "suggestions": [_suggestion(suggestion) for suggestion in finished.suggestions],
        "rejected": [_rejected(judged) for judged in finished.rejected],
        "tokens": asdict(finished.tokens),
    }


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    candidate, verdict = suggestion.judged.candidate, suggestion.judged.verdict
    return {
        "title": suggestion.title,
        "member": candidate.member,
        "outcome": verdict.outcome.value,
        **_timing(verdict.evidence.timing),
        "checks": _checks(verdict.evidence.checks),
        "lessons": list(candidate.lessons),
        "replacement": replacement_text(candidate.replacement),
        "diff": suggestion.diff,
    }


def _rejected(judged: Judged) -> dict[str, Any]:
    return {
        "member": judged.candidate.member,
        "outcome": judged.verdict.outcome.value,
        "reason": judged.verdict.reason,
    }


def _timing(timing: Timing | None) -> dict[str, float | None]:
    if timing is None:
        return {"speedup": None, "low": None, "high": None, "confidence": None}
    return {
        "speedup": timing.speedup,
        "low": timing.low,
        "high": timing.high,
        "confidence": timing.confidence,
    }


def _checks(checks: Checks) -> dict[str, Any]:
    return {"inputs": checks.inputs, "sources": dict(checks.sources), "tests": checks.tests}


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
