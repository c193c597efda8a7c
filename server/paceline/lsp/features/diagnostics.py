"""Recipe hints as Hint diagnostics: pulled by clients that pull, pushed to the others."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.lsp.documents import Document
from paceline.lsp.features import code_lens
from paceline.lsp.hint_diagnostics import diagnostic, name_of
from paceline.lsp.quiet import shown_hints

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


OPTIONS = types.DiagnosticOptions(
    identifier="paceline", inter_file_dependencies=False, workspace_diagnostics=False
)
"""What is announced to clients that pull."""

CONFIGURATION_S = 1.0
"""How long the first look waits for the client to say its settings; some never do."""


async def pull(
    server: PacelineServer, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """Answer with the hints of the functions that were looked at and have not changed since."""
    document = server.documents.get(params.text_document.uri)
    if document is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    if not server.hints.has_looked(document.uri):
        await look(server, document)
        document = server.documents.get(document.uri) or document
    found = _found(server, document)
    result_id = name_of(found)
    # What the client fetches itself is no news that it would have to be told of; its lenses may be.
    if server.hints.is_news(document.uri, result_id):
        code_lens.refresh(server)
    if result_id == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result_id)
    return types.RelatedFullDocumentDiagnosticReport(items=found, result_id=result_id)


async def look(server: PacelineServer, document: Document) -> None:
    """Look for hints in a document, unless the settings turn them off."""
    with contextlib.suppress(TimeoutError):
        # Hints that the client's settings turn off must not flash up before the settings are here.
        await asyncio.wait_for(server.configured.wait(), CONFIGURATION_S)
    project = server.projects.of(document)
    if project.settings.hints.enable:
        await server.hints.look(document, await project.engine())


def show(server: PacelineServer, document: Document) -> None:
    """Bring the hints on screen up to date: push them, or ask the client to pull."""
    found = _found(server, document)
    if not server.hints.is_news(document.uri, name_of(found)):
        return
    code_lens.refresh(server)
    if server.client.pulls_diagnostics:
        server.start(_refresh(server))
    else:
        _publish(server, document.uri, found, version=document.version)


def clear(server: PacelineServer, uri: str) -> None:
    """Take the hints of a closed document off the screen."""
    if not server.client.pulls_diagnostics:
        _publish(server, uri, [], version=None)


async def _refresh(server: PacelineServer) -> None:
    await server.workspace_diagnostic_refresh_async(None)


def _publish(server: PacelineServer, uri: str, found: list[types.Diagnostic], *, version: int | None) -> None:
    server.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(uri=uri, diagnostics=found, version=version)
    )


def _found(server: PacelineServer, document: Document) -> list[types.Diagnostic]:
    project = server.projects.of(document)
    if not project.settings.hints.enable:
        return []
    return [diagnostic(placed, server.client) for placed in shown_hints(project, server.hints.of(document))]
