"""Settings and trust: from every place a client may put them, and what is said when they are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from paceline.lsp.options import InitializationOptions, read_options
from paceline.workspace import is_trusted
from tests.lsp.client import ResponseError
from tests.lsp.conftest import Connect
from tests.lsp.test_diagnostics import KEPT, pulled, pulled_until, save
from tests.lsp.test_jobs import TOTAL, optimize

OFF = {"hints": {"disabled": ["membership"]}}


@pytest.mark.parametrize("options", [OFF, {"paceline": OFF}])
async def test_from_initialization_options(connect: Connect, project: Path, options: dict[str, Any]) -> None:
    client = await connect(root=project, options=options)
    assert await pulled(client, client.open(project / "a.py", KEPT)) == []


async def test_from_a_client_that_is_asked(connect: Connect, project: Path) -> None:
    client = await connect(root=project, answers={"workspace/configuration": [OFF]})
    await client.wait_for("workspace/configuration")
    uri = client.open(project / "a.py", KEPT)
    assert await pulled(client, uri) == []
    client.answers["workspace/configuration"] = [None]
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await pulled_until(client, uri, 1)


async def test_from_a_client_that_tells(connect: Connect, project: Path) -> None:
    client = await connect("bare", root=project)
    client.notify("workspace/didChangeConfiguration", {"settings": {"paceline": OFF}})
    uri = client.open(project / "a.py", KEPT)
    assert (await client.wait_for("textDocument/publishDiagnostics", uri=uri))["diagnostics"] == []


async def test_from_a_file_that_is_saved(connect: Connect, project: Path) -> None:
    client = await connect(root=project)
    uri = client.open(project / "a.py", KEPT)
    assert len(await pulled(client, uri)) == 1
    (project / ".paceline.toml").write_text('[hints]\ndisabled = ["membership-set"]\n')
    save(client, uri)
    await pulled_until(client, uri, 0)


@pytest.mark.parametrize(
    "odd", [None, [], {}, {"hints": []}, "nonsense", 5, {"paceline": []}, {"status": "yes"}]
)
def test_odd_shapes_are_no_settings(odd: Any) -> None:
    # An empty Lua table may arrive as a list.
    assert read_options(odd) in (InitializationOptions(), InitializationOptions(settings={"hints": {}}))


async def test_a_client_may_answer_with_nothing(connect: Connect, project: Path) -> None:
    client = await connect(root=project, options=[], answers={"workspace/configuration": None})
    assert len(await pulled(client, client.open(project / "a.py", KEPT))) == 1


async def test_a_workspaces_words_are_no_links_in_messages(connect: Connect, project: Path) -> None:
    (project / ".paceline.toml").write_text('"[fix it](command:workbench.action.terminal.new)" = 1\n')
    client = await connect(root=project)
    client.open(project / "a.py", KEPT)
    message = (await client.wait_for("window/showMessage"))["message"]
    assert "fix it" in message
    assert "](command" not in message


async def test_a_wrong_setting_is_said_once_and_the_rest_applies(connect: Connect, project: Path) -> None:
    options = {"roundz": 3, "hints": {"disabled": ["membership"]}}
    client = await connect("emacs", root=project, options=options)
    uri = client.open(project / "a.py", KEPT)
    message = await client.wait_for("window/showMessage")
    assert message["type"] == 2
    assert "roundz" in message["message"]
    assert "rounds" in message["message"]
    save(client, uri)
    client.open(project / "b.py", KEPT)
    assert (await client.wait_for("textDocument/publishDiagnostics", uri=uri))["diagnostics"] == []
    assert len(client.sent("window/showMessage")) == 1


async def test_trust_is_asked_for_once_and_remembered(connect: Connect, tmp_path: Path) -> None:
    choose = lambda params: params["actions"][0]  # noqa: E731
    client = await connect(root=tmp_path, answers={"window/showMessageRequest": choose})
    uri = client.open(tmp_path / "a.py", TOTAL)
    assert (await client.request("paceline/optimize", optimize(uri)))["status"] == "faster"
    assert str(tmp_path) in (await client.wait_for("window/showMessageRequest"))["message"]
    assert is_trusted(tmp_path)
    await client.request("paceline/optimize", optimize(uri))
    assert len(client.sent("window/showMessageRequest")) == 1


@pytest.mark.parametrize("editor", ["vscode", "helix"])
async def test_without_trust_hints_work_and_nothing_runs(
    connect: Connect, tmp_path: Path, editor: str
) -> None:
    client = await connect(editor, root=tmp_path)
    uri = client.open(tmp_path / "a.py", KEPT)
    assert len(await pulled(client, uri)) == 1
    for _ in range(2):
        with pytest.raises(ResponseError, match=f"paceline trust {tmp_path}"):
            await client.request("paceline/optimize", optimize(uri))
    asked = client.sent("window/showMessageRequest")
    assert len(asked) == (1 if editor == "vscode" else 0), "a no stays a no"
    (fix,) = await client.actions(uri, 1, 10, trigger=2)
    assert (await client.request("codeAction/resolve", fix))["edit"]


async def test_the_editors_own_trust_decides(connect: Connect, project: Path) -> None:
    client = await connect(root=project, options={"isTrusted": False})
    uri = client.open(project / "a.py", TOTAL)
    with pytest.raises(ResponseError, match="trust the workspace in your editor"):
        await client.request("paceline/optimize", optimize(uri))
    client.notify("paceline/didChangeTrust", {"isTrusted": True})
    assert (await client.request("paceline/optimize", optimize(uri)))["status"] == "faster"


async def test_two_roots_have_settings_of_their_own(connect: Connect, project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "inner").mkdir(parents=True)
    (other / ".paceline.toml").write_text('[hints]\ndisabled = ["membership"]\n')
    folders = [{"uri": root.as_uri(), "name": root.name} for root in (project, other)]
    client = await connect(root=project, workspaceFolders=folders)
    assert len(await pulled(client, client.open(project / "a.py", KEPT))) == 1
    assert await pulled(client, client.open(other / "inner" / "a.py", KEPT)) == []


async def test_a_session_without_any_root(connect: Connect, tmp_path: Path) -> None:
    client = await connect(root=None)
    uri = client.open(tmp_path / "alone.py", KEPT)
    assert len(await pulled(client, uri)) == 1


async def test_folders_come_and_go_and_the_editors_trust_goes_with_them(
    connect: Connect, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    client = await connect("emacs", root=project, options={"isTrusted": True})
    uri = client.open(other / "a.py", TOTAL)
    with pytest.raises(ResponseError, match="not trusted"):
        await client.request("paceline/optimize", optimize(uri))
    folder = {"uri": other.as_uri(), "name": "other"}
    move = {"event": {"added": [folder], "removed": []}}
    client.notify("workspace/didChangeWorkspaceFolders", move)
    assert (await client.request("paceline/optimize", optimize(uri)))["status"] == "faster"
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    with pytest.raises(ResponseError, match="not trusted"):
        await client.request("paceline/optimize", optimize(uri))
