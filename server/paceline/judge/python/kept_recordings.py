"""Calls that ``paceline record`` has recorded, kept for each workspace: JSON in Paceline's data folder.

One file a function and signature, readable by its owner alone, never in the workspace. Nothing in it is
believed: it is bounded when it is read, checked field by field, and its values are decoded in the sandbox.

Bounds: ``MOST_CALLS`` calls and ``MOST_BYTES`` bytes a function, the newest kept; ``MOST_FUNCTIONS``
functions a workspace, those recorded last kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from paceline.errors import InvalidSettings
from paceline.judge.python import parsing
from paceline.judge.python.own_command import lines_in
from paceline.judge.python.suite_run import is_call
from paceline.judge.python.worker import definitions
from paceline.syntax.target import Target
from paceline.workspace.roots import workspace_folder

MOST_CALLS = 300
MOST_BYTES = 2_000_000
MOST_FUNCTIONS = 2_000
_LARGEST_FILE = 2 * MOST_BYTES
_LONGEST_LINE = 1_000_000
_LONGEST_WORD = 2_000
_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The recorded calls of one function."""

    file: str
    """Below the workspace, with slashes."""
    name: str
    """Qualified inside its module."""
    signature: str
    calls: tuple[dict[str, Any], ...]
    """Encoded, {"args", "kwargs"}, all different, the newest last."""
    when: str
    """When the newest were recorded, in ISO 8601."""
    problems: tuple[str, ...] = ()
    """Why calls could not be recorded."""


def kept_calls(root: Path, target: Target) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """Return the calls kept for a target, and notes. Calls of a function that has changed are dropped."""
    file = _below(root, target.file)
    try:
        found = [] if file is None else list(_named(_folder(root), file, target.name))
    except (OSError, InvalidSettings):
        return (), ()
    if not found:
        return (), ()
    current = _signatures(target.module, target.name)
    calls: list[dict[str, Any]] = []
    notes: list[str] = []
    for place in found:
        kept = _read(place)
        if kept is None:
            notes.append(f"Recorded calls of {target.name} could not be read; record them again.")
        elif current is not None and kept.signature not in current:
            with contextlib.suppress(OSError):
                place.unlink()
            notes.append(f"Recorded calls of {target.name} were dropped: its parameters have changed since.")
        else:
            calls += kept.calls
    return tuple(calls), tuple(dict.fromkeys(notes))


def listed(root: Path) -> list[Kept]:
    """Return everything that is kept for a workspace, by file and name. What cannot be read is left out."""
    found = (_read(place) for place in _folder(root).glob("*.json"))
    return sorted((kept for kept in found if kept is not None), key=lambda kept: (kept.file, kept.name))


def forget(root: Path, file: str | None = None, name: str | None = None) -> int:
    """Remove what is kept: of a workspace, a file of it, or one function. Returns of how many functions."""
    forgotten = 0
    for place in _folder(root).glob("*.json"):
        kept = _read(place)
        # What cannot be read belongs to no file, and goes with everything.
        matches = file is None if kept is None else (file in (None, kept.file) and name in (None, kept.name))
        if matches:
            place.unlink(missing_ok=True)
            forgotten += 1
    return forgotten


def drop_stale(root: Path) -> list[str]:
    """Remove what is kept of functions that are gone or whose parameters have changed. Says so of each."""
    notes = []
    by_file: dict[str, bytes | None] = {}
    for place in sorted(_folder(root).glob("*.json")):
        kept = _read(place)
        if kept is None:
            continue
        if kept.file not in by_file:
            by_file[kept.file] = _source(root / kept.file)
        source = by_file[kept.file]
        current = _signatures(source, kept.name) if source is not None else frozenset()
        if current is None or kept.signature in current:
            continue
        place.unlink(missing_ok=True)
        why = "its parameters have changed" if current else "it is no longer there"
        notes.append(f"Recorded calls of {kept.file}::{kept.name} were dropped: {why}.")
    return notes


