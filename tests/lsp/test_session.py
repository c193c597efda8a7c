"""The life of a session: what is answered when, and that nothing is left when it ends."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import WAIT_S, Client, ResponseError, capabilities
from tests.lsp.conftest import REPOSITORY, SCRIPTED, Connect
from tests.lsp.test_jobs import AT_TOTAL, TOTAL, child_of, has_ended, optimize

SHUTDOWN_S = 1.5
"""The least that editors wait (eglot)."""


async def hanging(client: Client, project: Path) -> tuple[int, asyncio.Future[Any]]:
    """Start a run that hangs; return the id of its process and the answer that will not come."""
    uri = client.open(project / "a.py", TOTAL.replace("total", "hang"))
    _, answer = client.begin("paceline/optimize", optimize(uri, workDoneToken="t"))
    answer.add_done_callback(lambda future: future.cancelled() or future.exception())
    return await child_of(client, "t"), answer


async def test_shutting_down_in_a_run_leaves_nothing(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    pid, answer = await hanging(client, project)
    started = time.monotonic()
    assert await client.shut_down() == 0
    assert time.monotonic() - started < SHUTDOWN_S
    assert await has_ended(pid)
    assert isinstance(answer.exception(), (ResponseError, ConnectionError))


async def test_shutting_down_while_a_question_stands_open(connect: Connect, tmp_path: Path) -> None:
    client = await connect(root=tmp_path, answers={"window/showMessageRequest": "never"})
    uri = client.open(tmp_path / "a.py", TOTAL)
    await client.request(
        "workspace/executeCommand", {"command": "paceline.optimize", "arguments": [uri, AT_TOTAL]}
    )
    await client.wait_for("window/showMessageRequest")
    assert await client.shut_down() == 0


async def test_shutdown_and_exit_in_one_breath(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    client.begin("shutdown")
    client.notify("exit")
    assert await asyncio.wait_for(client.process.wait(), WAIT_S) == 0


@pytest.mark.parametrize("how", ["exit without shutdown", "end of input"])
async def test_leaving_without_a_word_leaves_nothing(connect: Connect, project: Path, how: str) -> None:
    client = await connect(root=project)
    pid, _ = await hanging(client, project)
    if how == "end of input":
        assert client.process.stdin is not None
        client.process.stdin.close()
    else:
        client.notify("exit")
    assert await asyncio.wait_for(client.process.wait(), WAIT_S) == 1
    assert await has_ended(pid)


async def test_the_server_ends_with_the_editor(connect: Connect, project: Path) -> None:
    editor = await asyncio.create_subprocess_exec(sys.executable, "-c", "import signal; signal.pause()")
    client = await connect(root=project, processId=editor.pid)
    pid, _ = await hanging(client, project)
    editor.kill()
    await editor.wait()
    assert await asyncio.wait_for(client.process.wait(), WAIT_S) == 1
    assert await has_ended(pid)


async def test_a_closed_output_ends_the_server_quietly(home: Path, project: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *SCRIPTED,
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
    client = Client(process)
    client.begin("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
    _, errors = await asyncio.wait_for(process.communicate(), WAIT_S)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert b"recursion" not in errors


async def test_requests_out_of_order_are_answered(home: Path) -> None:
    client = await Client.start(*SCRIPTED, env={}, folder=REPOSITORY)
    try:
        with pytest.raises(ResponseError, match="-32002"):
            await client.request("textDocument/hover", {})
        client.notify("textDocument/didOpen", {"nonsense": True})
        await client.initialize(capabilities("vscode"), root=None)
        with pytest.raises(ResponseError, match="-32600"):
            await client.request("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
        await client.request("shutdown")
        with pytest.raises(ResponseError, match="-32600"):
            await client.request("textDocument/codeAction", {})
        client.notify("exit")
        assert await asyncio.wait_for(client.process.wait(), WAIT_S) == 0
    finally:
        await client.kill()


async def test_what_cannot_be_served_is_answered(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    with pytest.raises(ResponseError, match="-32601"):
        await client.request(
            "textDocument/hover", {"textDocument": {"uri": "file:///a.py"}, "position": AT_TOTAL}
        )
    with pytest.raises(ResponseError, match="-32601"):
        await client.request("shop/checkout")
    with pytest.raises(ResponseError, match="-32602"):
        await client.request("textDocument/codeAction", {"textDocument": 5})
    with pytest.raises(ResponseError, match="-32602"):
        await client.request("workspace/executeCommand", {"command": "rm", "arguments": ["-rf"]})
    client.notify("shop/closed", [1, 2])
    client.notify("textDocument/didChange", {"textDocument": 5})
    client.notify("$/cancelRequest", {"id": 4711})
    client.notify("window/workDoneProgress/cancel", {"token": "unknown"})
    assert await client.actions("file:///nowhere.py", 0) == []
    assert client.sent("window/showMessage") == []


async def test_what_is_no_message_is_answered_and_survived(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    client.send(b"{not json")
    assert (await client.wait_for("stray"))["error"]["code"] == -32700
    client.send(b"[]")
    assert (await client.wait_for("stray", count=2))["error"]["code"] == -32600
    body = json.dumps({"jsonrpc": "2.0", "id": "x", "method": "shutdown"}).encode()
    client.send(body, header=b"content-length:%d\n\n" % len(body))
    assert (await client.wait_for("stray", count=3)) == {"jsonrpc": "2.0", "id": "x", "result": None}


async def test_a_length_beyond_belief_ends_the_session(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    client.send(b"", header=b"Content-Length: 99999999999999\r\n\r\n")
    assert await asyncio.wait_for(client.process.wait(), WAIT_S) == 1


async def test_what_the_engine_prints_does_not_break_the_conversation(home: Path, project: Path) -> None:
    talkative = "s.ScriptedEngine.hints = lambda *a: print('hello') or []"
    code = f"import tests.lsp.scripted_server as s; {talkative}; s.main()"
    client = await Client.start(sys.executable, "-c", code, env={}, folder=REPOSITORY)
    try:
        await client.initialize(capabilities("vscode"), root=project)
        uri = client.open(project / "a.py", TOTAL)
        report = await client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        assert report["items"] == []
    finally:
        await client.kill()


async def test_serving_over_a_port(home: Path, project: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *SCRIPTED, cwd=REPOSITORY, env={**os.environ, "PORT": "0"}, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    line = await asyncio.wait_for(process.stderr.readline(), WAIT_S)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(line.rpartition(b":")[2]))
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "shutdown"}).encode()
    writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert b"Content-Length" in await asyncio.wait_for(reader.readline(), WAIT_S)
    writer.close()
    assert await asyncio.wait_for(process.wait(), WAIT_S) == 1
