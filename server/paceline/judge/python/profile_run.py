"""Runs a person's own command and keeps which functions of the workspace it spends its processor time in.

The command runs as if it had been typed without ``paceline profile --``: outside of any sandbox, with the
person's environment, files and network. How it is looked into, and what is not seen: ``worker.sampling``.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from paceline.errors import UnsupportedLanguage, UnusableRequest
from paceline.judge.python.own_command import lines_in, run_watched, words_of
from paceline.judge.python.worker import sampling
from paceline.syntax import Snapshot, Target, find_targets
from paceline.workspace.profiles import Profile, ProfiledFunction, keep_profile
from paceline.workspace.roots import workspace_folder

_LONGEST_LINE = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfiledRun:
    """What became of a command."""

    status: int
    """Its exit status, 128 + N when signal N ended it."""
    profile: Profile | None
    """None where no Python was sampled; what was kept before stays then."""
    notes: tuple[str, ...] = ()
    """What of it a person should know."""


def profile_run(command: Sequence[str], *, root: Path, python: Path) -> ProfiledRun:
    """Run a command to its end, and keep where its Pythons spent their time in the workspace at ``root``.

    ``python`` stands for the word ``python`` and comes first in PATH. Raises UnusableRequest when the command
    cannot be started, and where the system has no timer of a process's time; InvalidSettings when the profile
    cannot be kept.
    """
    if os.name != "posix":
        raise UnusableRequest("profiling needs a timer of a process's time, which Windows has not; use WSL")
    session = Path(tempfile.mkdtemp(dir=workspace_folder(root), prefix="profiling-"))
    order = {"root": str(root.resolve()), "into": str(session)}
    began = time.time()
    try:
        words = words_of(command, python=python, verb="profile")
        status = run_watched(words, python=python, variable=sampling.VARIABLE, order=order)
        profile, changed = _profile_of(root, session, began)
    finally:
        shutil.rmtree(session, ignore_errors=True)
    if profile is not None:
        keep_profile(root, profile)
    notes = [f"{file} was changed while the command ran: its functions are left out" for file in changed]
    return ProfiledRun(status=status, profile=profile, notes=tuple(notes))


def _profile_of(root: Path, session: Path, began: float) -> tuple[Profile | None, list[str]]:
    """Return what the processes of a command have written, and the files it cannot be laid to."""
    functions = _Functions(root, began)
    seconds = seen = 0.0
    own: dict[_Key, float] = defaultdict(float)
    whole: dict[_Key, float] = defaultdict(float)
    for record in _records(session):
        seconds += record.seconds
        for places, spent in record.stacks:
            seen += spent
            stack = [functions.at(*place) for place in places]
            for function in dict.fromkeys(stack):
                if function is not None:
                    whole[function] += spent
            # The innermost of the workspace answers for what it calls elsewhere. Where that is nothing that
            # can be rewritten, such as the body of a class, nobody does.
            if stack and stack[0] is not None:
                own[stack[0]] += spent
    # A thread's clock and the process's are read one after the other, and may differ a little.
    seconds = max(seconds, seen)
    if not seconds:
        return None, []
    profiled = [
        ProfiledFunction(file=file, name=name, hash=digest, own_s=own[file, name, digest], whole_s=spent)
        for (file, name, digest), spent in whole.items()
    ]
    profile = Profile(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=seconds,
        unseen_s=seconds - seen,
        functions=tuple(sorted(profiled, key=lambda one: (-one.own_s, -one.whole_s, one.file, one.name))),
    )
    return profile, sorted(functions.changed)


_Key = tuple[str, str, str]
"""Of a function: its file below the root, its qualified name and its hash."""


class _Functions:
    """Finds the function of the workspace that code belongs to. Guards what was read of each file."""

    def __init__(self, root: Path, began: float) -> None:
        self._root = root
        self._began = began
        self._by_file: dict[str, tuple[Target, ...]] = {}
        self.changed: set[str] = set()
        """Files that are not, or may not be, what was run."""

    def at(self, file: str, line: int) -> _Key | None:
        """Return the outermost function around a line, 1-based: what is nested in it is its own work."""
        if file not in self._by_file:
            self._by_file[file] = self._read(file)
        targets = self._by_file[file]
        last = bisect_right(targets, line, key=lambda target: target.start_line) - 1
        if last < 0 or line > targets[last].end_line:
            return None
        return file, targets[last].name, targets[last].hash

    def _read(self, file: str) -> tuple[Target, ...]:
        path = self._root / file
        try:
            if path.stat().st_mtime > self._began:
                self.changed.add(file)
                return ()
            snapshot = Snapshot.open(path, path.read_bytes())
        except (OSError, UnsupportedLanguage):
            self.changed.add(file)
            return ()
        return tuple(target for target in find_targets(snapshot) if not target.is_nested)


@dataclass(frozen=True, slots=True)
class _Record:
    """What one process has written at once."""

    seconds: float
    stacks: tuple[tuple[tuple[tuple[str, int], ...], float], ...]
    """Where the functions of the workspace on the stack begin, innermost first, and for how long."""


def _records(session: Path) -> Iterator[_Record]:
    """Yield what is in a session's files. What a program wrote there is passed over."""
    for line in lines_in(session, longest=_LONGEST_LINE):
        try:
            yield _record_in(json.loads(line))
        except (ValueError, TypeError, KeyError, RecursionError):
            continue


def _record_in(record: Any) -> _Record:
    """Return a record that is as ``worker.sampling`` writes it. Raises ValueError, TypeError or KeyError."""
    stacks = tuple(
        (tuple(_place_in(place) for place in places), _seconds_in(spent))
        for places, spent in record["stacks"]
    )
    return _Record(_seconds_in(record["seconds"]), stacks)


def _place_in(place: Any) -> tuple[str, int]:
    file, line = place
    if not isinstance(file, str) or not isinstance(line, int):
        raise TypeError
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise ValueError
    return file, line


def _seconds_in(value: Any) -> float:
    if not isinstance(value, float) or not math.isfinite(value) or value < 0:
        raise ValueError
    return value
