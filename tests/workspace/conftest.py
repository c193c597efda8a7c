from __future__ import annotations

import os
from pathlib import Path

import pytest

_ABOUT_PYTHONS = (
    "VIRTUAL_ENV",
    "CONDA",
    "MAMBA",
    "PYENV",
    "UV_",
    "POETRY",
    "PIPENV",
    "WORKON",
    "HATCH",
    "XDG",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder and a data folder of the test's own."""
    home = tmp_path / "home"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith(_ABOUT_PYTHONS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PACELINE_HOME", str(home / "data"))
    return home


@pytest.fixture
def root(home: Path) -> Path:
    root = home / "work" / "project"
    root.mkdir(parents=True)
    return root
