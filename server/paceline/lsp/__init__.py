"""The language server: the only package that speaks the protocol. Everything below it is plain data.

Importing this module is cheap; the protocol's types are loaded when serving starts.
"""

from __future__ import annotations

import gc
import sys
from typing import NoReturn


def serve(*, stdio: bool = True, port: int | None = None, host: str = "127.0.0.1") -> NoReturn:
    """Serve one editor over standard input and output, or over a port of this machine, and exit.

    The exit status is the protocol's: 0 when the editor asked for shutdown before it said exit, else 1.
    """
    # The protocol's types are ten thousand objects that stay for good: a collector that looks through them
    # again and again while they are loaded makes an editor wait. It is turned on when serving starts.
    gc.disable()
    from paceline.lsp.main import run

    sys.exit(run(port=None if stdio and port is None else port, host=host))


def serve_stdio() -> NoReturn:
    """Serve one editor over standard input and output, and exit."""
    serve(stdio=True)


def serve_tcp(host: str, port: int) -> NoReturn:
    """Serve one editor that connects to a port, and exit."""
    serve(stdio=False, port=port, host=host)
