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

Where the kernel does not say (macOS, a hidden ``/proc``), it is the wall time. So it is where other processes
live in the same sandbox: any of them might be doing the work while this one waits.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import NamedTuple

_STATUS = re.compile(rb"^State:\s*(\w).*^voluntary_ctxt_switches:\s*(\d+)", re.MULTILINE | re.DOTALL)


class Took(NamedTuple):
    """What a block took."""

    seconds: float
    wall: float
    """Seconds by the wall clock."""
    is_sure: bool
    """Whether ``seconds`` is more than the wall time, and all there is to count."""


class _Reading(NamedTuple):
    processor: float
    """Seconds, of all threads."""
    waited: float
    """Seconds in which the process was ready and something else was running."""
    given_away: int
    """How often it went to sleep."""
    sleeps: bool
    is_alone: bool
    """Whether it is the only process in its sandbox."""


class Stopwatch:
    """Times blocks of one process, None for a process that cannot be looked at. One block at a time.

    ``around`` is its parent, and that of every process in the sandbox whose own parent has ended.
    """

    def __init__(self, pid: int | None, around: int | None) -> None:
        self._clock = None if pid is None or around is None else _processor_clock(pid)
        self._pid = pid
        self._turns, self._status = Path(f"/proc/{pid}/schedstat"), Path(f"/proc/{pid}/status")
        self._stat = Path(f"/proc/{pid}/stat")
        self._own, self._all = _children_of(pid), _children_of(around)
        self._before = self._after = self._read()
        self._started = 0.0

    def start(self) -> None:
        """Begin a block. The process must be asleep: it begins when it is sent its command."""
        self._before = self._read()
        self._started = time.perf_counter()

    def took(self, ended: float) -> Took:
        """Return what the block took that ended at ``ended`` on ``time.perf_counter``."""
        wall = ended - self._started
        before, now = self._before, self._read()
        self._after = now
        if before is None or now is None or not (before.is_alone and now.is_alone):
            return Took(wall, wall, is_sure=False)
        used = now.processor - before.processor
        # Asleep by now, it waits for the next command. That last time is not the block's.
        slept = now.given_away - before.given_away - int(now.sleeps) > 0
        if slept:
            used += max(0.0, wall - used - (now.waited - before.waited))
        return Took(used, wall, is_sure=True)

    def used_since(self) -> float | None:
        """Return the processor seconds since the last block ended, None where the kernel does not say."""
        before, now = self._after, self._read()
        return None if before is None or now is None else now.processor - before.processor

    def of_children(self) -> float:
        """Return the processor seconds of all its children that have ended, in steps of a clock tick.

        0 where the kernel does not say.
        """
        try:
            # The name, in parentheses, may hold anything; behind it stand the fields of proc_pid_stat(5).
            fields = self._stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError, IndexError):
            return 0.0

    def has_company(self) -> bool:
        """Whether other processes live in its sandbox, as far as the kernel says."""
        now = self._read()
        return now is not None and not now.is_alone

    def _read(self) -> _Reading | None:
        if self._clock is None or self._pid is None:
            return None
        try:
            found = _STATUS.search(self._status.read_bytes())
            waited = int(self._turns.read_bytes().split()[1]) / 1e9
            if found is None:
                return None
            is_alone = not self._own.read_bytes() and self._all.read_bytes().split() == [b"%d" % self._pid]
            processor = time.clock_gettime(self._clock)
        except (OSError, ValueError, IndexError):
            return None
        return _Reading(processor, waited, int(found[2]), found[1] == b"S", is_alone)


def _children_of(pid: int | None) -> Path:
    return Path(f"/proc/{pid}/task/{pid}/children")


def _processor_clock(pid: int) -> int | None:
    """Return the clock of another process's processor time (clock_getcpuclockid(3), which Python lacks)."""
    scheduled = 2
    clock = (~pid << 3) | scheduled
    try:
        time.clock_gettime(clock)
    except (OSError, AttributeError, OverflowError):
        return None
    return clock
