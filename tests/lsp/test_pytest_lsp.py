"""The installed server as each editor meets it, over pytest-lsp: the whole story, with the editor's own
capabilities and in its encoding. From a slow function over the menu, the progress and the proven edit to the
saved file, and to the hint on its neighbour.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

import pytest
from lsprotocol import converters, types
from pytest_lsp import ClientServerConfig, LanguageClient, make_test_lsp_client

from paceline.workspace import trust
from tests.lsp.client import apply_edit, capabilities
from tests.lsp.conftest import REPOSITORY

TITLE = "Make `unique_emails` faster (Paceline)"
RUN_S = 120
"""How long a run may take before the test calls it a hang."""

ENCODINGS = {"vscode": "utf-16", "neovim": "utf-8", "helix": "utf-8", "emacs": "utf-32"}
PLAIN = converters.get_converter()


@dataclass
class Editor:
    """One editor: its name, its client, and what it has heard."""

    name: str
    client: LanguageClient
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def encoding(self) -> str:
        return ENCODINGS[self.name]

    async def until(self, holds: Any) -> None:
        async with asyncio.timeout(RUN_S):
            while not holds():
                self.news.clear()
                await self.news.wait()

    def told(self) -> list[Any]:
        return [value for reports in self.client.progress_reports.values() for value in reports]

    async def hints(self, uri: str) -> list[types.Diagnostic]:
        """Return the hints as this editor gets them: pulled, or those it was pushed last."""
        if not pulls(self.name):
            return list(self.client.diagnostics.get(uri, ()))
        report = await self.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(text_document=types.TextDocumentIdentifier(uri=uri))
        )
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)


def pulls(editor: str) -> bool:
    workspace = capabilities(editor).get("workspace", {})
    return "diagnostic" in capabilities(editor)["textDocument"] and workspace.get("diagnostics", {}).get(
        "refreshSupport", False
    )


@pytest.fixture
def shop(tmp_path: Path, home: Path) -> Path:
    """A trusted copy of the examples, with characters in it that every encoding counts otherwise."""
    root = tmp_path / "examples"
    shutil.copytree(REPOSITORY / "examples", root)
    (root / "pyproject.toml").touch()
    module = root / "shop" / "customers.py"
    module.write_text(
        module.read_text()
        .replace("address.strip().lower()", "address.strip().lower()  # 😀é")
        .replace("if buyer in staff:", "if buyer in staff:  # 😀é"),
        encoding="utf-8",
    )
    trust(root)
    return root


@pytest.fixture(params=list(ENCODINGS))
async def editor(request: pytest.FixtureRequest, shop: Path, home: Path) -> Any:
    """A session of one editor with the installed server."""
    editor = Editor(request.param, make_test_lsp_client())
    client = editor.client

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def _(params: types.RegistrationParams) -> None:
        return None

    news = (
        types.PROGRESS,
        types.WINDOW_SHOW_MESSAGE,
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
        types.WORKSPACE_DIAGNOSTIC_REFRESH,
    )
    for method in news:
        heard = client.protocol.fm.features[method]

        def hear(*arguments: Any, heard: Any = heard) -> Any:
            answer = heard(*arguments)
            editor.news.set()
            return answer

        client.protocol.fm.features[method] = hear

    # lsprotocol takes an action that has a command and no edit for a command.
    client.protocol._converter.register_structure_hook(types.Command | types.CodeAction, _action)
    client.protocol._converter.register_structure_hook(Union[types.Command, types.CodeAction], _action)  # noqa: UP007
    client.progress_reports["mine"] = []
    executable = Path(sys.executable).parent / "paceline"
    config = ClientServerConfig(
        client_factory=lambda: client,
        server_command=[str(executable), "serve", "--stdio"],
        server_env={**os.environ, "PACELINE_HOME": str(home)},
    )
    await config.start()
    answer = await client.initialize_session(
        types.InitializeParams(
            capabilities=PLAIN.structure(capabilities(request.param), types.ClientCapabilities),
            workspace_folders=[types.WorkspaceFolder(uri=shop.as_uri(), name="examples")],
            root_uri=shop.as_uri(),
        )
    )
    assert (answer.capabilities.position_encoding or "utf-16") == editor.encoding
    yield editor
    await client.shutdown_session()
    await client.stop()


def _action(value: dict[str, Any], _: Any) -> types.Command | types.CodeAction:
    kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
    return PLAIN.structure(value, kind)


@pytest.mark.slow
async def test_the_whole_story(editor: Editor, shop: Path) -> None:
    client, module = editor.client, shop / "shop" / "customers.py"
    text = module.read_text(encoding="utf-8")
    line = text[: text.index("address.strip()")].count("\n")
    behind = text.splitlines()[line]
    units = {"utf-8": len(behind.encode()), "utf-16": len(behind) + 1, "utf-32": len(behind)}
    place = types.Position(line=line, character=units[editor.encoding])
    document = types.TextDocumentIdentifier(uri=module.as_uri())
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(
            types.TextDocumentItem(uri=document.uri, language_id="python", version=1, text=text)
        )
    )

    # The menu offers the run; an editor starts it in its own way.
    [start] = [one for one in await actions(client, document, place) if one.title == TITLE]
    if editor.name == "vscode":
        answer = await client.protocol.send_request_async(
            "paceline/optimize",
            {
                "textDocument": {"uri": document.uri},
                "position": {"line": place.line, "character": place.character},
                "workDoneToken": "mine",
            },
        )
        assert answer.status == "faster"
    else:
        assert isinstance(start, types.CodeAction)
        assert start.command is not None
        await client.workspace_execute_command_async(
            types.ExecuteCommandParams(command=start.command.command, arguments=start.command.arguments)
        )
        await editor.until(lambda: client.messages)
        assert client.messages[-1].message.startswith("Paceline: unique_emails can be ")

    # Progress was shown from its begin to its end.
    await editor.until(lambda: any(isinstance(one, types.WorkDoneProgressEnd) for one in editor.told()))
    messages = [one.message or "" for one in editor.told() if isinstance(one, types.WorkDoneProgressReport)]
    assert isinstance(editor.told()[0], types.WorkDoneProgressBegin)
    assert any(message.startswith("timing:") for message in messages)

    # The best suggestion is first in the menu, with its edit ready; it is applied, and the file is saved.
    best = (await actions(client, document, place))[0]
    assert isinstance(best, types.CodeAction)
    assert "x faster (" in best.title
    assert best.edit is not None
    assert not best.is_preferred
    after = apply_edit(text, PLAIN.unstructure(best.edit), document.uri, editor.encoding)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=document.uri, version=2),
            content_changes=[types.TextDocumentContentChangeWholeDocument(text=after)],
        )
    )
    module.write_text(after, encoding="utf-8")
    client.text_document_did_save(types.DidSaveTextDocumentParams(text_document=document))
    assert "set()" in after
    tests = await asyncio.create_subprocess_exec(sys.executable, "-m", "pytest", "-q", "tests", cwd=shop)
    assert await tests.wait() == 0

    # The function's own hint is gone; the one on its neighbour stands where this editor counts.
    sibling = after[: after.index("if buyer in staff")].count("\n")
    function = after[: after.index("def unique_emails")].count("\n")
    hints = await editor.hints(document.uri)
    while [one for one in hints if function <= one.range.start.line < function + 10]:
        await editor.until(editor.news.is_set)
        editor.news.clear()
        hints = await editor.hints(document.uri)
    there = [one for one in hints if one.range.start.line <= sibling <= one.range.end.line]
    assert there
    assert all(one.severity == types.DiagnosticSeverity.Hint for one in there)
    lines = after.splitlines()
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[editor.encoding]
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[editor.encoding]
    for one in there:
        ends_at = len(lines[one.range.end.line].encode(codec)) // width
        assert one.range.end.character <= ends_at


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
