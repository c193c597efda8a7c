"""What the server answers to, one file a feature. The table below is the whole of it.

But for pulled diagnostics: ``initialize`` adds them for clients that pull, since to announce them to the
others would have those look in the wrong place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from paceline.lsp.actions import KINDS
from paceline.lsp.features import (
    code_action,
    code_lens,
    combine,
    configuration,
    dismiss,
    evidence,
    execute_command,
    file_operations,
    function_list,
    initialize,
    lessons,
    optimize,
    suggestions,
    teach,
    text_sync,
    trust,
    work_done_progress,
    workspace_folders,
)

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


@dataclass(frozen=True, slots=True)
class Feature:
    """One method of the protocol and what handles it. Handlers take the server and the params."""

    method: str
    handler: Callable[[PacelineServer, Any], Any]
    options: Any = None


FEATURES = (
    Feature(types.INITIALIZE, initialize.initialize),
    Feature(types.INITIALIZED, initialize.initialized),
    Feature(types.TEXT_DOCUMENT_DID_OPEN, text_sync.did_open),
    Feature(types.TEXT_DOCUMENT_DID_CHANGE, text_sync.did_change),
    Feature(types.TEXT_DOCUMENT_DID_SAVE, text_sync.did_save, types.SaveOptions(include_text=False)),
    Feature(types.TEXT_DOCUMENT_DID_CLOSE, text_sync.did_close),
    Feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_action.code_action,
        types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True),
    ),
    Feature(types.CODE_ACTION_RESOLVE, code_action.resolve),
    Feature(types.TEXT_DOCUMENT_CODE_LENS, code_lens.code_lens, code_lens.OPTIONS),
    Feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION, configuration.did_change_configuration),
    Feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, configuration.did_change_watched_files),
    Feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, workspace_folders.did_change),
    Feature(types.WORKSPACE_DID_RENAME_FILES, file_operations.did_rename, file_operations.OPTIONS),
    Feature(types.WORKSPACE_DID_DELETE_FILES, file_operations.did_delete, file_operations.OPTIONS),
    Feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, work_done_progress.cancel),
    Feature(optimize.METHOD, optimize.optimize),
    Feature(function_list.METHOD, function_list.function_list),
    Feature(suggestions.METHOD, suggestions.suggestions),
    Feature(combine.METHOD, combine.combine),
    Feature(evidence.METHOD, evidence.evidence),
    Feature(lessons.LIST, lessons.lessons),
    Feature(lessons.PIN, lessons.pin),
    Feature(lessons.FORGET, lessons.forget),
    Feature(teach.METHOD, teach.teach),
    Feature(trust.METHOD, trust.did_change_trust),
)

COMMANDS = {
    execute_command.OPTIMIZE: execute_command.optimize,
    dismiss.DISMISS: dismiss.dismiss,
    dismiss.UNDO: dismiss.undo,
}


def install(server: PacelineServer) -> None:
    """Register every feature and command of the tables with a server."""
    for feature in FEATURES:
        server.feature(feature.method, feature.options)(partial(feature.handler, server))
    for name, handler in COMMANDS.items():
        server.command(name)(_bound(handler, server))


def _bound(handler: Callable[..., Any], server: PacelineServer) -> Callable[..., Any]:
    """Return a command without the server's name in its signature, which pygls would try to resolve."""

    def command(*arguments: Any) -> Any:
        return handler(server, *arguments)

    return command
