"""Where a workspace begins, and where Paceline keeps what it knows about it."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from platformdirs import user_data_path

from paceline.errors import InvalidSettings

MARKERS = ("pyproject.toml", ".paceline.toml", "setup.cfg", "setup.py", ".git")
"""What stands at the top of a project."""


def find_root(path: Path) -> Path:
    """The workspace a file or folder belongs to: the nearest folder, upwards, that holds one of ``MARKERS``.

    Where there is none, the file's own folder. A marker in a shared folder (a home folder under version
    control, say) makes no workspace of all that is below it. The path need not exist. The answer is absolute
    and goes through no links.
    """
    place = path.resolve()
    start = place if place.is_dir() else place.parent
    for folder in (start, *start.parents):
        if is_shared_folder(folder):
            break
        if any((folder / name).exists() for name in MARKERS):
            return folder
    return start


def place_in(root: Path, file: Path) -> str:
    """Return a file's path below a root, links followed, with forward slashes; empty if it is not below."""
    top, real = Path(os.path.realpath(root)), Path(os.path.realpath(file))
    return real.relative_to(top).as_posix() if real.is_relative_to(top) else ""


def is_shared_folder(folder: Path) -> bool:
    """Whether people and projects share a folder: the home folder, the temporary one, and what is above them.

    What is said of such a folder must not be taken to hold for all that is in it.
    """
    folder = folder.resolve()
    shared = (_home_folder(), Path(tempfile.gettempdir()).resolve())
    return any(folder == one or folder in one.parents for one in shared)


def paceline_home() -> Path:
    """Paceline's data folder: PACELINE_HOME, else the user's data folder. Created for the owner alone.

    Raises InvalidSettings when PACELINE_HOME is not absolute, since a relative one would be looked for in
    whatever folder, perhaps a workspace, the server was started from; and when the folder cannot be made.
    """
    chosen = os.environ.get("PACELINE_HOME")
    if not chosen:
        return _private(user_data_path("paceline", appauthor=False))
    home = Path(chosen).expanduser()
    if not home.is_absolute():
        raise InvalidSettings(f"PACELINE_HOME is {chosen!r}. Make it an absolute path, or unset it.")
    return _private(home)


def workspace_key(root: Path) -> str:
    """A name for a workspace that no other has and a person recognises: the folder's name and a digest."""
    real = os.path.normcase(root.resolve())
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(real).name).strip("-.")[:40] or "root"
    return f"{name}-{hashlib.sha256(os.fsencode(real)).hexdigest()[:16]}"


def workspace_folder(root: Path) -> Path:
    """Where all that belongs to one workspace is kept: outside of it, so that no clone can bring its own."""
    return _private(paceline_home() / "workspaces" / workspace_key(root))


def cache_folder() -> Path:
    """Where things are kept that can be made again."""
    return _private(paceline_home() / "cache")


def _home_folder() -> Path:
    return Path.home().resolve()


def _private(folder: Path) -> Path:
    """Create a folder that nobody else may enter. One that exists stays as its owner wants it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise InvalidSettings(
            f"Paceline cannot keep its data in {folder} ({error.strerror}). "
            "Set PACELINE_HOME to a folder you can write to."
        ) from error
    return folder
