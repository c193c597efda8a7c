"""The command line: a reader of the engine's events, as the language server is. It optimizes nothing itself.

Exit status: 0 it ran, whatever the verdicts; 2 the request was unusable; 1 Paceline itself failed; 130 it was
interrupted. What must not be imported on the way to ``--help``: the engine, rich, pygls, lsprotocol.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. Never raises and never prints a traceback."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given == ["serve", "--stdio"]:
        # What every editor starts, and waits for: nothing of the command line is needed on the way.
        from paceline.lsp import serve_stdio

        serve_stdio()
    from paceline.cli.commands import paceline
    from paceline.cli.exits import run_to_exit

    return run_to_exit(paceline, given)
