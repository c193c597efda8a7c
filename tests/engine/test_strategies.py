"""Runs by each strategy: equal budgets, and the published loop step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from lessonbank.similarity import text_similarity
from paceline.engine import Engine, Finished, Request
from paceline.engine.events import CandidateJudged, CandidateRepeated, Event, ModelAsked, RoundStarted
from paceline.judge.verdict import Verdict
from paceline.syntax import normal_hash
from paceline.syntax.target import HotLine, Replacement, Target
from paceline.team.exchange import Answer, Exchange, Hear, Usage
from paceline.team.member import Candidate, Judged, Turn
from paceline.team.reflection import lesson_of
from paceline.team.strategies import STRATEGIES
from paceline.workspace import Settings
from tests.engine.scripted import ScriptedJudge, verdict
from tests.lessonbank.records import lesson

MakeRun = Callable[..., Engine]


@dataclass
class Thinker:
    """A model that writes its script's bodies one after the other, whatever it is shown, and then repeats."""

    name: str
    bodies: Sequence[str]
    turns: list[Turn] = field(default_factory=list)
    reflected: list[Judged] = field(default_factory=list)
    told: list[Target] = field(default_factory=list)
    hear: Hear = lambda _: None
    deliberates: bool = True

    def heard_by(self, hear: Hear) -> Thinker:
        self.hear = hear
        return self

    async def propose(self, target: Target, turn: Turn) -> Candidate | None:
        body = self.bodies[min(len(self.turns), len(self.bodies) - 1)]
        self.turns.append(turn)
        self.told.append(target)
        await asyncio.sleep(0)
        self._spend("propose")
        definition = f"def total(values):\n    return {body}\n"
        return Candidate(
            member=self.name,
            target=target,
            replacement=Replacement(definition=definition),
            hash=normal_hash(definition, "python"),
            title=f"{body} by {self.name}",
            lessons=tuple(lesson.id for lesson in turn.lessons),
        )

    async def reflect(self, judged: Judged) -> Lesson | None:
        self.reflected.append(judged)
        self.told.append(judged.candidate.target)
        self._spend("reflect")
        text = f"{self.name} learnt {len(self.reflected)} from {judged.candidate.title}"
        return lesson_of(judged, text=text, category="loops", language="python")

    def _spend(self, purpose: str) -> None:
        usage = Usage(prompt_tokens=90, completion_tokens=10)
        answer = Answer(text="", usage=usage)
        self.hear(Exchange(member=self.name, model="m", purpose=purpose, messages=(), answer=answer))


@pytest.fixture
def make_run(tmp_path: Path, bank: Bank) -> MakeRun:
    def make(
        members: Sequence[object], verdicts: dict[str, Verdict], strategy: str, **more: object
    ) -> Engine:
        settings = Settings(**more)  # type: ignore[arg-type]
        return Engine(
            tmp_path,
            settings=replace(settings, team=replace(settings.team, strategy=strategy)),  # type: ignore[arg-type]
            trusted=True,
            bank=bank,
            members=members,  # type: ignore[arg-type]
            judge_of=lambda _target: ScriptedJudge(verdicts),
        )

    return make


async def events_of(engine: Engine, target: Target) -> list[Event]:
    return [event async for event in engine.optimize(Request(target=target))]


def different(name: str) -> Thinker:
    """A model that never says the same twice."""
    return Thinker(name, [f"{name} + {number}" for number in range(20)])


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_all_strategies_have_the_same_budget(strategy: str, make_run: MakeRun, target: Target) -> None:
    team = [different("ann"), different("ben"), different("cat")]
    # Each attempt is a little better, so that no run ends early.
    verdicts = {
        f"{m} + {n}": verdict(Outcome.FASTER, 2.0 + n) for m in ("ann", "ben", "cat") for n in range(20)
    }
    verdicts = dict(sorted(verdicts.items(), reverse=True))
    events = await events_of(make_run(team, verdicts, strategy, rounds=3), target)
    assert sum(len(member.turns) for member in team) == 9
    end = events[-1]
    assert isinstance(end, Finished)
    assert len(end.suggestions) == 9
    assert end.rounds == 3
    asked = [event.exchange.purpose for event in events if isinstance(event, ModelAsked)]
    assert asked.count("reflect") == (9 if STRATEGIES[strategy].reflects else 0)


async def test_the_published_loop_step_by_step(make_run: MakeRun, bank: Bank, target: Target) -> None:
    """Each round's lessons are those that the paper's rule gives, worked out here anew from what was seen."""
    bank.add(lesson("of another day, and strong", speedup=90.0))
    speedups = {
        "ann": [1.5, 3.0, 1.0, 2.5],
        "ben": [1.02, 2.0, 4.0, 1.2],
    }
    team = [Thinker(name, [f"{name} + {n}" for n in range(4)]) for name in speedups]
    verdicts = {
        f"{name} + {n}": verdict(Outcome.FASTER if s > 1.1 else Outcome.NOT_PROVEN_FASTER, s)
        for name, values in speedups.items()
        for n, s in enumerate(values)
    }
    await events_of(make_run(team, verdicts, "lessonl", rounds=4, lessons=3), target)

    factor: dict[str, float] = {}
    known: list[Lesson] = []
    learnt = [
        [x for x in bank.lessons() if x.origin.after == f"def total(values):\n    return {name} + {n}\n"]
        for n in range(4)
        for name in speedups
    ]
    for number in range(4):
        shown = team[0].turns[number].lessons
        assert team[1].turns[number].lessons == shown
        assert (team[0].turns[number].bases, team[0].turns[number].attempts) == ((), ())
        assert {x.id for x in shown} == published(known, factor, target.source, k=3)
        for each in shown:
            beats = [values[number] > (each.evidence.speedup or 0) for values in speedups.values()]
            factor[each.id] = sum(1.1 if beaten else 0.9 for beaten in beats) / len(beats)
        known += [each for found in learnt[2 * number : 2 * number + 2] for each in found]
    assert len(known) == 8


