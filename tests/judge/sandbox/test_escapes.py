"""Ways out of the sandbox, each tried for real and each shut."""

from __future__ import annotations

import os
import platform
import signal
import socket
import sys
import tempfile
import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from paceline.judge.sandbox import Isolation

from .conftest import LIMITS, Place, Run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the isolations are Linux's")


async def test_no_network(run: Run, isolation: Isolation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        code = """
import socket
try:
    socket.create_connection(("127.0.0.1", int(arguments[0])), timeout=2)
    say("connected")
except OSError as error:
    say("shut")
"""
        ran = await run(code, listener.getsockname()[1], isolation=isolation)
        assert ran.said == "shut", ran
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_files_outside_the_grants_are_shut(run: Run, confining: Isolation, place: Place) -> None:
    code = """
for path in arguments:
    try:
        say(open(path).read())
    except OSError:
        say("shut,")
"""
    paths = (place.key, f"/proc/self/root{place.key}", "/etc/passwd", "/root/.bashrc", "/proc/1/cmdline")
    # In bubblewrap process 1 is its own, and no secret.
    tried = paths[:4] if confining is Isolation.BUBBLEWRAP else paths
    ran = await run(code, *tried, isolation=confining)
    assert ran.said == "shut," * len(tried), ran


async def test_the_workspace_can_be_read(run: Run, isolation: Isolation, place: Place) -> None:
    code = "say(open('module.py').read() + open(arguments[0] + '/package/inner.py').read())"
    ran = await run(code, place.root, isolation=isolation)
    assert ran.said == "answer = 42\ninner = 1\n", ran


async def test_secrets_in_the_workspace_are_hidden(run: Run, confining: Isolation) -> None:
    code = """
for path in (".env", ".git/config", "package/../.git/config", "/proc/self/cwd/.env"):
    try:
        say(open(path).read())
    except OSError:
        pass
say("done")
"""
    assert (await run(code, isolation=confining)).said == "done"


async def test_the_workspace_cannot_be_written(run: Run, confining: Isolation, place: Place) -> None:
    code = """
import shutil
def attempt(action):
    try:
        action()
        say("done,")
    except OSError:
        say("shut,")
attempt(lambda: open("new.py", "w"))
attempt(lambda: open("module.py", "r+").write("x"))
attempt(lambda: os.truncate("module.py", 0))
attempt(lambda: os.chmod("module.py", 0))
attempt(lambda: os.utime("module.py"))
attempt(lambda: os.remove("module.py"))
attempt(lambda: os.rename("module.py", "other.py"))
attempt(lambda: os.symlink("/", "link"))
attempt(lambda: os.mkdir("folder"))
attempt(lambda: open("/usr/planted", "w"))
attempt(lambda: open("/planted", "w"))
attempt(lambda: os.link("module.py", os.environ["TMPDIR"] + "/link"))
"""
    ran = await run(code, isolation=confining)
    assert ran.said == "shut," * 12, ran
    assert (place.root / "module.py").read_text() == "answer = 42\n"
    assert sorted(p.name for p in place.root.iterdir()) == [".env", ".git", "module.py", "package"]


async def test_a_fork_bomb_is_bounded(run: Run, isolation: Isolation) -> None:
    code = """
import signal
count = 0
while count < 1000:
    try:
        pid = os.fork()
    except OSError:
        break
    if pid == 0:
        signal.pause()
    count += 1
say(count)
os.killpg(0, signal.SIGKILL)
"""
    ran = await run(code, isolation=isolation)
    assert 4 <= int(ran.said) <= LIMITS.processes, ran


async def test_threads_count_as_processes(run: Run, isolation: Isolation) -> None:
    code = """
import threading
stop = threading.Event()
count = 0
try:
    while count < 1000:
        threading.Thread(target=stop.wait).start()
        count += 1
except RuntimeError:
    pass
say(count)
stop.set()
"""
    ran = await run(code, isolation=isolation)
    assert 4 <= int(ran.said) <= LIMITS.processes, ran


async def test_a_memory_bomb_is_an_exception(run: Run, isolation: Isolation) -> None:
    code = """
try:
    bytearray(4 * 2**30)
except MemoryError:
    say("refused")
"""
    assert (await run(code, isolation=isolation)).said == "refused"


async def test_processor_time_is_bounded(run: Run, isolation: Isolation) -> None:
    ran = await run("while True: pass", isolation=isolation, limits=replace(LIMITS, cpu_s=1))
    assert ran.status in {128 + signal.SIGKILL, 128 + signal.SIGXCPU}, ran


async def test_one_file_is_bounded(run: Run, isolation: Isolation) -> None:
    code = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = os.environ["TMPDIR"] + "/large"
try:
    with open(path, "wb", 0) as file:
        while file.write(bytes(100_000)) == 100_000:
            pass
except OSError:
    pass
say(os.path.getsize(path))
"""
    ran = await run(code, isolation=isolation)
    assert int(ran.said) <= LIMITS.file_bytes, ran


async def test_the_scratch_is_bounded(run: Run, isolation: Isolation) -> None:
    """Four MiB may be written: bubblewrap refuses more, elsewhere the program is ended soon after."""
    code = """
import itertools
try:
    for number in itertools.count():
        for folder in (os.environ["TMPDIR"], *arguments):
            with open(f"{folder}/{number}", "wb", 0) as file:
                while file.tell() < 2**20 and file.write(bytes(2**16)) == 2**16:
                    pass
                if file.tell() < 2**20:
                    raise OSError
            os.sched_yield()
except OSError:
    say(number)
"""
    ran = await run(code, isolation=isolation)
    if isolation is Isolation.BUBBLEWRAP:
        assert int(ran.said) <= 4, ran
        shared = await run(code, "/dev/shm", isolation=isolation)
        assert int(shared.said) <= 4, shared
    else:
        assert ran.status == 128 + signal.SIGXFSZ, ran
        assert "scratch folder is full" in ran.printed


async def test_a_deep_scratch_is_removed(
    run: Run, isolation: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = """
os.chdir(os.environ["TMPDIR"])
for depth in range(300):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
open("bottom", "w")
try:
    os.chmod(".", 0)
except PermissionError:
    pass  # Under Landlock no mode can be changed.
say("made")
"""
    ran = await run(code, isolation=isolation)
    # Where nothing but a look from outside bounds the scratch, the look may come too soon for the program.
    assert ran.said == "made" or ran.status == 128 + signal.SIGXFSZ, ran
    assert os.listdir(tmp_path) == ["home"]  # noqa: PTH208


async def test_the_server_gets_no_signal(run: Run, isolation: Isolation) -> None:
    got: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: got.append(number))
    code = """
import signal
signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # Its own part in the broadcast.
for pid in (os.getppid(), -1, -int(arguments[0]), int(arguments[0])):
    try:
        os.kill(pid, signal.SIGUSR1)
        say("sent,")
    except OSError:
        say("shut,")
say("alive")
"""
    try:
        ran = await run(code, os.getpid(), isolation=isolation)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ran.said.endswith("alive"), ran
    assert got == []


async def test_nobody_can_be_traced(run: Run, isolation: Isolation) -> None:
    code = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
ATTACH, SEIZE = 16, 0x4206
for pid in (os.getppid(), int(arguments[0])):
    for request in (ATTACH, SEIZE):
        say("attached" if libc.ptrace(request, pid, 0, 0) == 0 else "shut,")
"""
    assert (await run(code, os.getpid(), isolation=isolation)).said == "shut," * 4


async def test_no_environment_leaks(run: Run, confining: Isolation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "planted-in-the-server")
    code = """
import glob
for path in glob.glob("/proc/[0-9]*/environ") + [f"/proc/{arguments[0]}/environ", "/proc/1/environ"]:
    try:
        if b"planted-in-the-server" in open(path, "rb").read():
            say("leaked")
    except OSError:
        pass
say(sorted(os.environ))
"""
    ran = await run(code, os.getpid(), isolation=confining)
    names = ["HOME", "LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUSERBASE", "TMPDIR"]
    # The shell inside bubblewrap adds the folder it is in.
    assert ran.said in {str(names), str(sorted([*names, "PWD"]))}


async def test_the_filter_denies_every_call_it_lists(run: Run, isolation: Isolation) -> None:
    table = tomllib.loads(resources.files("paceline.judge.sandbox").joinpath("syscalls.toml").read_text())
    machine = platform.machine()
    calls = [*table["denied"].values()]
    if isolation is Isolation.LANDLOCK:
        calls += table["unguarded"].values()
    denied = [numbers[machine] for numbers in calls if machine in numbers]
    code = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for number in map(int, arguments):
    if libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM:
        say(f"{number} passed,")
NEW_USER = 0x10000000
CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
if libc.syscall(ctypes.c_long(CLONE), NEW_USER | 17, 0, 0, 0, 0) != -1:
    say("clone passed,")
say("done")
"""
    assert (await run(code, *denied, isolation=isolation)).said == "done"


async def test_other_processes_stay_as_they_are(run: Run, isolation: Isolation) -> None:
    """A limit of its own choosing, a processor shared with a timing, a signal by way of a descriptor."""
    code = """
import fcntl, resource
me, server = 0, int(arguments[0])
resource.getrlimit(resource.RLIMIT_CPU)
os.sched_setaffinity(me, os.sched_getaffinity(me))
attempts = [
    lambda: resource.prlimit(server, resource.RLIMIT_CPU, (1, 1)),
    lambda: os.sched_setaffinity(server, {0}),
    lambda: os.setpriority(os.PRIO_PROCESS, server, 19),
    lambda: os.setpriority(os.PRIO_USER, 0, 19),
    lambda: fcntl.fcntl(1, fcntl.F_SETOWN, server),
]
for attempt in attempts:
    try:
        attempt()
        say("done,")
    except OSError:
        say("shut,")
"""
    ran = await run(code, os.getpid(), isolation=isolation)
    assert ran.said == "shut," * 5, ran


async def test_event_loops_and_pools_work(run: Run, isolation: Isolation) -> None:
    """What honest code needs: a socket pair, threads, a child process."""
    code = """
import asyncio, subprocess, concurrent.futures
async def main():
    return await asyncio.to_thread(lambda: 1)
say(asyncio.run(main()))
say(subprocess.run(["/bin/echo", "2"], capture_output=True, text=True).stdout.strip())
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    say(list(pool.map(abs, [-3]))[0])
"""
    ran = await run(code, isolation=isolation)
    assert ran.said == "123", ran


async def test_root_is_given_up(run: Run, isolation: Isolation) -> None:
    assert (await run("say(os.getuid() == 0 or 0 in os.getgroups())", isolation=isolation)).said == "False"
