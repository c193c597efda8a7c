"""A person's own command, run as if it had been typed alone: outside of any sandbox, its signals its own.

What watches it comes in with two variables that every Python it starts reads: PYTHONPATH, which begins with
the folder ``startup``, and one with an order.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from paceline.errors import UnusableRequest

_STARTUP = Path(__file__).parent / "startup"
_PYTHON = re.compile(r"python(\d+(\.\d+)?)?(\.exe)?")
_TAKES_WORD = "WX"
"""Options of Python that are followed by a word of their own."""
_FORWARDED = ("SIGTERM", "SIGHUP")
_LARGEST_SESSION = 256_000_000
"""Bytes that are read of what a command's processes have left."""


def lines_in(session: Path, *, longest: int) -> Iterator[bytes]:
    """Yield the lines of a session's ``.jsonl`` files, those over ``longest`` bytes in pieces.

    A program may have written there too: what lies behind a link is not read, nor more than fits in memory.
    """
    left = _LARGEST_SESSION
    for path in sorted(session.glob("*.jsonl")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            while line := file.readline(longest):
                left -= len(line)
                if left < 0:
                    return
                yield line


def words_of(command: Sequence[str], *, python: Path, verb: str) -> list[str]:
    """Return the command line that is run, ``python`` in the place of the word ``python``.

    Raises UnusableRequest for a script that is no program; ``verb`` is the command of Paceline's that the
    message names.
    """
    words = list(command)
    if not _is_python(words[0]):
        if words[0].endswith(".py") and not os.access(words[0], os.X_OK):
            raise UnusableRequest(
                f"{words[0]} is no program; type: paceline {verb} -- python {' '.join(words)}"
            )
        return words
    if words[0] in ("python", "python3"):
        words[0] = str(python)
    return words


def script_in(words: Sequence[str]) -> int | None:
    """Return where in a Python's command line the script stands; None for ``-m``, ``-c`` and others."""
    if not _is_python(words[0]):
        return None
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


def run_watched(words: Sequence[str], *, python: Path, variable: str, order: Mapping[str, object]) -> int:
    """Run a command to its end and return its exit status, 128 + N when signal N ended it.

    Every Python it starts finds ``order``, as JSON, in ``variable``; the folder of ``python`` comes first in
    PATH. Raises UnusableRequest when the command cannot be started.
    """
    environment = dict(os.environ)
    paths = [str(_STARTUP), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    environment["PATH"] = os.pathsep.join([str(python.parent), environment.get("PATH", os.defpath)])
    environment[variable] = json.dumps(order)
    return _run(words, environment)


def _is_python(word: str) -> bool:
    return _PYTHON.fullmatch(Path(word).name) is not None


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
