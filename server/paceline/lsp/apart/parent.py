"""The engine as the language server holds it: hints and lessons from here, runs in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import paceline.errors
from lessonbank import errors as bank_errors
from paceline.engine import Change, Engine, Event, Request, Taught
from paceline.engine.events import MemberFailed, StageReached
from paceline.engine.wire import Told, event_from_json, to_json
from paceline.errors import PacelineError, RunsEnded
from paceline.syntax.target import Target
from paceline.workspace import place_in

LONGEST_LINE = 2**26
"""Bytes of one message, at most."""

END_S = 0.8
"""How long a piece of work, or the process, has to end in good order before it is killed."""

TOLD_EVERY_S = 0.5
"""How often the process is told that somebody types, at most; well below ``courtesy.QUIET_S``."""

ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**20), "MALLOC_TRIM_THRESHOLD_": str(2**22)}
"""Bytes, told to glibc's allocator by the environment: larger blocks go back to the system when freed.
By itself it takes each that is freed for a reason to keep larger ones, up to 32 MiB, and what the answers of
workers took would stay with the process for good (docs/figures.md)."""


class EngineApart(Engine):
    """An engine that runs and judges in another process. Guards that process: started when it is first
    needed, ended with the engine, started anew when it was lost.
    """

    def __init__(self, root: Path, **parts: Any) -> None:
        super().__init__(root, **parts)
        self._process: _Process | None = None
        self._starting = asyncio.Lock()

    async def optimize(self, request: Request) -> AsyncGenerator[Event, None]:
        """Run as ``Engine.optimize`` does, and raise what it raises.

        Raises RunsEnded where the process ended under way. What was proven until then was yielded.
        """
        async with self._told_of("run", request) as told:
            async for event in told:
                if not isinstance(event, Taught):
                    yield event

    async def teach(
        self, change: Change, *, on_stage: Callable[[StageReached], None] = lambda _: None
    ) -> Taught:
        """Judge and bank as ``Engine.teach`` does, and raise what it raises.

        Raises RunsEnded where the process ended under way.
        """
        taught: Taught | None = None
        async with self._told_of("teach", change) as told:
            async for event in told:
                if isinstance(event, StageReached):
                    on_stage(event)
                elif isinstance(event, Taught):
                    taught = event
        assert taught is not None, "teaching ends with Taught"
        lesson = taught.lesson
        if lesson is not None and self.bank.get(lesson.id) is None:
            # Where the folder cannot be used, each process has a bank of its own: this one is what is shown.
            self.bank.add(lesson, place=place_in(self.root, change.target.file))
        return taught

    def somebody_types(self) -> None:
        """Have what goes on there leave a processor alone for a while."""
        if self._process is not None:
            self._process.somebody_types()

    async def close(self) -> None:
        """End the process and close the bank."""
        process, self._process = self._process, None
        if process is not None:
            await process.close()
        await super().close()

    @contextlib.asynccontextmanager
    async def _told_of(self, name: str, asked: Request | Change) -> AsyncIterator[AsyncIterator[Told]]:
        """Have something done there, and yield what is told of it. When this exits, it is over."""
        process = await self._running()
        work = process.start(name, asked)
        try:
            yield work.told()
        finally:
            await process.end(work)
            # What was learnt there gives hints here.
            self.look_for_learnt()

    async def _running(self) -> _Process:
        async with self._starting:
            if self._process is None or self._process.has_ended:
                self._process = await _Process.start_for(self)
            return self._process


class _Work:
    """One run, or the teaching of one change, as it is heard of."""

    def __init__(self, number: int, target: Target) -> None:
        self.number = number
        self.has_ended = asyncio.Event()
        self._target = target
        self._heard: asyncio.Queue[Told | Exception | None] = asyncio.Queue()

    async def told(self) -> AsyncGenerator[Told, None]:
        """Yield what is told, and raise what ended the work where it did not end by itself."""
        while (heard := await self._heard.get()) is not None:
            if isinstance(heard, Exception):
                raise heard
            yield heard

    def take(self, message: Mapping[str, Any]) -> None:
        """Take one message of the process over."""
        if "ended" in message:
            self.end(_error(message["ended"]))
            return
        try:
            self._heard.put_nowait(event_from_json(message, self._target))
        except PacelineError as error:
            self.end(error)

    def hear(self, event: Event) -> None:
        """Add an event of our own."""
        self._heard.put_nowait(event)

    def end(self, error: Exception | None) -> None:
        """Nothing more will be heard of it."""
        self.has_ended.set()
        self._heard.put_nowait(error)


class _Process:
    """The process of the work. Guards which work is which."""

    def __init__(self, process: asyncio.subprocess.Process, known_notes: Iterable[str]) -> None:
        self._process = process
        self._known_notes = frozenset(known_notes)
        self._works: dict[int, _Work] = {}
        self._told_of_keys = -TOLD_EVERY_S
        self._started = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start_for(cls, engine: Engine) -> _Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # A folder ``paceline`` in the workspace must not be taken for ours.
            "-P",
            "-m",
            "paceline.lsp.apart",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            env={**ALLOCATOR, **os.environ},
            start_new_session=True,
        )
        started = cls(process, engine.notes)
        opened = {"root": str(engine.root), "settings": to_json(engine.settings), "trusted": engine.trusted}
        started._say({"open": opened})
        return started

    @property
    def has_ended(self) -> bool:
        return self._reading.done()

    def start(self, name: str, asked: Request | Change) -> _Work:
        self._started += 1
        work = _Work(self._started, asked.target)
        self._works[work.number] = work
        module = asked.target.module
        bare = replace(asked, target=replace(asked.target, module=b""))
        self._say({name: work.number, "asked": to_json(bare), "module": len(module)}, module)
        return work

    async def end(self, work: _Work) -> None:
        """Return when the work is over; ask it to end where it is not. Its processes are gone then."""
        if not work.has_ended.is_set():
            self._say({"end": work.number})
            try:
                await asyncio.wait_for(work.has_ended.wait(), END_S)
            except TimeoutError:
                await self._kill()
        self._works.pop(work.number, None)

    def somebody_types(self) -> None:
        now = time.monotonic()
        if self._works and now - self._told_of_keys >= TOLD_EVERY_S:
            self._told_of_keys = now
            self._say({"typing": True})

    async def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self.wait_or_kill()
        self._reading.cancel()

    async def wait_or_kill(self) -> None:
        """Return when the process has ended: by itself, or by our doing when it takes too long."""
        try:
            await asyncio.wait_for(self._process.wait(), END_S)
        except TimeoutError:
            await self._kill()

    async def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def _say(self, message: Mapping[str, Any], more: bytes = b"") -> None:
        stream = self._process.stdin
        if stream is not None and not stream.is_closing():
            stream.write(json.dumps(message, separators=(",", ":")).encode() + b"\n" + more)

    def _pass_on(self, note: str) -> None:
        """Say in all work what the engine there has met and the one here has not: a disk is full by now."""
        if note not in self._known_notes:
            for work in self._works.values():
                work.hear(MemberFailed(member="bank", reason=note))

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        why = "it closed its output"
        try:
            while line := await stream.readline():
                message = json.loads(line)
                for note in message.get("notes", ()):
                    self._pass_on(str(note))
                if (work := self._works.get(message.get("of"))) is not None:
                    work.take(message)
        except ValueError as error:
            why = f"it broke its protocol: {error}"
        finally:
            await self.wait_or_kill()
            status = self._process.returncode
            lost = f"the process of the runs ended ({why}, exit status {status}); ask again"
            for work in list(self._works.values()):
                if not work.has_ended.is_set():
                    work.end(RunsEnded(lost))


def _error(ended: Mapping[str, str] | None) -> Exception | None:
    """Return what ended work, as the engine here would have raised it."""
    if ended is None:
        return None
    name, message = str(ended.get("error")), str(ended.get("message"))
    for module in (paceline.errors, bank_errors):
        kind = getattr(module, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return kind(message)
    return RunsEnded(f"it failed in the process of the runs ({message}); the server's log has the rest")
