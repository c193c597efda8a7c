"""The open documents: our own copy of what the client sent, parsed incrementally, never mutated.

pygls keeps text too, but clamps positions inside the client's message, splits lines at U+2028 and form feed
and joins the whole text on every key. So the protocol class hands the messages here instead, before pygls
sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lsprotocol import types

from paceline.errors import UnsupportedLanguage, UnusableRequest
from paceline.lsp.paths import path_of
from paceline.lsp.positions import Encoding, Lines, decode, encode, to_offset, to_position, to_range
from paceline.syntax.ignore import Ignored, ignored_in, may_ignore
from paceline.syntax.snapshot import Snapshot, language_of
from paceline.syntax.text import common_prefix, common_suffix

LONGEST = 4_000_000
"""Bytes. A longer document, generated or data as a rule, is kept but not read: parsing it takes seconds, in
which no key would be answered."""


@dataclass(frozen=True, eq=False)
class Document:
    """One state of one open document. Everything derived from it may be kept for as long as it is.

    Parsed when the tree is first asked for: of the states that a fast typist runs through, most never are.
    """

    uri: str
    version: int
    """The client's number of this state."""
    lines: Lines
    encoding: Encoding
    parsed: Snapshot
    """The latest state that was parsed before this one; what changed since is parsed anew."""

    @cached_property
    def snapshot(self) -> Snapshot:
        """The document as syntax."""
        if self.parsed.version == self.version and self.parsed.text == self.text:
            return self.parsed
        start, end, new = _difference(self.parsed.text, self.text)
        return self.parsed.edited(start, end, new, version=self.version)

    @cached_property
    def filed(self) -> Snapshot:
        """The document in the bytes of its file. Raises UnusableRequest as ``in_file`` does."""
        return in_file(self.snapshot)

    def text_of(self, filed: bytes) -> bytes:
        """Return bytes in the encoding of the file as bytes of our own text."""
        encoding = self.snapshot.encoding
        return filed if self.filed is self.snapshot else encode(filed.decode(encoding, "surrogateescape"))

    @cached_property
    def may_ignore(self) -> bool:
        """Whether any comment of the document can turn something off: most have none."""
        return may_ignore(self.text)

    @cached_property
    def ignored(self) -> Ignored:
        """What comments turn off in the whole document."""
        return ignored_in(self.snapshot)

    @property
    def is_parsed(self) -> bool:
        """Whether the tree is at hand."""
        return "snapshot" in self.__dict__

    @property
    def text(self) -> bytes:
        """The whole text."""
        return self.lines.text

    @property
    def path(self) -> Path:
        """The file, or a name that stands for one when the document was never saved."""
        return self.parsed.path

    @property
    def is_file(self) -> bool:
        """Whether the document stands in the file system, where its project can be found."""
        return self.uri.startswith("file:") and self.path.is_absolute()

    def offset(self, position: types.Position) -> int:
        """Return the byte offset of a position of the client."""
        return to_offset(self.lines, position, self.encoding)

    def position(self, offset: int) -> types.Position:
        """Return the client's position of a byte offset."""
        return to_position(self.lines, offset, self.encoding)

    def range(self, start: int, end: int) -> types.Range:
        """Return the client's range between two byte offsets."""
        return to_range(self.lines, start, end, self.encoding)


class Documents:
    """The documents the client has open, by URI. Guards the one mutable thing: which state is current."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter([document for document in self._open.values() if len(document.text) <= LONGEST])

    def get(self, uri: str) -> Document | None:
        """Return the current state, None where it is not open, too long, or in no language we know."""
        document = self._open.get(uri)
        return document if document is not None and len(document.text) <= LONGEST else None

    def is_too_long(self, uri: str) -> bool:
        """Whether a document is open, and longer than what is read."""
        return uri in self._open and self.get(uri) is None

    def open(self, item: types.TextDocumentItem, encoding: Encoding) -> Document | None:
        """Take a document over and return it, if it can be read.

        Documents in languages we do not know are left alone.
        """
        name = Path(item.uri.rpartition("/")[2] or "untitled")
        language = _language(name, item.language_id)
        if language is None:
            return None
        path = path_of(item.uri) or name
        text = encode(item.text)
        # A long one is parsed when it has become shorter, and then whole.
        first = text if len(text) <= LONGEST else b""
        snapshot = Snapshot.open(path, first, version=item.version, language=language)
        document = Document(item.uri, item.version, Lines.of(text), encoding, parsed=snapshot)
        self._open[item.uri] = document
        return self.get(item.uri)

    def change(
        self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> Document | None:
        """Apply the client's changes in their order, and return the document if it can be read then."""
        before = self._open.get(uri)
        if before is None:
            return None
        lines = before.lines
        for change in changes:
            lines = _applied(lines, change, before.encoding)
        parsed = before.snapshot if before.is_parsed else before.parsed
        after = Document(uri, version, lines, before.encoding, parsed)
        self._open[uri] = after
        return self.get(uri)

    def close(self, uri: str) -> None:
        """Forget a document."""
        self._open.pop(uri, None)


def in_file(snapshot: Snapshot) -> Snapshot:
    """Return what an editor has, which is UTF-8 here, in the encoding that the text declares for its file.

    That is what Python reads, so that is what is judged. Raises UnusableRequest for a character that the
    encoding does not have.
    """
    encoding = snapshot.encoding
    if encoding == "utf-8" or snapshot.text.isascii():
        return snapshot
    try:
        text = decode(snapshot.text).encode(encoding)
    except UnicodeEncodeError as error:
        raise UnusableRequest(
            f"{snapshot.path} says that it is written in {encoding}, which has no "
            f"{error.object[error.start]!r}; change the character, or what the file says"
        ) from error
    return Snapshot.open(snapshot.path, text, version=snapshot.version, language=snapshot.language)


def _applied(lines: Lines, change: types.TextDocumentContentChangeEvent, encoding: Encoding) -> Lines:
    new = encode(change.text)
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return Lines.of(new)
    start = to_offset(lines, change.range.start, encoding)
    end = to_offset(lines, change.range.end, encoding)
    return lines.edited(min(start, end), max(start, end), new)


def _difference(before: bytes, after: bytes) -> tuple[int, int, bytes]:
    """Return the one edit that turns ``before`` into ``after``, on character boundaries."""
    start = common_prefix(before, after)
    while start > 0 and (_continues(before, start) or _continues(after, start)):
        start -= 1
    kept = common_suffix(before, after, spare=start)
    while kept and (_continues(before, len(before) - kept) or _continues(after, len(after) - kept)):
        kept -= 1
    return start, len(before) - kept, after[start : len(after) - kept]


def _continues(text: bytes, at: int) -> bool:
    return at < len(text) and text[at] & 0xC0 == 0x80


def _language(path: Path, language_id: str) -> str | None:
    try:
        return language_of(path)
    except UnsupportedLanguage:
        # An unsaved buffer has no extension; the client's own word for the language decides.
        try:
            return language_of(Path(f"unsaved.{ {'python': 'py'}.get(language_id, '') }"))
        except UnsupportedLanguage:
            return None
