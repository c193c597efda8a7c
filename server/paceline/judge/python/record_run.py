"""Runs a person's own command and records what it calls the workspace's functions with.

The command runs as if it had been typed without ``paceline record --``: outside of any sandbox, with the
person's environment, files and network. Only two variables are added, which every Python it starts reads.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paceline.judge.python.kept_recordings import Kept, keep_session
from paceline.judge.python.own_command import run_watched, script_in, words_of
from paceline.judge.python.worker import live
from paceline.workspace.roots import workspace_folder

_RUN_SCRIPT = Path(__file__).parent / "worker" / "run_script.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """What became of a command."""

    status: int
    """Its exit status, 128 + N when signal N ended it."""
    new: tuple[Kept, ...]
    """What was recorded, by function."""


def record_run(
    command: Sequence[str],
    *,
    root: Path,
    python: Path,
    functions: Sequence[tuple[str, str]] | None = None,
) -> RecordedRun:
    """Run a command to its end and keep what it calls functions of the workspace at ``root`` with.

    ``python`` stands for the word ``python`` and comes first in PATH. ``functions`` names what is recorded,
    as file below the root and qualified name; otherwise it is every function but those of tests.
    Raises UnusableRequest when the command cannot be started.
    """
    session = Path(tempfile.mkdtemp(dir=workspace_folder(root), prefix="recording-"))
    order = {"root": str(root.resolve()), "into": str(session), "functions": functions}
    try:
        words = words_of(command, python=python, verb="record")
        if (script := script_in(words)) is not None:
            # It is no module that is imported: what runs it has its functions recorded.
            words.insert(script, str(_RUN_SCRIPT))
        status = run_watched(words, python=python, variable=live.VARIABLE, order=order)
        return RecordedRun(status=status, new=tuple(keep_session(root, session)))
    finally:
        shutil.rmtree(session, ignore_errors=True)
