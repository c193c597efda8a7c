"""Unified diffs of documents."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from paceline.syntax.text import encoding_of

_CONTEXT = 3
_HUNK = re.compile(r"^@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


def unified_diff(before: bytes, after: bytes, path: Path | str) -> str:
    r"""Return the diff from ``before`` to ``after`` as ``patch`` and ``git apply`` read it; empty when equal.

    Lines end at \n, so a carriage return in front of it is part of the line. Bytes that are no text in the
    encoding that the document declares are shown as U+FFFD.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    # difflib is quadratic in the blank lines of a long file: it is given only the part that differs.
    head = max(_common(old, new) - _CONTEXT, 0)
    tail = max(_common(old[head:][::-1], new[head:][::-1]) - _CONTEXT, 0)
    shown = str(path).replace("\\", "/").lstrip("/")
    hunks = difflib.unified_diff(
        old[head : len(old) - tail], new[head : len(new) - tail], f"a/{shown}", f"b/{shown}", n=_CONTEXT
    )
    return "".join(_finished(hunks, head))


def _lines(text: bytes) -> list[str]:
    pieces = text.decode(encoding_of(text), "replace").split("\n")
    last = pieces.pop()
    lines = [f"{piece}\n" for piece in pieces]
    return [*lines, last] if last else lines


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for ours, theirs in zip(old, new, strict=False):
        if ours != theirs:
            break
        count += 1
    return count


def _finished(lines: Iterator[str], head: int) -> Iterator[str]:
    for line in lines:
        if hunk := _HUNK.match(line):
            first, size, second, other = hunk.groups()
            yield f"@@ -{int(first) + head}{size} +{int(second) + head}{other} @@{line[hunk.end() :]}"
        else:
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
