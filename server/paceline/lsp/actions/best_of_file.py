"""``source.optimize.paceline``: every function of the file gets its fastest proven version, in one edit.

Returned only to clients that ask for the kind by name, e.g. in a list of actions to run on save. It applies
what is proven already and starts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from paceline.errors import UnusableRequest
from paceline.lsp.actions.request import ActionRequest
from paceline.lsp.edits import edits_between, workspace_edit
from paceline.lsp.functions import Function
from paceline.lsp.quiet import shown_suggestions
from paceline.lsp.shelf import Proven
from paceline.syntax.ignore import ignored_by
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.splice import splice
from paceline.syntax.target import Span
from paceline.syntax.targets import target_named

KIND = "source.optimize.paceline"


def produce(request: ActionRequest) -> Iterator[types.CodeAction]:
    """Yield the one action, if anything in the file is proven and still stands."""
    document = request.document
    snapshot, applied = document.snapshot, 0
    for best in _best(request):
        try:
            # Each is put into the document as the others left it, so that they share imports and helpers.
            target = target_named(snapshot, best.target.name)
            snapshot = _with(snapshot, splice(target, best.candidate.replacement))
        except UnusableRequest:
            continue
        applied += 1
    if not applied:
        return
    edits = edits_between(document.text, snapshot.text, focus=Span(0, len(document.text)))
    many = "function" if applied == 1 else "functions"
    yield types.CodeAction(
        title=f"Apply the fastest proven version of {applied} {many} (Paceline)",
        kind=KIND,
        edit=workspace_edit(document, edits, request.server.client),
    )


def _best(request: ActionRequest) -> list[Proven]:
    """Return the fastest suggestion of each function for which one stands in the document as it is."""
    document, shelf = request.document, request.server.shelf
    names = set(shelf.names(document.uri))
    named = [function for function in request.server.functions.of(document) if function.name in names]
    standing = [
        list(shown_suggestions(request.project, function, shelf.of(document.uri, function.target)))
        for function in named
        if not _is_ignored(function)
    ]
    return [suggestions[0] for suggestions in standing if suggestions]


def _is_ignored(function: Function) -> bool:
    """Whether a comment keeps work on whole files away from a function."""
    document = function.document
    at_function = ignored_by(document.snapshot, function.span, function.header)
    return document.ignored.everything or at_function.everything


def _with(snapshot: Snapshot, text: bytes) -> Snapshot:
    return Snapshot.open(snapshot.path, text, version=snapshot.version, language=snapshot.language)
