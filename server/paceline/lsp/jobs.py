"""Running jobs: at most one for a function, joined by whoever asks for the same, cancelled when nobody waits.

A job reads the engine's events. What is proven goes on the shelf at once, so it can be applied while the run
goes on; what is said of it goes to the progress displays. The processes belong to the engine: cancelling the
task that reads its events ends them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.lsp.progress import Display
from paceline.lsp.projects import Project
from paceline.syntax.target import Target

if TYPE_CHECKING:
    from paceline.engine.events import Finished, Suggestion


@dataclass(eq=False)
class Job:
    """One run on one function, and everyone who follows it."""

    uri: str
    target: Target
    task: asyncio.Task[Finished] = field(init=False)
    displays: list[Display] = field(default_factory=list)
    last_word: str = ""
    waiting: int = 0
    """Requests that wait for the result. Without one, a job that no command started is cancelled."""
    detached: bool = False
    """Started by a command: it goes on although no request waits."""

    def show_on(self, display: Display) -> None:
        """Follow the job on one more display, which learns at once how far it is."""
        display.begin(f"Making {self.target.name} faster")
        if self.last_word:
            display.report(self.last_word)
        self.displays.append(display)

    why: str = ""
    """Why it was cancelled, where a person did not do it."""

    def cancel(self, why: str = "") -> None:
        """End the run; its processes are killed. What was proven already stays."""
        self.why = why
        self.task.cancel()

    def report(self, message: str) -> None:
        """Say on every display what is going on."""
        self.last_word = message
        for display in self.displays:
            display.report(message)

    def end(self, message: str) -> None:
        """Close every display."""
        for display in self.displays:
            display.end(message)


class Jobs:
    """The jobs that run, by document and function. Guards that one function has one."""

    def __init__(
        self,
        *,
        on_proven: Callable[[Job, Suggestion], None],
        on_change: Callable[[], None] = lambda: None,
        on_lost: Callable[[str], None] = lambda _: None,
        at_once: int = 1,
    ) -> None:
        # A property's functions share a name, and are told apart by what decorates them.
        self._running: dict[tuple[str, str, tuple[str, ...]], Job] = {}
        self._on_proven = on_proven
        self._on_change = on_change
        self._on_lost = on_lost
        # Judges that time side by side disturb each other; the others wait, and say so.
        self._places = asyncio.Semaphore(at_once)

    def __len__(self) -> int:
        return len(self._running)

    def running(self, uri: str, name: str) -> Job | None:
        """Return the job that runs for a function of that name."""
        return next((job for job in self.of(uri) if job.target.name == name), None)

    def of(self, uri: str) -> tuple[Job, ...]:
        """Return the jobs that run on functions of a document."""
        return tuple(job for job in self._running.values() if job.uri == uri)

    def uris(self) -> frozenset[str]:
        """Return the documents that jobs run on."""
        return frozenset(job.uri for job in self._running.values())

    def start(self, uri: str, target: Target, project: Project) -> Job:
        """Return the job for a function: the one that runs for it as it is now, else a new one."""
        key = (uri, target.name, target.decorators)
        if (job := self._running.get(key)) is not None:
            if job.target.source == target.source:
                return job
            job.cancel()
        job = Job(uri, target)
        self._running[key] = job
        job.task = asyncio.create_task(self._run(job, project), name=f"optimize {target.name}")
        job.task.add_done_callback(lambda _: self._forget(key, job))
        self._on_change()
        return job

    async def result(self, job: Job) -> Finished:
        """Wait for a job as one of those who asked for it.

        Raises what ended the job. When the waiter is cancelled and nobody else follows the job, it ends too.
        """
        job.waiting += 1
        try:
            return await asyncio.shield(job.task)
        finally:
            job.waiting -= 1
            if job.waiting == 0 and not job.detached:
                job.cancel()

    async def cancel_all(self) -> None:
        """End every job and wait until its processes are gone."""
        jobs = list(self._running.values())
        for job in jobs:
            job.cancel()
        await asyncio.gather(*(job.task for job in jobs), return_exceptions=True)

    def _forget(self, key: tuple[str, str, tuple[str, ...]], job: Job) -> None:
        if self._running.get(key) is job:
            del self._running[key]
        if job.task.cancelled():
            job.end(f"cancelled: {job.why}" if job.why else "cancelled")
        elif (error := job.task.exception()) is not None:
            job.end(f"failed: {error}")
        else:
            job.end(job.task.result().reason)
        self._on_change()

    async def _run(self, job: Job, project: Project) -> Finished:
        # The engine and all it stands on is loaded with the first run, not while the editor waits for us to
        # start.
        from paceline.lsp.run_reader import read_run

        if self._places.locked():
            job.report("waiting for another run to end")
        async with self._places, project.running_engine() as engine:
            return await read_run(
                engine,
                job.target,
                on_proven=lambda proven: self._on_proven(job, proven),
                on_word=job.report,
                on_lost=self._on_lost,
            )
