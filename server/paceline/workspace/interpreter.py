"""Which Python runs a workspace's code."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from paceline.workspace.settings import Settings


def python_for(root: Path, settings: Settings, trusted: bool) -> Path:
    """The interpreter for a workspace. Nothing is run to find it, and links stay as they are.

    In this order: the setting ``python.interpreter``, as it stands, even if it names nothing; VIRTUAL_ENV;
    ``.venv`` and ``venv`` in the workspace; the interpreter Paceline runs on. A program inside a workspace
    that is not trusted is passed over.
    """
    if settings.python.interpreter:
        return _named(settings.python.interpreter, root)
    root = root.resolve()
    return next(
        (python for python in _found(root) if trusted or not python.parent.resolve().is_relative_to(root)),
        Path(sys.executable),
    )


def _found(root: Path) -> Iterator[Path]:
    active = os.environ.get("VIRTUAL_ENV")
    for environment in (*([Path(active)] if active else []), root / ".venv", root / "venv"):
        python = environment.joinpath(*(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
        # Absolute but never resolved: by its own path an interpreter finds the packages of its environment.
        if environment.is_absolute() and os.access(python, os.X_OK) and python.is_file():
            yield python


def _named(setting: str, root: Path) -> Path:
    """A path, relative to the workspace, or, if it is no more than a name, a command."""
    path = Path(setting).expanduser()
    command = None if len(path.parts) > 1 else shutil.which(setting)
    return Path(command) if command else root / path
