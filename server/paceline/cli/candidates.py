"""Reading a rewrite from a file that somebody wrote."""

from __future__ import annotations

from pathlib import Path

from paceline.errors import InvalidReplacement
from paceline.syntax import Snapshot, parse_replacement
from paceline.syntax.target import Replacement, Target


def read_candidate(file: Path, target: Target) -> Replacement:
    """Return the replacement that the file holds.

    Raises InvalidReplacement naming the file, the line where there is one, and what to change.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InvalidReplacement(
            f"{file}: cannot be read: {error.strerror}; --candidate names the file with the rewrite"
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = raw[: error.start].count(b"\n") + 1
        raise InvalidReplacement(f"{file}:{where}: is not UTF-8 text; save it as UTF-8") from error
    line = _first_error_line(file, raw, target)
    if line is not None:
        raise InvalidReplacement(
            f"{file}:{line}: does not parse as {target.language}; correct the syntax and try again"
        )
    try:
        return parse_replacement(text, target)
    except InvalidReplacement as error:
        raise InvalidReplacement(f"{file}: {error}") from error


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
