"""How long two processes have waited for a processor, as the kernel counts it.

On a machine where others work, most of a long answer is that: neither the server nor the client has a turn.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def waited_s(pid: int) -> float:
    """Return the seconds that the main threads of a process and of this one were ready to run, and did not.

    A running total; 0 where the system does not tell.
    """
    return _waited_s(pid) + _waited_s(os.getpid())


def _waited_s(pid: int) -> float:
    with suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0
