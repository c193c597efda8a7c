"""Code lenses: none unless somebody wants them; then one a function, what is proven before what is hinted.

Behind either stands what a hot function has of the profiled run.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from paceline.syntax import Snapshot, find_targets
from paceline.workspace import workspace_folder
from paceline.workspace.profiles import PROFILE, Profile, ProfiledFunction, forget_profile, keep_profile
from tests.lsp.client import WAIT_S, Client
from tests.lsp.conftest import Connect
from tests.lsp.test_diagnostics import save
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


def keep(
    project: Path, shares: dict[str, float], *, source: str = SOURCE, whole: float | None = None
) -> None:
    """Keep a profile of a.py in which functions have these shares to themselves."""
    targets = {target.name: target for target in find_targets(Snapshot.open(project / "a.py", source))}
    functions = [
        ProfiledFunction(
            file="a.py", name=name, hash=targets[name].hash, own_s=10 * share, whole_s=10 * (whole or share)
        )
        for name, share in shares.items()
    ]
    profile = Profile(
        when="2026-11-28T01:00:00+00:00", seconds=10.0, unseen_s=0.0, functions=tuple(functions)
    )
    keep_profile(project, profile)


async def test_hot_functions_have_one_joined_with_what_else_there_is_to_say(
    connect: Connect, project: Path
) -> None:
    keep(project, {"untouched": 0.234, "first": 0.1, "total": 0.019})
    client = await connect(root=project, options=ON)
    uri = client.open(project / "a.py", SOURCE)
    hinted = "Could be faster: use a set for membership; 10 % of the profiled run"
    assert await titles(client, uri) == [(4, hinted), (8, "23 % of the profiled run")]
    found = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert [lens["data"] for lens in found] == [
        {"proven": False, "share": 0.1},
        {"proven": False, "share": 0.234},
    ]


async def test_what_is_proven_comes_first_and_what_it_calls_is_told_apart(
    connect: Connect, project: Path
) -> None:
    keep(project, {"total": 0.2}, whole=0.61)
    client = await connect(root=project, options=ON)
    uri = client.open(project / "a.py", SOURCE)
    await client.request("paceline/optimize", optimize(uri))
    proven = "Proven 3.1x faster (2.8-3.4): use a set for membership"
    hot = "20 % of the profiled run (61 % with what it calls)"
    assert (await titles(client, uri))[0] == (0, f"{proven}; {hot}")


async def test_a_function_that_changed_is_hot_no_more_until_it_is_as_it_was(
    connect: Connect, project: Path
) -> None:
    keep(project, {"untouched": 0.5})
    client = await connect(root=project, options=ON)
    uri = client.open(project / "a.py", SOURCE)
    hot = (8, "50 % of the profiled run")
    assert hot in await titles(client, uri)
    for version, (text, is_hot) in enumerate(
        [
            (SOURCE.replace("return x\n", "return x + 1\n"), False),
            (SOURCE.replace("return x\n", "return  x  # as it was\n"), True),
            (SOURCE.replace("untouched", "renamed"), False),
            (SOURCE, True),
        ],
        2,
    ):
        client.change(uri, version, [{"text": text}])
        assert (hot in await titles(client, uri)) is is_hot, text


async def test_a_new_profile_is_seen_with_the_next_save(connect: Connect, project: Path) -> None:
    client = await connect(root=project, options=ON)
    source = SOURCE.replace("in items", "in other")
    uri = client.open(project / "a.py", source)
    assert await titles(client, uri) == []
    await client.wait_for("workspace/codeLens/refresh")
    keep(project, {"total": 0.5}, source=source)
    assert await titles(client, uri) == []
    save(client, uri)
    await client.wait_for("workspace/codeLens/refresh", count=2)
    assert await titles(client, uri) == [(0, "50 % of the profiled run")]
    forget_profile(project)
    save(client, uri)
    await client.wait_for("workspace/codeLens/refresh", count=3)
    assert await titles(client, uri) == []


async def test_a_damaged_profile_and_one_of_elsewhere_say_nothing(connect: Connect, project: Path) -> None:
    keep(project, {"total": 0.5})
    file = workspace_folder(project) / PROFILE
    file.write_text(file.read_text().replace('"a.py"', '"../project/a.py"'))
    client = await connect(root=project, options=ON)
    uri = client.open(project / "a.py", SOURCE)
    hinted = [(4, "Could be faster: use a set for membership")]
    assert await titles(client, uri) == hinted
    file.write_text("{" * 1000)
    save(client, uri)
    await client.wait_for("workspace/codeLens/refresh", count=2)
    assert await titles(client, uri) == hinted
