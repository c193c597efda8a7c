"""The engine as the language server holds it: hints and lessons from here, runs in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import paceline.errors
from lessonbank import errors as bank_errors
from paceline.engine import Engine, Event, Request
from paceline.engine.events import MemberFailed
from paceline.engine.wire import event_from_json, to_json
from paceline.errors import PacelineError, RunsEnded
from paceline.syntax.target import Target

LONGEST_LINE = 2**26
"""Bytes of one message, at most."""

END_S = 0.8
"""How long a run, or the process, has to end in good order before it is killed."""


class EngineApart(Engine):
    """An engine whose runs go on in another process. Guards that process: started with the first run, ended
    with the engine, started anew when it was lost.
    """

    def __init__(self, root: Path, **parts: Any) -> None:
        super().__init__(root, **parts)
        self._process: _Process | None = None
        self._starting = asyncio.Lock()

    async def optimize(self, request: Request) -> AsyncGenerator[Event, None]:
        """Run as ``Engine.optimize`` does, and raise what it raises.

        Raises RunsEnded where the process ended under way. What was proven until then was yielded.
        """
        process = await self._running()
        run = process.start(request)
        try:
            async for event in run.events():
                yield event
        finally:
            await process.end(run)
            # What was learnt there gives hints here.
            self.look_for_learnt()

    async def close(self) -> None:
        """End the process and close the bank."""
        process, self._process = self._process, None
        if process is not None:
            await process.close()
        await super().close()

    async def _running(self) -> _Process:
        async with self._starting:
            if self._process is None or self._process.has_ended:
                self._process = await _Process.start_for(self)
            return self._process


class _Run:
    """One run as it is heard of."""

    def __init__(self, number: int, target: Target) -> None:
        self.number = number
        self.has_ended = asyncio.Event()
        self._target = target
        self._heard: asyncio.Queue[Event | Exception | None] = asyncio.Queue()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the events, and raise what ended the run where it did not end by itself."""
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
    """The process of the runs. Guards which run is which."""

    def __init__(self, process: asyncio.subprocess.Process, known_notes: Iterable[str]) -> None:
        self._process = process
        self._known_notes = frozenset(known_notes)
        self._runs: dict[int, _Run] = {}
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
            start_new_session=True,
        )
        started = cls(process, engine.notes)
        opened = {"root": str(engine.root), "settings": to_json(engine.settings), "trusted": engine.trusted}
        started._say({"open": opened})
        return started

    @property
    def has_ended(self) -> bool:
        return self._reading.done()

    def start(self, request: Request) -> _Run:
        self._started += 1
        run = _Run(self._started, request.target)
        self._runs[run.number] = run
        bare = replace(request, target=replace(request.target, module=b""))
        message = {"run": run.number, "request": to_json(bare), "module": len(request.target.module)}
        self._say(message, request.target.module)
        return run

    async def end(self, run: _Run) -> None:
        """Return when the run is over; ask it to end where it is not. Its processes are gone then."""
        if not run.has_ended.is_set():
            self._say({"end": run.number})
            try:
                await asyncio.wait_for(run.has_ended.wait(), END_S)
            except TimeoutError:
                await self._kill()
        self._runs.pop(run.number, None)

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
        """Say in the runs what the engine there has met and the one here has not: a disk is full by now."""
        if note not in self._known_notes:
            for run in self._runs.values():
                run.hear(MemberFailed(member="bank", reason=note))

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        why = "it closed its output"
        try:
            while line := await stream.readline():
                message = json.loads(line)
                for note in message.get("notes", ()):
                    self._pass_on(str(note))
                if (run := self._runs.get(message.get("run"))) is not None:
                    run.take(message)
        except ValueError as error:
            why = f"it broke its protocol: {error}"
        finally:
            await self.wait_or_kill()
            status = self._process.returncode
            lost = f"the process of the runs ended ({why}, exit status {status}); ask again"
            for run in list(self._runs.values()):
                if not run.has_ended.is_set():
                    run.end(RunsEnded(lost))


def _error(ended: Mapping[str, str] | None) -> Exception | None:
    """Return what ended a run, as the engine here would have raised it."""
    if ended is None:
        return None
    name, message = str(ended.get("error")), str(ended.get("message"))
    for module in (paceline.errors, bank_errors):
        kind = getattr(module, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return kind(message)
    return RunsEnded(f"the run failed ({message}); the server's log has the rest")
