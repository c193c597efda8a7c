"""Runs a person's own command and records what it calls the workspace's functions with.

The command runs as if it had been typed without ``paceline record --``: outside of any sandbox, with the
person's environment, files and network. Only two variables are added, which every Python it starts reads.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paceline.errors import UnusableRequest
from paceline.judge.python.kept_recordings import Kept, keep_session
from paceline.judge.python.worker import live
from paceline.workspace.roots import workspace_folder

_HERE = Path(__file__).parent
_PYTHON = re.compile(r"python(\d+(\.\d+)?)?(\.exe)?")
_TAKES_WORD = "WX"
"""Options of Python that are followed by a word of their own."""
_FORWARDED = ("SIGTERM", "SIGHUP")


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
    try:
        status = _run(_words(command, python), _environment(root, python, session, functions))
        return RecordedRun(status=status, new=tuple(keep_session(root, session)))
    finally:
        shutil.rmtree(session, ignore_errors=True)


def _words(command: Sequence[str], python: Path) -> list[str]:
    """Return the command line that is run: a script is given to what records the functions in it."""
    words = list(command)
    if not _PYTHON.fullmatch(Path(words[0]).name):
        if words[0].endswith(".py") and not os.access(words[0], os.X_OK):
            raise UnusableRequest(
                f"{words[0]} is no program; type: paceline record -- python {' '.join(words)}"
            )
        return words
    if words[0] in ("python", "python3"):
        words[0] = str(python)
    script = _script_of(words)
    if script is not None:
        words.insert(script, str(_HERE / "worker" / "run_script.py"))
    return words


def _script_of(words: Sequence[str]) -> int | None:
    """Return where in a Python's command line the script stands; None for ``-m``, ``-c`` and ``-``."""
    at = 1
    while at < len(words):
        word = words[at]
        if word == "-" or not word.startswith("-"):
            return at if Path(word).is_file() else None
        if word.startswith("--"):
            at += 2 if word == "--check-hash-based-pycs" else 1
            continue
        if "c" in word or "m" in word:
            return None
        at += 2 if word[-1] in _TAKES_WORD else 1
    return None


def _environment(
    root: Path, python: Path, session: Path, functions: Sequence[tuple[str, str]] | None
) -> dict[str, str]:
    order = {"root": str(root.resolve()), "into": str(session), "functions": functions}
    found = dict(os.environ)
    paths = [str(_HERE / "startup"), *filter(None, [found.get("PYTHONPATH")])]
    found["PYTHONPATH"] = os.pathsep.join(paths)
    found["PATH"] = os.pathsep.join([str(python.parent), found.get("PATH", os.defpath)])
    found[live.VARIABLE] = json.dumps(order)
    return found


def _run(words: Sequence[str], environment: dict[str, str]) -> int:
    program = shutil.which(words[0], path=environment["PATH"])
    if program is None:
        raise UnusableRequest(f"{words[0]}: no such command, here or in PATH")
    with _signals_left_to_the_command() as forward_to:
        try:
            process = subprocess.Popen([program, *words[1:]], env=environment)
        except OSError as error:
            raise UnusableRequest(f"{words[0]}: cannot be started: {error.strerror}") from error
        forward_to.append(process)
        status = process.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def _signals_left_to_the_command() -> Iterator[list[subprocess.Popen[bytes]]]:
    """While the command runs, Ctrl-C is for it alone: the terminal sends it to both. Others are handed on."""
    running: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _frame: object) -> None:
        for process in running:
            process.send_signal(number)

    def leave(_number: int, _frame: object) -> None:
        # A handler, and not SIG_IGN, which the command would inherit.
        return

    before = {signal.SIGINT: signal.signal(signal.SIGINT, leave)}
    for name in _FORWARDED:
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, forward)
    try:
        yield running
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
