"""Rich consoles that behave in pipes: no colour, 80 columns, and no crash on a narrow character set."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
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


def show(parts: Iterable[RenderableType]) -> None:
    """Print results on stdout, part below part.

    Away from a terminal no line ends in blanks, so that the output can be kept in a file.
    """
    console = _console(sys.stdout)
    if console.is_terminal:
        for part in parts:
            console.print(part)
        return
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    sys.stdout.write(re.sub(r" +$", "", captured.get(), flags=re.MULTILINE))
    # A reader that has gone away is noticed here, where the command line can end quietly.
    sys.stdout.flush()


def indented(part: RenderableType, columns: int = 2) -> Padding:
    """Return the part moved to the right."""
    return Padding(part, (0, 0, 0, columns), expand=False)


def stderr_console() -> Console:
    """Return the console for progress."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    if isinstance(stream, io.TextIOWrapper):
        # A terminal that cannot show the micro sign must not cost the whole result.
        stream.reconfigure(errors="replace")
    return Console(file=stream, theme=THEME, highlight=False, markup=False, emoji=False)
