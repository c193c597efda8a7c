"""Who a sandboxed process runs as, and how many processes that user has."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_FIRST_UNUSED = 1_900_000_000
"""Above what distributions, containers (524288 to 1879048191 for systemd-nspawn) and dynamic users take."""


@cache
def is_machine_root() -> bool:
    """Whether this process is the real root user, and not merely called so in a user namespace."""
    if os.geteuid() != 0:
        return False
    try:
        words = Path("/proc/self/uid_map").read_text(encoding="ascii").split()
    except OSError:
        return False
    return words == ["0", "0", "4294967295"]


def unused_user() -> int:
    """A user id that no account and no other sandbox has: its processes can be counted, and signal nobody."""
    return _FIRST_UNUSED + int.from_bytes(os.urandom(3), "big")


def tasks_of_user(user: int) -> int:
    """How many processes and threads a user has now, as far as ``/proc`` shows them."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            tasks = (process / "task").stat()
        except OSError:
            continue
        if tasks.st_uid == user:
            count += max(tasks.st_nlink - 2, 1)
    return count
