"""The gate that every task has to pass: the unchanged code is right, and known-bad rewrites are not.

A task that asks for a chain of changes is gated further: made together they reach what the task asks for, and
what a member of the simulated team can do alone does not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from lessonbank.bank import Bank
from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.asking import CAUGHT
from paceline.cli.bench_judge.mutation import chosen, mutants
from paceline.cli.bench_team.simulation import cast
from paceline.cli.bench_team.simulation.draft import Draft
from paceline.cli.bench_team.tasks import Task
from paceline.engine import Engine
from paceline.engine.judges import Judge
from paceline.judge.verdict import Verdict
from paceline.syntax.target import Replacement, Target
from paceline.workspace import Settings

MUTANTS = 5
"""Slips that are made in a task that names none of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was asked of the judge about a task."""

    task: str
    what: str
    found: str
    is_met: bool


async def check(task: Task, *, settings: Settings, folder: Path, on_check: Callable[[Check], None]) -> None:
    """Ask the judge all of it, and tell each answer as it comes. Raises IsolationUnavailable."""
    async with _judging(task, settings, folder) as (target, judge):

        def tell(what: str, found: str, *, is_met: bool) -> None:
            on_check(Check(task=task.name, what=what, found=found, is_met=is_met))

        prepared = await judge.prepare()
        if isinstance(prepared, Verdict):
            tell("can be judged", prepared.reason, is_met=False)
            return
        same = await _judged(judge, Replacement(definition=target.source))
        is_met = same.outcome in {Outcome.NOT_PROVEN_FASTER, Outcome.SLOWER}
        tell("the unchanged code is right, and no faster", _said(same), is_met=is_met)
        for what, replacement in _bad(task, target):
            verdict = await _judged(judge, replacement)
            tell(f"refused: {what}", _said(verdict), is_met=verdict.outcome in CAUGHT)
        if not task.mutants:
            await _check_slips(task, target, judge, tell)
        if task.solved_from is not None:
            await _check_chain(task, target, judge, tell)


Tell = Callable[..., None]


async def _check_slips(task: Task, target: Target, judge: Judge, tell: Tell) -> None:
    """Where nobody has looked at the mutants: some are refused, and none is called faster."""
    slips = chosen(mutants(task.name, target.source), MUTANTS, seed=1)
    verdicts = [await _judged(judge, Replacement(definition=slip.definition)) for slip in slips]
    caught = sum(verdict.outcome in CAUGHT for verdict in verdicts)
    faster = sum(verdict.outcome is Outcome.FASTER for verdict in verdicts)
    found = f"{caught} of {len(slips)} refused, {faster} called faster"
    tell("slips are refused", found, is_met=caught > 0 and faster == 0)


async def _check_chain(task: Task, target: Target, judge: Judge, tell: Tell) -> None:
    assert task.solved_from is not None
    original = Draft.of(target.source, target.name, around="", titles=frozenset())
    every = {recipe.id: recipe for recipe in cast().recipes}
    whole: Draft | None = original
    for name in task.chain:
        whole = whole.with_recipe(every[name]) if whole is not None else None
    reached = await _speedup(judge, whole) if whole is not None else 0.0
    what = f"{', '.join(task.chain)} reach {task.solved_from:g}x"
    tell(
        what,
        f"{reached:.1f}x" if whole is not None else "cannot be applied",
        is_met=reached >= task.solved_from,
    )
    for member in cast().members:
        alone = original.with_all(recipe for recipe in every.values() if recipe.category in member.skills)
        reached = await _speedup(judge, alone)
        tell(f"what {member.name} knows does not", f"{reached:.1f}x", is_met=reached < task.solved_from)


async def _speedup(judge: Judge, draft: Draft) -> float:
    verdict = await _judged(judge, draft.replacement())
    timing = verdict.evidence.timing
    return timing.speedup if timing is not None and verdict.outcome is Outcome.FASTER else 1.0


def _bad(task: Task, target: Target) -> list[tuple[str, Replacement]]:
    found = []
    for before, after in task.mutants:
        if before not in target.source:
            raise ValueError(f"{task.name}: {before!r} does not stand in the function")
        definition = target.source.replace(before, after, 1)
        found.append((f"{before} -> {after}", Replacement(definition=definition)))
    return found


@asynccontextmanager
async def _judging(task: Task, settings: Settings, folder: Path) -> AsyncIterator[tuple[Target, Judge]]:
    root, target = task.placed(folder)
    with Bank.ephemeral() as bank:
        engine = Engine(root, settings=settings, trusted=True, bank=bank, members=())
        judge = engine.judge_of(target)
        try:
            yield target, judge
        finally:
            await judge.close()


async def _judged(judge: Judge, replacement: Replacement) -> Verdict:
    return await judge.judge(replacement, on_stage=lambda _stage, _detail: None)


def _said(verdict: Verdict) -> str:
    timing = verdict.evidence.timing
    return f"{verdict.outcome.value}, {timing.speedup:.2f}x" if timing else verdict.outcome.value
