"""The installed server as pytest-lsp's clients meet it: from a slow function to the proven edit."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from paceline.workspace import trust
from tests.lsp.conftest import REPOSITORY

TITLE = "Make `unique_emails` faster (Paceline)"


@pytest.fixture
def shop(tmp_path: Path, home: Path) -> Path:
    """A trusted copy of the examples."""
    root = tmp_path / "examples"
    shutil.copytree(REPOSITORY / "examples", root)
    (root / "pyproject.toml").touch()
    trust(root)
    return root


def make_client() -> LanguageClient:
    """Return pytest-lsp's client, which knows of no registrations by itself."""
    client = make_test_lsp_client()

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def _(params: types.RegistrationParams) -> None:
        return None

    return client


@pytest.fixture(params=["visual-studio-code", "neovim", "emacs"])
async def client(request: pytest.FixtureRequest, shop: Path, home: Path) -> Any:
    """A session of one of pytest-lsp's editors with the installed server."""
    executable = Path(sys.executable).parent / "paceline"
    config = ClientServerConfig(
        client_factory=make_client,
        server_command=[str(executable), "serve", "--stdio"],
        server_env={**os.environ, "PACELINE_HOME": str(home)},
    )
    client = await config.start()
    assert isinstance(client, LanguageClient)
    await client.initialize_session(
        types.InitializeParams(
            capabilities=client_capabilities(request.param),
            workspace_folders=[types.WorkspaceFolder(uri=shop.as_uri(), name="examples")],
            root_uri=shop.as_uri(),
        )
    )
    yield client
    await client.shutdown_session()
    await client.stop()


@pytest.mark.slow
async def test_from_the_slow_function_to_the_proven_edit(client: LanguageClient, shop: Path) -> None:
    module = shop / "shop" / "customers.py"
    text = module.read_text()
    place = types.Position(line=text[: text.index("def unique_emails")].count("\n"), character=6)
    document = types.TextDocumentIdentifier(uri=module.as_uri())
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(
            types.TextDocumentItem(uri=document.uri, language_id="python", version=1, text=text)
        )
    )
    before = await actions(client, document, place)
    assert TITLE in [action.title for action in before]

    answer = await client.protocol.send_request_async(
        "paceline/optimize", {"textDocument": {"uri": document.uri}, "position": vars_of(place)}
    )
    assert answer.status == "faster"

    best = (await actions(client, document, place))[0]
    assert best.title == answer.suggestions[0].title
    assert isinstance(best, types.CodeAction)
    assert best.kind is not None
    assert str(best.kind).startswith("refactor.rewrite.optimize")
    assert best.edit is not None
    module.write_text(applied(text, edits_of(best.edit)))
    assert "set()" in module.read_text()
    tests = await asyncio.create_subprocess_exec(sys.executable, "-m", "pytest", "-q", "tests", cwd=shop)
    assert await tests.wait() == 0


async def actions(
    client: LanguageClient, document: types.TextDocumentIdentifier, place: types.Position
) -> list[types.CodeAction | types.Command]:
    found = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=document,
            range=types.Range(start=place, end=place),
            context=types.CodeActionContext(diagnostics=[], trigger_kind=types.CodeActionTriggerKind.Invoked),
        )
    )
    return list(found or ())


def vars_of(place: types.Position) -> dict[str, int]:
    return {"line": place.line, "character": place.character}


def edits_of(edit: types.WorkspaceEdit) -> Sequence[types.TextEdit]:
    if edit.document_changes:
        [change] = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1
        return [e for e in change.edits if isinstance(e, types.TextEdit)]
    [edits] = (edit.changes or {}).values()
    return edits


def applied(text: str, edits: Sequence[types.TextEdit]) -> str:
    """Apply edits to a text of ASCII characters, where every encoding counts alike."""
    assert text.isascii()
    lines = text.splitlines(keepends=True)

    def offset(place: types.Position) -> int:
        return sum(map(len, lines[: place.line])) + place.character

    for edit in sorted(edits, key=lambda e: offset(e.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text
