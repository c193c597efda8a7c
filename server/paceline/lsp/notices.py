"""What the server says to people: messages, once each, and a log line for everything else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

log = logging.getLogger(__name__)


class Notices:
    """Messages to the person at the editor. Guards which were shown, so that none comes twice."""

    def __init__(self, server: PacelineServer) -> None:
        self._server = server
        self._shown: set[str] = set()

    def info(self, text: str) -> None:
        """Say how something that was asked for went."""
        self._show(text, types.MessageType.Info)

    def warn(self, text: str) -> None:
        """Say what did not work and what to do."""
        self._show(text, types.MessageType.Warning)

    def warn_once(self, text: str) -> None:
        """Say what is wrong in the surroundings, e.g. a bad setting, until it changes."""
        if text not in self._shown:
            self._shown.add(text)
            self.warn(text)

    async def ask(self, text: str, *answers: str) -> str | None:
        """Ask, and return the answer chosen, None when the question was waved away."""
        chosen = await self._server.window_show_message_request_async(
            types.ShowMessageRequestParams(
                type=types.MessageType.Warning,
                message=_without_links(text),
                actions=[types.MessageActionItem(title=answer) for answer in answers],
            )
        )
        return chosen.title if chosen is not None else None

    def _show(self, text: str, kind: types.MessageType) -> None:
        log.info("%s", text)
        message = f"Paceline: {_without_links(text)}"
        self._server.window_show_message(types.ShowMessageParams(type=kind, message=message))


def _without_links(text: str) -> str:
    """Return a text that VS Code makes no links of: ``[words](command:...)`` in a file is data."""
    return text.replace("](", "] (")
