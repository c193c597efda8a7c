"""Documents as they stood at one moment. A snapshot never changes; an edit makes the next one."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tree_sitter

from paceline.syntax.languages import Language, language_named, language_of
from paceline.syntax.outline import Outline, read_outline
from paceline.syntax.text import encoding_of, line_starts

__all__ = ["Snapshot", "language_of"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """One version of one document, parsed. Offsets are bytes of ``text``.

    What is derived from the text (outline, lines) is worked out when first asked for, and kept.
    """

    path: Path
    version: int
    text: bytes
    language: str
    tree: tree_sitter.Tree

    @classmethod
    def open(
        cls, path: Path, text: bytes | str, *, version: int = 0, language: str | None = None
    ) -> Snapshot:
        """Parse a document. Without ``language`` the path's ending decides.

        Raises UnsupportedLanguage. No text is too broken to open: BOM, CRLF and invalid UTF-8 included.
        """
        content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)
        name = language or language_of(path)
        tree = language_named(name).parse(content)
        return cls(path=path, version=version, text=content, language=name, tree=tree)

    def edited(self, start: int, end: int, new: bytes, *, version: int) -> Snapshot:
        """Return the document with ``text[start:end]`` replaced, parsed again only where it changed.

        This snapshot stays valid. Raises ValueError when the range is not inside the document.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(
                f"{self.path}: bytes {start} to {end} are not inside the {len(self.text)} there are"
            )
        text = b"".join((self.text[:start], new, self.text[end:]))
        # Other readers may be walking the old tree: the edit is told to a copy of it.
        tree = self.tree.copy()
        new_end = start + len(new)
        begins = _point(self.text, start)
        tree.edit(
            start,
            end,
            new_end,
            begins,
            _point(self.text, end, behind=(start, begins)),
            _point(text, new_end, behind=(start, begins)),
        )
        return Snapshot(
            path=self.path,
            version=version,
            text=text,
            language=self.language,
            tree=self.grammar.parse(text, tree),
        )

    @property
    def grammar(self) -> Language:
        """The entry of the language table."""
        return language_named(self.language)

    @cached_property
    def encoding(self) -> str:
        """The encoding the document declares, else UTF-8."""
        return encoding_of(self.text)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        r"""Offset of the first byte of each line. Lines end at \n, \r\n and \r only."""
        return line_starts(self.text)

    @cached_property
    def outline(self) -> Outline:
        """Functions, imports and module-level names: what is cheap to know of the whole document."""
        return read_outline(self.tree, self.text, self.grammar)

    def line(self, offset: int) -> int:
        """Return the 0-based line of an offset."""
        return bisect_right(self.line_starts, offset) - 1

    def byte_column(self, offset: int) -> int:
        """Return how many bytes after the start of its line an offset is."""
        return offset - self.line_starts[self.line(offset)]


def _point(text: bytes, offset: int, *, behind: tuple[int, tuple[int, int]] = (0, (0, 0))) -> tuple[int, int]:
    """Return row and column of an offset, counted from a point before it that is known."""
    # tree-sitter counts rows at \n only, whatever the file's line ending is.
    start, (row, _) = behind
    return row + text.count(b"\n", start, offset), offset - (text.rfind(b"\n", 0, offset) + 1)