def published(known: Sequence[Lesson], factor: dict[str, float], source: str, *, k: int) -> set[str]:
    """The rule as the paper words it: half by speedup x f where that is 1.1 or more, the rest by likeness."""
    if len(known) <= k:
        return {x.id for x in known}
    effect = {x.id: (x.evidence.speedup or 0.0) * factor.get(x.id, 1.0) for x in known}
    high = sorted(effect, key=effect.__getitem__, reverse=True)[: -(-k // 2)]
    high = [one for one in high if effect[one] >= 1.1]
    rest = [x for x in sorted(known, key=lambda x: x.id) if x.id not in high]
    rest.sort(key=lambda x: text_similarity(x.text, source), reverse=True)
    return {*high, *(x.id for x in rest[: k - len(high)])}


async def test_the_published_loop_learns_from_an_attempt_that_is_repeated(
    make_run: MakeRun, target: Target
) -> None:
    stubborn = Thinker("ann", ["wrong"])
    engine = make_run([stubborn], {"wrong": verdict(Outcome.WRONG)}, "lessonl", rounds=3)
    events = await events_of(engine, target)
    assert len(stubborn.turns) == 3
    assert [judged.verdict.outcome for judged in stubborn.reflected] == [Outcome.WRONG] * 3
    assert sum(isinstance(event, CandidateRepeated) for event in events) == 2
    assert len(events[-1].rejected) == 1 if isinstance(events[-1], Finished) else False


async def test_ours_asks_no_model_about_what_is_known(make_run: MakeRun, target: Target) -> None:
    stubborn = Thinker("ann", ["wrong"])
    await events_of(make_run([stubborn], {"wrong": verdict(Outcome.WRONG)}, "paceline", rounds=9), target)
    assert len(stubborn.reflected) == 1
    assert len(stubborn.turns) < 9, "it ends when rounds bring nothing"


async def test_a_strategy_that_starts_afresh_still_banks_for_the_others(
    make_run: MakeRun, bank: Bank, target: Target
) -> None:
    first = Thinker("ann", ["good"])
    await events_of(make_run([first], {"good": verdict(Outcome.FASTER, 2.0)}, "best-of-n", rounds=1), target)
    kept = bank.lessons()
    assert [each.evidence.outcome for each in kept] == [Outcome.FASTER]
    second = Thinker("ann", ["good"])
    events = await events_of(
        make_run([second], {"good": verdict(Outcome.FASTER, 2.0)}, "paceline", rounds=1), target
    )
    shown = next(event for event in events if isinstance(event, RoundStarted)).selected["ann"]
    assert [each.id for each in shown] == [each.id for each in kept]
    afresh = Thinker("ann", ["good"])
    await events_of(make_run([afresh], {"good": verdict(Outcome.FASTER, 2.0)}, "lessonl", rounds=1), target)
    assert afresh.turns[0].lessons == ()


async def test_models_are_not_asked_any_more_when_their_tokens_are_used_up(
    make_run: MakeRun, target: Target
) -> None:
    team = [different("ann"), different("ben")]
    verdicts = {"+": verdict(Outcome.FASTER, 2.0)}
    engine = make_run(team, verdicts, "best-of-n", rounds=9, max_tokens=350)
    end = (await events_of(engine, target))[-1]
    assert isinstance(end, Finished)
    assert sum(len(member.turns) for member in team) == 4
    assert end.reason.endswith("the models' tokens are used up")
    assert end.status == "faster"


async def test_members_earn_their_record(make_run: MakeRun, bank: Bank, target: Target) -> None:
    team = [Thinker("ann", ["good"]), Thinker("ben", ["wrong"])]
    verdicts = {"good": verdict(Outcome.FASTER, 2.0), "wrong": verdict(Outcome.WRONG)}
    await events_of(make_run(team, verdicts, "paceline", rounds=1), target)
    arms = bank.arms("python")
    assert [(arms[m, ""].turns, arms[m, ""].faster) for m in ("ann", "ben")] == [(1, 1), (1, 0)]
    assert arms["ann", "loops"].faster == 1


@pytest.mark.parametrize("windows", ["alone", "several may meet"])
async def test_models_are_told_where_the_time_goes(
    windows: str, make_run: MakeRun, tmp_path: Path, target: Target
) -> None:
    hot = (HotLine(line=3, text="for value in values:", share=0.7, executions=9.0),)

    class Profiler(ScriptedJudge):
        async def hot_lines(self) -> tuple[HotLine, ...]:
            return hot

    team = [different("ann")]
    engine = make_run(team, {}, "lessonl", rounds=2)
    engine.judge_of = lambda _target: Profiler({"+": verdict(Outcome.WRONG)})
    engine.meeting_place = tmp_path / "judging" if windows != "alone" else None
    events = await events_of(engine, target)
    assert [told.context.hot for told in team[0].told] == [hot] * 4, "two rewrites, two lessons"
    judged = [event.judged for event in events if isinstance(event, CandidateJudged)]
    assert [one.candidate.target for one in judged] == [target, target]


async def test_models_are_not_asked_where_nothing_can_be_judged(make_run: MakeRun, target: Target) -> None:
    team = [different("ann")]
    engine = make_run(team, {}, "paceline")
    unjudgeable = verdict(Outcome.CANNOT_JUDGE)
    engine.judge_of = lambda _target: ScriptedJudge({}, unjudgeable=unjudgeable)
    end = (await events_of(engine, target))[-1]
    assert isinstance(end, Finished)
    assert (end.status, team[0].turns) == ("cannot-judge", [])
