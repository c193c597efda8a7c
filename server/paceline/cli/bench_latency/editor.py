"""A small editor: starts a language server and speaks JSON-RPC with it over standard input and output.

Plain JSON, no protocol library: what is measured is the server, and the less the client does the better.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from paceline.errors import PacelineError

ANSWER_S = 120.0
"""How long an answer may take before the measurement is given up, in seconds."""

_LONGEST_LINE = 2**20
_EMPTY: Mapping[str, Any] = {}


class ServerGone(PacelineError):
    """The server that is measured ended, or did not answer."""


class Editor:
    """One session with one server. Guards which answer belongs to which request."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._heard: dict[str, int] = {}
        self._news = asyncio.Event()
        self._next_id = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: Sequence[str], *, home: Path) -> Self:
        """Start a server whose data folder is ``home``. Its log is dropped."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PACELINE_HOME": str(home)},
            limit=_LONGEST_LINE,
        )
        return cls(process)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    async def initialize(self, root: Path, *, options: Mapping[str, Any] = _EMPTY) -> None:
        """Open the session as a client that is pushed its diagnostics and resolves edits."""
        action = {
            "codeActionLiteralSupport": {
                "codeActionKind": {"valueSet": ["", "quickfix", "refactor.rewrite"]}
            },
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        }
        await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root.as_uri(),
                "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
                "initializationOptions": dict(options),
                "capabilities": {
                    "general": {"positionEncodings": ["utf-16"]},
                    "textDocument": {"codeAction": action, "publishDiagnostics": {"dataSupport": True}},
                    "workspace": {"workspaceEdit": {"documentChanges": True}},
                },
            },
        )
        self.notify("initialized", {})

    def open(self, uri: str, text: str) -> None:
        """Open a document as version 1."""
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def insert(self, uri: str, version: int, place: Mapping[str, int], text: str) -> None:
        """Type a text at a place."""
        change = {"range": {"start": place, "end": place}, "text": text}
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    async def actions(self, uri: str, line: int) -> Sequence[Any]:
        """Ask for every code action at a line, as when a person presses the key for them."""
        place = {"line": line, "character": 4}
        found = await self.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": uri},
                "range": {"start": place, "end": place},
                "context": {"diagnostics": [], "triggerKind": 1},
            },
        )
        return found if isinstance(found, list) else []

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def request(self, method: str, params: object = None) -> Any:
        """Send a request and return its result, None where it was answered with an error.

        Raises ServerGone where no answer comes.
        """
        self._next_id += 1
        number = self._next_id
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        message = {"jsonrpc": "2.0", "id": number, "method": method}
        self._send(message if params is None else {**message, "params": params})
        try:
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            raise ServerGone(f"no answer to {method} within {ANSWER_S:.0f} s") from None
        except asyncio.CancelledError:
            with suppress(ServerGone):
                self.notify("$/cancelRequest", {"id": number})
            raise
        finally:
            self._answers.pop(number, None)

    def heard(self, method: str) -> int:
        """Return how often the server has sent this method so far."""
        return self._heard.get(method, 0)

    async def hear(self, method: str, *, count: int) -> None:
        """Wait until the server has sent a method so often. Raises ServerGone where it does not."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while self.heard(method) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise ServerGone(f"the server sent no {method} within {ANSWER_S:.0f} s") from None

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps(message, separators=(",", ":")).encode()
        stream = self._process.stdin
        if stream is None or stream.is_closing() or self._process.returncode is not None:
            raise ServerGone("the server has ended")
        stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        try:
            while True:
                length = 0
                while line := (await stream.readline()).strip():
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if not length:
                    return
                self._take(json.loads(await stream.readexactly(length)))
        except asyncio.IncompleteReadError:
            return
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ServerGone("the server has ended"))

    def _take(self, message: Mapping[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            answer = self._answers.get(message.get("id") or 0)
            if answer is not None and not answer.done():
                answer.set_result(message.get("result"))
            return
        self._heard[method] = self._heard.get(method, 0) + 1
        self._news.set()
        if "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})
