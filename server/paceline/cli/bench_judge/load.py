"""Keeping the other core busy on purpose."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def load(wanted: bool) -> Iterator[None]:
    """Keep the last processor busy inside the block, where that is wanted."""
    if not wanted:
        yield
        return
    program = Path(__file__).parent / "busy.py"
    with subprocess.Popen([sys.executable, "-I", "-S", program], stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()
