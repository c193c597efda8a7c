"""One timing at a time on a machine: a lock between every judge of every Paceline process of this user."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_SHORTEST_S, _LONGEST_S = 0.002, 0.02


@asynccontextmanager
async def timing_turn(cache: Path) -> AsyncIterator[None]:
    """Wait for the turn and hold it inside the block. Released by the kernel if this process dies.

    Two judges of one process exclude each other too: the lock belongs to the open file, not to the process.
    """
    cache.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a few microseconds
    file = os.open(cache / "timing.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        pause = _SHORTEST_S
        while not _locked(file):
            await asyncio.sleep(pause)
            pause = min(_LONGEST_S, pause * 1.5)
        yield
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    # Imported here so that the rest of Paceline loads where there is no such module (Windows).
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
