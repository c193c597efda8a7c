"""The functions of an open document, read statement by statement.

A module is a row of top-level statements. While a person types, all but one of them stay what they were, so
what was read of a statement is kept by its bytes: a save of a 10,000-line file reads one function again, not
all.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import tree_sitter

from paceline.lsp.documents import Document
from paceline.syntax.outline import FunctionSpan
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Span, Target
from paceline.syntax.targets import function_source, target_from

KEPT_STATEMENTS = 20_000
"""Statements whose outline is kept, over all documents."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of one document state, with what it takes to read more of it."""

    document: Document
    statement: Snapshot
    """The top-level statement the function stands in, as a document of its own."""
    offset: int
    """Where that statement starts in the document."""
    inner: FunctionSpan
    """The function, in offsets of the statement."""

    @property
    def name(self) -> str:
        """Qualified inside its module."""
        return self.inner.name

    @property
    def span(self) -> Span:
        """The definition with its decorators, in the document."""
        return Span(self.inner.span.start + self.offset, self.inner.span.end + self.offset)

    @property
    def header(self) -> int:
        """Offset of ``def`` or ``async`` in the document."""
        return self.inner.header + self.offset

    @property
    def is_nested(self) -> bool:
        """Defined inside another function."""
        return self.inner.is_nested

    @property
    def source(self) -> str:
        """The definition, dedented, as a target of it would say."""
        return function_source(self.statement, self.inner)

    @property
    def digest(self) -> str:
        """Of the source to the letter: tells whether anything in the function has changed."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @property
    def target(self) -> Target:
        """The function as a target. Reads the whole document's outline, once a state of the document."""
        outer = replace(self.inner, span=self.span, header=self.header, owner=self._owner)
        return target_from(self.document.snapshot, outer)

    @property
    def _owner(self) -> Span | None:
        owner = self.inner.owner
        return Span(owner.start + self.offset, owner.end + self.offset) if owner else None


class Functions:
    """Reads functions out of documents. Guards what is kept of the statements read before."""

    def __init__(self) -> None:
        self._statements: OrderedDict[bytes, Snapshot] = OrderedDict()

    def at(self, document: Document, offset: int) -> Function | None:
        """Return the innermost function around an offset, None where there is none that parses.

        The indentation in front of a definition counts as part of it: that is where cursors rest.
        """
        for place in dict.fromkeys((offset, _behind_indentation(document.text, offset))):
            for start, statement in self._around(document, place):
                if (inner := statement.outline.function_at(place - start)) is not None:
                    return Function(document, statement, start, inner)
        return None

    def outermost_at(self, document: Document, offset: int) -> Function | None:
        """Return the function around an offset that stands in no other function: what the judge can call."""
        innermost = self.at(document, offset)
        if innermost is None or not innermost.is_nested:
            return innermost
        around = [
            inner
            for inner in innermost.statement.outline.functions
            if not inner.is_nested
            and inner.span.start <= innermost.inner.span.start
            and innermost.inner.span.end <= inner.span.end
        ]
        return replace(innermost, inner=around[-1]) if around else None

    def like(self, document: Document, target: Target) -> Function | None:
        """Return the function of a document that a target stands for, None when it is there no more.

        Of several with one name, the one with the target's own source.
        """
        named = [function for function in self.of(document) if function.name == target.name]
        for function in named:
            if function.source == target.source:
                return function
        return None

    def of(self, document: Document) -> Iterator[Function]:
        """Yield every function that stands in no other function and parses, in document order."""
        for start, statement in self._all(document):
            for inner in statement.outline.functions:
                if inner.parses and not inner.is_nested:
                    yield Function(document, statement, start, inner)

    def names(self, document: Document) -> frozenset[str]:
        """Return every name the module binds at its top level."""
        bound: set[str] = set()
        for _, statement in self._all(document):
            bound |= statement.outline.names
        return frozenset(bound)

    def _all(self, document: Document) -> Iterator[tuple[int, Snapshot]]:
        for node in document.snapshot.tree.root_node.children:
            yield node.start_byte, self._statement(document, node)

    def _around(self, document: Document, offset: int) -> Iterator[tuple[int, Snapshot]]:
        """Yield the statement around an offset, and the one that ends right at it."""
        root = document.snapshot.tree.root_node
        for at in (offset, offset - 1):
            if at < 0:
                continue
            node = root.descendant_for_byte_range(at, at)
            while node is not None and node.parent is not None and node.parent.parent is not None:
                node = node.parent
            if node is not None and node.parent is not None:
                yield node.start_byte, self._statement(document, node)

    def _statement(self, document: Document, node: tree_sitter.Node) -> Snapshot:
        text = document.text[node.start_byte : node.end_byte]
        known = self._statements.get(text)
        if known is None or known.language != document.snapshot.language:
            known = Snapshot.open(Path(document.path), text, language=document.snapshot.language)
            self._statements[text] = known
            while len(self._statements) > KEPT_STATEMENTS:
                self._statements.popitem(last=False)
        else:
            self._statements.move_to_end(text)
        return known


def _behind_indentation(text: bytes, offset: int) -> int:
    while offset < len(text) and text[offset] in b" \t":
        offset += 1
    return offset
