"""Working through many functions: one engine a workspace, one run a function, each read to its end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from paceline.cli.exits import cause_of
from paceline.cli.places import Place, target_at_place
from paceline.cli.reports import Result
from paceline.cli.workspaces import Warn, open_engine
from paceline.cli.writing import write_suggestion
from paceline.engine import Engine, Event, Finished, Request
from paceline.engine.events import MemberFailed
from paceline.errors import UnusableRequest, WorkerFailed
from paceline.judge.verdict import Outcome
from paceline.syntax.target import Target
from paceline.workspace import find_root


class Watcher(Protocol):
    """Somebody who looks on. Both methods return at once."""

    def begins(self, place: Place, number: int, total: int) -> None:
        """Work on a function begins; ``number`` is 1-based."""
        ...

    def on(self, event: Event) -> None:
        """Something happened in its run."""
        ...

    def ends(self, result: Result) -> None:
        """Its run is over."""
        ...


class Unwatched:
    """Nobody looks on: ``--json`` away from a terminal."""

    def begins(self, place: Place, number: int, total: int) -> None:
        """Nothing is drawn."""

    def on(self, event: Event) -> None:
        """Nothing is drawn."""

    def ends(self, result: Result) -> None:
        """Nothing is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What was asked for on the command line. None comes from the settings."""

    rounds: int | None = None
    budget_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What came of it."""

    results: tuple[Result, ...]
    written: tuple[Result, ...]
    refusals: tuple[str, ...]
    """Why a suggestion was not written, or a function no longer found: a line each, naming file and line."""
    failures: tuple[str, ...]
    """What of Paceline itself failed on one function, in the same form. The others were worked on."""
    elapsed_s: float


async def work_through(
    places: Sequence[Place], *, limits: Limits, watcher: Watcher, write: bool, warn: Warn
) -> Work:
    """Optimize the functions one after the other; with ``write``, apply the best suggestion of each at once.

    A function is found anew when its turn comes, so that it is judged in the file as it then is: what is
    written is byte for byte what was judged. Cancelling the task kills every worker and closes every bank.
    """
    started = time.monotonic()
    results: list[Result] = []
    written: list[Result] = []
    refusals: list[str] = []
    failures: list[str] = []
    told: set[str] = set()
    async with AsyncExitStack() as stack:
        engines: dict[Path, Engine] = {}
        for number, place in enumerate(places, 1):
            root = find_root(place.file)
            if root not in engines:
                engines[root] = await stack.enter_async_context(open_engine(root, warn=warn))
            target = target_at_place(place)
            if target is None:
                refusals.append(
                    f"{place.file}: {place.name} is no longer there; the file changed meanwhile, run again"
                )
                continue
            watcher.begins(place, number, len(places))
            warn_here = partial(_warn_once, warn, told, f"{place.file}:{target.start_line}")
            try:
                finished = await _run(engines[root], target, limits, watcher, warn_here)
            except (WorkerFailed, ExceptionGroup) as error:
                failure = cause_of(error)
                if not isinstance(failure, WorkerFailed):
                    raise
                finished = _unfinished(target, failure)
                failures.append(f"{place.file}:{target.start_line}: {failure}")
            result = Result(place.file, finished)
            results.append(result)
            watcher.ends(result)
            if write and result.finished.suggestions:
                try:
                    write_suggestion(result.finished.suggestions[0], place.file)
                    written.append(result)
                except UnusableRequest as refusal:
                    refusals.append(str(refusal))
    return Work(
        results=tuple(results),
        written=tuple(written),
        refusals=tuple(refusals),
        failures=tuple(failures),
        elapsed_s=time.monotonic() - started,
    )


async def _run(engine: Engine, target: Target, limits: Limits, watcher: Watcher, warn: Warn) -> Finished:
    request = Request(target=target, rounds=limits.rounds, budget_s=limits.budget_s)
    finished: Finished | None = None
    async with aclosing(engine.optimize(request)) as events:
        async for event in events:
            watcher.on(event)
            if isinstance(event, MemberFailed):
                warn(event.words)
            if isinstance(event, Finished):
                finished = event
    assert finished is not None, "the last event of a run is Finished"
    return finished


def _unfinished(target: Target, failure: WorkerFailed) -> Finished:
    return Finished(
        target=target,
        status=Outcome.CANNOT_JUDGE.value,
        reason=str(failure),
        suggestions=(),
        rejected=(),
        lessons_banked=0,
        rounds=0,
        elapsed_s=0.0,
    )


def _warn_once(warn: Warn, told: set[str], where: str, message: str) -> None:
    """Say it where it happened first: a server that is down is down for every function of a folder."""
    if message not in told:
        told.add(message)
        warn(f"{where}: {message}")
