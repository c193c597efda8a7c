"""SIGKILL in the middle of a run: no process is left behind, and no lesson is lost."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from paceline.workspace import workspace_folder

EXAMPLES = Path(__file__).parents[2] / "examples"

RUNS_FOREVER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from paceline.engine import Engine, Request
    from paceline.engine.events import LessonBanked, StageReached
    from paceline.syntax import Snapshot, target_named
    from paceline.workspace import load_settings

    async def main():
        root = Path(sys.argv[1])
        file = root / "shop" / "customers.py"
        target = target_named(Snapshot.open(file, file.read_bytes()), "repeat_buyers")
        settings, _ = load_settings(root, trusted=True)
        async with Engine.open(root, settings=settings, trusted=True) as engine:
            banked = []
            async for event in engine.optimize(Request(target=target)):
                if isinstance(event, LessonBanked):
                    banked.append(event.lesson.id)
                if isinstance(event, StageReached) and event.stage == "time" and banked:
                    print(*banked, flush=True)

    asyncio.run(main())
    """
)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's pidfd to see processes end")
def test_nothing_is_left_behind_and_no_lesson_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
    root = tmp_path / "examples"
    shutil.copytree(EXAMPLES, root)
    (root / "pyproject.toml").touch()
    run = subprocess.Popen([sys.executable, "-c", RUNS_FOREVER, str(root)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    banked = run.stdout.readline().split()
    assert banked, "the run ended before it had banked a lesson and timed the next candidate"
    workers = {pid: os.pidfd_open(pid) for pid in descendants(run.pid)}
    assert workers, "a run that is timing has processes"

    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()

    assert all(ends_within(pidfd, seconds=10) for pidfd in workers.values())
    with Bank.open(workspace_folder(root) / "bank") as bank:
        assert {lesson.id for lesson in bank.lessons()} >= set(banked)
        assert bank.problems() == []


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [d for child in map(int, children) for d in (child, *descendants(child))]


def ends_within(pidfd: int, *, seconds: float) -> bool:
    ended, _, _ = select.select([pidfd], [], [], seconds)
    os.close(pidfd)
    return bool(ended)
