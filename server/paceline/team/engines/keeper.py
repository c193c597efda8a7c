"""Keeps one engine: starts it, watches it, starts it again when it dies or hangs, and ends it.

A process of its own, ``python -m paceline.team.engines.keeper FOLDER``, that belongs to no terminal. It holds
the folder's lock as long as it lives and writes how the engine does to ``state.json``; SIGTERM ends both. The
engine runs on a leash (``leash.py``), so that it ends with its keeper even where that is killed.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections import deque
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from paceline.errors import EngineNotReady
from paceline.team.engines import asking, leash
from paceline.team.engines.logs import BoundedLog, cause_in, secrets_of
from paceline.team.engines.processes import this_process
from paceline.team.engines.records import (
    LOG,
    EngineState,
    Launch,
    Phase,
    read_launch,
    try_lock,
    write_state,
)
from paceline.team.engines.turns import alone, starting

KEY_VARIABLE = "VLLM_API_KEY"
"""Where vLLM looks for the key it shall ask for: on a command line everybody could read it."""
LINE_BYTES = 256 * 1024
LINES_KEPT = 300
"""Of what an engine said, to say why it ended."""
LOCK_S = 5.0

_LOOK = re.compile(r'"GET /(?:health|metrics|is_sleeping) HTTP/1\.1" 200')


def main(folder: Path) -> int:
    """Keep the engine of a folder until it is told to end; 0 unless there is nothing to keep."""
    launch = read_launch(folder)
    if launch is None:
        return 2
    # Who only looks whether there is a keeper holds the lock for a moment.
    with try_lock(folder / "lock", within_s=LOCK_S) as is_mine:
        if not is_mine:
            return 0
        secrets = secrets_of(os.environ, named=[launch.api_key_env, *launch.without])
        with BoundedLog(folder / LOG, secrets=secrets) as log:
            asyncio.run(Keeper(folder, launch, log).keep())
    return 0


class Keeper:
    """One engine's keeper. Guards what is said of it."""

    def __init__(self, folder: Path, launch: Launch, log: BoundedLog) -> None:
        self._folder = folder
        self._launch = launch
        self._pace = launch.pace
        self._log = log
        self._told = asyncio.Event()
        self._state = EngineState(phase=Phase.STARTING, keeper=this_process())

    async def keep(self) -> None:
        """Keep the engine up until SIGTERM, until it is idle, or until it has died too often."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._told.set)
        deaths, pause_s = 0, self._pace.backoff_s
        while True:
            end = await self._once()
            if self._told.is_set() or end.was_wanted:
                words = end.words if end.was_wanted else "it was told to stop"
                self._say(Phase.STOPPED, words, session=0)
                return
            lived_well = end.ready_s >= self._pace.quick_s
            deaths = 1 if lived_well else deaths + 1
            pause_s = self._pace.backoff_s if lived_well else pause_s
            if deaths >= self._pace.quick_deaths:
                self._say(
                    Phase.FAILED,
                    f"{end.words}; it died {deaths} times in a row within {self._pace.quick_s:g} s of being "
                    f"ready, or before it was, and is not started again. The log is {self._folder / LOG}",
                    session=0,
                )
                return
            self._say(
                Phase.BACKING_OFF,
                f"{end.words}; it is started again in {pause_s:g} s",
                session=0,
                restarts=self._state.restarts + 1,
            )
            if await self._is_told_within(pause_s):
                self._say(Phase.STOPPED, "it was told to stop")
                return
            pause_s = min(2 * pause_s, self._pace.longest_backoff_s)

    async def _once(self) -> _End:
        """Run the engine from start to end, and return how it ended."""
        waits = self._launch.takes_turns or self._launch.starts_alone
        self._say(Phase.WAITING if waits else Phase.STARTING, "for its turn to start" if waits else "")
        running = asyncio.create_task(self._run())
        told = asyncio.create_task(self._told.wait())
        await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not running.done():
            self._say(Phase.STOPPING, "")
            running.cancel()
        try:
            return await running
        except asyncio.CancelledError:
            return _End("")
        except EngineNotReady as error:
            return _End(str(error))

    async def _run(self) -> _End:
        async with AsyncExitStack() as while_starting:
            await while_starting.enter_async_context(starting(self._launch))
            await while_starting.enter_async_context(alone(self._launch))
            engine = await _Engine.start(self._folder, self._launch, self._log)
            try:
                self._say(Phase.STARTING, "", session=engine.pid)
                end = await self._until_ready(engine)
                if end is None:
                    await while_starting.aclose()
                    self._say(Phase.READY, "")
                    end = await self._while_ready(engine)
            finally:
                await engine.end()
            return end

    async def _until_ready(self, engine: _Engine) -> _End | None:
        deadline = time.monotonic() + self._pace.start_s
        while time.monotonic() < deadline:
            if await engine.is_over_within(self._pace.look_s):
                return _End(engine.last_words("before it was ready"))
            if (
                await asking.is_well(self._launch.address, timeout_s=self._pace.answer_s)
                and not engine.is_over
            ):
                return None
        return _End(f"it was not ready after {self._pace.start_s:g} s, and was ended")

    async def _while_ready(self, engine: _Engine) -> _End:
        """Watch it, and return how it ended, or why it has to be ended."""
        ready_at = well_at = worked_at = asked_at = time.monotonic()
        before: asking.Load | None = None
        while not await engine.is_over_within(self._pace.poll_s):
            now = time.monotonic()
            if await asking.is_well(self._launch.address, timeout_s=self._pace.answer_s):
                well_at = now
            elif now - well_at > self._pace.hung_s:
                return _End(f"it did not answer for {now - well_at:.0f} s, and was ended", now - ready_at)
            load = await asking.load_of(self._launch.address, timeout_s=self._pace.answer_s)
            if load is None:
                continue
            if before is None or load.running or load.finished != before.finished:
                asked_at = now
            if before is None or not load.running or load.tokens != before.tokens:
                worked_at = now
            before = load
            if now - worked_at > self._pace.stuck_s and not await self._sleeps():
                return _End(
                    f"it had requests and no token for {now - worked_at:.0f} s, and was ended", now - ready_at
                )
            idle_s = self._idle_s()
            if 0 < idle_s < now - asked_at:
                return _End(f"nobody asked it for {idle_s / 60:g} minutes", was_wanted=True)
        ready_s = time.monotonic() - ready_at
        return _End(engine.last_words(f"after {ready_s:.0f} s"), ready_s)

    def _idle_s(self) -> float:
        """Return after what time it is stopped: a person may since have said that it shall stay."""
        launch = read_launch(self._folder)
        return launch.idle_s if launch is not None else self._launch.idle_s

    async def _sleeps(self) -> bool:
        if not self._launch.takes_turns:
            return False
        return await asking.is_asleep(self._launch.address, timeout_s=self._pace.answer_s) is True

    async def _is_told_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._told.wait(), seconds)
        return self._told.is_set()

    def _say(
        self, phase: Phase, message: str, *, session: int | None = None, restarts: int | None = None
    ) -> None:
        state = self._state
        self._state = replace(
            state,
            phase=phase,
            message=message,
            since=time.time() if phase is not state.phase or not state.since else state.since,
            session=state.session if session is None else session,
            restarts=state.restarts if restarts is None else restarts,
        )
        if (phase, message) != (state.phase, state.message) or not state.since:
            self._log.write(f"paceline: {phase.value}{f': {message}' if message else ''}")
        # A full disk must not end an engine that works.
        with suppress(OSError):
            write_state(self._folder, self._state)


@dataclass(frozen=True, slots=True)
class _End:
    """How one life of the engine ended."""

    words: str
    ready_s: float = 0.0
    was_wanted: bool = False


class _Engine:
    """The engine's processes, on a leash. Guards the pipes to them."""

    def __init__(self, process: asyncio.subprocess.Process, held: int, log: BoundedLog) -> None:
        self._process = process
        self._held = held
        self._log = log
        self._said: deque[str] = deque(maxlen=LINES_KEPT)
        self._reading = asyncio.create_task(self._read())
        self._ended = asyncio.create_task(process.wait())
        self.pid = process.pid

    @classmethod
    async def start(cls, folder: Path, launch: Launch, log: BoundedLog) -> _Engine:
        read, held = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-S",
                leash.__file__,
                str(read),
                str(launch.pace.grace_s),
                *launch.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=_environment(launch),
                # No workspace is where it starts: a folder named vllm there would be imported.
                cwd=folder,
                pass_fds=[read],
                start_new_session=True,
                limit=LINE_BYTES,
            )
        except BaseException:
            os.close(held)
            raise
        finally:
            os.close(read)
        return cls(process, held, log)

    @property
    def is_over(self) -> bool:
        return self._ended.done()

    async def is_over_within(self, seconds: float) -> bool:
        await asyncio.wait({self._ended}, timeout=seconds)
        if self._ended.done():
            # What it said last is in the pipe; who else may hold that is not waited for.
            await asyncio.wait({self._reading}, timeout=2.0)
        return self._ended.done()

    def last_words(self, when: str) -> str:
        """Return how it ended, with the line of its log that says most about it."""
        code = self._ended.result()
        how = f"with {signal.Signals(code - 128).name}" if 128 < code <= 128 + 64 else f"with status {code}"
        said = cause_in(self._said)
        return f"it ended {how} {when}{f': {said}' if said else ''}"

    async def end(self) -> None:
        """Let the leash go and wait until no process is left, even where the waiting task is cancelled."""
        os.close(self._held)
        await asyncio.shield(self._ended)
        await asyncio.wait({self._reading}, timeout=2.0)
        self._reading.cancel()

    async def _read(self) -> None:
        output = self._process.stdout
        assert output is not None
        while True:
            try:
                line = await output.readline()
            except ValueError:
                # Longer than any line of a log: what has come so far is dropped.
                continue
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            # A keeper looks every other second: its own looks would fill the log.
            if not _LOOK.search(text):
                self._said.append(self._log.write(text))


def _environment(launch: Launch) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in launch.without}
    environment |= launch.environment
    environment.pop(KEY_VARIABLE, None)
    if launch.api_key_env:
        environment[KEY_VARIABLE] = os.environ.get(launch.api_key_env, "").strip()
    return environment


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
