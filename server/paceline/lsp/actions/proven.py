"""Proven suggestions: ready edits, fastest first, the evidence in the title."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from paceline.lsp.actions.request import ActionRequest
from paceline.lsp.edits import workspace_edit
from paceline.lsp.quiet import shown_suggestions
from paceline.lsp.shelf import Proven

KIND = "refactor.rewrite.optimize.proven"


def produce(request: ActionRequest) -> Iterator[types.CodeAction]:
    """Yield what is proven for the function at the cursor, as it stands now."""
    function = request.function
    if function is None or not request.wants(KIND):
        return
    shelf, document = request.server.shelf, request.document
    for proven in shown_suggestions(request.project, function, shelf.standing(function)):
        edits = shelf.edits(document, function.target, proven)
        # The edit comes along although it could be resolved later: some clients never ask.
        yield types.CodeAction(
            title=proven.title,
            kind=KIND,
            # Never preferred, whoever wrote it: an editor may apply what is preferred unread.
            tags=_tags(request, proven),
            edit=workspace_edit(document, edits, request.server.client),
            data={
                "producer": "proven",
                "uri": document.uri,
                "version": document.version,
                "offset": function.header,
                "hash": function.digest,
                "id": proven.id,
            },
        )


def _tags(request: ActionRequest, proven: Proven) -> list[types.CodeActionTag] | None:
    """Say of a rewrite that a model wrote it, where the client has a way to show that."""
    if not request.server.client.action_tags or proven.candidate.recipes:
        return None
    return [types.CodeActionTag.LlmGenerated]
