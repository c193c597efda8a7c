"""Fixes for our own hints: apply the recipe as it is, said to be unproven, or have it proven first."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from lsprotocol import types

from paceline.errors import InvalidReplacement
from paceline.lsp.actions.request import ActionRequest
from paceline.lsp.capabilities import Client
from paceline.lsp.edits import edits_to, workspace_edit
from paceline.lsp.hint_diagnostics import diagnostic
from paceline.lsp.hints import PlacedHint
from paceline.syntax.splice import splice

log = logging.getLogger(__name__)

KIND = "quickfix"


def produce(request: ActionRequest) -> Iterator[types.CodeAction]:
    """Yield, for each hint at the cursor, the recipe's rewrite, and one way to have them proven."""
    if not request.wants(KIND):
        return
    at_cursor = request.hints
    for placed in at_cursor:
        yield from _fix(request, placed)
    if at_cursor and request.document.is_file and not request.is_automatic:
        function = at_cursor[0].function
        title = f"Prove it first: make `{function.name}` faster (Paceline)"
        yield types.CodeAction(
            title=title,
            kind=KIND,
            diagnostics=[diagnostic(placed, request.server.client) for placed in at_cursor],
            command=request.command(title, function),
        )


def hint_edit(placed: PlacedHint, client: Client) -> types.WorkspaceEdit:
    """Return the edit that applies a hint's recipe to the document the hint was placed in.

    Raises InvalidReplacement when an import or helper of the recipe clashes with the module.
    """
    document, target = placed.function.document, placed.function.target
    after = splice(target, placed.hint.replacement)
    return workspace_edit(document, edits_to(document, after, focus=target.span), client)


def _fix(request: ActionRequest, placed: PlacedHint) -> Iterator[types.CodeAction]:
    document, client = request.document, request.server.client
    title = placed.hint.title
    action = types.CodeAction(
        title=f"{title[:1].upper()}{title[1:]} (not yet proven here)",
        kind=KIND,
        diagnostics=[diagnostic(placed, client)],
        data={
            "producer": "hint",
            "uri": document.uri,
            "version": document.version,
            "offset": placed.function.header,
            "hash": placed.function.digest,
            "recipe": placed.hint.recipe.id,
            "start": placed.hint.start,
        },
    )
    if not client.resolves_edits:
        # This client takes the action as it is now, so the edit has to be in it.
        try:
            action.edit = hint_edit(placed, client)
        except InvalidReplacement as error:
            log.info("%s has no edit here: %s", placed.hint.recipe.id, error)
            return
    yield action
