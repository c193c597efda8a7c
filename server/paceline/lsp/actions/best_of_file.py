"""``source.optimize.paceline``: every function of the file gets its fastest proven version, in one edit.

Returned only to clients that ask for the kind by name, e.g. in a list of actions to run on save. It applies
what is proven already and starts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from paceline.lsp.actions.request import ActionRequest
from paceline.lsp.edits import workspace_edit
from paceline.lsp.quiet import is_ignored, shown_suggestions
from paceline.lsp.shelf import Proven
from paceline.lsp.together import together

KIND = "source.optimize.paceline"


def produce(request: ActionRequest) -> Iterator[types.CodeAction]:
    """Yield the one action, if anything in the file is proven and still stands."""
    document = request.document
    edits, applied = together(document, _best(request))
    if not applied:
        return
    many = "function" if len(applied) == 1 else "functions"
    yield types.CodeAction(
        title=f"Apply the fastest proven version of {len(applied)} {many} (Paceline)",
        kind=KIND,
        edit=workspace_edit(document, edits, request.server.client),
    )


def _best(request: ActionRequest) -> list[Proven]:
    """Return the fastest suggestion of each function for which one stands in the document as it is."""
    document, shelf = request.document, request.server.shelf
    best = []
    for function in request.server.functions.of(document):
        standing = shelf.standing(function)
        if standing and not is_ignored(function):
            best += list(shown_suggestions(request.project, function, standing))[:1]
    return best
