"""Time that is this process's own: what passes while it waits for its turn on a processor is left out.

For choosing sizes and finding inputs, where the original alone runs: a verdict's clock stands outside.
"""

from __future__ import annotations

import os
import time

_perf = time.perf_counter
_pread = os.pread if hasattr(os, "pread") else None


def _opened() -> int:
    try:
        return os.open("/proc/self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1


_STATISTICS = _opened()


def own_time() -> float:
    """Return seconds that pass only while this process runs, or sleeps by its own doing."""
    if _STATISTICS < 0 or _pread is None:
        return _perf()
    try:
        return _perf() - int(_pread(_STATISTICS, 96, 0).split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return _perf()
