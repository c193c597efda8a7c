"""Hints: found after opening and saving, shown the way the client takes them, gone when they are stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client
from tests.lsp.conftest import Connect

KEPT = "def kept(wanted, items):\n    return [one for one in wanted if one in items]\n"


async def pushed(client: Client, uri: str, count: int) -> list[dict[str, Any]]:
    found = (await client.wait_for("textDocument/publishDiagnostics", count=count, uri=uri))["diagnostics"]
    assert isinstance(found, list)
    return found


async def pulled(client: Client, uri: str) -> list[dict[str, Any]]:
    report = await client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert report["kind"] == "full"
    return list(report["items"])


async def pulled_until(client: Client, uri: str, count: int) -> list[dict[str, Any]]:
    """Pull as an editor does, now and whenever the server asks for it, until there are so many hints."""
    while True:
        refreshes = len(client.sent("workspace/diagnostic/refresh"))
        if len(found := await pulled(client, uri)) == count:
            return found
        await client.wait_for("workspace/diagnostic/refresh", count=refreshes + 1)


def save(client: Client, uri: str) -> None:
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})


async def test_hints_are_pushed_as_hints(connect: Connect, project: Path) -> None:
    client = await connect("emacs", root=project)
    uri = client.open(project / "a.py", "# 😀\n" + KEPT)
    (hint,) = await pushed(client, uri, 1)
    assert hint["severity"] == 4
    assert (hint["source"], hint["code"]) == ("paceline", "membership-set")
    assert hint["range"] == {"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 50}}
    assert "not yet proven here" in hint["message"]


async def test_hints_are_pulled_by_clients_that_pull(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", KEPT)
    (hint,) = await pulled(client, uri)
    assert hint["code"] == "membership-set"
    report = await client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    again = {"textDocument": {"uri": uri}, "previousResultId": report["resultId"]}
    assert (await client.request("textDocument/diagnostic", again))["kind"] == "unchanged"
    assert client.sent("textDocument/publishDiagnostics") == []


async def test_a_save_brings_new_hints_to_a_client_that_pulls(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", "def kept(wanted, items):\n    return wanted\n")
    assert await pulled(client, uri) == []
    client.change(uri, 2, [{"text": KEPT}])
    assert await pulled(client, uri) == [], "hints come with a save, not with every key"
    save(client, uri)
    (hint,) = await pulled_until(client, uri, 1)
    assert hint["code"] == "membership-set"


async def test_stale_hints_are_dropped_and_others_move_along(connect: Connect, project: Path) -> None:
    client = await connect("emacs", root=project)
    uri = client.open(project / "a.py", KEPT + "\n\n" + KEPT.replace("kept", "other"))
    assert len(await pushed(client, uri, 1)) == 2
    edit = {
        "range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}},
        "text": "\n    ",
    }
    client.change(uri, 2, [edit])
    (hint,) = await pushed(client, uri, 2)
    assert hint["range"]["start"]["line"] == 6


@pytest.mark.parametrize(
    "settings",
    [
        {"hints": {"enable": False}},
        {"hints": {"disabled": ["membership"]}},
        {"hints": {"disabled": ["membership-set"]}},
    ],
)
async def test_hints_can_be_turned_off(connect: Connect, project: Path, settings: dict[str, Any]) -> None:
    client = await connect("vscode", root=project, options=settings)
    uri = client.open(project / "a.py", KEPT)
    assert await pulled(client, uri) == []
    assert len(await client.actions(uri, 1, 10, trigger=2)) == 0


async def test_closing_takes_the_hints_off_the_screen(connect: Connect, project: Path) -> None:
    client = await connect("emacs", root=project)
    uri = client.open(project / "a.py", KEPT)
    await pushed(client, uri, 1)
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert await pushed(client, uri, 2) == []
    client.open(project / "a.py", KEPT)
    assert len(await pushed(client, uri, 3)) == 1
