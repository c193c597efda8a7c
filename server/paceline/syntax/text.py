"""Bytes of a source file as text: lines, line endings, encodings, indentation."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from itertools import accumulate

BOM = codecs.BOM_UTF8

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#|$)")


def line_starts(text: bytes) -> tuple[int, ...]:
    r"""Return the offset at which each line begins.

    Lines end at \n, \r\n or \r and nowhere else: what Python's str calls a line boundary beyond those
    (form feed, U+0085, U+2028) is an ordinary character to editors and compilers.
    """
    lengths = (len(line) for line in text.splitlines(keepends=True))
    starts = (0, *accumulate(lengths))
    return starts if not text or text.endswith((b"\n", b"\r")) else starts[:-1]


def newline_of(text: bytes) -> str:
    r"""Return the line ending most lines of the file have: ``\n``, ``\r\n`` or ``\r``. A tie is ``\n``."""
    pairs = text.count(b"\r\n")
    feeds = text.count(b"\n") - pairs
    returns = text.count(b"\r") - pairs
    if pairs > feeds and pairs >= returns:
        return "\r\n"
    return "\r" if returns > feeds else "\n"


def encoding_of(text: bytes) -> str:
    """Return the encoding the file declares, UTF-8 where it declares none that keeps ASCII as it is."""
    if text.startswith(BOM):
        return "utf-8"
    for line in text[:1000].splitlines()[:2]:
        if cookie := _COOKIE.match(line):
            return _usable(cookie[1].decode("ascii"))
        if not _BLANK.match(line):
            break
    return "utf-8"


def decode(data: bytes, encoding: str = "utf-8") -> str:
    r"""Return the text with every line ending as ``\n``. Bytes that are no text survive a round trip."""
    return data.decode(encoding, "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")


def encode(text: str, encoding: str = "utf-8", newline: str = "\n") -> bytes:
    r"""Return the bytes of a text whose lines end in ``\n``, with the file's own encoding and line ending.

    Raises UnicodeEncodeError when the encoding cannot write a character.
    """
    return text.replace("\n", newline).encode(encoding, "surrogateescape")


def dedented(text: bytes, indent: bytes, verbatim: Iterable[tuple[int, int]]) -> bytes:
    """Remove ``indent`` from the front of every line but the first, and but those that begin inside a string.

    ``verbatim`` holds the byte ranges of the strings.
    """
    if not indent:
        return text
    kept = _inside(text, verbatim)
    return b"".join(
        line if first or start in kept else line.removeprefix(indent) for first, start, line in _lines(text)
    )


def indented(text: bytes, indent: bytes, verbatim: Iterable[tuple[int, int]]) -> bytes:
    """Put ``indent`` before every line but the first, blank ones, and those that begin inside a string."""
    if not indent:
        return text
    kept = _inside(text, verbatim)
    return b"".join(
        line if first or start in kept or not line.strip() else indent + line
        for first, start, line in _lines(text)
    )


def reindented(text: bytes, old: bytes, new: bytes, verbatim: Iterable[tuple[int, int]]) -> bytes:
    """Change the unit of indentation. Text with lines indented by anything but whole units stays as it is."""
    if old == new or not old:
        return text
    kept = _inside(text, verbatim)
    lines = []
    for _, start, line in _lines(text):
        body = line.lstrip(b" \t")
        if start in kept or not body.strip():
            lines.append(line)
            continue
        depth, rest = divmod(len(line) - len(body), len(old))
        if rest or line[: len(line) - len(body)] != old * depth:
            return text
        lines.append(new * depth + body)
    return b"".join(lines)


def indent_at(text: bytes, offset: int) -> bytes:
    """Return the whitespace the line of ``offset`` begins with, up to ``offset`` at most."""
    start = max(text.rfind(b"\n", 0, offset), text.rfind(b"\r", 0, offset)) + 1
    if start == 0 and text.startswith(BOM):
        start = min(len(BOM), offset)
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(b" \t\f"))]


def common_prefix(left: bytes, right: bytes) -> int:
    """Return how many leading bytes are equal. Compares halves, so it runs at the speed of memcmp."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(left: bytes, right: bytes, *, spare: int = 0) -> int:
    """Return how many trailing bytes are equal, leaving the first ``spare`` bytes of both out."""
    low, high = 0, min(len(left), len(right)) - spare
    while low < high:
        middle = (low + high + 1) // 2
        if left[len(left) - middle : len(left) - low] == right[len(right) - middle : len(right) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _usable(name: str) -> str:
    ascii_bytes = bytes(range(128))
    try:
        codec = codecs.lookup(name)
        plain = ascii_bytes.decode(name) == ascii_bytes.decode("ascii")
    except (LookupError, UnicodeError, ValueError):
        return "utf-8"
    return codec.name if plain else "utf-8"


def _lines(text: bytes) -> Iterable[tuple[bool, int, bytes]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start == 0, start, line
        start += len(line)


def _inside(text: bytes, verbatim: Iterable[tuple[int, int]]) -> frozenset[int]:
    inside: set[int] = set()
    for start, end in verbatim:
        inside.update(start + offset for offset in line_starts(text[start:end])[1:])
    return frozenset(inside)
