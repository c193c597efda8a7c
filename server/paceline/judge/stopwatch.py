"""What one process took, measured from outside it: its processor time, and its sleep where it slept.

Wall time alone calls a function slow because another program had the processor, or because the one that reads
the clock had to wait for it. The kernel keeps these apart for every process, where the process itself cannot
write: the processor time of all its threads (its POSIX processor clock), how long it was ready to run and had
to wait for its turn (``/proc/PID/schedstat``), and how often it gave the processor away by itself
(``/proc/PID/status``). A block that never did took what it used:

    seconds = processor time

One that did has waited for something (a file, a lock, a child, a sleep), and that counts, for work that is
handed to somebody else is waited for:

    seconds = processor time + (wall - processor time - waiting for its turn)

Where the kernel does not say (macOS, a hidden ``/proc``), it is the wall time.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

_STATUS = re.compile(rb"^State:\s*(\w).*^voluntary_ctxt_switches:\s*(\d+)", re.MULTILINE | re.DOTALL)


class _Reading(NamedTuple):
    processor: float
    """Seconds, of all threads."""
    waited: float
    """Seconds in which the process was ready and something else was running."""
    given_away: int
    """How often it went to sleep."""
    sleeps: bool


class Stopwatch:
    """Times blocks of one process, None for a process that cannot be looked at. One block at a time."""

    def __init__(self, pid: int | None) -> None:
        self._clock = None if pid is None else _processor_clock(pid)
        self._turns, self._status = Path(f"/proc/{pid}/schedstat"), Path(f"/proc/{pid}/status")
        self._before = self._after = self._read()
        self._started = 0.0
        self.sees_processor = self._before is not None
        """Whether the kernel tells more than the wall time."""

    def start(self) -> None:
        """Begin a block. The process must be asleep: it begins when it is sent its command."""
        self._before = self._read()
        self._started = time.perf_counter()

    def seconds(self, ended: float) -> float:
        """Return what the block took that ended at ``ended`` on ``time.perf_counter``."""
        wall = ended - self._started
        before, now = self._before, self._read()
        self._after = now
        if before is None or now is None:
            return wall
        used = now.processor - before.processor
        # Asleep by now, it waits for the next command. That last time is not the block's.
        slept = now.given_away - before.given_away - int(now.sleeps) > 0
        return used + max(0.0, wall - used - (now.waited - before.waited)) if slept else used

    def used_since(self) -> float | None:
        """Return the processor seconds since the last block ended, None where the kernel does not say."""
        before, now = self._after, self._read()
        return None if before is None or now is None else now.processor - before.processor

    def _read(self) -> _Reading | None:
        if self._clock is None:
            return None
        try:
            found = _STATUS.search(self._status.read_bytes())
            waited = int(self._turns.read_bytes().split()[1]) / 1e9
            if found is None:
                return None
            processor = time.clock_gettime(self._clock)
        except (OSError, ValueError, IndexError):
            return None
        return _Reading(processor, waited, int(found[2]), found[1] == b"S")


def _processor_clock(pid: int) -> int | None:
    """Return the clock of another process's processor time (clock_getcpuclockid(3), which Python lacks)."""
    scheduled = 2
    clock = (~pid << 3) | scheduled
    try:
        time.clock_gettime(clock)
    except (OSError, AttributeError, OverflowError):
        return None
    return clock
