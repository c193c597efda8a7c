"""Engines that take turns on a GPU: one is awake, the others sleep with their weights in main memory.

Two locks in the data folder, so that it holds across processes and a lock of a killed one is gone with it.
Who uses the engine that is awake holds ``use`` together with others; who wants another engine awake holds it
alone. Everybody comes through ``gate`` first, and keeps it closed while waiting for ``use``, so that a busy
engine does not keep the others asleep for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from paceline.errors import EngineNotReady
from paceline.team.engines import asking
from paceline.team.engines.records import (
    LIVE,
    Launch,
    engines_folder,
    is_kept,
    known_folders,
    read_launch,
    read_state,
)

LOOK_S = 0.05
"""Between two tries for a lock that somebody else has."""
SWAP_S = 120.0
"""For an engine to move its weights."""
LONGEST_WAIT_S = 900.0
"""For other engines' answers to be over."""


@asynccontextmanager
async def turn_of(launch: Launch) -> AsyncGenerator[None, None]:
    """Have this engine awake, and the others of its GPUs asleep, for as long as the block lasts.

    Waits until no other is in use. Raises EngineNotReady where that takes too long, or an engine does not
    change over.
    """
    if not launch.takes_turns:
        yield
        return
    async with _gate(launch) as gate, _lock(launch, "use") as use:
        if await asking.is_asleep(launch.address, timeout_s=SWAP_S) is False:
            await _hold(use, alone=False, launch=launch)
        else:
            await _hold(use, alone=True, launch=launch)
            await _rest(launch)
            if not await asking.wake(launch.address, timeout_s=SWAP_S):
                raise EngineNotReady(
                    f"the engine of {launch.served_as} at {launch.base_url} does not wake up; see its log"
                )
            await _hold(use, alone=False, launch=launch)
        _open_gate(gate)
        yield


@asynccontextmanager
async def alone(launch: Launch) -> AsyncGenerator[None, None]:
    """Have every other engine that takes turns on these GPUs asleep, for one that is being started."""
    if not launch.takes_turns:
        yield
        return
    async with _gate(launch, within_s=None), _lock(launch, "use") as use:
        await _hold(use, alone=True, launch=launch, within_s=None)
        await _rest(launch)
        yield


@asynccontextmanager
async def starting(launch: Launch) -> AsyncGenerator[None, None]:
    """Have no other engine start meanwhile: each looks how much memory of the GPU is free."""
    if not launch.starts_alone:
        yield
        return
    async with _opened("starting.lock") as descriptor:
        await _hold(descriptor, alone=True, launch=launch, within_s=None)
        yield


async def _rest(launch: Launch) -> None:
    """Put the others to sleep, those that are awake."""
    for folder in known_folders():
        other, state = read_launch(folder), read_state(folder)
        if (
            other is None
            or state is None
            or other.base_url == launch.base_url
            or not (other.takes_turns and other.devices == launch.devices)
            or state.phase not in LIVE
            or not is_kept(folder)
        ):
            continue
        if await asking.is_asleep(other.address, timeout_s=SWAP_S) is False and not await asking.put_to_sleep(
            other.address, timeout_s=SWAP_S
        ):
            raise EngineNotReady(
                f"the engine of {other.served_as} at {other.base_url} does not go to sleep, so that "
                f"{launch.served_as} has no room on the GPU; see its log"
            )


@asynccontextmanager
async def _gate(launch: Launch, *, within_s: float | None = LONGEST_WAIT_S) -> AsyncGenerator[int, None]:
    async with _lock(launch, "gate") as descriptor:
        await _hold(descriptor, alone=True, launch=launch, within_s=within_s)
        yield descriptor


def _open_gate(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_UN)


@asynccontextmanager
async def _lock(launch: Launch, name: str) -> AsyncGenerator[int, None]:
    group = re.sub(r"[^0-9A-Za-z]+", "-", launch.devices) or "all"
    async with _opened(f"turns-{group}.{name}") as descriptor:
        yield descriptor


@asynccontextmanager
async def _opened(name: str) -> AsyncGenerator[int, None]:
    file: Path = engines_folder() / name
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        # Closing gives back whatever is held.
        os.close(descriptor)


async def _hold(
    descriptor: int, *, alone: bool, launch: Launch, within_s: float | None = LONGEST_WAIT_S
) -> None:
    """Wait for a lock without keeping a thread waiting: a task that is cancelled lets go at once.

    Who is to be started waits as long as it takes: another engine may have gigabytes to load first.
    """
    import fcntl

    kind = (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB
    try:
        async with asyncio.timeout(within_s):
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(descriptor, kind)
                    return
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise EngineNotReady(
            f"{launch.served_as} at {launch.base_url} had to wait for other engines for more than "
            f"{LONGEST_WAIT_S:.0f} s; paceline team status shows what they do"
        ) from None
