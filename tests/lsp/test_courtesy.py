"""Whoever types has a processor to themselves, and the runs get it back."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from paceline.lsp.apart import courtesy
from paceline.lsp.apart.courtesy import Courtesy

PROCESSORS = os.sched_getaffinity(0) if sys.platform == "linux" else set[int]()

pytestmark = pytest.mark.skipif(len(PROCESSORS) < 2, reason="there is no second processor to be chosen")


@pytest.fixture(autouse=True)
def _every_processor_again() -> Iterator[None]:
    yield
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), PROCESSORS)


async def until_all_are_allowed() -> None:
    async with asyncio.timeout(10):
        while os.sched_getaffinity(0) != PROCESSORS:  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.01)


async def test_one_is_left_alone_by_every_thread_and_by_what_is_started() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert thread.native_id is not None
        Courtesy().somebody_types()
        left = PROCESSORS - {min(PROCESSORS)}
        assert os.sched_getaffinity(0) == left
        assert os.sched_getaffinity(thread.native_id) == left
        asked = [sys.executable, "-c", "import os; print(sorted(os.sched_getaffinity(0)))"]
        started = await asyncio.to_thread(subprocess.check_output, asked, text=True)
        assert started.strip() == str(sorted(left))
    finally:
        done.set()
        thread.join()


async def test_it_is_taken_back_when_nobody_types_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "QUIET_S", 0.05)
    ours = Courtesy()
    for _ in range(3):
        ours.somebody_types()
    assert len(os.sched_getaffinity(0)) == len(PROCESSORS) - 1
    await until_all_are_allowed()
    ours.somebody_types()
    assert len(os.sched_getaffinity(0)) == len(PROCESSORS) - 1


async def test_the_only_processor_is_kept() -> None:
    os.sched_setaffinity(0, {max(PROCESSORS)})
    Courtesy().somebody_types()
    assert os.sched_getaffinity(0) == {max(PROCESSORS)}
