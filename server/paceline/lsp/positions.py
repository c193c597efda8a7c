"""Byte offsets and editor positions: the one place where the two meet.

Everything below the protocol speaks in byte offsets into UTF-8 text. Clients speak in lines and in code units
of an encoding agreed at start-up. Lines end at ``\\n``, ``\\r\\n`` and ``\\r`` and nowhere else: a form feed
or U+2028 does not end a line for an editor, although ``str.splitlines`` thinks so.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from lsprotocol import types


class Encoding(StrEnum):
    """The unit in which the client counts characters of a line."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the lines of one immutable text start, in bytes. There is always a first line."""

    text: bytes
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: bytes) -> Lines:
        """Scan the whole text."""
        return cls(text, (0, *_starts_within(text, 0, len(text))))

    def edited(self, start: int, end: int, new: bytes) -> Lines:
        """Return the lines after ``text[start:end]`` became ``new``.

        Only the lines that touch the edit are scanned again: files of 100,000 lines are edited key by key.
        """
        text = self.text[:start] + new + self.text[end:]
        # One byte to either side belongs to the edit: it may split a \r\n, or join a \r and a \n into one.
        first = bisect_right(self.starts, max(start - 1, 0)) - 1
        last = bisect_right(self.starts, min(end + 1, len(self.text)))
        shift = len(text) - len(self.text)
        scan_from = self.starts[first]
        scan_to = self.starts[last] + shift if last < len(self.starts) else len(text)
        scanned = _starts_within(text, scan_from, scan_to)
        if last < len(self.starts):
            scanned = [at for at in scanned if at < scan_to]
        kept = self.starts[last:]
        moved = kept if shift == 0 else tuple([at + shift for at in kept])
        return Lines(text, (*self.starts[: first + 1], *scanned, *moved))

    def line_of(self, offset: int) -> int:
        """Return the 0-based line an offset stands on."""
        return bisect_right(self.starts, offset) - 1

    def content_end(self, line: int) -> int:
        """Return the offset behind the last byte of a line, its terminator left out."""
        if line + 1 >= len(self.starts):
            return len(self.text)
        end = self.starts[line + 1]
        return end - 2 if self.text[end - 2 : end] == b"\r\n" else end - 1

    def content(self, line: int) -> bytes:
        """Return a line without its terminator."""
        return self.text[self.starts[line] : self.content_end(line)]


def to_offset(lines: Lines, position: types.Position, encoding: Encoding) -> int:
    """Return the byte offset of a position.

    A position past the end of its line means the line's end, a line past the last means the end of the text,
    and a position inside a character means the start of that character: the protocol's own rules.
    """
    if position.line >= len(lines.starts):
        return len(lines.text)
    start = lines.starts[position.line]
    content = lines.content(position.line)
    if content.isascii() or encoding is Encoding.UTF8:
        column = min(position.character, len(content))
        while 0 < column < len(content) and content[column] & 0xC0 == 0x80:
            column -= 1
        return start + column
    characters = decode(content)
    if encoding is Encoding.UTF32:
        return start + len(encode(characters[: position.character]))
    units = 0
    for index, character in enumerate(characters):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > position.character:
            return start + len(encode(characters[:index]))
    return start + len(content)


def to_position(lines: Lines, offset: int, encoding: Encoding) -> types.Position:
    """Return the position of a byte offset. An offset inside a line's terminator is the line's end."""
    line = lines.line_of(offset)
    start = lines.starts[line]
    before = lines.text[start : min(offset, lines.content_end(line))]
    if before.isascii() or encoding is Encoding.UTF8:
        return types.Position(line, len(before))
    characters = decode(before)
    units = len(characters)
    if encoding is Encoding.UTF16:
        units += sum(1 for character in characters if ord(character) > 0xFFFF)
    return types.Position(line, units)


def to_range(lines: Lines, start: int, end: int, encoding: Encoding) -> types.Range:
    """Return the range between two byte offsets."""
    return types.Range(to_position(lines, start, encoding), to_position(lines, end, encoding))


def encode(text: str) -> bytes:
    """Return the text as our bytes. JSON may carry half a surrogate pair; it survives the round trip."""
    return text.encode("utf-8", "surrogatepass")


def decode(text: bytes) -> str:
    """Return our bytes as text: the inverse of ``encode``, and no failure on bytes that never were text."""
    try:
        return text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace")


_LINE_END = re.compile(rb"\r\n|\r|\n")


def _starts_within(text: bytes, start: int, end: int) -> list[int]:
    return [match.end() for match in _LINE_END.finditer(text, start, end)]
