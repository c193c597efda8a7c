"""One trial: one arm on one task with one seed, read from the engine's events as every reader does."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

from lessonbank.bank import Bank
from lessonbank.outcome import Outcome
from lessonbank.recipe import shipped_recipes
from paceline.cli.bench_team.arms import Arm
from paceline.cli.bench_team.simulation import SimulatedServer, cast
from paceline.cli.bench_team.tasks import Task
from paceline.engine import Engine, Event, Finished, Request
from paceline.engine.events import (
    NO_TOKENS,
    CandidateJudged,
    InputsFound,
    MemberFailed,
    ModelAsked,
    RoundStarted,
)
from paceline.engine.judges import Judge
from paceline.judge.verdict import Verdict
from paceline.syntax.target import Target
from paceline.team import Member, recipe_team
from paceline.team.exchange import Usage
from paceline.team.models import model_team
from paceline.workspace import ModelSettings, Settings

LONG_S = 86_400.0
"""A run's time is not what is compared: its candidates are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one run."""

    arm: str
    task: str
    seed: int
    problem: str = ""
    """Why the run says nothing, such as that the function cannot be judged; empty where it does."""
    is_correct: bool = False
    """At least one candidate behaved like the original."""
    proven: float | None = None
    """The winner's speedup, measured again by a judge of its own; None where none was proven."""
    measured: float | None = None
    """The winner's second speedup, whatever it is; where nothing was proven, the best that behaves."""
    is_solved: bool | None = None
    """Whether ``proven`` reaches what the task asks for; None where it asks for nothing."""
    winner: str = ""
    by: str = ""
    steps: int = 0
    """Of the candidates that were judged, how many had come when the winner was proven."""
    candidates: int = 0
    """Judged; repeats are not."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    turns_lost: int = 0
    rounds: int = 0
    recalled: int = 0
    """Lessons that a member was shown in the first round, at most: those of earlier runs."""
    tokens: Usage = NO_TOKENS
    model_s: float = 0.0
    """Seconds that answers took, added up over the members: they answer side by side."""
    judge_s: float = 0.0
    """Seconds of finding inputs and of all verdicts, the winner's second one left out."""
    elapsed_s: float = 0.0

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it one of a comparison's trials."""
        return self.arm, self.task, self.seed


JudgeOf = Callable[[Target], Judge]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What all trials of a comparison share."""

    settings: Settings
    folder: Path
    """Where workspaces and banks are made."""
    is_simulated: bool
    judge_of: JudgeOf | None = None
    """Takes the judge's place in tests."""


async def try_task(arm: Arm, task: Task, seed: int, *, setup: Setup, bank: Bank | None = None) -> Trial:
    """Run the arm on the task. Without a bank the run has a new one. Raises IsolationUnavailable."""
    async with AsyncExitStack() as stack:
        members = setup.settings.team.members
        if setup.is_simulated:
            server = await stack.enter_async_context(SimulatedServer(cast(), seed=seed))
            members = tuple(member.settings(server.base_url) for member in cast().members)
        own = bank if bank is not None else stack.enter_context(Bank.ephemeral())
        root, target = task.placed(setup.folder)
        team = team_of(setup.settings, members)
        engine = Engine(
            root,
            settings=arm.settings(setup.settings, candidates=len(team) * setup.settings.rounds),
            trusted=True,
            bank=own,
            members=team,
            judge_of=setup.judge_of,
        )
        reader = _Reader()
        async with aclosing(engine.optimize(Request(target=target, budget_s=LONG_S, seed=seed))) as events:
            async for event in events:
                reader.take(event)
        return await _measured_again(reader.trial(arm, task, seed), reader, engine, target, task)


def team_of(settings: Settings, members: Sequence[ModelSettings]) -> tuple[Member, ...]:
    """Return the members of a team: those of recipes where the settings want them, and the models."""
    recipes = recipe_team(shipped_recipes("python"), language="python") if settings.team.recipes else ()
    return (*recipes, *model_team(members))


async def _measured_again(trial: Trial, reader: _Reader, engine: Engine, target: Target, task: Task) -> Trial:
    """Have the winner judged once more, from the beginning: it was chosen because its figures were high."""
    suggestion = reader.finished.suggestions[0] if reader.finished and reader.finished.suggestions else None
    if suggestion is None:
        return trial
    verdict = await engine.judge(target, suggestion.judged.candidate.replacement)
    timing = verdict.evidence.timing
    proven = timing.speedup if timing is not None and verdict.outcome is Outcome.FASTER else None
    return replace(
        trial,
        proven=proven,
        measured=timing.speedup if timing is not None else trial.measured,
        is_solved=None if task.solved_from is None else proven is not None and proven >= task.solved_from,
    )


class _Reader:
    """Reads a run's events. Guards the counts."""

    def __init__(self) -> None:
        self.finished: Finished | None = None
        self._outcomes: Counter[str] = Counter()
        self._judged: list[tuple[str, Verdict]] = []
        self._model_s = self._verdicts_s = self._preparing_s = 0.0
        self._lost = self._rounds = self._recalled = 0
        self._began = time.monotonic()

    def take(self, event: Event) -> None:
        """Count what happened."""
        match event:
            case RoundStarted(selected=selected):
                if not self._rounds:
                    self._recalled = max(map(len, selected.values()), default=0)
                self._rounds += 1
            case InputsFound() if not self._preparing_s:
                self._preparing_s = time.monotonic() - self._began
            case ModelAsked(exchange=exchange) if exchange.answer is not None:
                self._model_s += exchange.answer.elapsed_s
            case CandidateJudged(judged=judged):
                self._outcomes[judged.verdict.outcome.value] += 1
                self._verdicts_s += judged.verdict.elapsed_s
                self._judged.append((judged.candidate.hash, judged.verdict))
            case MemberFailed():
                self._lost += 1
            case Finished():
                self.finished = event
            case _:
                pass

    def trial(self, arm: Arm, task: Task, seed: int) -> Trial:
        """Return what was counted; the winner is not measured again yet."""
        finished = self.finished
        assert finished is not None, "the last event of a run is Finished"
        behaving = [verdict for _, verdict in self._judged if verdict.outcome.is_behaviour_preserving]
        speedups = [one.evidence.timing.speedup for one in behaving if one.evidence.timing is not None]
        winner = finished.suggestions[0].judged.candidate if finished.suggestions else None
        hashes = [name for name, _ in self._judged]
        return Trial(
            arm=arm.name,
            task=task.name,
            seed=seed,
            problem=finished.reason if finished.status == Outcome.CANNOT_JUDGE.value else "",
            is_correct=bool(behaving),
            measured=max(speedups, default=None),
            is_solved=None if task.solved_from is None else False,
            winner=winner.title if winner else "",
            by=winner.member if winner else "",
            steps=hashes.index(winner.hash) + 1 if winner and winner.hash in hashes else 0,
            candidates=len(self._judged),
            outcomes=dict(self._outcomes),
            turns_lost=self._lost,
            rounds=self._rounds,
            recalled=self._recalled,
            tokens=finished.tokens,
            model_s=self._model_s,
            judge_s=self._preparing_s + self._verdicts_s,
            elapsed_s=finished.elapsed_s,
        )
