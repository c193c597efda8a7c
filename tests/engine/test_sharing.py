"""Several windows: one judges a candidate, the others take its verdict, and a dead window keeps nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lessonbank.outcome import Outcome
from paceline.engine import sharing
from paceline.engine.judges import Judge
from paceline.engine.sharing import WAITING, shared
from paceline.judge.verdict import Checks, Verdict
from paceline.syntax.target import Replacement, Target
from paceline.workspace import JudgeSettings, Settings
from tests.engine.scripted import verdict

REWRITE = Replacement(definition="def total(values):\n    return sum(values)\n")


@dataclass
class SlowJudge:
    """Answers when it is told to."""

    answer: Verdict
    go: asyncio.Event = field(default_factory=asyncio.Event)
    judging: asyncio.Event = field(default_factory=asyncio.Event)
    judged: int = 0

    async def prepare(self) -> Checks | Verdict:
        return Checks(inputs=1)

    async def judge(self, replacement: Replacement, *, on_stage: Callable[[str, str], None]) -> Verdict:
        self.judged += 1
        self.judging.set()
        await self.go.wait()
        return self.answer

    async def close(self) -> None:
        pass


@dataclass
class Window:
    """One window's view of a candidate."""

    own: SlowJudge
    judge: Judge
    stages: list[str] = field(default_factory=list)
    waits: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, replacement: Replacement = REWRITE) -> asyncio.Task[Verdict]:
        def on_stage(stage: str, _: str) -> None:
            self.stages.append(stage)
            self.waits.set()

        return asyncio.create_task(self.judge.judge(replacement, on_stage=on_stage))


@pytest.fixture
def window(tmp_path: Path, target: Target) -> Callable[..., Window]:
    def opened(
        speedup: float = 2.0, *, settings: Settings | None = None, folder: Path | None = None
    ) -> Window:
        own = SlowJudge(verdict(Outcome.FASTER, speedup))
        place = folder or tmp_path / "judging"
        return Window(own, shared(own, place, target=target, settings=settings or Settings()))

    return opened


Open = Callable[..., Window]


async def test_a_candidate_is_judged_by_one_window_and_the_other_takes_its_verdict(window: Open) -> None:
    first, second = window(2.0), window(3.0)
    one = first.ask()
    await first.own.judging.wait()
    other = second.ask()
    await second.waits.wait()
    assert second.stages == [WAITING]
    first.own.go.set()
    assert await one == await other == first.own.answer
    assert second.own.judged == 0


async def test_what_was_judged_since_the_run_began_is_not_judged_again(window: Open) -> None:
    first, second = window(2.0), window(3.0)
    first.own.go.set()
    await first.ask()
    assert await second.ask() == first.own.answer


async def test_what_was_judged_before_the_run_began_is(window: Open, tmp_path: Path) -> None:
    first = window(2.0)
    first.own.go.set()
    await first.ask()
    for file in (tmp_path / "judging").glob("*.json"):
        os.utime(file, (1, 1))
    second = window(3.0)
    second.own.go.set()
    assert await second.ask() == second.own.answer


async def test_another_rewrite_or_other_settings_are_judged_beside_it(window: Open) -> None:
    first = window(2.0)
    one = first.ask()
    await first.own.judging.wait()
    stricter = window(3.0, settings=Settings(judge=JudgeSettings(minimum_gain=0.5)))
    stricter.own.go.set()
    assert await stricter.ask() == stricter.own.answer
    second = window(4.0)
    second.own.go.set()
    assert await second.ask(Replacement(definition="def total(values): ...\n")) == second.own.answer
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)


async def test_a_window_that_gives_up_leaves_the_candidate_to_the_next(window: Open) -> None:
    first, second = window(2.0), window(3.0)
    one = first.ask()
    await first.own.judging.wait()
    other = second.ask()
    await second.waits.wait()
    one.cancel()
    second.own.go.set()
    assert await other == second.own.answer


HOLDER = """
import asyncio, signal, sys
from pathlib import Path
from paceline.engine.sharing import _held
async def hold():
    async with _held(Path(sys.argv[1]), 5, on_wait=lambda: None):
        print("held", flush=True)
        signal.pause()
asyncio.run(hold())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_window_that_is_killed_or_stopped_keeps_nobody(
    window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    first = window(2.0)
    first.own.go.set()
    await first.ask()
    [kept] = (tmp_path / "judging").glob("*.json")
    lock = kept.with_suffix(".lock")
    kept.unlink()
    command = [sys.executable, "-c", HOLDER, str(lock)]
    holder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        if how == signal.SIGSTOP:
            monkeypatch.setattr(sharing, "PATIENCE_S", -Settings().judge.max_verdict_s)
        second = window(3.0)
        second.own.go.set()
        waiting = second.ask()
        if how == signal.SIGKILL:
            await second.waits.wait()
        holder.send_signal(how)
        assert await waiting == second.own.answer
    finally:
        if holder.returncode is None:
            holder.kill()
        await holder.wait()


async def test_a_folder_that_cannot_be_written_costs_the_sharing_only(
    window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = window(2.0)

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("paceline.engine.sharing.os.open", full)
    monkeypatch.setattr("paceline.engine.sharing.tempfile.mkstemp", full)
    first.own.go.set()
    assert await first.ask() == first.own.answer


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"outcome": "splendid", "reason": ""}'])
async def test_what_is_no_verdict_is_not_taken_for_one(window: Open, tmp_path: Path, text: str) -> None:
    first, second = window(2.0), window(3.0)
    first.own.go.set()
    await first.ask()
    [kept] = (tmp_path / "judging").glob("*.json")
    kept.write_text(text)
    second.own.go.set()
    assert await second.ask() == second.own.answer
