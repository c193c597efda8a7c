"""The life of a sandboxed process: its channel, its output, and that nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from paceline.judge.sandbox import Grants, Isolation, launch

from .conftest import LIMITS, PYTHON, Place, Run, Start

linux = pytest.mark.skipif(sys.platform != "linux", reason="detached processes are found through /proc")

DETACHES = """
import os, signal, sys
result = int(sys.argv[1])
for detach in (lambda: None, os.setsid, lambda: (os.setsid(), os.fork() and os._exit(0), os.setsid())):
    if os.fork() == 0:
        detach()
        # Nothing that could end it by itself is left to it.
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.write(result, b".")
        for descriptor in range(64):
            try:
                os.close(descriptor)
            except OSError:
                pass
        while True:
            signal.pause()
signal.pause()
"""
"""A worker with three children: an ordinary one, one in a session of its own, and a daemon."""


async def test_the_channel_carries_both_ways(start: Start, isolation: Isolation) -> None:
    code = """
import os, sys
print("noise on standard output")
with open(int(sys.argv[2]), "rb") as request, open(int(sys.argv[1]), "wb") as result:
    for line in request:
        result.write(line.upper())
        result.flush()
"""
    async with await start(code, isolation=isolation) as process:
        for word in (b"first\n", b"second\n"):
            process.writer.write(word)
            await process.writer.drain()
            assert await process.reader.readline() == word.upper()
        process.writer.close()
        assert await process.reader.read() == b""
        assert await process.wait() == 0
    assert process.stderr_tail == b"noise on standard output\n"


async def test_much_data_passes(start: Start, isolation: Isolation) -> None:
    code = """
import sys
with open(int(sys.argv[2]), "rb") as request, open(int(sys.argv[1]), "wb") as result:
    result.write(request.read()[::-1])
"""
    sent = bytes(range(256)) * 20_000
    async with await start(code, isolation=isolation) as process:
        process.writer.write(sent)
        process.writer.close()
        assert await process.reader.read() == sent[::-1]


async def test_only_the_end_of_the_output_is_kept(run: Run, isolation: Isolation) -> None:
    ran = await run("print('x' * 10**6, flush=True); print('the end', file=sys.stderr)", isolation=isolation)
    assert len(ran.printed) == 8192
    assert ran.printed.endswith("x\nthe end\n")


@pytest.mark.parametrize(
    ("code", "status"),
    [("", 0), ("sys.exit(7)", 7), ("os.abort()", 128 + signal.SIGABRT), ("os.kill(os.getpid(), 9)", 137)],
)
async def test_the_exit_status(run: Run, isolation: Isolation, code: str, status: int) -> None:
    assert (await run(code, isolation=isolation)).status == status


async def test_a_program_that_does_not_exist(isolation: Isolation, grants: Grants) -> None:
    async with await launch(["/nowhere/python"], grants, LIMITS, isolation=isolation) as process:
        assert await process.reader.read() == b""
        assert await process.wait() in {125, 127}
    assert b"No such file" in process.stderr_tail or b"not found" in process.stderr_tail


async def test_killing_is_idempotent(start: Start, isolation: Isolation) -> None:
    process = await start("import signal; signal.pause()", isolation=isolation)
    assert process.returncode is None
    await asyncio.gather(process.kill(), process.kill())
    await process.kill()
    assert process.returncode == 128 + signal.SIGKILL
    assert await process.wait() == 128 + signal.SIGKILL
    assert await process.reader.read() == b""


async def test_killing_at_once(start: Start, isolation: Isolation) -> None:
    """The sandbox may not be set up yet."""
    token = uuid.uuid4().hex
    process = await start("import signal; signal.pause()", token, isolation=isolation)
    await process.kill()
    assert not list(_processes(token))


async def test_writing_to_a_dead_process_is_an_error(start: Start, isolation: Isolation) -> None:
    async with await start("", isolation=isolation) as process:
        await process.wait()
        with pytest.raises(ConnectionError):
            while True:
                process.writer.write(b"x" * 100_000)
                await process.writer.drain()


@linux
async def test_killing_leaves_nothing(start: Start, isolation: Isolation) -> None:
    token = uuid.uuid4().hex
    process = await start(DETACHES, token, isolation=isolation)
    await process.reader.readexactly(3)
    assert len(list(_processes(token))) >= 4
    await process.kill()
    assert not list(_processes(token))


@linux
@pytest.mark.parametrize("steps", [1, 2, 3, 4])
async def test_a_cancelled_launch_leaves_nothing(start: Start, isolation: Isolation, steps: int) -> None:
    token = uuid.uuid4().hex
    before = _descriptors()
    launching = asyncio.create_task(start(DETACHES, token, isolation=isolation))
    for _ in range(steps):
        await asyncio.sleep(0)
    launching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await (await launching).kill()
        raise asyncio.CancelledError  # It was launched before the cancellation came.
    assert not list(_processes(token))
    await asyncio.sleep(0)
    assert _descriptors() == before


@linux
async def test_a_cancelled_caller_leaves_nothing(start: Start, isolation: Isolation) -> None:
    token = uuid.uuid4().hex
    process = await start(DETACHES, token, isolation=isolation)
    await process.reader.readexactly(3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await process.kill()
    await process.kill()
    assert not list(_processes(token))


@linux
async def test_a_worker_that_ends_leaves_nothing(start: Start, isolation: Isolation) -> None:
    token = uuid.uuid4().hex
    ends = DETACHES.rsplit("signal.pause()", 1)[0]
    async with await start(ends, token, isolation=isolation) as process:
        assert await process.wait() == 0
    assert not list(_processes(token))


@linux
async def test_killing_a_fork_bomb_leaves_nothing(start: Start, isolation: Isolation) -> None:
    token = uuid.uuid4().hex
    code = """
