"""Custom requests: their parameters read as strictly as the protocol's own, and how one is refused.

What they are, and what they answer, stands in docs/protocol.md.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from lessonbank.errors import LessonBankError
from paceline.errors import PacelineError, TargetNotFound, UnusableRequest
from paceline.lsp.documents import LONGEST, Document
from paceline.lsp.functions import Function

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

REQUEST_FAILED = -32803
"""The protocol's code for a request that was right and could not be served."""


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn what Paceline raises on purpose into an answer that says it."""
    try:
        yield
    except (PacelineError, LessonBankError) as error:
        raise JsonRpcException(str(error), code=REQUEST_FAILED) from error


def fields(params: object, method: str, **kinds: type | tuple[type, ...]) -> Mapping[str, Any]:
    """Return params that are an object with these fields. Raises JsonRpcInvalidParams where they are not."""
    if isinstance(params, Mapping) and all(isinstance(params.get(name), kinds[name]) for name in kinds):
        return params
    raise JsonRpcInvalidParams(f"{method} takes an object with {', '.join(kinds)}")


def document_of(server: PacelineServer, params: Mapping[str, Any]) -> Document:
    """Return the document that ``textDocument`` names.

    Raises JsonRpcInvalidParams where nothing is named, and TargetNotFound for a document that is not open.
    """
    identifier = server.protocol.structure(params.get("textDocument"), types.TextDocumentIdentifier)
    return open_document(server, identifier.uri)


def function_of(server: PacelineServer, params: Mapping[str, Any]) -> Function:
    """Return the function that ``textDocument`` and ``position`` name, as ``function_at`` does.

    Raises JsonRpcInvalidParams where nothing is named.
    """
    uri = document_of(server, params).uri
    return function_at(server, uri, server.protocol.structure(params.get("position"), types.Position))


def open_document(server: PacelineServer, uri: str) -> Document:
    """Return an open document. Raises TargetNotFound where it is not open, UnusableRequest where too long."""
    document = server.documents.get(uri)
    if document is None:
        if server.documents.is_too_long(uri):
            raise UnusableRequest(
                f"{uri} has more than {LONGEST // 1_000_000} million bytes, more than Paceline reads in an "
                "editor; `paceline optimize FILE::FUNCTION` reads it"
            )
        raise TargetNotFound(f"{uri} is not open, or not in a language Paceline knows")
    return document


def function_at(server: PacelineServer, uri: str, position: types.Position) -> Function:
    """Return the function at a position of a file: the outermost one, which is what the judge can call.

    Raises TargetNotFound where none stands, and UnusableRequest for a document that is no file.
    """
    document = open_document(server, uri)
    if not document.is_file:
        raise UnusableRequest("save the file first: its function runs from where it stands in the workspace")
    function = server.functions.outermost_at(document, document.offset(position))
    if function is None:
        raise TargetNotFound(
            f"{document.path}:{position.line + 1}: no function here that parses; put the cursor inside one"
        )
    return function


def finite(value: Any) -> Any:
    """Return plain JSON values; what is not finite has no JSON and becomes null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value
