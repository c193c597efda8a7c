"""Workers started ahead of time, so that neither a check nor a launch has to wait for Python to start.

A spare has run nothing but its own start, and has imported the packages that the target's module asks for:
what it will load, and with which inputs, is said when it is taken. That is what a server forking warm
interpreters would be for, without what forks have in common: a launch needs a memory layout and a hash seed
of its own, and no candidate shares a sandbox with another. Spares start one at a time, for they do so while
something else is being timed on another core.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from paceline.judge.python.client import Setting, Worker, WorkerEnded, WorkerTimedOut

_START_LIMIT_S = 10.0


class Spares:
    """Spare workers of one target. Guards the processes nobody has taken; ``close`` ends them."""

    def __init__(self, setting: Setting, packages: Sequence[str]) -> None:
        self.setting = setting
        self._packages = packages
        self._ready: deque[Worker] = deque()
        self._filling: asyncio.Task[None] | None = None
        self._wanted = 0
        self._closed = False

    def fill(self, count: int) -> None:
        """Have ``count`` workers ready before long. Returns at once; after ``close`` it does nothing."""
        if self._closed:
            return
        self._wanted = count
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill(), name="spare workers")

    async def take(self) -> Worker:
        """Return a worker that is ready, or one that is only just starting. It is the caller's to close."""
        # Whoever takes one now does not wait for those still to come, and wants none of them.
        self._wanted = max(0, self._wanted - 1)
        if self._ready:
            return self._ready.popleft()
        return await Worker.open(self.setting)

    async def close(self) -> None:
        """End every worker that was not taken."""
        self._closed = True
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._ready))
        self._ready.clear()

    async def _fill(self) -> None:
        while len(self._ready) < self._wanted:
            worker = await Worker.open(self.setting)
            try:
                await worker.started(self._packages, limit_s=_START_LIMIT_S)
            except (WorkerEnded, WorkerTimedOut):
                # Whoever needs a worker finds out why it cannot be had, and can say so.
                return
            except asyncio.CancelledError:
                await worker.close()
                raise
            self._ready.append(worker)
