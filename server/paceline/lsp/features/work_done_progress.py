"""window/workDoneProgress/cancel: the person pressed cancel on a progress display."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


def cancel(server: PacelineServer, params: types.WorkDoneProgressCancelParams) -> None:
    """Cancel the job behind the display."""
    server.displays.cancel(params.token)
