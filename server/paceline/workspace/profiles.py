"""The profile of a workspace: which functions a run of ``paceline profile`` spent its processor time in.

The latest one is kept, in ``profile.json`` in the workspace's part of the data folder, readable by its owner
alone: never in the workspace, whose files nobody has to believe. What is read is believed no further than its
bounds, entry by entry, so that one that is damaged costs itself alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from paceline.errors import InvalidSettings
from paceline.workspace.roots import workspace_folder

PROFILE = "profile.json"
"""Name of the file in the workspace's part of the data folder."""

HOT_SHARE = 0.02
"""A function with less of a run to itself is not worth a person's eye: were it gone altogether, nobody would
notice that the run is 2 % shorter."""
HOT_S = 0.05
"""Processor time a function must have been seen with: about ten samples. Fewer may have come by chance."""
MOST_FUNCTIONS = 1_000
_LARGEST_FILE = 1_000_000
_LONGEST_WORD = 500
_LONGEST_RUN_S = 1e9
_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfiledFunction:
    """What one function took of a run."""

    file: str
    """Below the workspace, with slashes."""
    name: str
    """Qualified inside its module."""
    hash: str
    """Of the function's normalised tree, as in Target.hash: what has changed since was not profiled."""
    own_s: float
    """Processor time in it and in what it calls outside of the workspace: what its own code answers for."""
    whole_s: float
    """Processor time in it and in all that it calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profiled run of a person's command."""

    when: str
    """ISO 8601, UTC."""
    seconds: float
    """Processor time of all Python processes of the run."""
    unseen_s: float
    """As far as it was spent where no sample is taken: in threads beside the main one, as a rule."""
    functions: tuple[ProfiledFunction, ...]
    """By own time, the hottest first."""

    def own_share(self, function: ProfiledFunction) -> float:
        """Return what a function has of the run for itself, 0 to 1."""
        return function.own_s / self.seconds

    def whole_share(self, function: ProfiledFunction) -> float:
        """Return what a function has of the run with all that it calls, 0 to 1."""
        return function.whole_s / self.seconds

    def is_hot(self, function: ProfiledFunction) -> bool:
        """Whether a function is worth pointing out."""
        return function.own_s >= HOT_S and self.own_share(function) >= HOT_SHARE


def read_profile(root: Path) -> tuple[Profile | None, tuple[str, ...]]:
    """Return the profile kept for a workspace, and notes on what of it cannot be read."""
    try:
        file = _file(root)
        status = file.lstat()
        if status.st_size > _LARGEST_FILE or (os.name == "posix" and status.st_uid != os.geteuid()):
            raise ValueError
        return _profile_in(json.loads(file.read_bytes()), file)
    except FileNotFoundError:
        return None, ()
    except InvalidSettings as error:
        return None, (str(error),)
    except (OSError, ValueError, RecursionError):
        return None, (
            f"The profile in {_file(root)} cannot be read: take another, or remove it with --forget.",
        )


def keep_profile(root: Path, profile: Profile) -> None:
    """Keep a profile in the place of the one before. Raises InvalidSettings where it cannot be kept."""
    hottest = profile.functions[:MOST_FUNCTIONS]
    record = {**asdict(profile), "schema": _SCHEMA, "functions": [asdict(one) for one in hottest]}
    file = _file(root)
    made: Path | None = None
    try:
        # Made by mkstemp, it can be read and written by its owner alone.
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".profile-")
        made = Path(name)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            json.dump(record, stream)
        made.replace(file)
    except OSError as error:
        if made is not None:
            made.unlink(missing_ok=True)
        raise InvalidSettings(
            f"the profile cannot be kept in {file} ({error.strerror}): make room there, or make it writable"
        ) from error


def forget_profile(root: Path) -> bool:
    """Remove the profile kept for a workspace, whatever it holds. Returns whether there was one."""
    file = _file(root)
    with contextlib.suppress(FileNotFoundError):
        file.unlink()
        return True
    return False


def _file(root: Path) -> Path:
    return workspace_folder(root) / PROFILE


def _profile_in(record: Any, file: Path) -> tuple[Profile | None, tuple[str, ...]]:
    """Return what a record says. Raises ValueError where it is no profile at all."""
    if not isinstance(record, dict) or record.get("schema") != _SCHEMA:
        raise ValueError
    seconds = _seconds(record.get("seconds"), most=_LONGEST_RUN_S)
    entries = record.get("functions")
    if not seconds or not isinstance(entries, list):
        raise ValueError
    read = [_function_in(entry, seconds) for entry in entries[:MOST_FUNCTIONS]]
    functions = [function for function in read if function is not None]
    damaged = len(entries) - len(functions)
    profile = Profile(
        when=_word(record.get("when")) or "",
        seconds=seconds,
        unseen_s=_seconds(record.get("unseen_s"), most=seconds) or 0.0,
        functions=tuple(sorted(functions, key=lambda one: (-one.own_s, -one.whole_s, one.file, one.name))),
    )
    note = (
        f"{damaged:,} of {len(entries):,} entries of the profile in {file} cannot be read, and are left out."
    )
    return profile, (note,) if damaged else ()


def _function_in(entry: Any, seconds: float) -> ProfiledFunction | None:
    if not isinstance(entry, dict):
        return None
    file, name, digest = (_word(entry.get(key)) for key in ("file", "name", "hash"))
    whole = _seconds(entry.get("whole_s"), most=seconds)
    own = _seconds(entry.get("own_s"), most=whole or 0.0)
    if not file or not name or not digest or own is None or whole is None:
        return None
    if PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts or Path(file).is_absolute():
        return None
    return ProfiledFunction(file=file, name=name, hash=digest, own_s=own, whole_s=whole)


def _word(value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= _LONGEST_WORD and value.isprintable():
        return value
    return None


def _seconds(value: Any, *, most: float) -> float | None:
    """Return a figure of seconds from 0 to ``most``, a rounding error beyond it allowed."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not 0 <= value <= most * 1.001:
        return None
    return float(min(value, most))
