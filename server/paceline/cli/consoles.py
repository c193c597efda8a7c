"""Rich consoles that behave in pipes: no colour, 80 columns, and no crash on a narrow character set."""

from __future__ import annotations

import io
import sys
from typing import TextIO

from rich.console import Console
from rich.theme import Theme

THEME = Theme(
    {
        "place": "bold",
        "faster": "bold green",
        "quiet": "dim",
        "refused": "yellow",
        "added": "green",
        "removed": "red",
        "ok": "green",
        "warn": "yellow",
        "fail": "bold red",
    }
)


def stdout_console() -> Console:
    """Return the console for results."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """Return the console for progress."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    if isinstance(stream, io.TextIOWrapper):
        # A terminal that cannot show the micro sign must not cost the whole result.
        stream.reconfigure(errors="replace")
    return Console(file=stream, theme=THEME, highlight=False, markup=False, emoji=False)
