from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder and a data folder of the test's own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PACELINE_HOME", str(home / "data"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    return home


@pytest.fixture
def root(home: Path) -> Path:
    root = home / "work" / "project"
    root.mkdir(parents=True)
    return root
