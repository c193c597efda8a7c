"""paceline/functions: the functions of a document, for clients that work on a file or on what has changed.

    -> {textDocument: {uri}}
    <- {functions: [{name, range, position, hints: [{recipe, title}], proven, running, ignored}]}

``position`` is what paceline/optimize takes; ``proven`` is the title of the fastest suggestion that stands;
``ignored`` are those that a comment keeps work on whole files away from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paceline.lsp.custom import document_of, fields, refusals
from paceline.lsp.functions import Function
from paceline.lsp.quiet import is_ignored

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

METHOD = "paceline/functions"


def function_list(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Return the functions that stand in no other function, in document order. Answers from memory."""
    with refusals():
        document = document_of(server, fields(params, METHOD, textDocument=Mapping))
    return {"functions": [_record(server, function) for function in server.functions.of(document)]}


def _record(server: PacelineServer, function: Function) -> dict[str, Any]:
    document, span = function.document, function.span
    standing = server.shelf.standing(function)
    return {
        "name": function.name,
        "range": server.protocol.unstructure(document.range(span.start, span.end)),
        "position": server.protocol.unstructure(document.position(function.header)),
        "hints": [
            {"recipe": placed.hint.recipe.id, "title": placed.hint.title}
            for placed in server.hints.in_function(function)
        ],
        "proven": standing[0].title if standing else None,
        "running": server.jobs.running(document.uri, function.name) is not None,
        "ignored": is_ignored(function),
    }
