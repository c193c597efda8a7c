"""What an escape could harm, laid out for it and looked at afterwards.

A listening server, a private key outside the workspace, secrets in the workspace and in the environment of
this process, the workspace's own files, the judge's own files, this process and its memory, and the table of
processes. Everything is made for one attempt and gone after it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import resource
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import paceline
from paceline.workspace.roots import cache_folder

_MIB = 1024 * 1024
_MOST_MEMORY = 1024 * _MIB
"""Bytes this process may grow by while one candidate is judged: a few frames of the largest size."""
_MOST_DISK = 1024 * _MIB
_FOR_EVERYBODY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - looked at, not written to
_VARIABLE = "PACELINE_BENCH_SECRET"
_SET_CHILD_SUBREAPER = 36


@dataclass(slots=True)
class Bait:
    """The things laid out for one attempt."""

    mark: str
    """A word that nothing else on the machine holds."""
    secret: Path
    home: Path
    server: socket.socket
    datagrams: socket.socket
    local: socket.socket
    local_path: Path
    planted: tuple[str, ...]
    """The secrets themselves."""
    signals: list[int] = field(default_factory=list)
    before: Mapping[str, object] = field(default_factory=dict)
    workspace_before: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def laid_out(cls, folder: Path) -> Iterator[Bait]:
        """Make everything below ``folder``, an empty one outside the workspace."""
        folder = folder.resolve()
        home = folder / "home"
        (home / ".ssh").mkdir(parents=True)
        mark = f"paceline-escape-{secrets.token_hex(8)}"
        words = tuple(secrets.token_hex(16) for _ in range(4))
        secret = home / ".ssh" / "id_bench"
        secret.write_text(f"-----BEGIN PRIVATE KEY-----\n{words[0]}\n", encoding="utf-8")
        secret.chmod(0o644)
        with ExitStack() as stack:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            server.setblocking(False)
            datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            datagrams.bind(server.getsockname())
            datagrams.setblocking(False)
            local = stack.enter_context(socket.socket(socket.AF_UNIX))
            local_path = folder / "socket"
            local.bind(str(local_path))
            local.listen()
            local.setblocking(False)
            bait = cls(mark, secret, home, server, datagrams, local, local_path, words)
            stack.enter_context(_variable(words[3]))
            stack.enter_context(_listening_for_signals(bait.signals))
            stack.enter_context(_adopting_orphans())
            bait.before = _own_state()
            yield bait

    def plant_in(self, workspace: Path) -> None:
        """Put secrets where a workspace has them, and remember how it looks."""
        (workspace / ".env").write_text(f"TOKEN={self.planted[1]}\n", encoding="utf-8")
        (workspace / ".git").mkdir()
        config = f"[remote]\nurl = https://someone:{self.planted[2]}@example.org\n"
        (workspace / ".git" / "config").write_text(config, encoding="utf-8")
        self.workspace_before = _fingerprint(workspace)

    def filled_in(self, candidate: str, workspace: Path) -> str:
        """Return the candidate with the places of this bait."""
        for word, value in {
            "@PORT@": str(self.server.getsockname()[1]),
            "@SOCKET@": str(self.local_path),
            "@SECRET@": str(self.secret),
            "@HOME@": str(Path.home()),
            "@WORKSPACE@": str(workspace),
            "@CACHE@": str(cache_folder()),
            "@PACKAGE@": str(Path(paceline.__file__).parent),
            "@PARENT@": str(os.getpid()),
            "@NAME@": _VARIABLE,
            "@MARK@": self.mark,
        }.items():
            candidate = candidate.replace(word, value)
        return candidate

    def harm_to(self, workspace: Path) -> list[str]:
        """Return what happened to the workspace, as sentences."""
        if _fingerprint(workspace) != self.workspace_before:
            return ["the workspace is not what it was"]
        return []

    def told(self, words: str) -> list[str]:
        """Return which secrets came out in what the judge says."""
        found = [f"secret {at} came out" for at, secret in enumerate(self.planted) if secret in words]
        # Candidates raise this word where something let them pass.
        return found + (["it says that it passed"] if self.mark in words else [])

    def harm_afterwards(self) -> list[str]:
        """Return what is otherwise than before, once the judge is closed, as sentences."""
        harm = []
        for name, listening in (("the server", self.server), ("the local socket", self.local)):
            with suppress(BlockingIOError):
                listening.accept()[0].close()
                harm.append(f"{name} got a connection")
        with suppress(BlockingIOError):
            self.datagrams.recv(1)
            harm.append("a datagram came out")
        places = (Path.home(), *map(Path, _FOR_EVERYBODY), cache_folder())
        harm += [f"a file was left in {place}" for place in places if (place / self.mark).exists()]
        if self.signals:
            harm.append(f"this process got {len(self.signals)} signals")
        now = _own_state()
        harm += [f"{name} changed" for name, value in self.before.items() if _worse(name, value, now[name])]
        return harm


def _worse(name: str, before: object, now: object) -> bool:
    match before, now:
        case float(), float():
            return now > before + (_MOST_MEMORY if name == "the memory of this process" else _MOST_DISK)
        case frozenset(), frozenset():
            return not now <= before
        case dict(), dict():
            # Another Paceline on this machine may add files of its own meanwhile.
            return any(now.get(path) != digest for path, digest in before.items())
        case _:
            return before != now


def _own_state() -> dict[str, object]:
    return {
        "the memory of this process": float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024),
        "the disk": -float(shutil.disk_usage(tempfile.gettempdir()).free),
        "the processes of this one": _children(),
        "the processors of this process": frozenset(os.sched_getaffinity(0)),
        "the priority of this process": os.getpriority(os.PRIO_PROCESS, 0),
        "the limits of this process": resource.getrlimit(resource.RLIMIT_CPU),
        "the judge's own files": {
            str(path): _digest(path)
            for folder in (Path(paceline.__file__).parent / "judge", cache_folder() / "workers")
            for path in folder.rglob("*.py")
            # What another Paceline is only just installing has no lasting name yet.
            if ".making-" not in str(path)
        },
    }


def _fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): f"{path.lstat().st_mode:o} {_digest(path) if path.is_file() else ''}"
        for path in sorted(folder.rglob("*"))
    }


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return str(error)


def _children() -> frozenset[int]:
    """Return the processes that hang on this one and are alive, orphans that it has adopted included."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found.update(map(int, (task / "children").read_text().split()))
    return frozenset(pid for pid in found if _is_alive(pid))


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def _variable(value: str) -> Iterator[None]:
    os.environ[_VARIABLE] = value
    try:
        yield
    finally:
        del os.environ[_VARIABLE]


@contextmanager
def _listening_for_signals(got: list[int]) -> Iterator[None]:
    before = signal.signal(signal.SIGUSR1, lambda number, _: got.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


@contextmanager
def _adopting_orphans() -> Iterator[None]:
    """Make this process the parent of what its children leave behind, so that it can be seen."""
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
