"""Progress displays: begun, reported and ended in order, forgotten when they end.

A display hangs on a token. The client's own token comes with its request; for a job that a command started
the server makes one (a string: some clients mix up numbers) and never waits for the client to accept it,
because some answer late or not at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


class Display:
    """One progress display of one job. Does nothing after its end."""

    def __init__(self, send: Callable[[object], None], *, on_end: Callable[[], None]) -> None:
        self._send = send
        self._on_end = on_end
        self._ended = False
        self._last = ""

    def begin(self, title: str) -> None:
        """Show the display. It offers to cancel."""
        self._send(types.WorkDoneProgressBegin(title=title, cancellable=True))

    def report(self, message: str) -> None:
        """Replace what the display says."""
        if not self._ended and message != self._last:
            self._last = message
            self._send(types.WorkDoneProgressReport(message=message, cancellable=True))

    def end(self, message: str) -> None:
        """Close the display with a last word."""
        if self._ended:
            return
        self._ended = True
        self._send(types.WorkDoneProgressEnd(message=message))
        self._on_end()


class Displays:
    """The displays that are open, by token. Guards which job a cancelled display belongs to."""

    def __init__(self, server: PacelineServer) -> None:
        self._server = server
        self._cancels: dict[types.ProgressToken, Callable[[], object]] = {}

    def __len__(self) -> int:
        return len(self._cancels)

    def for_token(self, token: types.ProgressToken, *, on_cancel: Callable[[], object]) -> Display:
        """Return a display on a token that came with a request of the client."""
        return self._display(token, on_cancel, on_end=lambda: None)

    def started_by_us(self, *, on_cancel: Callable[[], object]) -> Display | None:
        """Return a display on a new token, None when the client shows no progress of ours."""
        if not self._server.client.shows_progress:
            return None
        token = f"paceline-{uuid.uuid4()}"
        request_id = f"create-{token}"
        self._server.protocol.send_request(
            types.WINDOW_WORK_DONE_PROGRESS_CREATE,
            types.WorkDoneProgressCreateParams(token=token),
            msg_id=request_id,
        )
        return self._display(
            token, on_cancel, on_end=lambda: self._server.protocol.forget_request(request_id)
        )

    def cancel(self, token: types.ProgressToken) -> None:
        """The person pressed cancel on a display. A display that has ended meanwhile is no error."""
        if (on_cancel := self._cancels.get(token)) is not None:
            on_cancel()

    def _display(
        self, token: types.ProgressToken, on_cancel: Callable[[], object], *, on_end: Callable[[], None]
    ) -> Display:
        def end() -> None:
            self._cancels.pop(token, None)
            on_end()

        self._cancels[token] = on_cancel
        return Display(
            lambda value: self._server.progress(types.ProgressParams(token=token, value=value)), on_end=end
        )
