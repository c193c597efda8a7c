"""Runs one program confined and leaves nothing of it behind: ``python -I -S confine.py FD``.

The isolation where there is no bubblewrap. A script of its own: standard library only, Python 3.9 or newer,
Linux and macOS, where the limits are all there is. ``FD`` holds the order, written by ``confinement.py``.

Two processes. The *supervisor* stays outside the confinement. It waits, watches the size of the scratch
folder, and ends everything when the worker ends, when its leash (a pipe held by the server) is cut, or when
the server dies. As a subreaper it inherits what detaches itself from the worker, so that this can be ended as
well. The *worker* gives up its rights one by one and becomes the program.

Exit status: the program's, 128 + N when signal N ended it, 125 when the confinement could not be had.
"""

# pathlib and typing would each add a third to the start, and the oldest interpreter this runs on is 3.9.
# ruff: noqa: PTH101, PTH102, PTH104, PTH106, PTH108, PTH118, PTH123, PTH208, UP031, B905, S606
from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import stat
import struct
import sys

FAILED = 125
LINUX = sys.platform.startswith("linux")


class Order:
    """What to run and how: a list of keys and values, each ended by a zero byte. Keys may repeat."""

    def __init__(self, text: bytes) -> None:
        parts = [os.fsdecode(part) for part in text.split(b"\0")[:-1]]
        self._values: dict[str, list[str]] = {}
        for key, value in zip(parts[::2], parts[1::2]):
            self._values.setdefault(key, []).append(value)

    def all(self, key: str) -> list[str]:
        """Every value of a key, in order."""
        return self._values.get(key, [])

    def text(self, key: str) -> str:
        """The value of a key that stands once."""
        return self._values[key][0]

    def number(self, key: str) -> int:
        """The value of a key that stands once, as a number."""
        return int(self._values[key][0])


def main(order_fd: int) -> int:
    """Run the order to its end and return the exit status."""
    with open(order_fd, "rb") as stream:
        order = Order(stream.read())
    if LINUX:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != order.number("server"):
        return FAILED  # The server died before it could be watched.
    leash = order.number("leash")
    channel = [int(fd) for fd in order.all("keep")]
    os.set_inheritable(leash, False)
    woken = _wake_on_signals()
    scratch = _make_scratch(order.text("scratch-parent"))
    try:
        worker = os.fork()
        if worker == 0:
            _become(order, scratch)
        for fd in channel:
            os.close(fd)
        status = _supervise(worker, leash, woken, scratch, order.number("scratch-bytes"))
        _end_everything(worker)
    finally:
        _remove(scratch)
    return status


# The supervisor


