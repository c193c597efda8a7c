"""A judge and members that follow a script: the loop is under test here, not what they stand for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from paceline.errors import WorkerFailed
from paceline.judge.verdict import Checks, Evidence, SizeTiming, Timing, Verdict
from paceline.syntax import normal_hash
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged, Turn
from paceline.team.reflection import lesson_from


def verdict(outcome: Outcome, speedup: float = 1.0) -> Verdict:
    timing = None
    if outcome.is_behaviour_preserving:
        size = SizeTiming(
            label="large",
            elements=1000,
            speedup=speedup,
            low=speedup * 0.9,
            high=speedup * 1.1,
            original_s=1e-3,
            candidate_s=1e-3 / speedup,
            ratios=(speedup,) * 3,
            control=(1.0,) * 3,
        )
        timing = Timing(
            speedup=speedup,
            low=speedup * 0.9,
            high=speedup * 1.1,
            confidence=0.95,
            launches=3,
            control_low=0.99,
            control_high=1.01,
            sizes=(size,),
            confirmed=outcome is Outcome.FASTER,
        )
    evidence = Evidence(checks=Checks(inputs=10, sources={"probed": 10}), timing=timing)
    return Verdict(outcome=outcome, reason=f"scripted {outcome}", evidence=evidence)


@dataclass
class ScriptedJudge:
    """Answers by what the replacement contains."""

    answers: Mapping[str, Verdict]
    unjudgeable: Verdict | None = None
    judged: list[str] = field(default_factory=list)
    closed: bool = False
    hangs: bool = False
    breaks_on: str | None = None

    async def prepare(self) -> Checks | Verdict:
        return self.unjudgeable or Checks(inputs=10, sources={"probed": 10})

    async def judge(self, replacement: Replacement, *, on_stage: Callable[[str, str], None]) -> Verdict:
        self.judged.append(replacement.definition)
        on_stage("check", "")
        if self.breaks_on is not None and self.breaks_on in replacement.definition:
            raise WorkerFailed("a worker left")
        if self.hangs:
            await asyncio.Event().wait()
        return next(v for mark, v in self.answers.items() if mark in replacement.definition)

    async def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedMember:
    """Proposes the bodies of its script in order, round by round; records the turns it was given."""

    name: str
    bodies: list[str]
    turns: list[Turn] = field(default_factory=list)
    deliberates: bool = False

    async def propose(self, target: Target, turn: Turn) -> Candidate | None:
        self.turns.append(turn)
        for body in self.bodies:
            if body == "raise":
                raise RuntimeError("the model is gone")
            definition = f"def total(values):\n    {body}\n"
            key = normal_hash(definition, "python")
            if key not in turn.tried:
                return Candidate(
                    member=self.name,
                    target=target,
                    replacement=Replacement(definition=definition),
                    hash=key,
                    title=f"use {body}",
                    recipes=(f"recipe of {body}",),
                    categories=("loops",),
                    lessons=tuple(lesson.id for lesson in turn.lessons),
                )
        return None

    async def reflect(self, judged: Judged) -> Lesson | None:
        return lesson_from(judged, explanation="It is.", language="python")
