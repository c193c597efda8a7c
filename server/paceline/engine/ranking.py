"""Ranking and wording of what was proven: by the lower bound of the speedup, the interval in the title."""

from __future__ import annotations

from collections.abc import Iterable

from lessonbank.outcome import Outcome
from paceline.engine.events import Suggestion
from paceline.judge.verdict import Verdict
from paceline.syntax import splice, unified_diff
from paceline.team.member import Judged


def ranked(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Return the suggestions, the one with the highest lower bound first; ties go to the smaller change."""
    return tuple(sorted(suggestions, key=lambda s: (-s.judged.verdict.low, len(s.diff))))


def suggestion_from(judged: Judged) -> Suggestion:
    """Return the suggestion of a candidate whose verdict is *faster*: the exact edit that was judged."""
    assert judged.verdict.outcome is Outcome.FASTER
    target = judged.candidate.target
    patched = splice(target, judged.candidate.replacement)
    return Suggestion(
        target=target,
        judged=judged,
        title=f"{speedup_words(judged.verdict)}: {judged.candidate.title}",
        patched=patched,
        diff=unified_diff(target.module, patched, target.file),
    )


def speedup_words(verdict: Verdict) -> str:
    """Return ``3.1x faster (2.8-3.4)``, with what a person must know beside it."""
    timing = verdict.evidence.timing
    assert timing is not None
    words = f"{_ratio(timing.speedup)}x faster ({_ratio(timing.low)}-{_ratio(timing.high)})"
    if any(size.high < 1 for size in timing.sizes):
        words += ", slower on small inputs"
    if timing.memory is not None and timing.memory.is_much_more:
        words += f", {_ratio(timing.memory.ratio)}x the memory"
    if verdict.evidence.tolerance:
        words += f", floats within {verdict.evidence.tolerance:g}"
    return words


def _ratio(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 1.95 else f"{value:.2f}"
