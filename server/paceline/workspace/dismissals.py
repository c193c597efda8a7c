"""Dismissals: what a person does not want to be shown again, kept where no workspace can write it.

One says of a hint or a suggestion: not in this function, not this recipe, not this category, not in this
project, not this rewrite. They stand in ``dismissals.json`` in the workspace's part of the data folder; every
window and the command line read the same file, and every one of them can be taken back.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from paceline.errors import InvalidSettings
from paceline.workspace.roots import workspace_folder

DISMISSALS = "dismissals.json"
"""Name of the file in the workspace's part of the data folder."""

_SCHEMA = 1
_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """One thing that was dismissed. What is empty is meant in general: all empty is the whole project."""

    file: str = ""
    """Relative to the workspace, with forward slashes."""
    function: str = ""
    """Qualified inside its module."""
    recipe: str = ""
    category: str = ""
    candidate: str = ""
    """Hash of a rewrite that was suggested."""
    title: str = ""
    """What it was about, as it was shown."""
    at: str = ""
    """ISO 8601, UTC."""
    id: str = ""

    def covers(
        self, *, file: str, function: str, recipe: str = "", category: str = "", candidate: str = ""
    ) -> bool:
        """Whether this is about something that is to be shown."""
        return (
            self.file in {"", file}
            and self.function in {"", function}
            and self.recipe in {"", recipe}
            and self.category in {"", category}
            and self.candidate in {"", candidate}
        )

    @property
    def words(self) -> str:
        """As a person reads it."""
        what = self.title or self.recipe or (f"the category {self.category}" if self.category else "")
        if not (what or self.function or self.file):
            return "everything in this project"
        where = "::".join(part for part in (self.file, self.function) if part)
        return f"{what or 'everything'}{f' in {where}' if where else ' in this project'}"


Dismissals = tuple[Dismissal, ...]


def read_dismissals(root: Path) -> Dismissals:
    """Return what was dismissed in a workspace, oldest first. A file that cannot be read says nothing."""
    with contextlib.suppress(OSError, InvalidSettings, *_DAMAGED):
        return _read(_file(root))
    return ()


def dismiss(root: Path, dismissal: Dismissal) -> Dismissal:
    """Remember a dismissal, and return it with its id. Raises InvalidSettings where it cannot be kept."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    new = replace(dismissal, id=os.urandom(4).hex(), at=now)
    with _changing(root) as file:
        _write(file, (*_readable(file), new))
    return new


def take_back(root: Path, ids: Iterable[str] | None = None) -> Dismissals:
    """Take dismissals back, the latest one where none is named, and return those that were.

    Raises InvalidSettings where the file cannot be written.
    """
    with _changing(root) as file:
        known = _readable(file)
        gone = tuple(one for one in known if one.id in set(ids)) if ids is not None else known[-1:]
        if gone:
            _write(file, tuple(one for one in known if one not in gone))
    return gone


def rename_in_dismissals(root: Path, old: str, new: str) -> Dismissals:
    """Let dismissals follow a file or folder to another name, and return all as they are then.

    Names are relative to the workspace. Raises InvalidSettings where the file cannot be written.
    """
    with _changing(root) as file:
        known = _readable(file)
        renamed = tuple(
            replace(one, file=new + one.file[len(old) :])
            if one.file == old or one.file.startswith(f"{old}/")
            else one
            for one in known
        )
        if renamed != known:
            _write(file, renamed)
    return renamed


def _file(root: Path) -> Path:
    return workspace_folder(root) / DISMISSALS


def _readable(file: Path) -> Dismissals:
    try:
        return _read(file)
    except FileNotFoundError:
        return ()
    except _DAMAGED:
        # What it said cannot be known, but a person may want to look.
        file.replace(file.with_suffix(".unreadable.json"))
        return ()


def _read(file: Path) -> Dismissals:
    record = json.loads(file.read_text(encoding="utf-8"))
    known = {one.name for one in fields(Dismissal)}
    return tuple(
        Dismissal(
            **{name: value for name, value in entry.items() if name in known and isinstance(value, str)}
        )
        for entry in record["dismissals"]
    )


@contextlib.contextmanager
def _changing(root: Path) -> Iterator[Path]:
    """Let one process at a time change the file."""
    file = _file(root)
    try:
        with file.with_suffix(".lock").open("a") as lock:
            with contextlib.suppress(ImportError):  # Windows, where one window at a time has to do.
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX)
            yield file
    except OSError as error:
        raise InvalidSettings(
            f"what was dismissed cannot be kept in {file} ({error.strerror}): make room there, or make it "
            "writable; this window shows it again"
        ) from error


def _write(file: Path, dismissals: Dismissals) -> None:
    """Replace the file in one step, so that no reader ever sees half of it."""
    record = {"schema": _SCHEMA, "dismissals": [asdict(one) for one in dismissals]}
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".dismissals-")
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - it is open already.
            json.dump(record, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
