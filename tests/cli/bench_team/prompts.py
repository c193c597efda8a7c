"""Prompts as the real members send them: what a simulated member reads has to be what a model gets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome
from paceline.cli.bench_team.tasks import tasks_named
from paceline.judge.verdict import Verdict
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Attempt, Candidate, Judged, Turn
from paceline.team.models.prompting import propose_messages, reflect_messages
from paceline.team.models.room import room_for
from paceline.team.models.templates import prompts_for
from tests.engine.scripted import verdict

ROOM = room_for(context_length=32_768, max_tokens=2048)


def chained(name: str, folder: Path) -> Target:
    """One of the functions of the set chains."""
    (task,) = tasks_named([f"chains:{name}"])
    return task.placed(folder)[1]


def lesson(text: str, outcome: Outcome = Outcome.FASTER) -> Lesson:
    speedup = 3.0 if outcome.is_behaviour_preserving else None
    evidence = LessonEvidence(outcome=outcome, speedup=speedup, low=speedup, high=speedup)
    return Lesson(
        text=text,
        category="other",
        language="python",
        transformation="",
        evidence=evidence,
        origin=Origin(source=Source.LEARNT),
    )


def judged(target: Target, definition: str, found: Verdict, *, imports: tuple[str, ...] = ()) -> Judged:
    candidate = Candidate(
        member="somebody",
        target=target,
        replacement=Replacement(definition=definition, imports=imports),
        hash="abc",
        title="what somebody did",
    )
    return Judged(candidate=candidate, verdict=found)


def asked_to_propose(
    target: Target,
    lessons: Sequence[Lesson] = (),
    *,
    best: Judged | None = None,
    answers: Sequence[Judged] = (),
    own: Judged | None = None,
    focus: str = "",
) -> str:
    attempts = [Attempt(candidate=one.candidate) for one in answers]
    if own is not None:
        attempts.append(Attempt(candidate=own.candidate, verdict=own.verdict))
    turn = Turn(
        round=1,
        lessons=tuple(lessons),
        bases=(best,) if best is not None else (),
        attempts=tuple(attempts),
        focus=focus,
    )
    prompts = prompts_for("python")
    assert prompts is not None
    return propose_messages(prompts, target, turn, ROOM)[-1].content


def asked_to_reflect(target: Target, definition: str, outcome: Outcome) -> str:
    prompts = prompts_for("python")
    assert prompts is not None
    found = judged(target, definition, verdict(outcome, 3.0 if outcome is Outcome.FASTER else 1.0))
    return reflect_messages(prompts, found, ROOM)[-1].content
