from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from paceline.workspace import PythonSettings, Settings, python_for

OWN = Path(sys.executable)


def test_paceline_s_own_where_there_is_no_other(root: Path) -> None:
    assert python_for(root, Settings(), trusted=True) == OWN


def test_the_order(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv_python, dot_venv_python = _environment(root / "venv"), _environment(root / ".venv")
    active = _environment(home / "active")
    assert python_for(root, Settings(), trusted=True) == dot_venv_python
    monkeypatch.setenv("VIRTUAL_ENV", str(home / "active"))
    assert python_for(root, Settings(), trusted=True) == active
    assert python_for(root, _set("/some/python"), trusted=True) == Path("/some/python")
    monkeypatch.delenv("VIRTUAL_ENV")
    dot_venv_python.unlink()
    assert python_for(root, Settings(), trusted=True) == venv_python


def test_an_untrusted_workspace_brings_no_interpreter(
    home: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _environment(root / ".venv")
    assert python_for(root, Settings(), trusted=False) == OWN
    monkeypatch.setenv("VIRTUAL_ENV", str(root / ".venv"))
    assert python_for(root, Settings(), trusted=False) == OWN
    (home / "link").symlink_to(root / ".venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(home / "link"))
    assert python_for(root, Settings(), trusted=False) == OWN


@pytest.mark.parametrize("setting", ["tools/python", "./tools/python", "tools/../tools/python"])
def test_a_path_is_relative_to_the_workspace(root: Path, setting: str) -> None:
    assert python_for(root, _set(setting), trusted=True) == root / setting


def test_a_name_is_a_command(root: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = _environment(home / "elsewhere")
    monkeypatch.setenv("PATH", str(python.parent))
    assert python_for(root, _set("python"), trusted=True) == python
    assert python_for(root, _set("pythn"), trusted=True) == root / "pythn"


def test_an_environment_s_folder_stands_for_its_interpreter(root: Path) -> None:
    python = _environment(root / "envs" / "one")
    assert python_for(root, _set("envs/one"), trusted=True) == python
    assert python_for(root, _set("envs"), trusted=True) == root / "envs"


def test_the_home_folder_may_be_abbreviated(root: Path, home: Path) -> None:
    assert python_for(root, _set("~/bin/python"), trusted=True) == home / "bin" / "python"


def test_an_environments_own_packages_are_seen(root: Path) -> None:
    """The path must not be resolved: behind it is the base interpreter, which has none of them."""
    venv.create(root / ".venv", symlinks=True, with_pip=False)
    python = python_for(root, Settings(), trusted=True)
    prefix = subprocess.run(
        [python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True
    )
    assert prefix.stdout.strip() == str(root / ".venv")


def _set(interpreter: str) -> Settings:
    return replace(Settings(), python=PythonSettings(interpreter=interpreter))


def _environment(folder: Path) -> Path:
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    return python
