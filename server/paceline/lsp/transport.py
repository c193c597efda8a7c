"""Bytes in, bytes out: framing, the end of the connection, and the life of the process that asked for us.

Own reader, because pygls's reads from the thread pool (which then cannot be joined while a client keeps the
pipe open), loses the stream on a lower-case header name, and lets one huge length end the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 256 * 1024 * 1024
"""Bytes. A message that claims more is not one; the connection ends cleanly."""

LONGEST_HEADER = 64 * 1024
"""Bytes of header lines before a message, at most."""

QUEUED_MESSAGES = 512
"""Messages read but not handled yet, at most; then the client has to wait, and our memory stays bounded."""

CLIENT_CHECK_S = 2.0
"""Seconds between two looks at the client's process where the system cannot tell us of its end."""


class BrokenFraming(Exception):
    """The stream holds something that is not a framed message. Nothing after it can be trusted."""


def read_messages(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the bodies of framed messages until the stream ends.

    Header names in any case, no space after the colon and bare line feeds are understood. Raises
    BrokenFraming when a header block carries no usable length.
    """
    buffer = bytearray()
    while True:
        header_end = None
        while header_end is None:
            header_end = _end_of_headers(buffer)
            if header_end is None:
                if len(buffer) > LONGEST_HEADER:
                    raise BrokenFraming("no end of the headers in sight")
                if not (chunk := read(65536)):
                    return
                buffer += chunk
        length = _content_length(bytes(buffer[:header_end]))
        del buffer[:header_end]
        while len(buffer) < length:
            if not (chunk := read(max(65536, length - len(buffer)))):
                return
            buffer += chunk
        body = bytes(buffer[:length])
        del buffer[:length]
        yield body


def start_reading(
    read: Callable[[int], bytes], *, on_message: Callable[[bytes], None], on_end: Callable[[], None]
) -> None:
    """Read messages on a thread of their own and hand each to the running loop.

    The thread is a daemon: a client that keeps the pipe open cannot keep us alive.
    """
    loop = asyncio.get_running_loop()
    room = threading.BoundedSemaphore(QUEUED_MESSAGES)

    def handle(body: bytes) -> None:
        room.release()
        on_message(body)

    def work() -> None:
        # A closed loop means that we are leaving already; then nobody needs to hear of the end.
        with contextlib.suppress(RuntimeError):
            try:
                for body in read_messages(read):
                    room.acquire()
                    loop.call_soon_threadsafe(handle, body)
            except (BrokenFraming, OSError) as error:
                log.error("the connection ends: %s", error)
            loop.call_soon_threadsafe(on_end)

    threading.Thread(target=work, name="paceline-reader", daemon=True).start()


class Outlet:
    """Where messages are written. It falls silent when the reader has gone, without an error a message."""

    def __init__(self, stream: BinaryIO, *, on_gone: Callable[[], None]) -> None:
        self._stream = stream
        self._on_gone = on_gone
        self._gone = False

    def write(self, data: bytes) -> None:
        """Write one framed message whole, or nothing more at all."""
        if self._gone:
            return
        try:
            self._stream.write(data)
            self._stream.flush()
        except (OSError, ValueError):
            self._gone = True
            self._on_gone()

    def close(self) -> None:
        """Write nothing more."""
        self._gone = True


@dataclass(frozen=True, slots=True)
class Wire:
    """The two ends of a connection."""

    read: Callable[[int], bytes]
    """Returns up to that many bytes, none at the end of the stream."""
    stream: BinaryIO


def stdio_wire() -> Wire:
    """Take standard input and output for the protocol alone.

    What prints to standard output from now on lands on standard error, and a child process inherits an empty
    input: neither can break into the conversation.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (incoming, outgoing):
            msvcrt.setmode(descriptor, os.O_BINARY)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted, not a path
        os.dup2(nothing.fileno(), 0)
    return Wire(lambda size: os.read(incoming, size), os.fdopen(outgoing, "wb"))


def tcp_wire(port: int, *, host: str = "127.0.0.1") -> Wire:
    """Wait for one client on a port of this machine and return the connection. Port 0 means any free one.

    The address is printed on standard error, so that whoever chose port 0 learns of it.
    """
    with socket.create_server((host, port)) as listener:
        print(f"Paceline listens on {host}:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
        connection, _ = listener.accept()
    # Small messages are answered at once instead of waiting for company.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(connection.recv, connection.makefile("wb"))


async def watch_process(pid: int, on_end: Callable[[], None]) -> None:
    """Call ``on_end`` when the process ends. Returns at once where it cannot be seen.

    A process that is not there to begin with lives behind a container's wall; it is not waited for.
    """
    if sys.platform == "win32" or not _is_alive(pid):
        return
    if (descriptor := _process_descriptor(pid)) is not None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
    else:
        while _is_alive(pid):  # noqa: ASYNC110 - there is no event to wait for here
            await asyncio.sleep(CLIENT_CHECK_S)
    on_end()


def _end_of_headers(buffer: bytearray) -> int | None:
    """Return the offset of the body: behind the first empty line."""
    ends = [at + len(mark) for mark in (b"\n\r\n", b"\n\n") if (at := buffer.find(mark)) >= 0]
    return min(ends, default=None)


def _content_length(headers: bytes) -> int:
    for line in headers.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            try:
                length = int(value)
            except ValueError:
                raise BrokenFraming(f"the content length is not a number: {value!r}") from None
            if not 0 <= length <= LONGEST_MESSAGE:
                raise BrokenFraming(f"a message of {length} bytes is not believed")
            return length
    raise BrokenFraming("a message without a content length")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _process_descriptor(pid: int) -> int | None:
    opener = getattr(os, "pidfd_open", None)
    if opener is None:
        return None
    try:
        return int(opener(pid))
    except OSError:
        return None
