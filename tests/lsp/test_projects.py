"""Projects: whose engine is open when, and whose work ends with the trust in its code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paceline.errors import NotTrusted
from paceline.lsp.projects import OpenEngine, Project
from paceline.workspace import Settings


class FakeEngine:
    """Notes that it was closed."""

    notes = ()
    is_closed = False

    async def close(self) -> None:
        self.is_closed = True


def project_of(folder: Path, open_engine: Callable[..., Any]) -> Project:
    opens: OpenEngine = open_engine
    return Project(
        folder, settings=Settings(), trusted=True, open_engine=opens, on_note=lambda _: pytest.fail("no note")
    )


async def test_settings_that_change_while_an_engine_opens_end_no_run(tmp_path: Path) -> None:
    gate = threading.Event()

    def open_slowly(*_: Any, **__: Any) -> FakeEngine:
        assert gate.wait(20)
        return FakeEngine()

    project = project_of(tmp_path, open_slowly)
    at_work, may_end = asyncio.Event(), asyncio.Event()

    async def run() -> FakeEngine:
        async with project.running_engine() as engine:
            at_work.set()
            await may_end.wait()
            assert isinstance(engine, FakeEngine)
            assert not engine.is_closed
            return engine

    running = asyncio.create_task(run())
    await asyncio.sleep(0)
    closing = asyncio.create_task(project.close())
    await asyncio.sleep(0)
    project.somebody_types()
    gate.set()
    await asyncio.wait({running, asyncio.create_task(at_work.wait())}, return_when=asyncio.FIRST_COMPLETED)
    may_end.set()
    engine = await running
    await closing
    assert engine.is_closed


async def test_an_engine_that_could_not_be_opened_is_tried_anew(tmp_path: Path) -> None:
    outcomes = [OSError("no room"), FakeEngine()]

    def open_engine(*_: Any, **__: Any) -> Any:
        outcome = outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    project = project_of(tmp_path, open_engine)
    with pytest.raises(OSError, match="no room"):
        await project.engine()
    async with project.running_engine() as engine:
        assert isinstance(engine, FakeEngine)


async def test_withdrawn_trust_ends_what_runs_and_lets_nothing_begin(tmp_path: Path) -> None:
    project = project_of(tmp_path, lambda *_, **__: FakeEngine())
    running = await endless_run(project)
    assert project.adapt(settings=Settings(), trusted=False)
    with pytest.raises(NotTrusted, match="not trusted any more"):
        await running
    with pytest.raises(NotTrusted, match="not trusted any more"):
        await endless_run(project)


async def test_a_run_that_a_person_cancels_is_cancelled(tmp_path: Path) -> None:
    project = project_of(tmp_path, lambda *_, **__: FakeEngine())
    running = await endless_run(project)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def endless_run(project: Project) -> asyncio.Task[None]:
    """Return a run that works with the engine until somebody ends it; raises what keeps it from beginning."""
    at_work = asyncio.Event()

    async def run() -> None:
        async with project.running_engine():
            at_work.set()
            await asyncio.Event().wait()

    running, begun = asyncio.create_task(run()), asyncio.create_task(at_work.wait())
    await asyncio.wait([running, begun], return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    if running.done():
        await running
    return running
