"""Orders for ``confine.py``: the isolation of Landlock and a system call filter, or of limits alone."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from paceline.judge.sandbox import seccomp
from paceline.judge.sandbox.grants import Grants, Limits
from paceline.judge.sandbox.users import is_machine_root, tasks_of_user, unused_user

SCRIPT = Path(__file__).with_name("confine.py")


def command(order_fd: int) -> list[str]:
    """The command line of the supervisor. It runs on our own interpreter, whatever the worker runs on."""
    return [sys.executable, "-I", "-S", str(SCRIPT), str(order_fd)]


def order(
    argv: Sequence[str],
    grants: Grants,
    limits: Limits,
    *,
    landlock: bool,
    leash_fd: int,
    channel_fds: Iterable[int],
) -> bytes:
    """What the supervisor reads from its order descriptor.

    Without ``landlock`` every file the user may open stays open to the worker. The call filter, which closes
    the network, is sent along on every machine whose calls are known.
    """
    program = seccomp.program(files_by_mount=not landlock)
    user = unused_user() if is_machine_root() else 0
    # Outside a user namespace the kernel counts everything this user runs anywhere.
    processes = limits.processes + (0 if user else tasks_of_user(os.getuid()))
    entries: list[tuple[str, object]] = [
        ("server", os.getpid()),
        ("leash", leash_fd),
        *(("keep", fd) for fd in channel_fds),
        *(("argument", word) for word in argv),
        *(("environment", f"{name}={value}") for name, value in grants.environment.items()),
        ("workdir", grants.workdir),
        ("scratch-parent", Path(tempfile.gettempdir()).resolve()),
        ("scratch-bytes", grants.writable_scratch_mb * 1024 * 1024),
        ("user", user),
        ("memory", limits.memory_bytes),
        ("cpu", limits.cpu_s),
        ("file", limits.file_bytes),
        ("processes", processes),
        ("open-files", limits.open_files),
        ("core", 0),
        ("landlock", "yes" if landlock else "no"),
        *_file_rules(grants),
        ("filter", (program or b"").hex()),
        *(("signal-call", number) for number in (seccomp.signal_calls() if program else ())),
    ]
    return b"".join(os.fsencode(f"{key}\0{value}\0") for key, value in entries)


def _file_rules(grants: Grants) -> Iterator[tuple[str, Path]]:
    """Landlock knows no exceptions, so a folder that hides something is granted entry by entry instead."""
    ahead = [path for path in grants.readable if not path.is_symlink()]
    while ahead:
        path = ahead.pop()
        if path in grants.hidden:
            continue
        if not any(path in hidden.parents for hidden in grants.hidden):
            yield "readable", path
            continue
        yield "listable", path
        ahead += [entry for entry in path.iterdir() if not entry.is_symlink()]
