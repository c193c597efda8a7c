"""Reading a rewrite that somebody wrote or pasted, from a file or from standard input."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from paceline.errors import InvalidReplacement
from paceline.syntax import Snapshot
from paceline.syntax.answer import Answer, read_answer
from paceline.syntax.target import Target


def read_candidate(file: Path, target: Target) -> Answer:
    """Return the rewrite that the file holds, ``-`` being standard input, and what had to be decided.

    Raises InvalidReplacement naming the file, the line where there is one, and what to change.
    """
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidReplacement(
            f"{file}: cannot be read: {error.strerror}; --candidate names the file with the rewrite"
        ) from error
    name = "standard input" if str(file) == "-" else str(file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = raw[: error.start].count(b"\n") + 1
        raise InvalidReplacement(f"{name}:{where}: is not UTF-8 text; save it as UTF-8") from error
    try:
        return read_answer(text, target)
    except InvalidReplacement as error:
        line = _first_error_line(file, raw, target)
        # Prose that holds no such function has no syntax to correct.
        is_code = re.search(rf"\b{re.escape(target.name.rpartition('.')[2])}\s*\(", text)
        if line is not None and is_code and "```" not in text:
            raise InvalidReplacement(
                f"{name}:{line}: does not parse as {target.language}; correct the syntax and try again"
            ) from error
        raise InvalidReplacement(f"{name}: {error}") from error


def _first_error_line(file: Path, raw: bytes, target: Target) -> int | None:
    """Return the 1-based line of the first syntax error, None for text that parses."""
    node = Snapshot.open(file, raw, language=target.language).tree.root_node
    if not node.has_error:
        return None
    while True:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None or node.is_error:
            return node.start_point.row + 1
        node = inner
