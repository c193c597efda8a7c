"""``paceline bench team``: what the ways of working together are worth, at equal numbers of candidates.

Every strategy is run on every task with every seed by the engine that everybody uses, on the team that is
configured or on a simulated one. What was measured is never lost: it is written down after every run.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lessonbank.bank import Bank
from paceline.cli.bench_judge.machine import described
from paceline.cli.bench_team.arms import arms
from paceline.cli.bench_team.comparison import Comparison
from paceline.cli.bench_team.gate import Check, check
from paceline.cli.bench_team.page import gate_page, page
from paceline.cli.bench_team.plot import write_plot
from paceline.cli.bench_team.report import earlier_trials, write_json
from paceline.cli.bench_team.simulation import cast
from paceline.cli.bench_team.tasks import tasks_named
from paceline.cli.bench_team.trial import Setup, Trial, team_of, try_task
from paceline.cli.consoles import show
from paceline.cli.exits import FAILED, INTERRUPTED, RAN, Terminated, cause_of, complain
from paceline.cli.interruptible import run_interruptibly
from paceline.cli.telling import telling
from paceline.cli.workspaces import settings_of
from paceline.errors import InvalidSettings, UnusableRequest, WorkerFailed
from paceline.judge.sandbox import require_isolation
from paceline.workspace import Settings, TeamSettings, find_root

__all__ = ["Wish", "check_tasks", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for on the command line. None comes from the settings."""

    strategies: tuple[str, ...]
    tasks: tuple[str, ...]
    seeds: int
    rounds: int | None = None
    lessons: int | None = None
    simulated: bool = False
    keep_bank: bool = False
    json: Path | None = None
    plot: Path | None = None
    resume: bool = False


def run(wish: Wish) -> int:
    """Measure, print the page, write what was asked for; return the exit status, 130 when interrupted.

    Raises InvalidSettings, TargetNotFound, UnusableRequest and IsolationUnavailable.
    """
    for file in (wish.json, wish.plot):
        if file is not None and not file.parent.is_dir():
            raise UnusableRequest(f"{file}: there is no folder {file.parent}; make it first")
    if wish.json is not None and wish.json.exists() and not wish.resume:
        raise UnusableRequest(f"{wish.json} is there already: go on with it (--resume), or name another file")
    settings = _settings(wish)
    members = tuple(member.name for member in team_of(settings, settings.team.members))
    if not members:
        raise InvalidSettings("the team has no member; configure one, or measure the --simulated team")
    found = Comparison(
        arms=arms(wish.strategies, lessons=settings.lessons, members=members),
        tasks=tasks_named(wish.tasks),
        seeds=tuple(range(1, wish.seeds + 1)),
        members=members,
        rounds=settings.rounds,
        keeps_bank=wish.keep_bank,
        is_simulated=wish.simulated,
        machine=described(require_isolation(allow_unsandboxed=False)),
    )
    if wish.resume and wish.json is not None:
        found.trials = earlier_trials(wish.json, found)
    started = time.monotonic()
    try:
        run_interruptibly(_measure(found, settings, wish.json))
    except (KeyboardInterrupt, Terminated):
        found.interrupted = True
    found.elapsed_s = time.monotonic() - started
    if wish.json is not None:
        write_json(found, wish.json)
    if wish.plot is not None:
        write_plot(found, wish.plot)
    show(page(found))
    return INTERRUPTED if found.interrupted else RAN


def check_tasks(names: Sequence[str]) -> int:
    """Have the judge say of every task whether it is fit to be measured on; 1 where one is not."""
    checks: list[Check] = []
    tell = telling("tasks")

    async def every(folder: Path) -> None:
        for task in tasks_named(names):
            tell(task.name)
            await check(task, settings=Settings(), folder=folder, on_check=checks.append)

    require_isolation(allow_unsandboxed=False)
    with tempfile.TemporaryDirectory(prefix="paceline-bench-") as folder:
        run_interruptibly(every(Path(folder)))
    show(gate_page(checks))
    return RAN if all(one.is_met for one in checks) else FAILED


def _settings(wish: Wish) -> Settings:
    """The settings of the folder that the command runs in; of a simulated team, the defaults."""
    if wish.simulated:
        members = tuple(member.settings("http://127.0.0.1/v1") for member in cast().members)
        settings = Settings(team=TeamSettings(recipes=False, members=members))
    else:
        # What speaks http is loaded only where somebody has a model.
        from paceline.team.models import configured

        settings = settings_of(find_root(Path.cwd()), warn=lambda message: complain(message, kind="warning"))
        team = replace(settings.team, preset="", members=configured(settings.team))
        settings = replace(settings, team=team)
    return replace(
        settings,
        rounds=settings.rounds if wish.rounds is None else wish.rounds,
        lessons=settings.lessons if wish.lessons is None else wish.lessons,
    )


async def _measure(found: Comparison, settings: Settings, json: Path | None) -> None:
    tell = telling("runs")
    total = len(found.arms) * len(found.tasks) * len(found.seeds)
    with tempfile.TemporaryDirectory(prefix="paceline-bench-") as folder:
        setup = Setup(settings=settings, folder=Path(folder), is_simulated=found.is_simulated)
        for arm, seed, tasks in found.sequences():
            with ExitStack() as stack:
                bank = stack.enter_context(Bank.ephemeral()) if found.keeps_bank else None
                for task in tasks:
                    tell(f"{len(found.trials)} of {total}; {arm.name} on {task.name}, seed {seed}")
                    try:
                        trial = await try_task(arm, task, seed, setup=setup, bank=bank)
                    except (WorkerFailed, ExceptionGroup) as error:
                        failure = cause_of(error)
                        if not isinstance(failure, WorkerFailed):
                            raise
                        trial = Trial(arm=arm.name, task=task.name, seed=seed, problem=str(failure))
                    found.add(trial)
                    if json is not None:
                        write_json(found, json, is_over=False)
