"""Starting a sandboxed process, talking to it, and ending it with everything it started."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from paceline.judge.sandbox.grants import Grants, Limits
from paceline.judge.sandbox.isolation import Isolation
from paceline.judge.sandbox.preparation import Prepared, prepare

_TAIL_BYTES = 8 * 1024
_PATIENCE_S = 10.0
"""How long an ending may take before it is forced. It takes milliseconds unless the machine is overloaded."""
_LAST_WORDS_S = 0.5


async def launch(
    argv: Sequence[str], grants: Grants, limits: Limits, *, isolation: Isolation
) -> SandboxedProcess:
    """Start ``argv`` (an absolute program first) in a sandbox.

    ``{result_fd}`` and ``{request_fd}`` in an argument become the numbers of the two channel descriptors,
    which are open before the program is loaded. The process lives no longer than the *thread* that launched
    it, so launch from the main thread's event loop. Raises IsolationUnavailable where the isolation cannot
    even be tried. What goes wrong later shows as the end of ``reader``, in ``stderr_tail``, and as exit
    status 125 (the sandbox could not be set up; 1 when bubblewrap itself refused).
    """
    output, output_end = os.pipe()
    try:
        with prepare(argv, grants, limits, isolation=isolation) as prepared:
            popen = subprocess.Popen(  # noqa: ASYNC220 - returns within 2 ms, and asyncio would wait in a thread.
                prepared.argv,
                stdin=subprocess.DEVNULL,
                stdout=output_end,
                stderr=output_end,
                env={},
                pass_fds=prepared.passed,
                start_new_session=True,
            )
            prepared.taken = True
    except BaseException:
        os.close(output)
        raise
    finally:
        os.close(output_end)
    return await SandboxedProcess._connect(popen, output, prepared)


class SandboxedProcess:
    """One running sandbox. As an async context manager it kills the process when it is left."""

    reader: asyncio.StreamReader
    """What the process writes to ``{result_fd}``. Ends when every process that holds it has ended."""
    writer: asyncio.StreamWriter
    """What the process reads from ``{request_fd}``. ``drain`` raises ConnectionError once nobody reads."""
    pid: int
    """Of the outermost process, as this machine numbers it."""

    def __init__(self, popen: subprocess.Popen[bytes], leash: int | None, information: int | None) -> None:
        self._popen = popen
        self._leash = leash
        self._first_inside = None if information is None else _FirstInside(information, popen.pid)
        self._output = _Tail()
        self._exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._ending: asyncio.Task[None] | None = None
        self._closing = contextlib.ExitStack()
        self.pid = popen.pid
        self._reap_when_it_ends()

    @classmethod
    async def _connect(
        cls, popen: subprocess.Popen[bytes], output: int, prepared: Prepared
    ) -> SandboxedProcess:
        self = cls(popen, prepared.leash, prepared.information)
        # Closing a file twice does no harm, so each is closed even if its transport never came to be.
        files = [
            os.fdopen(fd, mode, 0)
            for fd, mode in ((prepared.result, "rb"), (prepared.request, "wb"), (output, "rb"))
        ]
        for file in files:
            self._closing.callback(file.close)
        try:
            await self._open(*files)
        except BaseException:
            # A caller who is cancelled while launching has nothing in hand to kill.
            await self.kill()
            raise
        return self

    async def _open(self, result: IO[bytes], request: IO[bytes], output: IO[bytes]) -> None:
        loop = asyncio.get_running_loop()
        self.reader = asyncio.StreamReader(limit=2**20)
        reading, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self.reader), result)
        self._closing.callback(reading.close)
        nothing = asyncio.StreamReader()
        writing, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(nothing), request
        )
        # asyncio's abort breaks on a pipe that is closed already.
        self._closing.callback(lambda: None if writing.is_closing() else writing.abort())
        self.writer = asyncio.StreamWriter(writing, protocol, nothing, loop)
        capturing, _ = await loop.connect_read_pipe(lambda: self._output, output)
        self._closing.callback(capturing.close)

    @property
    def stderr_tail(self) -> bytes:
        """The last 8 KiB that the process, or the sandbox around it, wrote to standard output and error."""
        return bytes(self._output.kept)

    def worker_pid(self) -> int | None:
        """The number on this machine of the process that runs the program, None where it cannot be told.

        Not before its first answer: until then the processes around it are still starting.
        """
        around = self.around_pid()
        return None if around is None else _first_child(around)

    def around_pid(self) -> int | None:
        """The number on this machine of the program's parent, also of what the program leaves behind."""
        return self.pid if self._first_inside is None else self._first_inside.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, 128 + N when signal N ended it, None while it runs."""
        return self._exited.result() if self._exited.done() else None

    async def wait(self) -> int:
        """Wait for the end, however it comes, and return the exit status. Sets no time limit of its own."""
        status = await asyncio.shield(self._exited)
        await asyncio.wait([self._output.ended], timeout=_LAST_WORDS_S)
        return status

    async def kill(self) -> None:
        """End the process and everything it started, detached or not, and wait until all of it is gone.

        May be called any number of times, also after the end. The ending goes on when the caller is
        cancelled.
        """
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(), name=f"end sandbox {self.pid}")
        await asyncio.shield(self._ending)

    async def __aenter__(self) -> SandboxedProcess:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()

    async def _end(self) -> None:
        with self._closing:
            if self._first_inside is None:
                # The supervisor sees that its leash is cut, sweeps up and ends itself.
                self._cut_leash()
                await asyncio.wait([self._exited], timeout=_PATIENCE_S)
                self._signal_group()
            else:
                try:
                    await asyncio.wait([self._first_inside.known], timeout=_PATIENCE_S)
                finally:
                    # It first: until it has asked to die with its parent, the parent's end is nothing to it.
                    self._first_inside.kill()
                    self._signal_group()
                await asyncio.wait([self._first_inside.gone], timeout=_PATIENCE_S)
            await self._exited
            await asyncio.wait([self._output.ended], timeout=_LAST_WORDS_S)

    def _signal_group(self) -> None:
        if not self._exited.done():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _reap_when_it_ends(self) -> None:
        loop = asyncio.get_running_loop()

        def reap() -> None:
            status = self._popen.wait()
            self._cut_leash()
            self._exited.set_result(status if status >= 0 else 128 - status)

        def wait_in_thread() -> None:
            self._popen.wait()
            with contextlib.suppress(RuntimeError):  # The loop is closed, so nobody asks any more.
                loop.call_soon_threadsafe(reap)

        try:
            _when_readable(os.pidfd_open(self.pid), reap)
        except (AttributeError, OSError):  # macOS, or an old kernel.
            threading.Thread(target=wait_in_thread, name=f"sandbox {self.pid}", daemon=True).start()

    def _cut_leash(self) -> None:
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None


class _FirstInside:
    """Process 1 of a bubblewrap sandbox, with whose end the kernel has ended every other process inside."""

    def __init__(self, information: int, bubblewrap: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._information = information
        self._bubblewrap = bubblewrap
        self._text = b""
        self._pidfd: int | None = None
        self.pid: int | None = None
        """Its number on this machine, once that is known."""
        self.known: asyncio.Future[None] = self._loop.create_future()
        """Done when bubblewrap has told its number, or has ended without."""
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(information, self._read)

    def kill(self) -> None:
        if self._pidfd is not None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _read(self) -> None:
        piece = os.read(self._information, 4096)
        self._text += piece
        if piece:
            return
        self._loop.remove_reader(self._information)
        os.close(self._information)
        self._pidfd = self._open()
        if self._pidfd is None:
            self.gone.set_result(None)
        else:
            _when_readable(self._pidfd, self._ended)
        self.known.set_result(None)

    def _open(self) -> int | None:
        try:
            pid = int(json.loads(self._text)["child-pid"])
            descriptor = os.pidfd_open(pid)
        except (ValueError, KeyError, OSError):
            return None
        if _parent_of(pid) == self._bubblewrap:
            self.pid = pid
            return descriptor
        # It has ended, and somebody else has its number.
        os.close(descriptor)
        return None

    def _ended(self) -> None:
        self._pidfd = None
        self.gone.set_result(None)


class _Tail(asyncio.Protocol):
    """Keeps the end of what a process prints, however much that is."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.kept += data
        del self.kept[:-_TAIL_BYTES]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _when_readable(descriptor: int, then: Callable[[], None]) -> None:
    """Have the loop close a descriptor and call ``then`` once it is readable (pidfd: the process ended)."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        then()

    loop.add_reader(descriptor, readable)


def _first_child(pid: int) -> int | None:
    """The oldest child of a process: orphans that it adopts come behind."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return None
    return int(listed[0]) if listed else None


def _parent_of(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, may hold anything; behind it stand the state and the parent.
    return int(status.rpartition(")")[2].split()[1])
