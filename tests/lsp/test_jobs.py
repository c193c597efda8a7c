"""Runs: started by a request or a command, streamed, joined, cancelled; and what becomes of their results."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import WAIT_S, Client, ResponseError, apply_edit
from tests.lsp.conftest import Connect

TOTAL = """\
def total(items):
    return sum(items)
"""
AT_TOTAL = {"line": 0, "character": 5}


def optimize(uri: str, position: dict[str, int] = AT_TOTAL, **more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": position, **more}


async def child_of(client: Client, token: str) -> int:
    """Return the id of the process that the hanging run has started, as its progress tells."""
    await client.until(lambda: _child(client, token) is not None)
    return _child(client, token) or 0


def _child(client: Client, token: str) -> int | None:
    for params in client.sent("$/progress"):
        found = re.search(r"child (\d+)", params["value"].get("message") or "")
        if found and params["token"] == token:
            return int(found[1])
    return None


async def has_ended(pid: int) -> bool:
    """Return whether a process is gone, waiting a while for its end."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await asyncio.wait_for(ended.wait(), 5)
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return True


def open_gate(client: Client, folder: Path) -> None:
    """Let the gated run go on. The source is new each time, so that the engine is asked about it."""
    client.open(folder / "gate.py", f"def open_gate():\n    return {folder.name!r}\n")


