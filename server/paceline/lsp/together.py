"""Several suggestions of one document in one edit: each put into the document as the others left it."""

from __future__ import annotations

from collections.abc import Iterable

from paceline.errors import InvalidReplacement
from paceline.lsp.documents import Document
from paceline.lsp.edits import Edit, edits_to
from paceline.lsp.shelf import Proven
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.splice import splice
from paceline.syntax.target import Span, Target
from paceline.syntax.targets import function_source, target_from


def together(document: Document, chosen: Iterable[Proven]) -> tuple[tuple[Edit, ...], tuple[Proven, ...]]:
    """Return the edits that apply suggestions of different functions, which share imports and helpers.

    And those that are in it: one that finds no place beside the others is left out.
    """
    snapshot = document.filed
    applied: list[Proven] = []
    for one in chosen:
        target = _same(snapshot, one.target)
        if target is None:
            continue
        try:
            text = splice(target, one.candidate.replacement)
        except InvalidReplacement:
            continue
        snapshot = Snapshot.open(snapshot.path, text, version=snapshot.version, language=snapshot.language)
        applied.append(one)
    edits = edits_to(document, snapshot.text, focus=Span(0, len(document.filed.text)))
    return edits, tuple(applied)


def _same(snapshot: Snapshot, target: Target) -> Target | None:
    """Return a function as it stands in a snapshot: by its source, for the two of a property share a name."""
    for function in snapshot.outline.functions:
        is_like = function.name == target.name and function.parses
        if is_like and function_source(snapshot, function) == target.source:
            return target_from(snapshot, function)
    return None
