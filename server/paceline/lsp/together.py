"""Several suggestions of one document in one edit: each put into the document as the others left it."""

from __future__ import annotations

from collections.abc import Iterable

from paceline.errors import UnusableRequest
from paceline.lsp.documents import Document
from paceline.lsp.edits import Edit, edits_between
from paceline.lsp.shelf import Proven
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.splice import splice
from paceline.syntax.target import Span
from paceline.syntax.targets import target_named


def together(document: Document, chosen: Iterable[Proven]) -> tuple[tuple[Edit, ...], tuple[Proven, ...]]:
    """Return the edits that apply suggestions of different functions, which share imports and helpers.

    And those that are in it: one that finds no place beside the others is left out.
    """
    snapshot = document.snapshot
    applied: list[Proven] = []
    for one in chosen:
        try:
            text = splice(target_named(snapshot, one.target.name), one.candidate.replacement)
        except UnusableRequest:
            continue
        snapshot = Snapshot.open(snapshot.path, text, version=snapshot.version, language=snapshot.language)
        applied.append(one)
    edits = edits_between(document.text, snapshot.text, focus=Span(0, len(document.text)))
    return edits, tuple(applied)
