from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from paceline.judge.python.check import Failure
from paceline.judge.python.client import Setting, environment
from paceline.judge.python.installed import install_worker
from paceline.judge.python.project_tests import Passed, ProjectTests, select
from paceline.judge.python.recordings import Recorded, record_calls
from paceline.judge.sandbox import Isolation, Limits, python_grants
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target


class Project:
    """A project on disk, and what the judge makes of its tests for one target."""

    def __init__(self, root: Path, isolation: Isolation, cache: Path, python: Path) -> None:
        self.root = root
        self.isolation = isolation
        self.cache = cache
        self.python = python

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"))

    def target(self, name: str, file: str = "work.py") -> Target:
        path = self.root / file
        return target_named(Snapshot.open(path, path.read_bytes()), name)

    async def record(self, target: Target, timeout_s: float = 30.0) -> Recorded:
        return await record_calls(
            target,
            root=self.root,
            python=self.python,
            isolation=self.isolation,
            timeout_s=timeout_s,
            folder=await install_worker(self.python, self.cache, root=self.root, isolation=self.isolation),
        )

    async def select(
        self, target: Target, recorded: Recorded | None = None, timeout_s: float = 30.0
    ) -> ProjectTests | str | None:
        folder = await install_worker(self.python, self.cache, root=self.root, isolation=self.isolation)
        setting = Setting(
            python=self.python,
            folder=folder,
            grants=python_grants(self.python, self.root, [folder], environment=environment()),
            limits=Limits(),
            isolation=self.isolation,
            file=target.file,
            root=self.root,
            name=target.name,
            seed=1,
        )
        return select(setting, recorded or await self.record(target), timeout_s=timeout_s)

    async def run(self, target: Target, module: str, tests: ProjectTests | None = None) -> Passed | Failure:
        """Run the tests that reach the target with another text of its module in place."""
        chosen = tests or await self.select(target)
        assert isinstance(chosen, ProjectTests), chosen
        return await chosen.run(
            chosen.begin(), original=target.module, candidate=dedent(module).lstrip("\n").encode()
        )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Paceline's data folder, of this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PACELINE_HOME", str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path, isolation: Isolation, worker_cache: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    return Project(root, isolation, worker_cache, Path(sys.executable))


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with nothing installed: no pytest."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"
