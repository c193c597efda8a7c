"""Reading one run: the engine's events, turned into suggestions, words and a result."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from lessonbank.outcome import Outcome
from paceline.engine import Engine, Request
from paceline.engine.events import (
    CandidateJudged,
    Event,
    Finished,
    InputsFound,
    MemberFailed,
    ModelAsked,
    RoundStarted,
    StageReached,
    Suggestion,
    SuggestionProven,
)
from paceline.syntax.target import Target

STAGES = {
    "waiting": "judged in another window",
    "static": "reading",
    "build": "building",
    "check": "comparing",
    "tests": "running the tests",
    "time": "timing",
    "confirm": "confirming",
}
"""The judge's stages, as a person would say them."""


async def read_run(
    engine: Engine,
    target: Target,
    *,
    on_proven: Callable[[Suggestion], None],
    on_word: Callable[[str], None],
    on_lost: Callable[[str], None] = lambda _: None,
) -> Finished:
    """Run the engine on a target and return how it ended.

    Suggestions are handed on as they are proven, and so are words for a progress display, with counts, and
    what is to be said of a member that lost its turn. Cancelling the task that reads ends the run and its
    processes.
    """
    finished: Finished | None = None
    judged = proven = 0
    async with aclosing(engine.optimize(Request(target=target))) as events:
        async for event in events:
            if isinstance(event, SuggestionProven):
                on_proven(event.suggestion)
            elif isinstance(event, CandidateJudged):
                judged += 1
                proven += event.judged.verdict.outcome is Outcome.FASTER
            elif isinstance(event, MemberFailed):
                on_lost(event.words)
            elif isinstance(event, Finished):
                finished = event
            if (words := in_words(event)) is not None:
                on_word(f"{judged} judged, {proven} faster; {words}" if judged else words)
    assert finished is not None, "a run ends with Finished"
    return finished


def in_words(event: Event) -> str | None:
    """Return what a progress display says of an event, None when it is not worth a word."""
    match event:
        case InputsFound(inputs=inputs):
            return f"{inputs} inputs found"
        case RoundStarted(round=number):
            return f"round {number + 1}"
        case ModelAsked(exchange=exchange) if not exchange.failure:
            return f"{exchange.member} answered"
        case MemberFailed():
            return event.words
        case StageReached(candidate=candidate, stage=stage):
            return f"{STAGES.get(stage, stage)}: {candidate.title}"
        case SuggestionProven(suggestion=suggestion):
            return suggestion.title
        case CandidateJudged(judged=judged):
            return f"{judged.verdict.outcome.value.replace('-', ' ')}: {judged.candidate.title}"
        case _:
            return None
