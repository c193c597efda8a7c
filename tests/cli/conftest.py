"""A small workspace, a data folder of its own, and the command line run in this process or in another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from paceline.cli import main
from tests.cli.scripted_engine import ScriptedEngine, opener

SHOP = '''"""A module."""


def total(prices: list[int]) -> int:
    """Return the sum."""
    result = 0
    for price in prices:
        result = result + price
    return result


class Cart:
    def size(self, items: list[str]) -> int:
        count = 0
        for _ in items:
            count += 1
        return count


def outer():
    def inner():
        return 1

    return inner
'''


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("PACELINE_HOME", str(folder))
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return folder


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
    (folder / "shop.py").write_text(SHOP)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command in this process."""

    def run_command(*arguments: str) -> Ran:
        capsys.readouterr()
        status = main(arguments)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run_command


@pytest.fixture
def run_apart() -> Callable[..., Ran]:
    """Run a command in a process of its own, as a shell would."""

    def run_command(*arguments: str, env: dict[str, str] | None = None) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "paceline", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, **(env or {})},
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run_command


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[ScriptedEngine], ScriptedEngine]:
    """Put a scripted engine in the real one's place."""

    def install(engine: ScriptedEngine) -> ScriptedEngine:
        monkeypatch.setattr("paceline.cli.work.open_engine", opener(engine))
        monkeypatch.setattr("paceline.cli.workspaces.open_engine", opener(engine))
        return engine

    return install
