"""The strongest isolation: mounts, processes, network and host name of its own, made by bubblewrap.

Around the worker stand, from the outside in: ``bwrap``, with an empty environment, because it can be read in
the sandbox as that of process 1; ``sh``, which sets the limits, inside because the kernel counts processes
per user *namespace*; and for a root user ``setpriv``, because the kernel exempts root from that count. The
latter two replace themselves by the next, so no more than the worker remains.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from paceline.judge.sandbox.grants import PRIVATE_MB, VIEW, Grants, Limits
from paceline.judge.sandbox.users import is_machine_root, tasks_of_user, unused_user

SCRATCH = Path("/tmp")  # noqa: S108 - a private one, inside the sandbox.
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - likewise.

_SET_LIMITS = Path(__file__).with_name("limits.sh")
_EMPTY = Path(__file__).with_name("empty")


def find() -> Path | None:
    """The bubblewrap program, where it and all this needs is installed. Whether it works is for the probe."""
    found = shutil.which("bwrap")
    if found is None or (is_machine_root() and shutil.which("setpriv") is None):
        return None
    return Path(found)


def command(
    program: Path,
    argv: Sequence[str],
    grants: Grants,
    limits: Limits,
    *,
    filter_fd: int | None,
    information_fd: int,
) -> list[str]:
    """The whole command line. ``filter_fd`` holds the call filter; ``information_fd`` is for --info-fd."""
    size = str(grants.writable_scratch_mb * 1024 * 1024)
    filtering = ["--seccomp", str(filter_fd)] if filter_fd is not None else []
    # The scratch comes first: workspaces below it are bound on top.
    return [
        str(program),
        *_namespaces(),
        "--die-with-parent", "--new-session", "--hostname", "paceline",
        "--info-fd", str(information_fd), *filtering,
        "--proc", "/proc",
        "--dev", "/dev", "--perms", "0777", "--size", size, "--tmpfs", str(_SHARED_MEMORY),
        "--remount-ro", "/dev",
        "--perms", "0777", "--size", size, "--tmpfs", str(SCRATCH),
        *_binds(grants),
        "--remount-ro", "/",
        "--clearenv", *_environment(grants),
        "--chdir", str(grants.workdir),
        "--", "/bin/sh", "-c", _SET_LIMITS.read_text(encoding="utf-8"), "limits.sh", *_limits(limits),
        *_lose_root(), *argv,
    ]  # fmt: skip


def _namespaces() -> list[str]:
    if not is_machine_root():
        return ["--unshare-all"]
    # Without a user namespace root can become somebody else inside, see _lose_root.
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_DAC_OVERRIDE")
    unshare = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    return [*unshare, *(word for capability in kept for word in ("--cap-add", capability))]


def _lose_root() -> list[str]:
    """Become a user nobody else is. What only root may open stays readable; the mounts keep it unwritable."""
    if not is_machine_root():
        return []
    user = str(unused_user())
    kept = "-all,+dac_override"
    return [
        shutil.which("setpriv") or "setpriv", "--reuid", user, "--regid", user, "--clear-groups",
        "--inh-caps", kept, "--ambient-caps", kept, "--bounding-set", kept, "--",
    ]  # fmt: skip


def _binds(grants: Grants) -> Iterator[str]:
    for path in grants.readable:
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path == grants.private:
            size = str(PRIVATE_MB * 1024 * 1024)
            yield from ("--perms", "0777", "--size", size, "--tmpfs", str(path))
            yield from ("--ro-bind", str(path), str(VIEW))
        else:
            yield from ("--ro-bind", str(path), str(path))
    for path in grants.hidden:
        is_private = grants.private is not None and path.is_relative_to(grants.private)
        place = VIEW / path.relative_to(grants.private) if is_private and grants.private else path
        if path.is_dir():
            yield from ("--tmpfs", str(place), "--remount-ro", str(place))
        else:
            yield from ("--ro-bind", str(_EMPTY), str(place))


def _environment(grants: Grants) -> Iterator[str]:
    for name, value in {"HOME": str(SCRATCH), "TMPDIR": str(SCRATCH), **grants.environment}.items():
        yield from ("--setenv", name, value)


def _limits(limits: Limits) -> list[str]:
    # bubblewrap's own process 1 counts as well.
    processes = limits.processes + 1
    if not is_machine_root() and _kernel() < (5, 14):
        # Before 5.14 the count was of the user on the whole machine, not in the namespace.
        processes += tasks_of_user(os.getuid())
    kib, blocks = limits.memory_bytes // 1024, limits.file_bytes // 512
    return [str(number) for number in (kib, limits.cpu_s, blocks, limits.open_files, processes)]


def _kernel() -> tuple[int, int]:
    match = re.match(r"(\d+)\.(\d+)", platform.release())
    return (int(match[1]), int(match[2])) if match else (0, 0)
