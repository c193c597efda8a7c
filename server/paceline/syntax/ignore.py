"""``paceline: ignore`` comments: what a person does not want to hear of, said in the code itself.

    def total(items):  # paceline: ignore
    # paceline: ignore[membership-set, sorting]      on the line above a definition, or among its decorators
    # paceline: ignore-file                          on a line of its own
    # paceline: ignore-file[string-building]

Names in brackets are recipes or categories; without brackets everything is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Span, Target

_COMMENT = re.compile(rb"(?:#|//)\s*paceline:\s*ignore(-file)?(?![\w-])(?:\s*\[([\w\-,\s]*)\])?")


@dataclass(frozen=True, slots=True)
class Ignored:
    """What comments turn off for one function."""

    everything: bool = False
    names: frozenset[str] = frozenset()
    """Recipes and categories."""

    def covers(self, *, recipe: str, category: str) -> bool:
        """Whether a recipe is turned off."""
        return self.everything or recipe in self.names or category in self.names

    def __or__(self, other: Ignored) -> Ignored:
        return Ignored(self.everything or other.everything, self.names | other.names)


NOTHING = Ignored()


def may_ignore(text: bytes) -> bool:
    """Whether a document can hold such a comment at all. Most do not, and are spared the search."""
    return b"paceline:" in text


def ignored_in(snapshot: Snapshot) -> Ignored:
    """Return what the file's own comments turn off in the whole of it."""
    found = NOTHING
    if may_ignore(snapshot.text):
        for match in _COMMENT.finditer(snapshot.text):
            if match[1] and _stands_alone(snapshot, match.start()) and _is_comment(snapshot, match.start()):
                found |= _said(match)
    return found


def ignored_by(snapshot: Snapshot, span: Span, header: int) -> Ignored:
    """Return what the comments at one function turn off, those of the file left out.

    They stand on the line above the definition, on a line of its decorators, or on the line of its header.
    """
    found = NOTHING
    if may_ignore(snapshot.text):
        for match in _around(snapshot, span, header):
            if not match[1] and _is_comment(snapshot, match.start()):
                found |= _said(match)
    return found


def ignored_at(target: Target) -> Ignored:
    """Return what comments turn off for a target, in its function and in the whole of its file."""
    if not may_ignore(target.module):
        return NOTHING
    snapshot = Snapshot.open(target.file, target.module, language=target.language)
    for function in snapshot.outline.functions:
        if function.span == target.span:
            return ignored_in(snapshot) | ignored_by(snapshot, function.span, function.header)
    return ignored_in(snapshot)


def _around(snapshot: Snapshot, span: Span, header: int) -> Iterator[re.Match[bytes]]:
    starts, first = snapshot.line_starts, snapshot.line(span.start)
    behind = snapshot.line(header) + 1
    end = starts[behind] if behind < len(starts) else len(snapshot.text)
    for match in _COMMENT.finditer(snapshot.text, starts[max(first - 1, 0)], end):
        # On the line above it has to stand alone: behind code it belongs to that code.
        if match.start() >= starts[first] or _stands_alone(snapshot, match.start()):
            yield match


def _said(match: re.Match[bytes]) -> Ignored:
    if match[2] is None:
        return Ignored(everything=True)
    names = re.split(r"[,\s]+", match[2].decode("ascii", "replace"))
    return Ignored(names=frozenset(name for name in names if name))


def _is_comment(snapshot: Snapshot, offset: int) -> bool:
    """Whether the text stands in a comment, and not in a string that speaks of one."""
    node = snapshot.tree.root_node.descendant_for_byte_range(offset, offset + 1)
    return node is not None and "comment" in node.type


def _stands_alone(snapshot: Snapshot, offset: int) -> bool:
    start = snapshot.line_starts[snapshot.line(offset)]
    return not snapshot.text[start:offset].removeprefix(b"\xef\xbb\xbf").strip()
