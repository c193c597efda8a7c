"""Files renamed and deleted: suggestions and dismissals follow, jobs end, nothing of a dead file is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from paceline.workspace import Dismissal, dismiss, read_dismissals
from tests.lsp.client import Client, ResponseError
from tests.lsp.conftest import Connect
from tests.lsp.test_code_actions import proven
from tests.lsp.test_diagnostics import KEPT, pulled, pushed
from tests.lsp.test_jobs import TOTAL, child_of, has_ended, optimize

BEST = "3.1x faster (2.8-3.4): use a set for membership"


def rename(client: Client, old: str, new: str) -> None:
    client.notify("workspace/didRenameFiles", {"files": [{"oldUri": old, "newUri": new}]})


def close(client: Client, uri: str) -> None:
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


async def titles(client: Client, uri: str, line: int = 0) -> list[str]:
    return [one["title"] for one in await client.actions(uri, line)]


async def test_renames_and_deletions_are_asked_for(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project)
    operations = client.result["capabilities"]["workspace"]["fileOperations"]
    assert set(operations) == {"didRename", "didDelete"}


@pytest.mark.parametrize("order", ["rename first", "close first"])
async def test_what_was_proven_follows_a_file_to_its_new_name(
    connect: Connect, project: Path, order: str
) -> None:
    client = await connect("vscode", root=project)
    old, new = (project / "a.py").as_uri(), (project / "b.py").as_uri()
    client.open(project / "a.py", TOTAL)
    await proven(client, old)
    steps: list[Any] = [
        lambda: rename(client, old, new),
        lambda: (close(client, old), client.open(project / "b.py", TOTAL)),
    ]
    for step in steps if order == "rename first" else reversed(steps):
        step()
    assert (await titles(client, new))[0] == BEST
    client.open(project / "a.py", TOTAL)
    assert await titles(client, old) == ["Make `total` faster (Paceline)"]


async def test_a_folder_that_is_renamed_takes_its_files_along(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "shop" / "a.py", TOTAL)
    other = client.open(project / "shopping.py", TOTAL)
    await proven(client, uri)
    await proven(client, other)
    rename(client, (project / "shop").as_uri(), (project / "store").as_uri())
    moved = client.open(project / "store" / "a.py", TOTAL)
    # In another folder a relative import may mean something else; what was judged is not what stands there.
    assert await titles(client, moved) == ["Make `total` faster (Paceline)"]
    assert (await titles(client, other))[0] == BEST, "a name that only begins alike is another file"


async def test_a_job_ends_with_the_name_it_ran_under(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", TOTAL.replace("total", "hang"))
    _, answer = client.begin("paceline/optimize", optimize(uri, workDoneToken="t"))
    pid = await child_of(client, "t")
    rename(client, uri, (project / "b.py").as_uri())
    with pytest.raises(ResponseError, match="-32800"):
        await answer
    assert await has_ended(pid)
    last = {"kind": "end", "message": "cancelled: the file was renamed"}
    await client.wait_for("$/progress", token="t", value=last)
    moved = client.open(project / "b.py", TOTAL.replace("total", "hang"))
    assert (await titles(client, moved))[0].startswith("2.0x faster"), "what was proven before stays"


@pytest.mark.parametrize("how", ["deleted", "watched"])
async def test_nothing_is_left_of_a_file_that_is_deleted(connect: Connect, project: Path, how: str) -> None:
    client = await connect("emacs", root=project)
    uri = client.open(project / "a.py", KEPT + "\n\n" + TOTAL.replace("total", "hang"))
    assert len(await pushed(client, uri, 1)) == 1
    place = {"line": 4, "character": 4}
    _, answer = client.begin("paceline/optimize", optimize(uri, place, workDoneToken="t"))
    pid = await child_of(client, "t")
    close(client, uri)
    assert await pushed(client, uri, 2) == []
    if how == "deleted":
        client.notify("workspace/didDeleteFiles", {"files": [{"uri": uri}]})
    else:
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 3}]})
    with pytest.raises(ResponseError, match="-32800"):
        await answer
    assert await has_ended(pid)
    again = client.open(project / "a.py", TOTAL.replace("total", "hang"))
    assert await titles(client, again) == ["Make `hang` faster (Paceline)"]


async def test_a_file_deleted_under_an_open_buffer_keeps_what_the_buffer_has(
    connect: Connect, project: Path
) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", KEPT)
    assert len(await pulled(client, uri)) == 1
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 3}]})
    assert len(await pulled(client, uri)) == 1


async def test_dismissals_follow_a_rename(connect: Connect, project: Path) -> None:
    dismiss(project, Dismissal(file="shop/a.py", function="kept"))
    client = await connect("vscode", root=project)
    uri = client.open(project / "shop" / "a.py", KEPT)
    assert await pulled(client, uri) == []
    rename(client, (project / "shop").as_uri(), (project / "store").as_uri())
    moved = client.open(project / "store" / "a.py", KEPT)
    assert await pulled(client, moved) == []
    assert [one.file for one in read_dismissals(project)] == ["store/a.py"]


async def test_an_editor_that_came_by_a_link_means_the_same_files(
    connect: Connect, project: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(project)
    client = await connect("vscode", root=link)
    uri = client.open(link / "a.py", TOTAL)
    await proven(client, uri)
    about = {"position": {"line": 0, "character": 5}, "recipe": "membership-set", "scope": "function"}
    command = {"command": "paceline.dismiss", "arguments": [uri, about]}
    await client.request("workspace/executeCommand", command)
    await client.wait_for("window/showMessage")
    assert [one.file for one in read_dismissals(project)] == ["a.py"]
    rename(client, uri, (link / "b.py").as_uri())
    assert await titles(client, uri) != []
    assert [one.file for one in read_dismissals(project)] == ["b.py"]


async def test_a_folder_without_a_marker_is_the_project_of_its_files_by_a_link_too(
    connect: Connect, tmp_path: Path
) -> None:
    folder, link = tmp_path / "plain", tmp_path / "link"
    (folder / "sub").mkdir(parents=True)
    link.symlink_to(folder)
    client = await connect("vscode", root=link, options={"isTrusted": True})
    uri = client.open(link / "sub" / "a.py", TOTAL)
    assert (await client.request("paceline/optimize", optimize(uri)))["status"] == "faster"
    about = {"position": {"line": 0, "character": 5}, "recipe": "membership-set", "scope": "function"}
    command = {"command": "paceline.dismiss", "arguments": [uri, about]}
    await client.request("workspace/executeCommand", command)
    await client.wait_for("window/showMessage")
    assert [one.file for one in read_dismissals(folder)] == ["sub/a.py"]


@pytest.mark.parametrize("uri", ["file:///tmp/a%00.py", "file://[half/a.py"])
async def test_what_is_no_path_is_no_file(connect: Connect, project: Path, uri: str) -> None:
    client = await connect("vscode", root=project)
    document = {"uri": uri, "languageId": "python", "version": 1, "text": KEPT}
    client.notify("textDocument/didOpen", {"textDocument": document})
    rename(client, uri, uri)
    event = {"added": [{"uri": uri, "name": "x"}], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert len(await pulled(client, uri)) == 1
    with pytest.raises(ResponseError, match="save the file first"):
        await client.request("paceline/optimize", optimize(uri))
