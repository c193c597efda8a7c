"""Holds one engine on a leash: when whoever holds the other end lets go, or dies, the engine ends.

A program of its own, of the standard library only, started with ``LEASH GRACE_S PROGRAM ARGUMENT...``. LEASH
is the number of a pipe that is open for reading: its end is the order to end. vLLM is several processes, and
the others outlive the first when that is killed; all are in this program's session and, on Linux, become its
children when they are orphaned, so that it returns only when none is left. The exit status is the engine's;
128 and the signal where a signal ended it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time

LAST_WAIT_S = 10.0
"""For what was killed to be gone: a driver may hold a process for a while."""
ALONE_S = 3.0
"""For the others to end by themselves when the first process has ended."""


def main(leash: int, grace_s: float, argv: list[str]) -> int:
    """Run the engine until it ends or the leash is let go; return its exit status."""
    _adopt_orphans()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    ending = False

    def end(_number: int, _frame: object) -> None:
        nonlocal ending
        ending = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    engine = _start(argv)
    status = None
    while status is None and not ending:
        ready, _, _ = select.select([leash, woken], [], [])
        ending = ending or leash in ready
        _empty(woken)
        status = _reaped(engine)
    if status is None:
        _signal_group(engine, signal.SIGTERM)
        status = _wait(engine, grace_s)
    _end_the_others(engine, min(ALONE_S, grace_s))
    _empty(woken)
    return 128 + signal.SIGKILL if status is None else status


def _start(argv: list[str]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        return pid
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        # Should this program be killed, the engine's first process is told at least.
        _prctl(1, signal.SIGTERM)
        if os.getppid() == parent:
            os.execvp(argv[0], argv)  # noqa: S606 - an argument list, from who starts the engine.
    except OSError as error:
        os.write(2, f"{argv[0]} cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _wait(engine: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = _reaped(engine)
        if status is not None:
            return status
        time.sleep(0.02)
    return None


def _end_the_others(engine: int, kindly_s: float) -> None:
    """End what is left of the engine's processes: kindly, then not."""
    if _some_are_left(engine, signal.SIGTERM, kindly_s):
        _some_are_left(engine, signal.SIGKILL, LAST_WAIT_S)


def _some_are_left(engine: int, number: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    told: set[int] = set()
    while True:
        left = _others()
        group = _signal_group(engine, 0)
        for pid in left - told:
            with contextlib.suppress(OSError):
                os.kill(pid, number)
        told |= left
        if group and not left:
            _signal_group(engine, number)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not left and not _signal_group(engine, 0):
            return False
        if time.monotonic() > deadline:
            return True
        time.sleep(0.02)


def _others() -> set[int]:
    """Return the processes of this session, and orphans that came here; none where there is no /proc."""
    mine, found = os.getpid(), set()
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - pathlib takes a tenth of a second to load.
    except OSError:
        return set()
    for name in names:
        if not name.isdecimal() or int(name) == mine:
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if len(fields) > 3 and mine in (int(fields[1]), int(fields[3])) and fields[0] not in (b"Z", b"X"):
            found.add(int(name))
    return found


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


def _reaped(engine: int) -> int | None:
    """Return how the engine's first process ended, None while it runs. Orphans are reaped on the way."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 127
        if not pid:
            return None
        if pid == engine:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _empty(pipe: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(pipe, 4096):
            pass


def _adopt_orphans() -> None:
    _prctl(36, 1)


def _prctl(option: int, value: int) -> None:
    """Linux only. Nothing depends on it alone."""
    if sys.platform == "linux":
        with contextlib.suppress(Exception):
            import ctypes

            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
