"""Several windows on one workspace: a candidate is judged by one of them, and the others take its verdict.

Whoever judges a candidate holds a lock on a file in the workspace's part of the data folder. The kernel lets
go of it when its holder ends, however that comes about, so a dead window never keeps another waiting; one
that is stopped is not waited for longer than a verdict may take. Two candidates are the same where everything
is that a verdict depends on: document, function, rewrite, settings of the judge, machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.engine.judges import Profiling
from paceline.engine.memory import machine
from paceline.engine.wire import from_json, to_json
from paceline.errors import WorkerFailed
from paceline.judge.verdict import Checks, Verdict
from paceline.syntax.target import HotLine, Replacement, Target

if TYPE_CHECKING:
    from paceline.engine.judges import Judge
    from paceline.workspace import Settings

WAITING = "waiting"
"""The stage of a candidate that another window is judging."""

LOOK_S = 0.05
"""Seconds between two looks whether the other window is done."""

PATIENCE_S = 30.0
"""Seconds beyond what a verdict may take after which a window that holds on is waited for no longer."""

KEPT_S = 600.0
"""Seconds after which the verdicts kept for other windows are removed."""


class SharedJudge:
    """A judge that gives a candidate up to whoever judges it already. Guards which lock is held."""

    def __init__(self, judge: Judge, folder: Path, *, target: Target, settings: Settings) -> None:
        self._judge = judge
        self._folder = folder
        self._target = target
        self._settings = settings
        self._since = time.time()

    async def prepare(self) -> Checks | Verdict:
        """Find inputs, as the judge does."""
        return await self._judge.prepare()

    async def judge(self, replacement: Replacement, *, on_stage: Callable[[str, str], None]) -> Verdict:
        """Return the verdict of whoever judged this since the run began, else the judge's own."""
        name = _name(self._target, replacement, self._settings)
        lock, kept = self._folder / f"{name}.lock", self._folder / f"{name}.json"
        patience_s = self._settings.judge.max_verdict_s + PATIENCE_S
        async with _held(lock, patience_s, on_wait=lambda: on_stage(WAITING, "another window judges it")):
            if (verdict := _read(kept, since=self._since)) is not None:
                return verdict
            verdict = await self._judge.judge(replacement, on_stage=on_stage)
            _keep(kept, verdict)
            return verdict

    async def hot_lines(self) -> tuple[HotLine, ...]:
        """Say where the original spends its time, if the judge can."""
        judge: object = self._judge
        return await judge.hot_lines() if isinstance(judge, Profiling) else ()

    async def close(self) -> None:
        """End every process."""
        await self._judge.close()


def shared(judge: Judge, folder: Path | None, *, target: Target, settings: Settings) -> Judge:
    """Return a judge that shares its work with other windows, where there is a folder to meet in."""
    if folder is None or not _can_lock():
        return judge
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        _sweep(folder)
        return SharedJudge(judge, folder, target=target, settings=settings)
    return judge


@contextlib.asynccontextmanager
async def _held(lock: Path, patience_s: float, *, on_wait: Callable[[], None]) -> AsyncIterator[None]:
    """Hold the lock inside the block: at once, or when its holder is done or gone.

    Where there can be no lock (a full disk), or its holder outlives all patience, the block runs without.
    """
    started, has_waited = time.monotonic(), False
    descriptor = None
    try:
        while (descriptor := _lock(lock)) is None and time.monotonic() - started < patience_s:
            if not has_waited:
                on_wait()
                has_waited = True
            await asyncio.sleep(LOOK_S)
    except OSError:
        descriptor = None
    try:
        yield
    finally:
        if descriptor is not None:
            # Removed while it is held: whoever waits opens another, and finds the verdict.
            with contextlib.suppress(OSError):
                os.unlink(lock)  # noqa: PTH108 - nothing here waits for a disk
            os.close(descriptor)


def _lock(file: Path) -> int | None:
    """Return a descriptor that holds the lock, None while somebody else does."""
    import fcntl

    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The holder before may have removed the file between our opening and our locking it.
        if os.fstat(descriptor).st_ino == file.stat().st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _read(file: Path, *, since: float) -> Verdict | None:
    with contextlib.suppress(OSError, ValueError, WorkerFailed):
        if file.stat().st_mtime >= since:
            return from_json(Verdict, json.loads(file.read_text(encoding="utf-8")))
    return None


def _keep(file: Path, verdict: Verdict) -> None:
    """Keep the verdict for those who wait. Where that fails, they judge themselves."""
    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".verdict-")
        try:
            with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - it is open already.
                json.dump(to_json(verdict), stream)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _sweep(folder: Path) -> None:
    """Remove what nobody waits for any more. A lock that is still held keeps its file."""
    for file in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - file.stat().st_mtime > KEPT_S and file.suffix != ".lock":
                file.unlink()


def _name(target: Target, replacement: Replacement, settings: Settings) -> str:
    depends_on = [
        str(target.file),
        target.name,
        target.span.start,
        hashlib.sha256(target.module).hexdigest(),
        to_json(replacement),
        to_json(settings.judge),
        to_json(settings.tests),
        to_json(settings.python),
        machine(),
    ]
    return hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()[:32]


def _can_lock() -> bool:
    try:
        import fcntl  # noqa: F401
    except ImportError:  # Windows, where nothing is judged yet.
        return False
    return True
