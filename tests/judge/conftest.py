from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from paceline.cli.bench_judge.catalogue import in_parts
from paceline.judge import PythonJudge, Verdict
from paceline.judge.options import DefaultJudgeOptions, DefaultOptions, DefaultRecordingOptions
from paceline.judge.sandbox import Isolation, require_isolation
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Target
from paceline.syntax.targets import target_named


class Bench:
    """A judge with one target in a project of its own, asked in plain text."""

    def __init__(self, judge: PythonJudge, target: Target) -> None:
        self.judge = judge
        self.target = target
        self.stages: list[str] = []
        self._moved = asyncio.Event()

    async def ask(self, candidate: str) -> Verdict:
        replacement = in_parts(dedent(candidate), self.target.name.rpartition(".")[2])
        return await self.judge.judge(replacement, on_stage=self._on_stage)

    async def reached(self, stage: str) -> None:
        while stage not in self.stages:
            self._moved.clear()
            await self._moved.wait()

    def _on_stage(self, stage: str, detail: str) -> None:
        self.stages.append(stage)
        self._moved.set()


Judging = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture(scope="session")
def worker_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("paceline-test-cache")


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    return require_isolation(allow_unsandboxed=True)


@pytest.fixture
def judging(tmp_path: Path, worker_cache: Path, isolation: Isolation) -> Judging:
    @asynccontextmanager
    async def open_bench(
        module: str,
        name: str,
        *,
        file: str = "work.py",
        python: Path | None = None,
        recorded: list[dict[str, Any]] | None = None,
        isolated_by: Isolation | None = None,
        **options: Any,
    ) -> AsyncIterator[Bench]:
        path = tmp_path / "project" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        text = dedent(module).lstrip("\n").encode()
        path.write_bytes(text)
        target = target_named(Snapshot.open(path, text), name)

        async def given() -> list[dict[str, Any]]:
            return recorded or []

        judge = PythonJudge(
            target,
            root=tmp_path / "project",
            python=python or Path(sys.executable),
            settings=DefaultOptions(
                judge=DefaultJudgeOptions(**options), tests=DefaultRecordingOptions(enable=False)
            ),
            isolation=isolated_by or isolation,
            recorder=given,
            cache=worker_cache,
        )
        try:
            yield Bench(judge, target)
        finally:
            await judge.close()

    return open_bench
