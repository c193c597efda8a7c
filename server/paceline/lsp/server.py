"""The server: one session with one client, and the parts it is made of.

Everything here runs on one event loop. Handlers answer from memory; what takes longer is a task that gives
way, or a process that the engine owns. Nothing is ever sent from another thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from pygls.lsp.server import LanguageServer

import paceline
from paceline.lsp.capabilities import Client
from paceline.lsp.documents import Documents
from paceline.lsp.features import code_lens, install
from paceline.lsp.functions import Functions
from paceline.lsp.hints import HintBook
from paceline.lsp.hot import HotFunctions
from paceline.lsp.jobs import Job, Jobs
from paceline.lsp.notices import Notices
from paceline.lsp.progress import Displays
from paceline.lsp.projects import OpenEngine, Projects
from paceline.lsp.protocol import PacelineProtocol, plain_converter
from paceline.lsp.shelf import Shelf
from paceline.lsp.transport import Outlet, Wire, start_reading, watch_process

if TYPE_CHECKING:
    from paceline.engine.events import Suggestion

log = logging.getLogger(__name__)

CLOSE_S = 1.2
"""How long shutting down may take. VS Code waits 2 s, eglot 1.5 s."""


class PacelineServer(LanguageServer):
    """One session. Holds the parts, and the tasks that nobody else waits for."""

    protocol: PacelineProtocol

    def __init__(self, *, open_engine: OpenEngine) -> None:
        super().__init__(
            "paceline",
            paceline.__version__,
            protocol_cls=PacelineProtocol,
            converter_factory=plain_converter,
        )
        self.client = Client()
        self.documents = Documents()
        self.functions = Functions()
        self.hints = HintBook(self.functions)
        self.hot = HotFunctions(self.functions)
        self.shelf = Shelf()
        self.notices = Notices(self)
        self.displays = Displays(self)
        self.projects = Projects(open_engine=open_engine, on_problem=self.notices.warn_once)
        self.jobs = Jobs(on_proven=self._on_proven, on_change=self._say_status, on_lost=self._say_lost)
        self._tasks: set[asyncio.Task[None]] = set()
        self._delayed: dict[str, asyncio.Task[None]] = {}
        self.configured = asyncio.Event()
        """Set when the client's settings are in, or will not come."""
        self._stopped = asyncio.Event()
        self._status = 1
        self._close_once: asyncio.Task[None] | None = None
        install(self)

    async def run(self, wire: Wire) -> int:
        """Serve one client until it says ``exit`` or goes away, and return the exit status."""
        self.protocol.on_exit = self._stop
        self.protocol.set_writer(Outlet(wire.stream, on_gone=self._stop))
        start_reading(wire.read, on_message=self.protocol.receive, on_end=self._stop)
        await self._stopped.wait()
        await self.close()
        return self._status

    def watch_client(self, pid: int) -> None:
        """End with the client's process, which may die without a word."""
        self.start(watch_process(pid, self._stop))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that nobody waits for. A failure is logged, never shown as a message box."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def start_delayed(self, name: str, delay_s: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run something after a pause; asked again meanwhile, the pause begins anew."""

        async def wait_and_work() -> None:
            await asyncio.sleep(delay_s)
            await work()

        if (waiting := self._delayed.pop(name, None)) is not None:
            waiting.cancel()
        task = asyncio.create_task(wait_and_work())
        self._delayed[name] = task
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Stop everything that runs, within the time editors wait. Safe to call twice."""
        if self._close_once is None:
            self._close_once = asyncio.create_task(self._close())
        await asyncio.shield(self._close_once)

    async def _close(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self.jobs.cancel_all()
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                await self.projects.close()

    def _stop(self, status: int | None = None) -> None:
        if status is not None:
            self._status = status
        self._stopped.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        for name, waiting in list(self._delayed.items()):
            if waiting is task:
                del self._delayed[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a background task failed", exc_info=error)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong in a handler. pygls would pop up a message box for each."""
        log.error("%s: %s", getattr(source, "__name__", source), error)

    def _on_proven(self, job: Job, suggestion: Suggestion) -> None:
        proven = self.shelf.put(job.uri, suggestion)
        code_lens.refresh(self)
        if self.client.takes_notices:
            self.protocol.notify(
                "paceline/suggestion",
                {"uri": job.uri, "function": proven.target.name, "id": proven.id, "title": proven.title},
            )

    def _say_lost(self, message: str) -> None:
        """A member lost its turn: a line in the log, and a status for clients that show one."""
        log.warning("%s", message)
        if self.client.takes_notices and not self.protocol.is_shut_down:
            self.protocol.notify("paceline/status", {"busy": True, "message": message, "kind": "member"})

    def _say_status(self) -> None:
        if self.client.takes_notices and not self.protocol.is_shut_down:
            running = len(self.jobs)
            message = f"{running} running" if running else "idle"
            self.protocol.notify("paceline/status", {"busy": running > 0, "message": message, "kind": "run"})
