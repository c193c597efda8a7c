"""didOpen, didChange, didSave, didClose. Nothing here takes long, and nothing delays a save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.lsp.features import code_lens, diagnostics

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

LOOK_DELAY_S = 0.01
"""How long after a save or an opening the hints are looked for: several saves in a row count as one."""

PARSE_DELAY_S = 0.03
"""How long after a key the document is parsed, if nothing asked for its tree until then."""

REDRAW_DELAY_S = 0.3
"""How long after a key the hints on screen are corrected: stale ones go when the person pauses."""


def did_open(server: PacelineServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take a document over and look at it soon."""
    document = server.documents.open(params.text_document, server.client.encoding)
    if document is not None:
        look_soon(server, document.uri)


def did_change(server: PacelineServer, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the changes; correct what is on screen when the person pauses."""
    uri = params.text_document.uri
    if server.documents.change(uri, params.text_document.version, params.content_changes) is not None:
        for project in server.projects.known():
            project.somebody_types()
        server.start_delayed(f"parse {uri}", PARSE_DELAY_S, lambda: _parse(server, uri))
        server.start_delayed(f"redraw {uri}", REDRAW_DELAY_S, lambda: _redraw(server, uri))
    elif server.documents.is_too_long(uri):
        server.hints.forget(uri)
        diagnostics.clear(server, uri)


def did_save(server: PacelineServer, params: types.DidSaveTextDocumentParams) -> None:
    """Look for hints soon, and whether the settings files or the profile have changed."""
    if server.documents.get(params.text_document.uri) is not None:
        look_soon(server, params.text_document.uri)


def did_close(server: PacelineServer, params: types.DidCloseTextDocumentParams) -> None:
    """Forget a document. A job on it goes on; its result is dropped if it is stale by then."""
    uri = params.text_document.uri
    was_read = server.documents.get(uri) is not None
    server.documents.close(uri)
    if not was_read:
        return
    server.shelf.drop_edits(uri)
    server.hints.forget(uri)
    diagnostics.clear(server, uri)


def look_soon(server: PacelineServer, uri: str) -> None:
    """Look for hints in a document after a short pause, and show them."""
    server.start_delayed(f"look {uri}", LOOK_DELAY_S, lambda: _look(server, uri))


async def _parse(server: PacelineServer, uri: str) -> None:
    """Parse while the person looks up, so that whoever asks next finds the tree ready."""
    if (document := server.documents.get(uri)) is not None:
        _ = document.snapshot


async def _look(server: PacelineServer, uri: str) -> None:
    if (document := server.documents.get(uri)) is None:
        return
    project = server.projects.of(document)
    if await server.projects.refresh_if_touched(project.root):
        # Hints that change refresh the lenses themselves; a new profile changes no hint.
        code_lens.refresh(server)
    await diagnostics.look(server, document)
    await _redraw(server, uri)


async def _redraw(server: PacelineServer, uri: str) -> None:
    if (document := server.documents.get(uri)) is not None:
        diagnostics.show(server, document)
