"""Progress of a long measurement, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_BETWEEN_LINES_S = 5.0


def telling(part: str) -> Callable[[str], None]:
    """Return what tells progress on stderr: one line that is written over, or a new one now and then."""
    last = 0.0

    def tell(words: str) -> None:
        nonlocal last
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{part}: {words}"[:100])
        elif time.monotonic() - last >= _BETWEEN_LINES_S:
            last = time.monotonic()
            sys.stderr.write(f"{part}: {words}\n")
        sys.stderr.flush()

    return tell
