"""An engine's log: bounded, without keys, and its last words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

LARGEST = 4 * 1024 * 1024
"""Bytes of the log, after which it becomes ``engine.log.1`` and a new one is begun."""
LONGEST_LINE = 4000

_SECRET = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)
_SHORTEST_SECRET = 6


def secrets_of(environment: Mapping[str, str], named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what of an environment must not be written down: the values of variables named like keys."""
    names = {*named, *(name for name in environment if _SECRET.search(name))}
    values = {environment.get(name, "").strip() for name in names}
    return tuple(sorted((v for v in values if len(v) >= _SHORTEST_SECRET), key=len, reverse=True))


class BoundedLog:
    """The log of one engine, its owner's alone. Guards how large it gets."""

    def __init__(self, file: Path, *, secrets: Iterable[str] = (), largest: int = LARGEST) -> None:
        self._path = file
        self._secrets = tuple(secrets)
        self._largest = largest
        self._file = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, line: str) -> str:
        """Add a line, and return it as it was written. A disk that is full costs the line, not the engine."""
        for secret in self._secrets:
            line = line.replace(secret, "***")
        shown = line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."
        try:
            if self._file.tell() + len(shown) > self._largest:
                self._file.close()
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
                self._file = self._opened()
            self._file.write(f"{shown}\n")
            self._file.flush()
        except OSError:
            pass
        return shown

    def _opened(self) -> TextIO:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return open(descriptor, "a", encoding="utf-8", errors="replace")  # noqa: PTH123


def last_lines(file: Path, count: int = 12) -> tuple[str, ...]:
    """Return the last lines of a log that say something, oldest first."""
    try:
        with file.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 64 * 1024))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ()
    visible = (
        "".join(c for c in line if c.isprintable() or c == "\t").rstrip() for line in text.splitlines()
    )
    return tuple([line for line in visible if line.strip()][-count:])


_CAUSE = re.compile(
    r"\b\w*(?:Error|Exception): \S|out of memory|exited unexpectedly|died unexpectedly|cannot be started"
)
_SIGN = re.compile(r"error|exception|refused|not found|no such|cannot|failed|died", re.IGNORECASE)
_NO_CAUSE = re.compile(r"root cause|leaked|[Ww]arning:|warnings\.warn|^\s*(?:File |\^)")
_WHO_AND_WHEN = re.compile(r"^\(\w+ pid=\d+\) |\b[A-Z]+ \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]*\] ")


def cause_in(lines: Iterable[str]) -> str:
    """Return the line that most likely says why a program ended: the last that names an error."""
    # What only points elsewhere is no cause: vLLM's last line names an error that stands further up.
    lines = [line for line in (_WHO_AND_WHEN.sub("", one) for one in lines) if not _NO_CAUSE.search(line)]
    said = (
        [line for line in lines if _CAUSE.search(line)]
        or [line for line in lines if _SIGN.search(line)]
        or lines
    )
    return said[-1].strip()[:300].rstrip(".") if said else ""
