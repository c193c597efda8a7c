"""Code lenses: none unless somebody wants them; then one a function, what is proven before what is hinted."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.lsp.client import WAIT_S, Client
from tests.lsp.conftest import Connect
from tests.lsp.test_jobs import optimize

SOURCE = """\
def total(items):
    return sum(items)


def first(items, wanted):
    return [x for x in wanted if x in items]


def untouched(x):
    return x
"""
ON = {"hints": {"lens": True}}


async def titles(client: Client, uri: str) -> list[tuple[int, str]]:
    await client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    found = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert all(lens["command"]["command"] == "paceline.optimize" for lens in found)
    return [(lens["range"]["start"]["line"], lens["command"]["title"]) for lens in found]


async def test_none_are_shown_unless_asked_for(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    assert await titles(client, client.open(project / "a.py", SOURCE)) == []


async def test_hinted_and_proven_functions_have_one(connect: Connect, project: Path) -> None:
    client = await connect(root=project, options=ON)
    uri = client.open(project / "a.py", SOURCE)
    assert await titles(client, uri) == [(4, "Could be faster: use a set for membership")]
    await client.wait_for("workspace/codeLens/refresh")
    await client.request("paceline/optimize", optimize(uri))
    await client.wait_for("workspace/codeLens/refresh", count=2)
    proven = "Proven 3.1x faster (2.8-3.4): use a set for membership"
    assert await titles(client, uri) == [(0, proven), (4, "Could be faster: use a set for membership")]


async def test_they_come_and_go_with_the_setting(connect: Connect, project: Path) -> None:
    client = await connect(root=project, answers={"workspace/configuration": [ON]})
    await client.wait_for("workspace/configuration")
    uri = client.open(project / "a.py", SOURCE)
    assert len(await titles(client, uri)) == 1
    client.answers["workspace/configuration"] = [{"hints": {"enable": False, "lens": True}}]
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    async with asyncio.timeout(WAIT_S):
        while await titles(client, uri):
            """Hints that are turned off have no lens either, once the settings are in."""
