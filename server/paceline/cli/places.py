"""From what was typed to the functions meant: ``PATH``, ``PATH::NAME``, a file or a folder."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from paceline.errors import TargetNotFound, UnsupportedLanguage
from paceline.syntax import Snapshot, find_targets, language_of, target_named
from paceline.syntax.target import Target

NOT_SOURCE = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"})
"""Folders that hold other people's code or none; hidden folders are passed over as well."""

TESTS = frozenset({"test", "tests"})


@dataclass(frozen=True, slots=True)
class Place:
    """One function by where it stands: its bytes may change when another one of the file is rewritten."""

    file: Path
    """As it was typed, or found below the folder that was typed."""
    name: str
    occurrence: int = 0
    """0-based, among the functions of that name in the file."""


def places_in(request: str) -> tuple[Place, ...]:
    """Return the functions that ``PATH[::NAME]`` stands for, in document order.

    A file stands for its top-level functions and methods, a folder for those of the files below it, tests
    left out. Raises TargetNotFound, AmbiguousTarget or UnsupportedLanguage.
    """
    path, name = parse(request)
    if name is not None:
        return (_place_of(snapshot_of(path), name),)
    files = list(_sources_below(path)) if path.is_dir() else [path]
    places = tuple(place for file in files for place in _places_of(snapshot_of(file)))
    if not places:
        raise TargetNotFound(f"{path}: there is no function in it; name a file that holds one")
    return places


def the_function(request: str) -> Target:
    """Return the one function that ``PATH::NAME`` stands for. Raises as ``places_in`` does."""
    path, name = parse(request)
    if name is None:
        raise TargetNotFound(
            f"{request}: name the function too, as in {request}::function or {request}::Class.method"
        )
    return _for_engine(target_named(snapshot_of(path), name))


def target_at_place(place: Place) -> Target | None:
    """Read the file anew and return the function, None when it is no longer there."""
    same_name = [target for target in find_targets(snapshot_of(place.file)) if target.name == place.name]
    return _for_engine(same_name[place.occurrence]) if place.occurrence < len(same_name) else None


def parse(request: str) -> tuple[Path, str | None]:
    """Split ``PATH[::NAME]``. Raises TargetNotFound, naming the nearest file, when PATH does not exist."""
    if not request:
        raise TargetNotFound("the name of what is meant is empty; name a file or a folder")
    path, separator, name = request.rpartition("::")
    if not separator or Path(request).exists():
        path, name = request, ""
    if separator and not name and path != request:
        raise TargetNotFound(f"{request}: the function's name is missing after '::'")
    file = Path(path)
    if not file.exists():
        raise TargetNotFound(f"{file}: no such file or folder{_nearest(file)}")
    if name and file.is_dir():
        raise TargetNotFound(
            f"{file}: is a folder; name the file that holds {name}, as in {file / 'module.py'}::{name}"
        )
    return file, name or None


def snapshot_of(file: Path) -> Snapshot:
    """Read the file. Raises TargetNotFound when it cannot be read, UnsupportedLanguage for other files."""
    if not file.is_file() and file.exists():
        # To read a pipe is to wait for somebody who writes to it.
        raise TargetNotFound(f"{file}: cannot be read: it is no regular file")
    try:
        text = file.read_bytes()
    except OSError as error:
        raise TargetNotFound(f"{file}: cannot be read: {error.strerror}") from error
    return Snapshot.open(file, text)


def _for_engine(target: Target) -> Target:
    """Return the target under its file's real name, which is how the project's tests know it."""
    return replace(target, file=target.file.resolve())


def _place_of(snapshot: Snapshot, name: str) -> Place:
    target = target_named(snapshot, name)
    same_name = [other.span for other in find_targets(snapshot) if other.name == target.name]
    return Place(snapshot.path, target.name, same_name.index(target.span))


def _places_of(snapshot: Snapshot) -> Iterator[Place]:
    seen: Counter[str] = Counter()
    for target in find_targets(snapshot):
        if not target.is_nested:
            yield Place(snapshot.path, target.name, seen[target.name])
        seen[target.name] += 1


def files_below(folder: Path, *, passing_over: frozenset[str] = NOT_SOURCE) -> Iterator[Path]:
    """Yield the files of the folder and below it in order, hidden folders and those named passed over."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not (name.startswith(".") or name in passing_over))
        yield from (Path(here, name) for name in sorted(files))


def is_test(file: Path) -> bool:
    """Return whether pytest would take the file for tests, or for their set-up."""
    return file.stem.startswith("test_") or file.stem.endswith("_test") or file.name == "conftest.py"


def _sources_below(folder: Path) -> Iterator[Path]:
    for file in files_below(folder, passing_over=NOT_SOURCE | TESTS):
        # Editors leave links and copies beside the files they have open, with a dot in front.
        is_source = not file.name.startswith(".") and _is_known(file) and file.is_file()
        if is_source and not is_test(file):
            yield file


def _is_known(file: Path) -> bool:
    try:
        language_of(file)
    except UnsupportedLanguage:
        return False
    return True


def _nearest(file: Path) -> str:
    try:
        siblings = [entry.name for entry in file.parent.iterdir() if entry.name != file.name]
    except OSError:
        return f" ({file.parent} does not exist either)" if not file.parent.exists() else ""
    close = difflib.get_close_matches(file.name, siblings, n=1)
    return f"; did you mean {file.parent / close[0]}?" if close else ""
