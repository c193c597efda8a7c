"""Which processor a launch is timed on: one for all its processes, and a quiet one.

Two processors of one machine differ by several per cent at times (a neighbour on the same physical core, the
interrupts that one of them handles), and a scheduler that puts one side here and the other there makes that
difference look like a speedup, launch after launch.
"""

from __future__ import annotations

import os
from pathlib import Path

_STAT = Path("/proc/stat")
_MUCH_BUSIER = 0.15


class Processors:
    """Chooses a processor for each launch. Guards the counters of the last look."""

    def __init__(self) -> None:
        self._before = _busy()

    def quietest(self, launch: int) -> int | None:
        """Return the processor least busy since the last call; of those alike, another one each launch.

        None where processes cannot be bound to a processor.
        """
        try:
            allowed = sorted(os.sched_getaffinity(0))
        except (AttributeError, OSError):
            return None
        now = _busy()
        shares = {at: _share(self._before.get(at), now.get(at)) for at in allowed}
        self._before = now
        least = min(shares.values())
        alike = [at for at in allowed if shares[at] <= least + _MUCH_BUSIER]
        return alike[launch % len(alike)]


def _share(before: tuple[int, int] | None, now: tuple[int, int] | None) -> float:
    if before is None or now is None or now[1] <= before[1]:
        return 0.0
    return (now[0] - before[0]) / (now[1] - before[1])


def _busy() -> dict[int, tuple[int, int]]:
    """Return busy and all ticks of each processor, as far as the kernel tells."""
    try:
        lines = _STAT.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return {}
    found: dict[int, tuple[int, int]] = {}
    for line in lines:
        name, _, rest = line.partition(" ")
        if name.startswith("cpu") and name[3:].isdigit():
            ticks = [int(word) for word in rest.split()]
            idle = sum(ticks[3:5])
            found[int(name[3:])] = (sum(ticks[:8]) - idle, sum(ticks[:8]))
    return found
