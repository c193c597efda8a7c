"""One processor is left to whoever types.

Two processors that a judge keeps busy make an editor wait for its turn, and priorities are no help: neither a
high nice value nor SCHED_IDLE or SCHED_BATCH showed in ``paceline bench latency``. So while keys arrive, the
runs do with one processor less. What runs already stays where it is, for a worker takes a change of its
processors for a candidate's doing; it ends soon, and what starts after it inherits the smaller set.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

QUIET_S = 2.0
"""How long no key has to arrive until the runs may have every processor again."""


class Courtesy:
    """Takes one processor away from this process while somebody types. Guards which are its own.

    Does nothing where there is but one, or where the system does not let a process choose (macOS).
    """

    def __init__(self) -> None:
        self._all = _allowed()
        self._until: asyncio.TimerHandle | None = None

    def somebody_types(self) -> None:
        """Leave a processor alone from now on, until nothing was said for ``QUIET_S``."""
        if len(self._all) < 2:
            return
        if self._until is not None:
            self._until.cancel()
        else:
            # The first one serves most interrupts, which timings are better off without.
            _bind(self._all - {min(self._all)})
        self._until = asyncio.get_running_loop().call_later(QUIET_S, self._take_back)

    def _take_back(self) -> None:
        self._until = None
        _bind(self._all)


def _allowed() -> frozenset[int]:
    try:
        return frozenset(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return frozenset()


def _bind(processors: Iterable[int]) -> None:
    """Bind every thread of this process, and with that what it starts from now on."""
    with contextlib.suppress(OSError):
        for thread in Path("/proc/self/task").iterdir():
            # A thread may be gone by now.
            with contextlib.suppress(OSError):
                os.sched_setaffinity(int(thread.name), processors)