def keep_session(root: Path, session: Path) -> list[Kept]:
    """Add what the processes of one command have written in ``session``. Returns what is new, by function."""
    calls: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    problems: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    for record in _records(session):
        key = _key_of(record)
        if key is None:
            continue
        call = record.get("call")
        if is_call(call) and isinstance(call, dict):
            calls[key][_text(call)] = {"args": call["args"], "kwargs": call["kwargs"]}
        elif isinstance(record.get("problem"), str):
            problems[key][record["problem"][:_LONGEST_WORD]] = None
    when = datetime.now(UTC).isoformat(timespec="seconds")
    new = []
    for key in {**calls, **problems}:
        file, name, signature = key
        kept = Kept(
            file=file,
            name=name,
            signature=signature,
            calls=tuple(calls[key].values()),
            when=when,
            problems=tuple(problems[key])[:4],
        )
        new.append(kept)
    folder = _folder(root)
    with _locked(folder):
        for kept in new:
            _add(folder, kept)
        _forget_oldest(folder)
    return sorted(new, key=lambda kept: (kept.file, kept.name))


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one command at a time add to what is kept: two that end together would lose calls of one."""
    try:
        import fcntl
    except ImportError:  # Windows, where nothing is judged yet.
        yield
        return
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _add(folder: Path, new: Kept) -> None:
    place = _place(folder, new.file, new.name, new.signature)
    known = _read(place)
    by_text = {_text(call): call for call in (known.calls if known is not None else ())}
    for call in new.calls:
        by_text.pop(_text(call), None)
        by_text[_text(call)] = call
    calls: list[dict[str, Any]] = []
    size = 0
    for text, call in reversed(by_text.items()):
        size += len(text)
        if size > MOST_BYTES or len(calls) >= MOST_CALLS:
            break
        calls.append(call)
    record = {
        "schema": _SCHEMA,
        "file": new.file,
        "name": new.name,
        "signature": new.signature,
        "when": new.when,
        "calls": calls[::-1],
        "problems": list(new.problems),
    }
    # Made by mkstemp, it can be read and written by its owner alone.
    handle, made = tempfile.mkstemp(dir=folder, prefix=".recording-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(record, file)
    Path(made).replace(place)


def _forget_oldest(folder: Path) -> None:
    places = sorted(folder.glob("*.json"), key=lambda place: place.stat().st_mtime)
    for place in places[: max(0, len(places) - MOST_FUNCTIONS)]:
        place.unlink(missing_ok=True)


def _records(session: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in a session's files. A program may have written there too."""
    for line in lines_in(session, longest=_LONGEST_LINE):
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def _read(place: Path) -> Kept | None:
    """Return a kept recording, None for a file that is none, is not ours, or is far too large."""
    try:
        status = place.lstat()
        if status.st_size > _LARGEST_FILE or (os.name == "posix" and status.st_uid != os.geteuid()):
            return None
        record = json.loads(place.read_bytes())
        key = _key_of(record)
        if record["schema"] != _SCHEMA or key is None:
            return None
        file, name, signature = key
        return Kept(
            file=file,
            name=name,
            signature=signature,
            calls=tuple(
                {"args": call["args"], "kwargs": call["kwargs"]}
                for call in record["calls"][:MOST_CALLS]
                if is_call(call)
            ),
            when=str(record["when"])[:40],
            problems=tuple(str(problem)[:_LONGEST_WORD] for problem in record["problems"][:4]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _key_of(record: Any) -> tuple[str, str, str] | None:
    if not isinstance(record, dict):
        return None
    words = [record.get(key) for key in ("file", "name", "signature")]
    if not all(isinstance(word, str) and len(word) <= _LONGEST_WORD for word in words):
        return None
    file, name, signature = map(str, words)
    if Path(file).is_absolute() or ".." in Path(file).parts:
        return None
    return file, name, signature


def _folder(root: Path) -> Path:
    folder = workspace_folder(root) / "recorded"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _place(folder: Path, file: str, name: str, signature: str) -> Path:
    return folder / f"{_digest(file, name)}-{_digest(signature)[:12]}.json"


def _named(folder: Path, file: str, name: str) -> Iterable[Path]:
    return sorted(folder.glob(f"{_digest(file, name)}-*.json"))


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _below(root: Path, file: Path) -> str | None:
    real, top = Path(os.path.realpath(file)), Path(os.path.realpath(root))
    return real.relative_to(top).as_posix() if real.is_relative_to(top) else None


def _signatures(source: bytes | None, name: str) -> frozenset[str] | None:
    """Return the signatures of the functions of that name, None for a text that cannot be read."""
    try:
        tree = parsing.parse(source or b"")
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = definitions.functions(tree)
    return frozenset(definitions.signature(node) for each, node in found if each == name)


def _source(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _text(call: Mapping[str, Any]) -> str:
    return json.dumps([call["args"], call["kwargs"]])
