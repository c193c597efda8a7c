"""Dismissals as code actions: of the hints at the cursor, and of what was proven for the function."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from paceline.lsp.actions.request import ActionRequest
from paceline.lsp.functions import Function
from paceline.lsp.hint_diagnostics import diagnostic
from paceline.lsp.quiet import shown_suggestions

HINT_KIND = "quickfix"
PROVEN_KIND = "refactor.rewrite.optimize.dismiss"
COMMAND = "paceline.dismiss"

SCOPES = {
    "function": "in this function",
    "recipe": "in this project",
    "category": "with all others of its category",
    "project": "with all hints in this project",
}
"""How far a hint can be dismissed, and how that is said."""


def produce_for_hints(request: ActionRequest) -> Iterator[types.CodeAction]:
    """Yield, for each hint at the cursor, one action that asks how far to dismiss it.

    A client that shows no questions gets an action for each answer.
    """
    if not request.wants(HINT_KIND):
        return
    for placed in request.hints:
        recipe = placed.hint.recipe
        about = {"recipe": recipe.id, "category": recipe.category, "title": placed.hint.title}
        scopes = [""] if request.server.client.asks_questions else list(SCOPES)
        for scope in scopes:
            how = f" {SCOPES[scope]}" if scope else " ..."
            title = f"Dismiss: {placed.hint.title}{how} (Paceline)"
            yield types.CodeAction(
                title=title,
                kind=HINT_KIND,
                diagnostics=[diagnostic(placed, request.server.client)],
                command=_command(request, title, placed.function, {**about, "scope": scope}),
            )


def produce_for_proven(request: ActionRequest) -> Iterator[types.CodeAction]:
    """Yield one action that dismisses what is proven for the function at the cursor."""
    function, shelf = request.function, request.server.shelf
    if function is None or not request.wants(PROVEN_KIND):
        return
    shown = [one.id for one in shown_suggestions(request.project, function, shelf.standing(function))]
    if shown:
        many = "suggestion" if len(shown) == 1 else f"{len(shown)} suggestions"
        title = f"Dismiss the {many} for `{function.name}` (Paceline)"
        yield types.CodeAction(
            title=title,
            kind=PROVEN_KIND,
            command=_command(request, title, function, {"candidates": shown}),
        )


def _command(
    request: ActionRequest, title: str, function: Function, about: dict[str, object]
) -> types.Command:
    position = request.document.position(function.header)
    place = {"line": position.line, "character": position.character}
    return types.Command(
        title=title, command=COMMAND, arguments=[request.document.uri, {"position": place, **about}]
    )
