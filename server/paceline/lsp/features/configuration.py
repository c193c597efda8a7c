"""Settings that change while the server runs: told by the client, fetched from it, or edited in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.lsp.features import code_lens, file_operations, text_sync
from paceline.lsp.options import SECTION, as_settings

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

SETTINGS_FILES = ("pyproject.toml", ".paceline.toml")
"""What settings of a workspace stand in."""


async def did_change_configuration(
    server: PacelineServer, params: types.DidChangeConfigurationParams
) -> None:
    """Take new settings over. Clients that answer questions are asked, the others say them here."""
    if server.client.answers_configuration:
        await fetch(server)
        return
    server.projects.configuration = as_settings(server.protocol.unstructure(params.settings))
    await refresh(server)


async def did_change_watched_files(server: PacelineServer, params: types.DidChangeWatchedFilesParams) -> None:
    """A settings file changed on disk, or a file is gone that something may be known of."""
    for change in params.changes:
        if change.type == types.FileChangeType.Deleted and server.documents.get(change.uri) is None:
            file_operations.end(server, change.uri)
    if any(change.uri.endswith(SETTINGS_FILES) for change in params.changes):
        await refresh(server)


async def fetch(server: PacelineServer) -> None:
    """Ask the client for our section of its settings, where it answers such questions."""
    if not server.client.answers_configuration:
        return
    try:
        answers = await server.workspace_configuration_async(
            types.ConfigurationParams(items=[types.ConfigurationItem(section=SECTION)])
        )
    except Exception as error:
        server.report_server_error(error, "workspace/configuration")
        return
    server.projects.configuration = as_settings(
        server.protocol.unstructure(answers[0]) if answers else None, section=None
    )
    await refresh(server)


async def refresh(server: PacelineServer) -> None:
    """Read every project's settings again; when they differ, look at the open documents anew."""
    if await server.projects.refresh():
        code_lens.refresh(server)
        for document in server.documents:
            text_sync.look_soon(server, document.uri)