def _wake_on_signals() -> int:
    """A descriptor that becomes readable when a child ends or the supervisor is told to stop."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return woken


def _supervise(worker: int, leash: int, woken: int, scratch: str, scratch_bytes: int) -> int:
    """Wait for the first reason to end it all; return the exit status to report."""
    poll = select.poll()
    poll.register(leash, select.POLLIN | select.POLLHUP)
    poll.register(woken, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll(SCRATCH_LOOK_MS)}
        if leash in ready:
            return 128 + signal.SIGKILL
        if woken in ready and signal.SIGTERM in os.read(woken, 4096):
            return 128 + signal.SIGKILL
        status = _reap(worker)
        if status is not None:
            return status
        if _exceeds(scratch, scratch_bytes):
            sys.stderr.write("paceline: the scratch folder is full\n")
            return 128 + signal.SIGXFSZ


SCRATCH_LOOK_MS = 200
"""A full scratch folder is noticed this late: no quota is to be had without rights."""
SCRATCH_ENTRIES = 10_000


def _reap(worker: int) -> int | None:
    """Collect whatever has ended; the worker's exit status, once it has."""
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return FAILED
        if process == 0:
            return None
        if process == worker:
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _end_everything(worker: int) -> None:
    """Kill and collect until no descendant is left, however often they detach or fork meanwhile."""
    while True:
        with contextlib.suppress(OSError):
            os.killpg(worker, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        # What detached itself is our own child by now, or becomes it when its parent is killed.
        for child in _children():
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def _children() -> list[int]:
    """Every direct child, from /proc. Empty where there is no /proc, and so no subreaper either."""
    me = str(os.getpid()).encode()
    children: list[int] = []
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return children
    for name in names:
        try:
            with open("/proc/%s/stat" % name, "rb") as stream:
                fields = stream.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[1] == me:
            children.append(int(name))
    return children


def _make_scratch(parent: str) -> str:
    scratch = os.path.join(parent, "paceline-scratch-%s" % os.urandom(8).hex())
    os.mkdir(scratch, 0o700)
    return scratch


def _exceeds(folder: str, allowed: int) -> bool:
    """Whether a folder holds too many bytes or files. A tree too deep to walk by name counts as too large."""
    size, entries, ahead = 0, 0, [folder]
    while ahead:
        try:
            with os.scandir(ahead.pop()) as found:
                for entry in found:
                    entries += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        ahead.append(entry.path)
                    if size > allowed or entries > SCRATCH_ENTRIES:
                        return True
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError:
            continue
        except OSError:
            return True
    return False


def _remove(folder: str) -> None:
    """Remove a tree of hostile depth: folders are moved up before they are emptied, so no path grows long."""
    moved = 0
    with contextlib.suppress(OSError):
        while True:
            with os.scandir(folder) as found:
                names = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in found]
            if not names:
                break
            for path, is_folder in names:
                if not is_folder:
                    os.unlink(path)
                    continue
                os.chmod(path, stat.S_IRWXU)
                with os.scandir(path) as found:
                    inside = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in found]
                for inner, is_inner_folder in inside:
                    if is_inner_folder:
                        os.chmod(inner, stat.S_IRWXU)
                        os.rename(inner, os.path.join(folder, "moved-%d" % moved))
                        moved += 1
                    else:
                        os.unlink(inner)
                os.rmdir(path)
        os.rmdir(folder)


# The worker


def _become(order: Order, scratch: str) -> None:
    """Give up rights, weakest need first, and become the program. Runs in the forked child."""
    try:
        supervisor = os.getppid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.chdir(order.text("workdir"))
        user = order.number("user")
        if user:
            os.chown(scratch, user, user)
        _limit(order)
        if LINUX:
            if user:
                _lose_root(user)
            _prctl(PR_SET_NO_NEW_PRIVS, 1)
            # Not before: a change of user cancels it.
            _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:
                os._exit(FAILED)
            if order.text("landlock") == "yes":
                _restrict_files(order, scratch)
            _filter_calls(order, supervisor)
        environment = {"HOME": scratch, "TMPDIR": scratch}
        for variable in order.all("environment"):
            name, _, value = variable.partition("=")
            environment[name] = value
        argv = order.all("argument")
        os.execve(argv[0], argv, environment)
    except BaseException as error:
        os.write(2, ("paceline: the worker could not be confined: %r\n" % error).encode())
    os._exit(FAILED)


def _limit(order: Order) -> None:
    """Set the resource limits, soft and hard alike."""
    kinds = {
        "memory": resource.RLIMIT_AS,
        "cpu": resource.RLIMIT_CPU,
        "file": resource.RLIMIT_FSIZE,
        "processes": resource.RLIMIT_NPROC,
        "open-files": resource.RLIMIT_NOFILE,
        "core": resource.RLIMIT_CORE,
    }
    for name, kind in kinds.items():
        wanted, hard = order.number(name), resource.getrlimit(kind)[1]
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(kind, (allowed, allowed))
        except (OSError, ValueError):
            # macOS knows the address space limit by name only.
            if LINUX:
                raise
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as stream:
        # When the machine runs out of memory, what is judged goes first.
        stream.write("1000")


def _lose_root(user: int) -> None:
    """Become an otherwise unused user, who keeps one right of root's: to open files whatever their mode says.

    The kernel exempts root from the limit on processes; and another user may neither signal nor trace ours.
    """
    for capability in range(64):
        if capability != CAP_DAC_OVERRIDE and _libc().prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # The first unknown number ends the list.
    _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    bit = 1 << CAP_DAC_OVERRIDE
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    # Effective, permitted, inheritable; then the same for the upper half.
    data = ctypes.create_string_buffer(struct.pack("=6I", bit, bit, bit, 0, 0, 0))
    if _libc().capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE)


