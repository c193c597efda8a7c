"""The simulated team's server: OpenAI's chat completions over real HTTP on the loopback, streamed."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from paceline.cli.bench_team.simulation.cast import Cast, SimulatedMember
from paceline.cli.bench_team.simulation.playing import answer
from paceline.cli.bench_team.simulation.reading import read_prompt
from paceline.errors import UnusableRequest
from paceline.team.models.tokens import estimated_tokens

CONTEXT_LENGTH = 32_768
BODY_BYTES = 4_000_000
PIECE = 48
"""Characters of an answer that are streamed at a time."""


class SimulatedServer:
    """One server, every member a model of its own. Guards its socket, and how often each was asked.

    The same seed and the same questions give the same answers: what a member draws depends on the seed, its
    name, and how often it was asked before.
    """

    def __init__(self, cast: Cast, *, seed: int) -> None:
        self._cast = cast
        self._seed = seed
        self._asked: Counter[str] = Counter()
        self._serving: set[asyncio.Task[None]] = set()
        self.base_url = ""

    async def __aenter__(self) -> Self:
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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._reply(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path, body = await _read(reader)
        if path == "/v1/models":
            data = [
                {"id": member.name, "object": "model", "max_model_len": CONTEXT_LENGTH}
                for member in self._cast.members
            ]
            await _whole(writer, 200, {"object": "list", "data": data})
            return
        if path != "/v1/chat/completions":
            await _whole(writer, 404, {"error": {"message": "Not Found"}})
            return
        try:
            member = self._cast.member(str(body["model"]))
            asked = "\n\n".join(str(one["content"]) for one in body["messages"])
            question = str(body["messages"][-1]["content"])
        except (KeyError, IndexError, TypeError):
            await _whole(writer, 400, {"error": {"message": "model and messages are needed"}})
            return
        if member is None:
            await _whole(writer, 404, {"error": {"message": f"no model {body['model']!r} here"}})
            return
        try:
            text = await self._answer(member, question)
        except (ValueError, UnusableRequest) as error:
            await _whole(writer, 400, {"error": {"message": str(error)}})
            return
        usage = {
            "prompt_tokens": estimated_tokens(asked),
            "completion_tokens": estimated_tokens(text),
            "total_tokens": estimated_tokens(asked) + estimated_tokens(text),
        }
        if body.get("stream"):
            await _stream(writer, text, usage)
        else:
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            await _whole(writer, 200, {"choices": [choice], "usage": usage})

    async def _answer(self, member: SimulatedMember, question: str) -> str:
        prompt = read_prompt(question)
        # Lessons draw nothing, so that how many were asked for does not change what is proposed.
        purpose = f"{member.name}:{'lesson' if prompt.wants_lesson else 'rewrite'}"
        rng = random.Random(f"{self._seed}:{purpose}:{self._asked[purpose]}")
        self._asked[purpose] += 1
        return await asyncio.to_thread(answer, member, prompt, self._cast.recipes, rng)


async def _read(reader: asyncio.StreamReader) -> tuple[str, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_BYTES:
        raise ConnectionError("a body of no or too great a length")
    content = await reader.readexactly(int(length))
    try:
        body = json.loads(content) if content else None
    except (ValueError, RecursionError):
        body = None
    return first.split(" ")[1], body


async def _stream(writer: asyncio.StreamWriter, text: str, usage: Mapping[str, int]) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    for start in range(0, len(text), PIECE):
        await _event(writer, {"index": 0, "delta": {"content": text[start : start + PIECE]}})
    await _event(writer, {"index": 0, "delta": {}, "finish_reason": "stop"})
    writer.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n".encode())
    await writer.drain()


async def _event(writer: asyncio.StreamWriter, choice: Mapping[str, object]) -> None:
    writer.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
    await writer.drain()


async def _whole(writer: asyncio.StreamWriter, status: int, body: object) -> None:
    content = json.dumps(body).encode()
    writer.write(
        f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        "Connection: close\r\n\r\n".encode()
        + content
    )
    await writer.drain()
