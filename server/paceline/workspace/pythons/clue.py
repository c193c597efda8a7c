"""What is found while an interpreter is looked for: one that could be used, or a place that has none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """An interpreter that is there."""

    python: Path
    """Absolute, links as they are."""
    reason: str
    """Why this one, as it reads after "because of": ``.venv in the workspace``."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A place that was looked at and is not used."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


Clue = Found | PassedOver


def python_in(environment: Path) -> Path | None:
    """Return the interpreter of an environment's folder, None where there is none that can be started."""
    names: tuple[tuple[str, ...], ...] = (("bin", "python"), ("bin", "python3"))
    if os.name == "nt":
        # A conda environment has it at its top. pythonw has no output to read and is never meant.
        names = (("Scripts", "python.exe"), ("python.exe",))
    for parts in names:
        python = environment.joinpath(*parts)
        if is_program(python):
            return python
    return None


def is_program(path: Path) -> bool:
    """Whether a file is there, at the end of its links, that may be started."""
    return path.is_file() and os.access(path, os.X_OK)


def is_virtual(folder: Path) -> bool:
    """Whether a folder is a virtual environment (PEP 405)."""
    return (folder / "pyvenv.cfg").is_file()


def is_conda(folder: Path) -> bool:
    """Whether a folder is an environment that conda or one of its kin made."""
    return (folder / "conda-meta").is_dir()


def in_folder(environment: Path, reason: str) -> Clue:
    """Return the interpreter of an environment that ought to be in a folder, or that it is not."""
    python = python_in(environment)
    if python is not None:
        return Found(python, reason)
    if not environment.exists():
        return PassedOver(str(environment), f"{reason}, but there is no such folder")
    return PassedOver(str(environment), f"{reason}, but it has no interpreter that can be started")