# Landlock: include/uapi/linux/landlock.h. Rights are bits; each version of the interface knows more of them.

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_MAKE_FIFO, _MAKE_SYM, _REFER, _TRUNCATE = 1 << 10, 1 << 12, 1 << 13, 1 << 14
_FILE_RIGHTS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_CHANGE = _WRITE_FILE | _TRUNCATE | _REMOVE_DIR | _REMOVE_FILE | _REFER
_MAKE = _MAKE_DIR | _MAKE_REG | _MAKE_FIFO | _MAKE_SYM
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def _restrict_files(order: Order, scratch: str) -> None:
    """Let this process open only what the order names, connect nowhere, and signal only its own kind."""
    version = _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    files = max(rights for known, rights in _FILE_RIGHTS_BY_VERSION.items() if known <= version)
    network = _TCP if version >= 4 else 0
    scoped = _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    # A kernel that knows a shorter structure takes a longer one as long as the rest of it is zero.
    attributes = struct.pack("=QQQ", files, network, scoped)
    ruleset = _syscall(
        _CREATE_RULESET,
        ctypes.create_string_buffer(attributes, len(attributes)),
        ctypes.c_size_t(len(attributes)),
        0,
    )
    rules = [(path, _READ) for path in order.all("readable")]
    rules += [(path, _READ_DIR) for path in order.all("listable")]
    # The worker's own entry only: others hold the environment and the memory of processes outside.
    rules += [("/proc/self", _READ), ("/proc/cpuinfo", _READ), ("/proc/meminfo", _READ)]
    rules += [(path, _READ_FILE | _WRITE_FILE) for path in DEVICES]
    rules.append((scratch, _READ | _CHANGE | _MAKE))
    for path, rights in rules:
        _allow(ruleset, path, rights & files)
    _syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        allowed = rights if stat.S_ISDIR(os.fstat(fd).st_mode) else rights & _ON_A_FILE
        if allowed:
            rule = struct.pack("=Qi", allowed, fd)
            _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        os.close(fd)


def _filter_calls(order: Order, supervisor: int) -> None:
    """Install the server's call filter, and one that spares the processes which keep this one in check."""
    program = bytes.fromhex(order.text("filter"))
    if not program:
        return
    server = order.number("server")
    spared = [server, supervisor, -1, -os.getpgid(supervisor)]
    with contextlib.suppress(OSError):
        spared.append(-os.getpgid(server))
    calls = [int(number) for number in order.all("signal-call")]
    for filter_program in (_spare(calls, spared), program):
        buffer = ctypes.create_string_buffer(filter_program, len(filter_program))
        length = len(filter_program) // 8
        # struct sock_fprog: a short and a pointer, padded as the machine pads.
        described = ctypes.create_string_buffer(struct.pack("@HP", length, ctypes.addressof(buffer)))
        _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(described))


def _spare(calls: list[int], processes: list[int]) -> bytes:
    """A filter that fails signal calls with EPERM when their first argument names one of the processes.

    A call through the other architecture's numbers is ended by the server's filter, whatever this one makes
    of it.
    """
    steps: list[tuple[int, int, int, int]] = [(0x20, 0, 0, 0)]  # Load the call's number.
    for place, number in enumerate(calls):
        steps.append((0x15, len(calls) - place, 0, number))
    steps.append((0x06, 0, 0, 0x7FFF0000))
    steps.append((0x20, 0, 0, 16))  # Load the low half of the first argument.
    for process in processes:
        steps += [(0x15, 0, 1, process & 0xFFFFFFFF), (0x06, 0, 0, 0x00050001)]
    steps.append((0x06, 0, 0, 0x7FFF0000))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


# The kernel: include/uapi/linux/{prctl,capability,seccomp}.h

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 8, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 36, 38, 47, 2
SECCOMP_MODE_FILTER = 2
CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def _prctl(option: int, first: int = 0, second: int = 0) -> None:
    if (
        _libc().prctl(
            option, ctypes.c_ulong(first), ctypes.c_ulong(second), ctypes.c_ulong(0), ctypes.c_ulong(0)
        )
        != 0
    ):
        raise OSError(ctypes.get_errno(), "prctl %d" % option)


def _syscall(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "system call %d" % number)
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    # Not sys.exit: tearing the interpreter down takes longer than the rest of the ending.
    os._exit(main(int(sys.argv[1])))
