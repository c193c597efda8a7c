"""Which workspaces may run their code here: the person's own word, kept where no workspace can write it.

Trust holds for a folder and all below it, the nearest word counts, and a folder that many things share (the
home folder) is trusted for the files directly in it only. The file is ``trust.json`` in Paceline's data
folder. One that cannot be read, or that somebody else could have written, means that nothing is trusted.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from paceline.errors import InvalidSettings
from paceline.workspace.problem import Problem
from paceline.workspace.roots import is_shared_folder, paceline_home

_SCHEMA = 1


def is_trusted(root: Path) -> bool:
    """Whether code of this workspace may run here."""
    return _word_on(root).trusted


def allows_unsandboxed(root: Path) -> bool:
    """Whether code of this workspace may run even where no sandbox is to be had."""
    word = _word_on(root)
    return word.trusted and word.unsandboxed


def trust(root: Path, *, unsandboxed: bool = False) -> None:
    """Remember that this workspace, with all below it, is trusted. The last word on a folder replaces earlier
    ones.

    Raises InvalidSettings where the data folder cannot be written.
    """
    _say(root, _Word(trusted=True, unsandboxed=unsandboxed))


def distrust(root: Path) -> None:
    """Remember that this workspace is not trusted, even if a folder above it is. Raises as ``trust`` does."""
    _say(root, _Word())


def trust_problem() -> Problem | None:
    """What is wrong with the trust file, so that nothing is trusted; None when all is well."""
    return _read()[1]


@dataclass(frozen=True, slots=True)
class _Word:
    """What the person said of one folder."""

    trusted: bool = False
    unsandboxed: bool = False


def _word_on(root: Path) -> _Word:
    words, _ = _read()
    root = root.resolve()
    for folder in (root, *root.parents):
        word = words.get(_key(folder))
        if word is not None and (folder == root or not is_shared_folder(folder)):
            return word
    return _Word()


def _say(root: Path, word: _Word) -> None:
    try:
        with _locked():
            words, problem = _read()
            if problem is not None and _file().exists():
                # What it said cannot be known, but a person may want to look.
                _file().replace(_file().with_suffix(".unreadable.json"))
            _write({**words, _key(root.resolve()): word})
    except OSError as error:
        raise InvalidSettings(
            f"The trust file {_file()} cannot be written ({error.strerror}). "
            "Make its folder writable, or set PACELINE_HOME to one that is."
        ) from error


def _read() -> tuple[Mapping[str, _Word], Problem | None]:
    file = _file()
    try:
        if not _is_ours(file):
            return {}, _problem("belongs to, or can be written by, somebody else")
        record = json.loads(file.read_text(encoding="utf-8"))
        if record["schema"] != _SCHEMA:
            return {}, _problem(f"was written by another version of Paceline (schema {record['schema']!r})")
        return {folder: _word_of(entry) for folder, entry in record["folders"].items()}, None
    except FileNotFoundError:
        return {}, None
    except OSError as error:
        return {}, _problem(f"cannot be read ({error.strerror})")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}, _problem("is damaged")


def _word_of(entry: Mapping[str, object]) -> _Word:
    """Anything but a plain yes is a no."""
    return _Word(trusted=entry["trusted"] is True, unsandboxed=entry["unsandboxed"] is True)


def _problem(what: str) -> Problem:
    return Problem(
        source=str(_file()),
        message=f"the trust file {what}, so nothing is trusted. For each workspace run: paceline trust DIR",
        unreadable=True,
    )


def _write(words: Mapping[str, _Word]) -> None:
    """Replace the file in one step, so that no reader ever sees half of it."""
    record = {"schema": _SCHEMA, "folders": {folder: asdict(word) for folder, word in sorted(words.items())}}
    # Made by mkstemp, it can be read and written by its owner alone.
    descriptor, name = tempfile.mkstemp(dir=_file().parent, prefix=".trust-")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is open already.
            json.dump(record, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(_file())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """Let one process at a time change the file: a change lost could be a distrust."""
    try:
        import fcntl
    except ImportError:  # Windows, where nothing is judged yet.
        yield
        return
    with _file().with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_ours(file: Path) -> bool:
    status = file.stat()
    return os.name != "posix" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _file() -> Path:
    return paceline_home() / "trust.json"


def _key(folder: Path) -> str:
    return os.path.normcase(folder)
