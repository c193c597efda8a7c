"""workspace/executeCommand: ``paceline.dismiss`` and ``paceline.undoDismissal``.

    paceline.dismiss [uri, {position, recipe, category, title, scope?}]     a hint; without scope one is asked
    paceline.dismiss [uri, {position, candidates: [id, ...]}]               suggestions
    paceline.undoDismissal [uri]                                            takes the latest one back

What is dismissed is kept in the data folder, never in the workspace. A suggestion that is dismissed teaches a
lesson: that a person turned it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lessonbank.errors import LessonBankError
from paceline.errors import PacelineError
from paceline.lsp.actions.dismiss import COMMAND as DISMISS
from paceline.lsp.actions.dismiss import SCOPES
from paceline.lsp.features import configuration
from paceline.lsp.functions import Function
from paceline.lsp.projects import Project
from paceline.lsp.quiet import file_in
from paceline.lsp.shelf import Proven
from paceline.workspace import Dismissal, place_in, take_back
from paceline.workspace import dismiss as remember

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

UNDO = "paceline.undoDismissal"

__all__ = ["DISMISS", "UNDO", "dismiss", "undo"]


def dismiss(server: PacelineServer, *arguments: Any) -> None:
    """Dismiss a hint or suggestions of the function at a position. How it went is said in a message."""
    if len(arguments) != 2 or not isinstance(arguments[0], str):
        raise JsonRpcInvalidParams(f"{DISMISS} takes [uri, {{position, ...}}]")
    about = server.protocol.unstructure(arguments[1])
    if not isinstance(about, Mapping):
        raise JsonRpcInvalidParams(f"{DISMISS} takes [uri, {{position, ...}}]")
    position = server.protocol.structure(about.get("position"), types.Position)
    server.start(_dismiss(server, arguments[0], position, about))


def undo(server: PacelineServer, *arguments: Any) -> None:
    """Take the latest dismissal of a document's project back."""
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        raise JsonRpcInvalidParams(f"{UNDO} takes [uri]")
    server.start(_undo(server, arguments[0]))


async def _dismiss(
    server: PacelineServer, uri: str, position: types.Position, about: Mapping[str, Any]
) -> None:
    document = server.documents.get(uri)
    if document is None:
        return
    function = server.functions.outermost_at(document, document.offset(position))
    if function is None:
        server.notices.warn("the function that was to be dismissed is not there any more")
        return
    project = server.projects.of(document)
    try:
        if "candidates" in about:
            await _dismiss_suggestions(server, project, function, about.get("candidates"))
        else:
            await _dismiss_hint(server, project, function, about)
    except (PacelineError, LessonBankError) as error:
        server.notices.warn(str(error))
    await configuration.refresh(server)


async def _dismiss_hint(
    server: PacelineServer, project: Project, function: Function, about: Mapping[str, Any]
) -> None:
    recipe, category, title = (str(about.get(name) or "") for name in ("recipe", "category", "title"))
    scope = about.get("scope") or await _asked_scope(server, title)
    where = {"file": file_in(project, function.document), "function": function.name}
    chosen = {
        "function": Dismissal(**where, recipe=recipe, title=title),
        "recipe": Dismissal(recipe=recipe, title=title),
        "category": Dismissal(category=category),
        "project": Dismissal(),
    }.get(str(scope))
    if chosen is None:
        return
    kept = remember(project.root, chosen)
    _say(server, project, kept.words)


async def _dismiss_suggestions(
    server: PacelineServer, project: Project, function: Function, ids: object
) -> None:
    wanted = {str(one) for one in ids} if isinstance(ids, (list, tuple)) else set()
    chosen = [one for one in server.shelf.standing(function) if one.id in wanted]
    file = file_in(project, function.document)
    for one in chosen:
        remember(
            project.root,
            Dismissal(file=file, function=function.name, candidate=one.candidate.hash, title=one.title),
        )
    if chosen:
        _say(server, project, f"{len(chosen)} of {function.name}")
        await _teach(project, chosen)


async def _teach(project: Project, turned_down: Iterable[Proven]) -> None:
    # Loaded when somebody dismisses something: a server that starts does not wait for the team's words.
    from paceline.team.dismissal import lesson_of_dismissal

    bank = (await project.engine()).bank
    for one in turned_down:
        lesson = lesson_of_dismissal(one.candidate, speedup=one.speedup, low=one.low, high=one.high)
        bank.add(lesson, place=place_in(project.root, one.candidate.target.file))


async def _asked_scope(server: PacelineServer, title: str) -> str | None:
    if not server.client.asks_questions:
        return "function"
    answers = {words[:1].upper() + words[1:]: scope for scope, words in SCOPES.items()}
    return answers.get(await server.notices.ask(f"Dismiss the hint: {title}?", *answers) or "")


async def _undo(server: PacelineServer, uri: str) -> None:
    if (document := server.documents.get(uri)) is None:
        return
    project = server.projects.of(document)
    try:
        gone = take_back(project.root)
    except PacelineError as error:
        server.notices.warn(str(error))
        return
    what = f"shown again: {gone[0].words}" if gone else "nothing is dismissed in this project"
    server.notices.info(what)
    await configuration.refresh(server)


def _say(server: PacelineServer, project: Project, words: str) -> None:
    server.notices.info(
        f"dismissed: {words}. `paceline dismissals undo --workspace {project.root}` takes it back"
    )
