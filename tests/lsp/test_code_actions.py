"""What is offered where. Each fixture is a source with a cursor, and the titles an editor would list.

PACELINE_UPDATE_FIXTURES=1 writes what the server answers into the fixtures, to be reviewed as a diff.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client, ResponseError, apply_edit, capabilities
from tests.lsp.conftest import Connect, Editors

FIXTURES = Path(__file__).parent / "fixtures" / "code_actions"
TOTAL = "def total(items):\n    return sum(items)\n"
KEPT = "def kept(wanted, items):\n    return [one for one in wanted if one in items]\n"


@dataclass
class Fixture:
    """One fixture file, taken apart."""

    source: str = ""
    expected: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Fixture:
        fixture, section = cls(), ""
        for line in path.read_text().splitlines(keepends=True):
            if line.startswith("-- "):
                name, _, value = line[3:].strip().partition(": ")
                section = name if not value else ""
                if value:
                    fixture.options[name] = value
            elif section == "source":
                fixture.source += line
            elif section == "expect":
                fixture.expected.append(line.rstrip("\n"))
        return fixture

    def expected_or(self, path: Path, found: list[str]) -> list[str]:
        """Return what is expected; when fixtures are being updated, write what was found and expect that."""
        if not os.environ.get("PACELINE_UPDATE_FIXTURES"):
            return self.expected
        head = path.read_text().partition("-- expect\n")[0]
        path.write_text(head + "-- expect\n" + "".join(f"{one}\n" for one in found))
        return found


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.txt")), ids=lambda path: path.stem)
async def test_what_is_offered(sessions: Editors, tmp_path: Path, path: Path) -> None:
    fixture = Fixture.read(path)
    before, _, after = fixture.source.partition("$0")
    line, character = before.count("\n"), len(before.rpartition("\n")[2])
    client = await sessions(fixture.options.get("editor", "vscode"))
    uri = fixture.options.get("uri", (tmp_path / "a.py").as_uri())
    item = {"uri": uri, "languageId": "python", "version": 1, "text": before + after}
    client.notify("textDocument/didOpen", {"textDocument": item})
    await looked_at(client, uri)
    if "prove" in fixture.options:
        place = {"line": line, "character": character}
        await client.request("paceline/optimize", {"textDocument": {"uri": uri}, "position": place})
    only = fixture.options["only"].split(", ") if "only" in fixture.options else None
    trigger = 2 if fixture.options.get("trigger") == "automatic" else 1
    found = [
        told(action) for action in await client.actions(uri, line, character, only=only, trigger=trigger)
    ]
    assert found == fixture.expected_or(path, found)


async def looked_at(client: Client, uri: str) -> None:
    """Wait until the document was looked at for hints: a pull is answered when it was, a push comes then."""
    if "diagnosticProvider" in client.result["capabilities"]:
        await client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    else:
        await client.wait_for("textDocument/publishDiagnostics", uri=uri)


def told(action: dict[str, Any]) -> str:
    if isinstance(action.get("command"), str):
        return f"command {action['command']}: {action['title']}"
    return f"{action['kind']}: {action['title']}"


async def proven(client: Client, uri: str, line: int = 0) -> dict[str, Any]:
    """Prove the function on a line, and return the best of its actions."""
    place = {"line": line, "character": 4}
    await client.request("paceline/optimize", {"textDocument": {"uri": uri}, "position": place})
    actions = await client.actions(uri, line, only=["refactor.rewrite.optimize.proven"])
    return actions[0]


@pytest.mark.parametrize("editor", ["vscode", "helix", "emacs", "neovim", "bare"])
async def test_edits_fit_each_editor(connect: Connect, project: Path, editor: str) -> None:
    client = await connect(editor, root=project)
    encoding = client.result["capabilities"].get("positionEncoding", "utf-16")
    assert encoding == {"helix": "utf-8", "neovim": "utf-8", "emacs": "utf-32"}.get(editor, "utf-16")
    for number, newline in enumerate(["\n", "\r\n"]):
        source = f"# 😀 shop\nICON = '😀'; PRICE = 1\n\n\n{TOTAL}".replace(
            "sum(items)", "sum(items) + len('😀é')"
        )
        source = source.replace("\n", newline)
        uri = client.open(project / f"a{number}.py", source)
        place = {"line": 4, "character": 4}
        result = await client.request("paceline/optimize", {"textDocument": {"uri": uri}, "position": place})
        edit = result["suggestions"][0]["edit"]
        if editor in {"vscode", "helix", "emacs"}:
            assert edit["documentChanges"][0]["textDocument"]["version"] == 1
        else:
            assert list(edit["changes"]) == [uri]
        after = apply_edit(source, edit, uri, encoding)
        assert f"len('😀é')  # faster: set{newline}" in after
        undone = after.replace("  # faster: set", "").replace(f"import itertools{newline}", "")
        assert undone.split() == source.split()
        assert newline == "\n" or "\n" not in after.replace("\r\n", "")


@pytest.mark.asyncio(loop_scope="module")
async def test_an_edit_elsewhere_leaves_a_suggestion_valid(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", TOTAL)
    await proven(client, uri)
    client.change(uri, 2, [{"range": span(0, 0, 0, 0), "text": "NAME = '😀'\n\n\n"}])
    actions = await client.actions(uri, 3, only=["refactor.rewrite.optimize.proven"])
    after = apply_edit("NAME = '😀'\n\n\n" + TOTAL, actions[0]["edit"], uri)
    assert after.endswith("def total(items):\n    return sum(items)  # faster: set\n")
    assert actions[0]["edit"]["documentChanges"][0]["textDocument"]["version"] == 2


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "change",
    [
        {"range": {"start": {"line": 3, "character": 14}, "end": {"line": 3, "character": 14}}, "text": " "},
        {
            "range": {"start": {"line": 3, "character": 4}, "end": {"line": 3, "character": 4}},
            "text": "# why\n    ",
        },
        {"range": {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 9}}, "text": "2"},
    ],
    ids=["in the function", "a comment in the function", "in what the function uses"],
)
async def test_an_edit_to_what_was_proven_makes_it_stale(
    client: Client, tmp_path: Path, change: dict[str, Any]
) -> None:
    uri = client.open(tmp_path / "a.py", "LIMIT = 1\n\n" + TOTAL.replace("(items)\n", "(items) + LIMIT\n"))
    action = await proven(client, uri, 2)
    client.change(uri, 2, [change])
    assert await client.actions(uri, 2, only=["refactor.rewrite.optimize.proven"]) == []
    with pytest.raises(ResponseError, match="-32801"):
        await client.request("codeAction/resolve", action)


@pytest.mark.asyncio(loop_scope="module")
async def test_resolving_answers_from_memory(client: Client, tmp_path: Path) -> None:
    assert client.result["capabilities"]["codeActionProvider"]["resolveProvider"] is True
    uri = client.open(tmp_path / "a.py", TOTAL)
    action = await proven(client, uri)
    await client.actions(uri, 0)  # Asked again before resolving: nothing is kept between the two.
    resolved = await client.request("codeAction/resolve", {k: v for k, v in action.items() if k != "edit"})
    assert resolved["edit"] == action["edit"]
    for nowhere in ("x", None, 2**70):
        with pytest.raises(ResponseError, match="-32801"):
            await client.request(
                "codeAction/resolve", {**action, "data": {**action["data"], "offset": nowhere}}
            )


@pytest.mark.asyncio(loop_scope="module")
async def test_a_hint_is_applied_by_resolving(client: Client, tmp_path: Path) -> None:
    uri = client.open(tmp_path / "a.py", KEPT)
    await looked_at(client, uri)
    (fix,) = await client.actions(uri, 1, 10, trigger=2)
    assert "edit" not in fix
    assert fix["diagnostics"][0]["code"] == "membership-set"
    resolved = await client.request("codeAction/resolve", fix)
    assert apply_edit(KEPT, resolved["edit"], uri) == (
        "import bisect\n\n\ndef kept(wanted, items):\n"
        "    return [one for one in wanted if one in items]  # membership-set\n"
    )
    client.change(uri, 2, [{"range": span(0, 0, 0, 0), "text": "\n"}])
    with pytest.raises(ResponseError, match="-32801"):
        await client.request("codeAction/resolve", fix)


async def test_a_client_that_never_resolves_gets_the_edit_at_once(connect: Connect, project: Path) -> None:
    literals = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}}
    client = await connect({"textDocument": {"codeAction": literals}}, root=project)
    uri = client.open(project / "a.py", KEPT)
    await client.wait_for("textDocument/publishDiagnostics")
    fix = (await client.actions(uri, 1, 10, trigger=2))[0]
    assert "import bisect" in apply_edit(KEPT, fix["edit"], uri)
    assert "data" not in fix


@pytest.mark.asyncio(loop_scope="module")
async def test_two_functions_are_made_faster_in_one_edit(client: Client, tmp_path: Path) -> None:
    source = TOTAL + "\n\nclass Basket:\n    def total(self, items):\n        return sum(items)\n"
    uri = client.open(tmp_path / "a.py", source)
    await proven(client, uri)
    await proven(client, uri, 5)
    (action,) = await client.actions(uri, 0, only=["source.optimize.paceline"])
    after = apply_edit(source, action["edit"], uri)
    assert after.count("# faster: set") == 2
    assert after.count("import itertools") == 1


def span(line: int, start: int, end_line: int, end: int) -> dict[str, dict[str, int]]:
    return {"start": {"line": line, "character": start}, "end": {"line": end_line, "character": end}}


async def test_a_rewrite_of_a_model_is_said_to_be_one_and_nothing_is_preferred(
    connect: Connect, project: Path
) -> None:
    abilities = capabilities("vscode")
    abilities["textDocument"]["codeAction"]["tagSupport"] = {"valueSet": [1]}
    client = await connect(abilities, root=project)
    source = TOTAL.replace("total", "by_a_model") + "\n\n" + TOTAL + "\n\n" + KEPT
    uri = client.open(project / "a.py", source)
    await looked_at(client, uri)
    tagged = await proven(client, uri)
    assert tagged["tags"] == [1]
    assert "tags" not in await proven(client, uri, 4)
    for line in (0, 4, 9):
        actions = await client.actions(uri, line, 10)
        assert actions
        assert [one["title"] for one in actions if one.get("isPreferred")] == []


async def test_a_client_without_tags_gets_none(connect: Connect, project: Path) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", TOTAL.replace("total", "by_a_model"))
    assert "tags" not in await proven(client, uri)
