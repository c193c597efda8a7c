"""A server that speaks OpenAI's chat completions over real HTTP on the loopback, and answers by a script.

It plays good, wrong, slow, endless, lying and broken models. What it was asked, and which connections were
closed before their answer was over, is kept for the tests.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def prompt(self) -> str:
        """The user's message."""
        return str(self.body["messages"][-1]["content"])


Reply = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]
"""Writes one answer; cancelled when the client closes the connection."""


def says(
    text: str,
    *,
    finish_reason: str | None = "stop",
    usage: Mapping[str, Any] | None = None,
    done: bool = True,
    thinks: str = "",
    pieces: int = 7,
) -> Reply:
    """Stream a text in pieces of so many characters."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        await _begin_stream(writer)
        await _send(writer, {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
        if thinks:
            await _send(writer, {"choices": [{"index": 0, "delta": {"reasoning_content": thinks}}]})
        for start in range(0, len(text), pieces):
            await _send(writer, _piece(text[start : start + pieces]))
        if finish_reason is not None:
            await _send(writer, {"choices": [{"index": 0, "delta": {}, "finish_reason": finish_reason}]})
        if usage is not None:
            await _send(writer, {"choices": [], "usage": usage})
        if done:
            writer.write(b"data: [DONE]\n\n")
            await writer.drain()

    return reply


def says_at_once(text: str) -> Reply:
    """Answer whole, as a server does that does not stream."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        message = {"role": "assistant", "content": text}
        await _whole(writer, 200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    return reply


def fails(status: int, message: str = "no", **headers: str) -> Reply:
    """Answer with an error, as such servers do."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        await _whole(writer, status, {"error": {"message": message}}, headers)

    return reply


def hangs() -> Reply:
    """Take the request and never answer."""

    async def reply(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return reply


def stalls_after(text: str) -> Reply:
    """Begin an answer and never go on."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        await _begin_stream(writer)
        await _send(writer, _piece(text))
        await asyncio.Event().wait()

    return reply


def keeps_alive() -> Reply:
    """Send comments without end, and no word of an answer."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        await _begin_stream(writer)
        while True:
            writer.write(b": ping\n\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    return reply


def endless(word: str = "and so on ") -> Reply:
    """Stream tokens until the client hangs up."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        await _begin_stream(writer)
        while True:
            await _send(writer, _piece(word))

    return reply


def disconnects_after(text: str) -> Reply:
    """Close the connection in the middle of an answer."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        event = f"data: {json.dumps(_piece(text))}\n\n".encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            + f"{len(event):x}\r\n".encode()
            + event
            + b"\r\n"
        )
        await writer.drain()

    return reply


def sends(raw: bytes) -> Reply:
    """Answer 200 with these very bytes."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        await _begin_stream(writer)
        writer.write(raw)
        await writer.drain()

    return reply


@contextmanager
def beside(server: ScriptedEndpoint) -> Iterator[ScriptedEndpoint]:
    """Run the server on a loop of its own, in a thread, for code under test that runs a loop itself."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@dataclass
class ScriptedEndpoint:
    """The server. Replies are given in order, the last one again and again; or chosen by the request."""

    replies: Iterable[Reply] = ()
    choose: Callable[[Asked], Reply] | None = None
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"coder": {}})
    properties: Mapping[str, Any] = field(default_factory=dict)
    """What llama.cpp's server says at /props; nothing where the server has no such thing."""
    characters_a_token: float | None = None
    """What /tokenize counts with; None where the server has no such thing."""
    asked: list[Asked] = field(default_factory=list)
    """Chat completions only."""
    hung_up: list[Asked] = field(default_factory=list)
    """Those whose connection the client closed before the answer was over."""

    async def __aenter__(self) -> Self:
        self._script = list(self.replies)
        self._serving: set[asyncio.Task[None]] = set()
        self.heard = asyncio.Condition()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is true of what was heard."""
        async with asyncio.timeout(20), self.heard:
            await self.heard.wait_for(holds)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader)
        if asked.path == "/v1/models":
            data = [{"id": name, "object": "model", **more} for name, more in self.models.items()]
            await _whole(writer, 200, {"object": "list", "data": data})
            return
        if asked.path == "/props" and self.properties:
            await _whole(writer, 200, self.properties)
            return
        if asked.path == "/tokenize":
            if self.characters_a_token is None:
                await _whole(writer, 404, {"detail": "Not Found"})
            else:
                await _whole(writer, 200, {"count": int(len(asked.body["prompt"]) / self.characters_a_token)})
            return
        if asked.path != "/v1/chat/completions":
            await _whole(writer, 404, {"detail": "Not Found"})
            return
        async with self.heard:
            self.asked.append(asked)
            self.heard.notify_all()
        if self.choose is not None:
            reply = self.choose(asked)
        else:
            reply = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        answering = asyncio.ensure_future(reply(asked, writer))
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            failed = answering.done() and isinstance(answering.exception(), ConnectionError)
            if not answering.done() or failed:
                async with self.heard:
                    self.hung_up.append(asked)
                    self.heard.notify_all()
        finally:
            answering.cancel()
            leaving.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, json.loads(body) if body else None)


async def _begin_stream(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    await writer.drain()


async def _send(writer: asyncio.StreamWriter, event: Mapping[str, Any]) -> None:
    writer.write(f"data: {json.dumps(event)}\n\n".encode())
    await writer.drain()
    # Lets others have their turn: a writer that is always ready would never pause.
    await asyncio.sleep(0)


def _piece(text: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


async def _whole(
    writer: asyncio.StreamWriter, status: int, body: object, headers: Mapping[str, str] | None = None
) -> None:
    content = json.dumps(body).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (headers or {}).items())
    writer.write(
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        f"Connection: close\r\n{more}\r\n".encode()
        + content
    )
    await writer.drain()