@pytest.mark.asyncio(loop_scope="module")
async def test_the_request_answers_with_ranked_suggestions(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL)
    result = await client.request("paceline/optimize", optimize(uri))
    assert (result["function"], result["status"]) == ("total", "faster")
    best, second = result["suggestions"]
    assert best["title"] == "3.1x faster (2.8-3.4): use a set for membership"
    assert best["checks"] == {"inputs": 74, "sources": {"recorded": 12, "edge": 62}, "tests": 0}
    assert best["low"] > second["low"]
    assert best["diff"].startswith("---")
    assert best["edit"]["documentChanges"][0]["textDocument"] == {"uri": uri, "version": 1}
    assert apply_edit(TOTAL, best["edit"], uri) == (
        "import itertools\n\n\ndef total(items):\n    return sum(items)  # faster: set\n"
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_progress_is_shown_on_the_clients_token(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL)
    await client.request("paceline/optimize", optimize(uri, workDoneToken="mine"))
    told = [params["value"] for params in client.sent("$/progress") if params["token"] == "mine"]
    assert told[0] == {"kind": "begin", "title": "Making total faster", "cancellable": True}
    messages = [value.get("message") for value in told]
    assert "timing: do less work" in messages
    assert "1 judged, 1 faster; timing: use a set for membership" in messages
    assert told[-1]["kind"] == "end"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_cancelled_request_ends_the_run_and_its_processes(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL.replace("total", "hang"))
    number, answer = client.begin("paceline/optimize", optimize(uri, workDoneToken="mine"))
    pid = await child_of(client, "mine")
    client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(ResponseError, match="-32800"):
        await answer
    assert await has_ended(pid)
    await client.wait_for("$/progress", token="mine", value={"kind": "end", "message": "cancelled"})
    titles = [action["title"] for action in await client.actions(uri, 0)]
    assert "2.0x faster (1.8-2.2): do less work" in titles, "what was proven before stays"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_second_request_joins_the_run(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL.replace("total", "hang"))
    first, first_answer = client.begin("paceline/optimize", optimize(uri, workDoneToken="one"))
    pid = await child_of(client, "one")
    second, second_answer = client.begin("paceline/optimize", optimize(uri, workDoneToken="two"))
    assert await child_of(client, "two") == pid
    client.notify("$/cancelRequest", {"id": first})
    with pytest.raises(ResponseError, match="-32800"):
        await first_answer
    assert not second_answer.done(), "the run goes on for the other"
    client.notify("$/cancelRequest", {"id": second})
    with pytest.raises(ResponseError, match="-32800"):
        await second_answer
    assert await has_ended(pid)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_command_returns_at_once_and_streams(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL.replace("total", "hang"))
    command = {"command": "paceline.optimize", "arguments": [uri, AT_TOTAL]}
    assert await client.request("workspace/executeCommand", command) is None
    notice = await client.wait_for("paceline/suggestion")
    assert notice["title"] == "2.0x faster (1.8-2.2): do less work"
    token = (await client.wait_for("window/workDoneProgress/create"))["token"]
    assert isinstance(token, str)
    pid = await child_of(client, token)
    titles = [action["title"] for action in await client.actions(uri, 0)]
    assert titles == [
        "2.0x faster (1.8-2.2): do less work",
        "Dismiss the suggestion for `hang` (Paceline)",
    ], "usable while the run goes on"
    client.notify("window/workDoneProgress/cancel", {"token": token})
    assert await has_ended(pid)
    await client.wait_for("paceline/status", busy=False)


async def test_the_command_says_how_it_went(connect: Connect, project: Path) -> None:
    client = await connect(root=project, answers={"window/workDoneProgress/create": "never"})
    source = (
        TOTAL + "\n\n" + TOTAL.replace("total", "nothing") + "\n\n" + TOTAL.replace("total", "unjudgeable")
    )
    uri = client.open(project / "a.py", source + "\n\n" + TOTAL.replace("total", "broken"))
    for line in (0, 4, 8, 12):
        command = {"command": "paceline.optimize", "arguments": [uri, {"line": line, "character": 0}]}
        await client.request("workspace/executeCommand", command)
        await client.wait_for("window/showMessage", count=line // 4 + 1)
    told = [params["message"] for params in client.sent("window/showMessage")]
    best = "3.1x faster (2.8-3.4): use a set for membership"
    why = "no inputs were found; add a test that calls it"
    assert told == [
        f"Paceline: total can be {best}. It is among the code actions of the function.",
        f"Paceline: no faster version of nothing could be proven: {why}",
        f"Paceline: unjudgeable cannot be judged: {why}",
        "Paceline: no sandbox here; install bubblewrap",
    ]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_member_that_loses_its_turn_is_seen(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL.replace("total", "nothing"))
    await client.request("paceline/optimize", optimize(uri, workDoneToken="mine"))
    status = await client.wait_for("paceline/status", kind="member")
    assert status["message"] == "qwen lost its turn: nothing answers; it sits out the next round"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_result_for_a_function_that_changed_meanwhile_is_dropped(
    client: Client, tmp_path: Path
) -> None:
    source = TOTAL.replace("total", "gated")
    uri = client.open(tmp_path / "a.py", source)
    _, answer = client.begin("paceline/optimize", optimize(uri, workDoneToken="mine"))
    await client.wait_for("$/progress", token="mine")
    client.change(uri, 2, [{"text": source.replace("sum(items)", "sum(items) + 0")}])
    open_gate(client, tmp_path)
    with pytest.raises(ResponseError, match="-32801"):
        await answer
    titles = [action["title"] for action in await client.actions(uri, 0)]
    assert titles == ["Make `gated` faster (Paceline)"]


async def test_a_run_ends_when_trust_is_withdrawn(connect: Connect, tmp_path: Path) -> None:
    client = await connect(root=tmp_path, options={"isTrusted": True})
    uri = client.open(tmp_path / "a.py", TOTAL.replace("total", "hang"))
    _, answer = client.begin("paceline/optimize", optimize(uri, workDoneToken="t"))
    pid = await child_of(client, "t")
    client.notify("paceline/didChangeTrust", {"isTrusted": False})
    with pytest.raises(ResponseError, match=r"-32803.*is not trusted any more"):
        await asyncio.wait_for(answer, WAIT_S)
    assert await has_ended(pid)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_run_outlives_its_document(client: Client, tmp_path: Path) -> None:
    source = TOTAL.replace("total", "gated")
    uri = client.open(tmp_path / "a.py", source)
    await client.request(
        "workspace/executeCommand", {"command": "paceline.optimize", "arguments": [uri, AT_TOTAL]}
    )
    await client.wait_for("paceline/status", busy=True)
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    open_gate(client, tmp_path)
    await client.wait_for("paceline/status", busy=False)
    client.open(tmp_path / "a.py", source)
    titles = [action["title"] for action in await client.actions(uri, 0)]
    assert titles[0] == "3.1x faster (2.8-3.4): use a set for membership"


@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_run_is_answered(client: Client, tmp_path: Path) -> None:
    nowhere = {"textDocument": {"uri": "file:///nowhere.py"}}
    for params, code in [
        (nowhere | {"position": AT_TOTAL}, -32803),
        ({"textDocument": {}, "position": AT_TOTAL}, -32602),
        (None, -32602),
        ([], -32602),
        (nowhere | {"position": {"line": -1, "character": 0}}, -32602),
    ]:
        with pytest.raises(ResponseError) as caught:
            await client.request("paceline/optimize", params)
        assert caught.value.code == code
    for arguments in [None, [], ["file:///a.py"], [1, 2], ["file:///a.py", {"line": "x"}]]:
        command = {"command": "paceline.optimize", "arguments": arguments}
        with pytest.raises(ResponseError, match="-32602"):
            await client.request("workspace/executeCommand", command)
