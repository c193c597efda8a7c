"""What the server answers to, one file a feature. The table below is the whole of it.

But for pulled diagnostics: ``initialize`` adds them for clients that pull, since to announce them to the
others would have those look in the wrong place.

Handlers are named and not imported: an editor waits for the answer to ``initialize``, and for nothing else.
They are loaded right after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


@dataclass(frozen=True, slots=True)
class Feature:
    """One method of the protocol and what handles it. Handlers take the server and the params."""

    method: str
    handler: str
    """``module.function`` beside this file."""
    options: Any = None
    is_async: bool = False
    """The handler is a coroutine function: it can wait, and be cancelled."""


ACTIONS = types.CodeActionOptions(
    code_action_kinds=[
        types.CodeActionKind.QuickFix,
        "refactor.rewrite.optimize",
        "source.optimize.paceline",
    ],
    resolve_provider=True,
)

MOVED = types.FileOperationRegistrationOptions(
    filters=[types.FileOperationFilter(scheme="file", pattern=types.FileOperationPattern(glob="**"))]
)
"""Files and folders alike: renaming a folder renames what is in it."""

LENSES = types.CodeLensOptions(resolve_provider=False)

FEATURES = (
    Feature(types.INITIALIZE, "initialize.initialize"),
    Feature(types.INITIALIZED, "initialize.initialized", is_async=True),
    Feature(types.TEXT_DOCUMENT_DID_OPEN, "text_sync.did_open"),
    Feature(types.TEXT_DOCUMENT_DID_CHANGE, "text_sync.did_change"),
    Feature(types.TEXT_DOCUMENT_DID_SAVE, "text_sync.did_save", types.SaveOptions(include_text=False)),
    Feature(types.TEXT_DOCUMENT_DID_CLOSE, "text_sync.did_close"),
    Feature(types.TEXT_DOCUMENT_CODE_ACTION, "code_action.code_action", ACTIONS),
    Feature(types.CODE_ACTION_RESOLVE, "code_action.resolve"),
    Feature(types.TEXT_DOCUMENT_CODE_LENS, "code_lens.code_lens", LENSES),
    Feature(
        types.WORKSPACE_DID_CHANGE_CONFIGURATION, "configuration.did_change_configuration", is_async=True
    ),
    Feature(
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES, "configuration.did_change_watched_files", is_async=True
    ),
    Feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, "workspace_folders.did_change", is_async=True),
    Feature(types.WORKSPACE_DID_RENAME_FILES, "file_operations.did_rename", MOVED),
    Feature(types.WORKSPACE_DID_DELETE_FILES, "file_operations.did_delete", MOVED),
    Feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, "work_done_progress.cancel"),
    Feature("paceline/optimize", "optimize.optimize", is_async=True),
    Feature("paceline/functions", "function_list.function_list"),
    Feature("paceline/suggestions", "suggestions.suggestions"),
    Feature("paceline/combine", "combine.combine"),
    Feature("paceline/evidence", "evidence.evidence", is_async=True),
    Feature("paceline/lessons", "lessons.lessons", is_async=True),
    Feature("paceline/lessons/pin", "lessons.pin", is_async=True),
    Feature("paceline/lessons/forget", "lessons.forget", is_async=True),
    Feature("paceline/teach", "teach.teach", is_async=True),
    Feature("paceline/didChangeTrust", "trust.did_change_trust", is_async=True),
)

COMMANDS = {
    "paceline.optimize": "execute_command.optimize",
    "paceline.dismiss": "dismiss.dismiss",
    "paceline.undoDismissal": "dismiss.undo",
}
"""Handlers take the server and the arguments, and wait for nothing."""


def install(server: PacelineServer) -> None:
    """Register every feature and command of the tables with a server."""
    for feature in FEATURES:
        later = _later_async if feature.is_async else _later
        server.feature(feature.method, feature.options)(later(feature.handler, server))
    for name, command in COMMANDS.items():
        server.command(name)(_later(command, server))


def handler(name: str) -> Callable[..., Any]:
    """Return the handler of that name, loaded when it is first asked for."""
    module, _, function = name.partition(".")
    found: Callable[..., Any] = getattr(import_module(f"{__name__}.{module}"), function)
    return found


async def load() -> None:
    """Load every handler, giving way between two, so that no first request waits for its own."""
    for name in dict.fromkeys([*(feature.handler for feature in FEATURES), *COMMANDS.values()]):
        handler(name)
        await asyncio.sleep(0)


def _later(name: str, server: PacelineServer) -> Callable[..., Any]:
    """Return what calls a handler. Without the server's name in its signature, which pygls would resolve."""

    def handle(*arguments: Any) -> Any:
        return handler(name)(server, *arguments)

    return handle


def _later_async(name: str, server: PacelineServer) -> Callable[..., Any]:
    async def handle(*arguments: Any) -> Any:
        return await handler(name)(server, *arguments)

    return handle
