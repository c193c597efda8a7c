"""Interpreters that are installed side by side, by pyenv or by uv, and the version a workspace asks for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_data_path

from paceline.workspace.pythons.clue import Clue, Found, PassedOver, python_in
from paceline.workspace.pythons.folders import repository_above
from paceline.workspace.pythons.project import text_of

_NAME = re.compile(r"\w[\w.+-]*")


def asked_for(root: Path) -> Iterator[Clue]:
    """Yield what PYENV_VERSION or ``.python-version`` asks for: the real interpreter, never a shim.

    A shim is a shell script that takes a tenth of a second to find out what is found out here once.
    """
    for place, names in _words(root):
        for name in names:
            python = _installed(name)
            if python is not None:
                yield Found(python, f"{place} asks for {name}")
            elif name != "system":
                yield PassedOver(place, f"it asks for {name}, which neither pyenv nor uv has installed")
        return


def behind_shim(program: Path, root: Path, *, trusted: bool) -> Path:
    """Return the interpreter that a pyenv shim would start; any other program as it is."""
    if program.parent != _pyenv_root() / "shims":
        return program
    words = [("PYENV_VERSION", _listed(os.environ.get("PYENV_VERSION", "").replace(":", "\n")))]
    if trusted:
        words += _words(root)
    words.append(("version", _listed(text_of(_pyenv_root() / "version"))))
    for _, names in words:
        for name in names:
            folder = _version_folder(_pyenv_root() / "versions", name)
            for file in (program.name, "python"):
                if folder is not None and (folder / "bin" / file).is_file():
                    return folder / "bin" / file
    return program


def _words(root: Path) -> Iterator[tuple[str, list[str]]]:
    if chosen := _listed(os.environ.get("PYENV_VERSION", "").replace(":", "\n")):
        yield "PYENV_VERSION", chosen
    for folder in (root, *repository_above(root)):
        if names := _listed(text_of(folder / ".python-version")):
            yield str(Path(os.path.relpath(folder, root)) / ".python-version"), names


def _listed(text: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if _NAME.fullmatch(line)][:10]


def _installed(name: str) -> Path | None:
    for versions, prefix in ((_pyenv_root() / "versions", ""), (_uv_folder(), "cpython-")):
        wanted = name if name.startswith(prefix) or not name[:1].isdigit() else prefix + name
        folder = _version_folder(versions, wanted)
        if folder is not None and (python := python_in(folder)) is not None:
            return python
    return None


def _version_folder(versions: Path, name: str) -> Path | None:
    """Return the folder of that version, or the newest of which the name is the beginning: 3.11 is 3.11.7."""
    if (versions / name).is_dir():
        return versions / name
    try:
        longer = [
            entry.name for entry in versions.iterdir() if entry.name.startswith((f"{name}.", f"{name}-"))
        ]
    except OSError:
        return None
    # 3.14.0rc1 and the free-threaded 3.14.0t are no releases that 3.14 would mean.
    longer = [other for other in longer if re.fullmatch(r"[\d.]*", other[len(name) :].partition("-")[0])]
    return versions / max(longer, key=_numbers) if longer else None


def _numbers(name: str) -> tuple[int, ...]:
    # What follows the version in a name of uv's is the machine it is for.
    return tuple(int(part) for part in re.findall(r"\d+", name.removeprefix("cpython-").partition("-")[0]))


def _pyenv_root() -> Path:
    return Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")


def _uv_folder() -> Path:
    return Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or user_data_path("uv", appauthor=False) / "python")
