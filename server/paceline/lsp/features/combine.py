"""paceline/combine: several suggestions of a document, one a function, in one edit.

    -> {textDocument: {uri}, ids: [...]}
    <- {edit, applied: [...]}

Applied one after the other, the import that the first brings would end the others, for it changes what they
were judged in. ``applied`` are the ids that are in the edit: what does not stand any more is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paceline.lsp.custom import document_of, fields, refusals
from paceline.lsp.edits import workspace_edit
from paceline.lsp.shelf import Proven
from paceline.lsp.together import together

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

METHOD = "paceline/combine"


def combine(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Return the edit that applies all that were named and still stand. Answers from memory."""
    with refusals():
        said = fields(params, METHOD, textDocument=Mapping, ids=(list, tuple))
        document = document_of(server, said)
    chosen: list[Proven] = []
    for function in server.functions.of(document):
        # Two versions of one function cannot both be: the first is the fastest.
        chosen += [one for one in server.shelf.standing(function) if one.id in said["ids"]][:1]
    edits, applied = together(document, chosen)
    edit = workspace_edit(document, edits, server.client)
    return {"edit": server.protocol.unstructure(edit), "applied": [one.id for one in applied]}
