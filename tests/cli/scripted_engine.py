"""An engine that follows a script: the command line is under test here, not what proves rewrites."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from paceline.engine import Request
from paceline.engine.events import (
    CandidateJudged,
    CandidateProposed,
    Event,
    Finished,
    InputsFound,
    MemberFailed,
    RoundStarted,
    StageReached,
    SuggestionProven,
    TargetFound,
)
from paceline.engine.ranking import suggestion_from
from paceline.judge.verdict import Checks, Counterexample, Evidence, Outcome, SizeTiming, Timing, Verdict
from paceline.syntax.target import Replacement, Target
from paceline.team.exchange import Usage
from paceline.team.member import Candidate, Judged


def size(elements: int, speedup: float) -> SizeTiming:
    return SizeTiming(
        label="large" if elements > 100 else "small",
        elements=elements,
        speedup=speedup,
        low=speedup * 0.95,
        high=speedup * 1.05,
        original_s=2e-6 * elements,
        candidate_s=2e-6 * elements / speedup,
        ratios=(speedup,) * 5,
        control=(1.0,) * 5,
    )


def faster(speedup: float) -> Verdict:
    sizes = (size(10, 1.2), size(1000, speedup))
    timing = Timing(
        speedup=speedup,
        low=speedup * 0.95,
        high=speedup * 1.05,
        confidence=0.95,
        launches=5,
        control_low=0.99,
        control_high=1.01,
        sizes=sizes,
        confirmed=True,
    )
    checks = Checks(inputs=74, sources={"recorded": 12, "type-hints": 40, "edge": 22}, tests=2)
    return Verdict(
        outcome=Outcome.FASTER,
        reason="Faster at every size.",
        evidence=Evidence(checks=checks, timing=timing, isolation="bubblewrap"),
        elapsed_s=1.5,
    )


def wrong() -> Verdict:
    found = Counterexample(call="total([1, 1])", expected="2", got="1", difference="result")
    return Verdict(
        outcome=Outcome.WRONG,
        reason="The result differs for total([1, 1]).",
        evidence=Evidence(checks=Checks(inputs=3, sources={"edge": 3}), counterexample=found),
    )


@dataclass
class ScriptedEngine:
    """Proves the scripted rewrites, by name of the function; judges everything as its verdict says."""

    rewrites: Mapping[str, tuple[Replacement, float]] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=lambda: faster(3.0))
    fails_with: BaseException | None = None
    fails_on: tuple[str, ...] = ("total", "Cart.size", "outer")
    hangs: bool = False
    before_finishing: Callable[[Target], None] = lambda _target: None
    notes: tuple[str, ...] = ()
    tokens: Usage = field(default_factory=Usage)
    loses: MemberFailed | None = None
    text: str = ""
    judged: list[Replacement] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    closed: bool = False

    async def optimize(self, request: Request) -> AsyncIterator[Event]:
        self.requests.append(request)
        target = request.target
        yield TargetFound(target=target)
        yield RoundStarted(target=target, round=0, selected={})
        yield InputsFound(target=target, inputs=74, sources={"recorded": 12})
        if self.loses is not None:
            yield self.loses
        if self.fails_with is not None and target.name in self.fails_on:
            raise self.fails_with
        if self.hangs:
            await asyncio.Event().wait()
        proven = []
        if target.name in self.rewrites:
            replacement, speedup = self.rewrites[target.name]
            candidate = candidate_of(target, replacement)
            yield CandidateProposed(candidate=candidate)
            yield StageReached(candidate=candidate, stage="time", detail="1,000 elements")
            judged = Judged(candidate=candidate, verdict=faster(speedup))
            yield CandidateJudged(judged=judged)
            suggestion = suggestion_from(judged)
            proven.append(suggestion)
            yield SuggestionProven(suggestion=suggestion, rank=0)
        refused = Judged(
            candidate=candidate_of(target, Replacement(definition=target.source)), verdict=wrong()
        )
        self.before_finishing(target)
        yield Finished(
            target=target,
            status="faster" if proven else "not-proven-faster",
            reason="a round brought no improvement",
            suggestions=tuple(proven),
            rejected=(refused,),
            lessons_banked=1 + len(proven),
            rounds=1,
            elapsed_s=0.1,
            tokens=self.tokens,
        )

    async def judge(
        self, target: Target, replacement: Replacement, *, on_stage: Callable[[str, str], None]
    ) -> Verdict:
        on_stage("check", "")
        self.judged.append(replacement)
        if self.fails_with is not None:
            raise self.fails_with
        return self.verdict

    async def judge_and_script(
        self, target: Target, replacement: Replacement, *, on_stage: Callable[[str, str], None]
    ) -> tuple[Verdict, str]:
        return await self.judge(target, replacement, on_stage=on_stage), self.text

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed = True


def candidate_of(target: Target, replacement: Replacement) -> Candidate:
    return Candidate(
        member="recipes/membership",
        target=target,
        replacement=replacement,
        hash="c0ffee",
        title="use a set for [membership]",
        recipes=("membership-set",),
        categories=("membership",),
        lessons=("0123456789abcdef",),
    )


def opener(engine: ScriptedEngine) -> Callable[..., ScriptedEngine]:
    def open_engine(root: Path, *, warn: Callable[[str], None]) -> ScriptedEngine:
        for note in engine.notes:
            warn(note)
        return engine

    return open_engine
