"""Processes by number and birth: a number alone may have been given to somebody else meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HAS_PROC = Path("/proc/self/stat").exists()


@dataclass(frozen=True, slots=True)
class Process:
    """One process, and no other that gets its number later."""

    pid: int
    born: str
    """When it was started, in words that only compare: no two processes of one number have the same."""


def this_process() -> Process:
    """Return the process that asks."""
    return Process(os.getpid(), born(os.getpid()) or "")


def born(pid: int) -> str | None:
    """Return when a process was started, None where there is none of this number."""
    if _HAS_PROC:
        fields = _stat(pid)
        # The start, in ticks since boot, is field 22 of proc(5); state and parent come first behind the name.
        return f"{_boot()}:{fields[19]}" if fields else None
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None


def is_alive(process: Process) -> bool:
    """Whether this very process runs; one that has ended and was not waited for does not."""
    if _HAS_PROC:
        fields = _stat(process.pid)
        return bool(fields) and fields[0] not in "ZX" and born(process.pid) == process.born
    return born(process.pid) == process.born


def send(process: Process, number: signal.Signals) -> bool:
    """Signal this very process; False where it has ended, whoever has its number now."""
    if hasattr(os, "pidfd_open"):
        try:
            descriptor = os.pidfd_open(process.pid)
        except OSError:
            return False
        try:
            # Looked at while the descriptor holds the process: its number cannot change hands any more.
            if not is_alive(process):
                return False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, number)
                return True
            return False
        finally:
            os.close(descriptor)
    if not is_alive(process):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, number)
        return True
    return False


def left_of(session: int, folder: Path) -> tuple[Process, ...]:
    """Return what still runs of an engine's session: processes of it that stand in the engine's folder.

    Only Linux can tell; elsewhere nothing is found.
    """
    return tuple(
        Process(pid, began)
        for pid in _pids()
        if (fields := _stat(pid)) and fields[0] not in "ZX" and int(fields[3]) == session
        if _stands_in(pid, folder) and (began := born(pid)) is not None
    )


def _pids() -> Iterator[int]:
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is wanted.
            if name.isdecimal():
                yield int(name)


def _stands_in(pid: int, folder: Path) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == folder.resolve()  # noqa: PTH115
    except OSError:
        return False


def _stat(pid: int) -> list[str]:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    # The name, in parentheses, may hold anything.
    return status.rpartition(")")[2].split()


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    except OSError:
        return ""
