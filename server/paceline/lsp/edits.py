"""From a whole patched document to the small edits an editor should apply.

The judge ran a whole document, byte for byte. An editor that replaces a whole document loses cursors, folds
and marks, so what changed is cut out: what was inserted above the function, and the changed lines of the
function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lsprotocol import types

from paceline.lsp.capabilities import Client
from paceline.lsp.documents import Document
from paceline.lsp.positions import decode
from paceline.syntax.target import Span
from paceline.syntax.text import common_prefix, common_suffix

FINEST_LINES = 400
"""Changed regions of up to this many lines are compared line by line; longer ones are replaced whole."""

ANCHOR_BYTES = 200
"""How much unchanged text must follow an insertion for it to count as one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes ``start`` to ``end`` of the document by ``new``."""

    start: int
    end: int
    new: bytes


def edits_between(before: bytes, after: bytes, *, focus: Span) -> tuple[Edit, ...]:
    """Return edits, in order and apart from each other, that turn ``before`` into ``after``.

    ``focus`` is where the change is expected; in front of it only insertions are. The edits are right
    wherever the change is, and small when it is there.
    """
    return tuple(_edits(before, after, focus))


def edits_to(document: Document, filed: bytes, *, focus: Span) -> tuple[Edit, ...]:
    """Return the edits that make a document what its file is to be. ``focus`` is in bytes of the file."""
    if document.filed is document.snapshot:
        return edits_between(document.text, filed, focus=focus)
    ours = Span(*(len(document.text_of(document.filed.text[:at])) for at in (focus.start, focus.end)))
    return edits_between(document.text, document.text_of(filed), focus=ours)


def workspace_edit(document: Document, edits: tuple[Edit, ...], client: Client) -> types.WorkspaceEdit:
    """Return the edits for the client: tied to the document's version where the client can check that."""
    text_edits = [
        types.TextEdit(range=document.range(edit.start, edit.end), new_text=decode(edit.new))
        for edit in edits
    ]
    if not client.versioned_edits:
        return types.WorkspaceEdit(changes={document.uri: text_edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(text_document=identifier, edits=[*text_edits])]
    )


def _edits(before: bytes, after: bytes, focus: Span) -> Iterator[Edit]:
    kept = _line_suffix(before, after)
    before_end, after_end = len(before) - kept, len(after) - kept
    at = its = 0
    while True:
        same = _line_prefix(before[at:before_end], after[its:after_end])
        at, its = at + same, its + same
        if at == before_end and its == after_end:
            return
        anchor = before[at : min(at + ANCHOR_BYTES, focus.start)]
        found = after.find(anchor, its, after_end) if len(anchor) > 1 else -1
        if found <= its:
            break
        yield Edit(at, at, after[its:found])
        its = found
    yield from _line_edits(before[at:before_end], after[its:after_end], at)


def _line_edits(before: bytes, after: bytes, offset: int) -> Iterator[Edit]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) > FINEST_LINES or len(new) > FINEST_LINES:
        yield Edit(offset, offset + len(before), after)
        return
    starts = [offset]
    for line in old:
        starts.append(starts[-1] + len(line))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Edit(starts[i1], starts[i2], b"".join(new[j1:j2]))


def _line_prefix(left: bytes, right: bytes) -> int:
    """Return the length of the common prefix, cut back to the start of a line."""
    same = common_prefix(left, right)
    if same == len(left) == len(right):
        return same
    return left.rfind(b"\n", 0, same) + 1


def _line_suffix(left: bytes, right: bytes) -> int:
    """Return the length of the common suffix that starts at the start of a line on both sides."""
    same = common_suffix(left, right)
    while same:
        at, its = len(left) - same, len(right) - same
        if (at == 0 or left[at - 1 : at] == b"\n") and (its == 0 or right[its - 1 : its] == b"\n"):
            return same
        # Cut the suffix down to behind its own first line end.
        newline = left.find(b"\n", at)
        if newline < 0:
            return 0
        same = len(left) - (newline + 1)
    return 0
