"""From a program and its grants to a command line that starts it isolated."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from paceline.errors import IsolationUnavailable
from paceline.judge.sandbox import bubblewrap, confinement, seccomp
from paceline.judge.sandbox.grants import Grants, Limits
from paceline.judge.sandbox.isolation import Isolation


@dataclass(slots=True, kw_only=True)
class Prepared:
    """A command line to be started once, and our ends of the pipes to it."""

    argv: list[str] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    """The descriptors the process inherits."""
    result: int
    request: int
    leash: int | None = None
    """Confined processes end when this is closed."""
    information: int | None = None
    """Where bubblewrap tells which process is the first inside."""
    taken: bool = False
    """Set by who keeps our ends open beyond the preparation."""


@contextmanager
def prepare(
    argv: Sequence[str], grants: Grants, limits: Limits, *, isolation: Isolation
) -> Iterator[Prepared]:
    """Open what ``argv`` needs and build its command line. On leaving, all descriptors not taken are closed.

    Raises IsolationUnavailable where the isolation cannot even be tried.
    """
    if sys.platform == "win32":
        raise IsolationUnavailable("Windows offers no isolation. Run Paceline in its Subsystem for Linux.")
    with ExitStack() as theirs, ExitStack() as ours:
        result, result_end = _pipe(ours, theirs)
        request_end, request = _pipe(theirs, ours)
        prepared = Prepared(result=result, request=request, passed=[result_end, request_end])
        words = [
            word.replace("{result_fd}", str(result_end)).replace("{request_fd}", str(request_end))
            for word in argv
        ]
        if isolation is Isolation.BUBBLEWRAP:
            program = bubblewrap.find()
            if program is None:
                raise IsolationUnavailable(
                    "bubblewrap is not installed (package `bubblewrap`; for root, setpriv too)."
                )
            call_filter = seccomp.program(files_by_mount=True)
            filter_fd = None if call_filter is None else _filled(call_filter, theirs)
            prepared.information, information_end = _pipe(ours, theirs)
            prepared.passed += [information_end, *([] if filter_fd is None else [filter_fd])]
            prepared.argv = bubblewrap.command(
                program, words, grants, limits, filter_fd=filter_fd, information_fd=information_end
            )
        else:
            leash_end, prepared.leash = _pipe(theirs, ours)
            order = confinement.order(
                words,
                grants,
                limits,
                landlock=isolation is Isolation.LANDLOCK,
                leash_fd=leash_end,
                channel_fds=(result_end, request_end),
            )
            order_fd = _filled(order, theirs)
            prepared.passed += [leash_end, order_fd]
            prepared.argv = confinement.command(order_fd)
        yield prepared
        if prepared.taken:
            ours.pop_all()


def _pipe(reading: ExitStack, writing: ExitStack) -> tuple[int, int]:
    """A pipe whose ends are closed by the stacks of their owners."""
    read_end, write_end = os.pipe()
    reading.callback(os.close, read_end)
    writing.callback(os.close, write_end)
    return read_end, write_end


def _filled(content: bytes, owner: ExitStack) -> int:
    """A descriptor to read ``content`` from: an unnamed file, because a pipe would block when full."""
    file = owner.enter_context(tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - it is entered.
    file.write(content)
    file.seek(0)
    return file.fileno()