import os
while True:
    try:
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
    except OSError:
        pass
    os.write(int(__import__("sys").argv[1]), b".")
"""
    process = await start(code, token, isolation=isolation)
    await process.reader.readexactly(500)
    await process.kill()
    assert not list(_processes(token))


def _descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


@linux
async def test_descriptors_are_given_back(run: Run, isolation: Isolation) -> None:
    await run("", isolation=isolation)
    before = _descriptors()
    for _ in range(3):
        await run("open(os.environ['TMPDIR'] + '/left', 'w')", isolation=isolation)
    assert _descriptors() == before


@linux
def test_a_killed_server_leaves_nothing(isolation: Isolation, place: Place, tmp_path: Path) -> None:
    """A server starts a sandbox whose program detaches itself, and is killed without warning."""
    token = uuid.uuid4().hex
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    server = f"""
import asyncio, sys
from pathlib import Path
from paceline.judge.sandbox import Isolation, Limits, launch, python_grants
async def main():
    grants = python_grants(Path(sys.executable), Path({str(place.root)!r}))
    words = [sys.executable, "-S", "-c", {DETACHES!r}, "{{result_fd}}", {token!r}]
    process = await launch(words, grants, Limits(), isolation=Isolation({str(isolation)!r}))
    print(await process.reader.readexactly(3), flush=True)
    await process.wait()
asyncio.run(main())
"""
    environment = {**os.environ, "TMPDIR": str(scratch), "HOME": str(place.home)}
    running = subprocess.Popen([PYTHON, "-c", server], stdout=subprocess.PIPE, env=environment)
    with running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"b'...'\n"
        detached = {pid for pid in _processes(token) if pid != running.pid}
        assert len(detached) >= 4
        left = [os.pidfd_open(pid) for pid in detached | set(_children_of(running.pid))]
        running.kill()
    _wait_for_end(left, patience_s=10)
    assert not list(_processes(token))
    assert not list(scratch.iterdir())


def _processes(token: str) -> Iterator[int]:
    """Every living process with the token in its command line, seen from outside every sandbox."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if token.encode() in (process / "cmdline").read_bytes():
                yield int(process.name)


def _children_of(parent: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _wait_for_end(pidfds: list[int], *, patience_s: float) -> None:
    """Return when every one of the processes has ended, or patience has."""
    deadline = time.monotonic() + patience_s
    for pidfd in pidfds:
        select.select([pidfd], [], [], max(0.0, deadline - time.monotonic()))
        os.close(pidfd)
