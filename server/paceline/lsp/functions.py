"""The functions of an open document, read statement by statement.

A module is a row of top-level statements. While a person types, all but one of them stay what they were, so
what was read of a statement is kept by its bytes: a save of a 10,000-line file reads one function again, not
all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import tree_sitter

from paceline.errors import TargetNotFound, UnusableRequest
from paceline.lsp.documents import Document
from paceline.lsp.recent import Recent
from paceline.syntax.outline import FunctionSpan
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Span, Target
from paceline.syntax.targets import function_source, target_from


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement of one document state, read as a document of its own."""

    snapshot: Snapshot
    offset: int
    """Where it starts in the document."""

    @property
    def text(self) -> bytes:
        """Its own bytes: one and the same object for as long as the statement is known."""
        return self.snapshot.text


@dataclass(frozen=True, slots=True)
class Function:
    """One function of one document state, with what it takes to read more of it."""

    document: Document
    statement: Statement
    """The top-level statement the function stands in."""
    inner: FunctionSpan
    """The function, in offsets of the statement."""

    @property
    def name(self) -> str:
        """Qualified inside its module."""
        return self.inner.name

    @property
    def span(self) -> Span:
        """The definition with its decorators, in the document."""
        inner, offset = self.inner.span, self.statement.offset
        return Span(inner.start + offset, inner.end + offset)

    @property
    def header(self) -> int:
        """Offset of ``def`` or ``async`` in the document."""
        return self.inner.header + self.statement.offset

    @property
    def is_nested(self) -> bool:
        """Defined inside another function."""
        return self.inner.is_nested

    @property
    def source(self) -> str:
        """The definition, dedented, as a target of it would say."""
        return function_source(self.statement.snapshot, self.inner)

    @property
    def digest(self) -> str:
        """Of the source to the letter: tells whether anything in the function has changed."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @property
    def target(self) -> Target:
        """The function as a target, in the bytes of its file. Reads the outline once a state of the document.

        Raises TargetNotFound where the document around it is too broken to say what the function belongs to,
        and UnusableRequest where its text does not go into the encoding that it declares.
        """
        filed, ours = self.document.filed, self.document.snapshot.outline.functions
        theirs = filed.outline.functions
        for number, placed in enumerate(ours):
            if placed.header == self.header and placed.parses:
                # A name with such characters, or half a one that looks like a quote, ends what can be read.
                if len(theirs) != len(ours) or not theirs[number].parses:
                    raise UnusableRequest(
                        f"{self.document.path}: {self.name} cannot be read in the encoding that the file "
                        "declares; save it as UTF-8, and say so in its first line"
                    )
                return target_from(filed, theirs[number])
        line = self.document.lines.line_of(self.header) + 1
        raise TargetNotFound(f"{self.document.path}:{line}: {self.name} has a syntax error around it")


class Functions:
    """Reads functions out of documents. Guards what is kept of the statements read before."""

    def __init__(self) -> None:
        self._known = Recent[bytes, Snapshot]()

    def at(self, document: Document, offset: int) -> Function | None:
        """Return the innermost function around an offset, None where there is none that parses.

        The indentation in front of a definition counts as part of it: that is where cursors rest.
        """
        for place in dict.fromkeys((offset, _behind_indentation(document.text, offset))):
            for statement in self._around(document, place):
                inner = statement.snapshot.outline.function_at(place - statement.offset)
                if inner is not None:
                    return Function(document, statement, inner)
        return None

    def outermost_at(self, document: Document, offset: int) -> Function | None:
        """Return the function around an offset that stands in no other function: what the judge can call."""
        innermost = self.at(document, offset)
        if innermost is None or not innermost.is_nested:
            return innermost
        around = [
            inner
            for inner in innermost.statement.snapshot.outline.functions
            if not inner.is_nested
            and inner.span.start <= innermost.inner.span.start
            and innermost.inner.span.end <= inner.span.end
        ]
        return replace(innermost, inner=around[-1]) if around else None

    def like(self, document: Document, target: Target) -> Function | None:
        """Return the function of a document that a target stands for, None when it is there no more.

        Of several with one name, the one with the target's own source.
        """
        for function in self.of(document):
            if function.name == target.name and function.source == target.source:
                return function
        return None

    def of(self, document: Document) -> Iterator[Function]:
        """Yield every function that stands in no other function and parses, in document order."""
        for statement in self.statements(document):
            for inner in statement.snapshot.outline.functions:
                if inner.parses and not inner.is_nested:
                    yield Function(document, statement, inner)

    def names(self, document: Document) -> frozenset[str]:
        """Return every name the module binds at its top level."""
        bound: set[str] = set()
        for statement in self.statements(document):
            bound |= statement.snapshot.outline.names
        return frozenset(bound)

    def imports(self, document: Document) -> frozenset[str]:
        """Return the import statements of the module's top level, one name each."""
        outlines = (statement.snapshot.outline for statement in self.statements(document))
        return frozenset(name for outline in outlines for name in outline.import_statements)

    def statements(self, document: Document) -> Iterator[Statement]:
        """Yield the top-level statements, in document order."""
        for node in _intact(document.snapshot.tree.root_node):
            yield self._statement(document, node)

    def _around(self, document: Document, offset: int) -> Iterator[Statement]:
        """Yield the statement around an offset, and the one that ends right at it."""
        root = document.snapshot.tree.root_node
        for at in (offset, offset - 1):
            node = root.descendant_for_byte_range(at, at) if at >= 0 else None
            outermost = None
            while node is not None and node != root:
                if not node.is_error:
                    outermost = node
                node = node.parent
            if outermost is not None:
                yield self._statement(document, outermost)

    def _statement(self, document: Document, node: tree_sitter.Node) -> Statement:
        text = document.text[node.start_byte : node.end_byte]
        known = self._known.get(text)
        if known is None or known.language != document.snapshot.language:
            known = Snapshot.open(document.path, text, language=document.snapshot.language)
            self._known.put(text, known, size=len(text), document=document)
        return Statement(known, node.start_byte)


def _intact(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Yield the children of a node. Where one is an error, what parsed inside of it takes its place.

    One key can make a whole file one error, with all the functions that parse in a row below it.
    """
    for child in node.named_children:
        if child.is_error:
            yield from _intact(child)
        else:
            yield child


def _behind_indentation(text: bytes, offset: int) -> int:
    while offset < len(text) and text[offset] in b" \t":
        offset += 1
    return offset
