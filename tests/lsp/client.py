"""A small editor: starts the real server, speaks the protocol byte by byte, and remembers what it is sent."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CAPABILITIES = Path(__file__).parent / "capabilities"
WAIT_S = 20.0
"""How long an awaited message may take before the test fails."""


class ResponseError(Exception):
    """The server answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: int = error["code"]


@dataclass
class Client:
    """One connection. Answers the server's own requests from ``answers``, by method."""

    process: asyncio.subprocess.Process
    answers: dict[str, Any] = field(
        default_factory=lambda: {"workspace/configuration": lambda params: [None for _ in params["items"]]}
    )
    notices: list[dict[str, Any]] = field(default_factory=list)
    """Every notification and request the server has sent, in order."""
    result: dict[str, Any] = field(default_factory=dict)
    """What initialize was answered with."""
    _waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _next_id: int = 0
    _reader: asyncio.Task[None] | None = None
    stray: list[dict[str, Any]] = field(default_factory=list)
    """Responses nobody waits for, such as errors without an id."""

    @classmethod
    async def start(cls, *command: str, env: Mapping[str, str], folder: Path) -> Client:
        process = await asyncio.create_subprocess_exec(
            *(command or (sys.executable, "-m", "paceline", "serve", "--stdio")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **env},
            cwd=folder,
            limit=64 * 1024 * 1024,
        )
        client = cls(process)
        client._reader = asyncio.create_task(client._read())
        return client

    async def initialize(
        self, capabilities: Mapping[str, Any], *, root: Path | None, options: Any = None, **more: Any
    ) -> None:
        folders = None if root is None else [{"uri": root.as_uri(), "name": root.name}]
        self.result = await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None if root is None else root.as_uri(),
                "workspaceFolders": folders,
                "capabilities": capabilities,
                "initializationOptions": options,
                **more,
            },
        )
        self.notify("initialized", {})

    def send(self, body: bytes, header: bytes | None = None) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((header or b"Content-Length: %d\r\n\r\n" % len(body)) + body)

    def notify(self, method: str, params: Any = None) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def begin(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Any]]:
        """Send a request; return its id and what will hold the answer."""
        self._next_id += 1
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": self._next_id, "method": method}
        if params is not None:
            message["params"] = params
        future = asyncio.get_running_loop().create_future()
        self._waiting[self._next_id] = future
        self.send(json.dumps(message).encode())
        return self._next_id, future

    async def request(self, method: str, params: Any = None) -> Any:
        _, future = self.begin(method, params)
        return await asyncio.wait_for(future, WAIT_S)

    async def wait_for(self, method: str, *, count: int = 1, **fields: Any) -> dict[str, Any]:
        """Return the params of the count-th message of a method whose params hold these fields."""

        def found() -> list[dict[str, Any]]:
            return [
                one.get("params") or {}
                for one in self.notices
                if one["method"] == method and all(_holds(one.get("params"), k, v) for k, v in fields.items())
            ]

        await self.until(lambda: len(found()) >= count)
        return found()[count - 1]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what the server has sent."""
        async with asyncio.timeout(WAIT_S), self._arrived:
            await self._arrived.wait_for(holds)

    def sent(self, method: str) -> list[Any]:
        return [one.get("params") for one in self.notices if one["method"] == method]

    def open(self, path: Path, text: str, *, version: int = 1, language: str = "python") -> str:
        uri = path.as_uri()
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": language, "version": version, "text": text}},
        )
        return uri

    def change(self, uri: str, version: int, changes: Sequence[Mapping[str, Any]]) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    async def actions(
        self, uri: str, line: int, character: int = 0, *, only: Sequence[str] | None = None, trigger: int = 1
    ) -> list[dict[str, Any]]:
        context: dict[str, Any] = {"diagnostics": [], "triggerKind": trigger}
        if only is not None:
            context["only"] = only
        place = {"line": line, "character": character}
        found = await self.request(
            "textDocument/codeAction",
            {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": context},
        )
        assert isinstance(found, list)
        return found

    async def shut_down(self) -> int:
        """Shut the server down as an editor does, and return its exit status."""
        await self.request("shutdown")
        self.notify("exit")
        return await asyncio.wait_for(self.process.wait(), WAIT_S)

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := await stream.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not line:
                for future in self._waiting.values():
                    if not future.done():
                        future.set_exception(ConnectionError("the server has gone"))
                return
            await self._take(json.loads(await stream.readexactly(length)))

    async def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            async with self._arrived:
                self.notices.append(message)
                self._arrived.notify_all()
            if "id" in message:
                self._answer(message)
            return
        future = self._waiting.pop(message["id"], None) if message.get("id") is not None else None
        if future is None:
            async with self._arrived:
                self.stray.append(message)
                self.notices.append({"method": "stray", "params": message})
                self._arrived.notify_all()
        elif not future.done():
            if "error" in message:
                future.set_exception(ResponseError(message["error"]))
            else:
                future.set_result(message.get("result"))

    def _answer(self, message: dict[str, Any]) -> None:
        answer = self.answers.get(message["method"])
        if answer == "never":
            return
        result = answer(message.get("params")) if callable(answer) else answer
        self.send(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())


def capabilities(editor: str) -> dict[str, Any]:
    """Return the capabilities an editor declares, as kept in the data files."""
    record = json.loads((CAPABILITIES / f"{editor}.json").read_text())
    assert isinstance(record["capabilities"], dict)
    return dict(record["capabilities"])


def apply_edit(text: str, edit: Mapping[str, Any], uri: str, encoding: str = "utf-16") -> str:
    """Apply a workspace edit to a text as an editor does: positions in the encoding agreed on."""
    if "documentChanges" in edit:
        edits = [one for change in edit["documentChanges"] for one in change["edits"]]
        assert all(change["textDocument"]["uri"] == uri for change in edit["documentChanges"])
    else:
        edits = edit["changes"][uri]
    for one in sorted(edits, key=lambda e: _key(e["range"]["start"]), reverse=True):
        start, end = (_index(text, one["range"][side], encoding) for side in ("start", "end"))
        text = text[:start] + one["newText"] + text[end:]
    return text


def _key(position: Mapping[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]


def _index(text: str, position: Mapping[str, int], encoding: str) -> int:
    lines = text.replace("\r\n", "\n\n").replace("\r", "\n").split("\n")
    if "\r\n" in text:
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        starts = [sum(len(line) + 1 for line in text.split("\n")[:n]) for n in range(len(lines))]
    else:
        starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    line = lines[position["line"]]
    units = line.encode(codec, "surrogatepass")[: position["character"] * width]
    return starts[position["line"]] + len(units.decode(codec, "surrogatepass"))


def _holds(params: Any, key: str, value: Any) -> bool:
    return isinstance(params, Mapping) and params.get(key) == value
