"""textDocument/codeAction and codeAction/resolve: answered from memory, both of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from paceline.errors import UnusableRequest
from paceline.lsp.actions import actions_for
from paceline.lsp.actions.hint_fixes import hint_edit
from paceline.lsp.actions.request import ActionRequest
from paceline.lsp.edits import workspace_edit
from paceline.lsp.functions import Function
from paceline.lsp.protocol import ContentModified

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


def code_action(
    server: PacelineServer, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command]:
    """Return what can be done at a place of a document."""
    document = server.documents.get(params.text_document.uri)
    if document is None:
        return []
    actions = actions_for(ActionRequest.of(server, document, params))
    if server.client.code_action_literals:
        return [*(_fitting(action, server) for action in actions)]
    # A client of before 3.8 takes commands only, and an edit is no command.
    return [action.command for action in actions if action.command is not None and action.edit is None]


def resolve(server: PacelineServer, action: types.CodeAction) -> types.CodeAction:
    """Return an offered action with its edit.

    Raises ContentModified when the document is not what it was when the action was offered.
    """
    data = server.protocol.unstructure(action.data)
    if not isinstance(data, Mapping) or "producer" not in data:
        return action
    function = _still_there(server, data)
    if data["producer"] == "proven":
        action.edit = _proven_edit(server, function, str(data.get("id")))
    elif data["producer"] == "hint":
        action.edit = _hint_edit(server, function, data)
    return action


def _still_there(server: PacelineServer, data: Mapping[str, Any]) -> Function:
    document = server.documents.get(str(data.get("uri")))
    if document is None or document.version != data.get("version"):
        raise ContentModified
    offset = data.get("offset")
    function = server.functions.at(document, offset) if isinstance(offset, int) else None
    if function is None or function.digest != data.get("hash"):
        raise ContentModified
    return function


def _proven_edit(server: PacelineServer, function: Function, candidate: str) -> types.WorkspaceEdit:
    target = function.target
    for proven in server.shelf.of(function.document.uri, target):
        if proven.id == candidate:
            edits = server.shelf.edits(function.document, target, proven)
            return workspace_edit(function.document, edits, server.client)
    raise ContentModified


def _hint_edit(server: PacelineServer, function: Function, data: Mapping[str, Any]) -> types.WorkspaceEdit:
    for placed in server.hints.in_function(function):
        if placed.hint.recipe.id == data.get("recipe") and placed.hint.start == data.get("start"):
            try:
                return hint_edit(placed, server.client)
            except UnusableRequest as error:
                raise ContentModified(str(error)) from error
    raise ContentModified


def _fitting(action: types.CodeAction, server: PacelineServer) -> types.CodeAction:
    """Leave out what the client would not hand back."""
    if not server.client.code_action_data:
        action.data = None
    return action
