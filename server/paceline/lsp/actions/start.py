"""The action that starts a job: cheap to offer, and all the work when it is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from paceline.lsp.actions.request import ActionRequest

KIND = "refactor.rewrite.optimize.start"


def produce(request: ActionRequest) -> Iterator[types.CodeAction]:
    """Offer to make the function at the cursor faster."""
    function = request.function
    if function is None or not request.document.is_file or not request.wants(KIND):
        return
    if request.server.jobs.running(request.document.uri, function.name) is not None:
        return
    title = f"Make `{function.name}` faster (Paceline)"
    yield types.CodeAction(title=title, kind=KIND, command=request.command(title, function))
