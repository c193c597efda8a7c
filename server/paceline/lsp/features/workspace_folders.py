"""workspace/didChangeWorkspaceFolders: roots come and go while the session lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.lsp.features import configuration
from paceline.lsp.features.initialize import folder_paths

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


async def did_change(server: PacelineServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Take the new folders over. Open documents find their project again when it is next asked for.

    An editor's word on trust is about its folders: it comes and goes with them.
    """
    server.projects.move_folders(
        added=folder_paths(params.event.added), removed=folder_paths(params.event.removed)
    )
    await configuration.refresh(server)
