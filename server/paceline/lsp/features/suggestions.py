"""paceline/suggestions: what is proven and still stands, each with the edit for the document as it is now.

    -> {textDocument: {uri}, position?}
    <- {functions: [{function, position, suggestions: [{id, title, ..., edit}]}]}

With a position only the function there. The suggestions are those of paceline/optimize.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from paceline.lsp.custom import document_of, fields, function_of, refusals
from paceline.lsp.documents import Document
from paceline.lsp.edits import workspace_edit
from paceline.lsp.functions import Function
from paceline.lsp.quiet import shown_suggestions
from paceline.lsp.shelf import Proven
from paceline.syntax.target import Target

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

METHOD = "paceline/suggestions"


def suggestions(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Return the proven suggestions of a document, or of one function of it. Answers from memory."""
    with refusals():
        said = fields(params, METHOD, textDocument=Mapping)
        functions = [function_of(server, said)] if "position" in said else _proven(server, said)
        return {"functions": list(_records(server, functions))}


def suggestion_record(
    server: PacelineServer, document: Document, target: Target, proven: Proven
) -> dict[str, Any]:
    """Return a suggestion as plain JSON values, with its edit for the document as it is now."""
    edit = workspace_edit(document, server.shelf.edits(document, target, proven), server.client)
    return {
        "id": proven.id,
        "title": proven.title,
        "change": proven.candidate.title,
        "member": proven.candidate.member,
        "speedup": proven.speedup,
        "low": proven.low,
        "high": proven.high,
        "confidence": proven.confidence,
        "checks": {"inputs": proven.inputs, "sources": proven.sources, "tests": proven.tests},
        "diff": proven.diff,
        "edit": server.protocol.unstructure(edit),
    }


def _proven(server: PacelineServer, params: Mapping[str, Any]) -> list[Function]:
    return list(server.functions.of(document_of(server, params)))


def _records(server: PacelineServer, functions: list[Function]) -> Iterator[dict[str, Any]]:
    for function in functions:
        document, proven = function.document, server.shelf.standing(function)
        standing = list(shown_suggestions(server.projects.of(document), function, proven))
        if standing:
            target = function.target
            yield {
                "function": target.name,
                "position": server.protocol.unstructure(document.position(function.header)),
                "suggestions": [suggestion_record(server, document, target, one) for one in standing],
            }
