"""The places settings are written in, each read into one layer."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paceline.workspace.problem import Problem
from paceline.workspace.regular import read_regular
from paceline.workspace.roots import paceline_home
from paceline.workspace.schema import schema

LONGEST = 1_000_000
"""Bytes. A longer file of settings is not read: it is read while an editor waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Settings from one place."""

    source: str
    values: Mapping[str, Any]
    from_workspace: bool = False
    """The workspace itself brought them, so that restricted ones need trust."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The 1-based line of each dotted key, as far as it is known; in a list of tables ``members[0].name``."""


def file_layers(root: Path) -> tuple[list[Layer], list[Problem]]:
    """The layers of all settings files, weakest first, and what is wrong with files as a whole."""
    places = (
        (paceline_home() / "settings.toml", (), False),
        (root / "pyproject.toml", ("tool", "paceline"), True),
        (root / ".paceline.toml", (), True),
    )
    layers, problems = [], []
    for file, table, from_workspace in places:
        read = _read(file, table, from_workspace)
        if isinstance(read, Problem):
            problems.append(read)
        elif read is not None:
            layers.append(read)
    return layers, problems


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys and their values. Nulls were left open; an empty list may be an empty object (Lua)."""
    for name, value in values.items():
        key = f"{prefix}{name}"
        is_section = any(known.startswith(f"{key}.") for known in schema())
        if value is None or (is_section and value in ([], ())):
            continue
        if is_section and isinstance(value, Mapping):
            yield from flat(value, f"{key}.")
        else:
            yield key, value


def _read(file: Path, table: tuple[str, ...], from_workspace: bool) -> Layer | Problem | None:
    """A file's settings; None where it has none."""
    try:
        text = read_regular(file, most=LONGEST).decode("utf-8-sig")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        values: Any = tomllib.loads(text)
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as error:
        return _unreadable(
            file, f"this is not TOML: {error}; nothing in the file applies", _line_of(error, text)
        )
    except UnicodeDecodeError:
        return _unreadable(file, "this is not UTF-8 text; nothing in the file applies")
    except (OSError, RecursionError) as error:
        return _unreadable(file, f"this cannot be read ({getattr(error, 'strerror', None) or error})")
    for name in table:
        values = values.get(name, {}) if isinstance(values, Mapping) else {}
    dotted = ".".join(table)
    if not isinstance(values, Mapping):
        return Problem(
            source=str(file), key=dotted, message="this has to be a table of settings; it does not apply"
        )
    return Layer(
        source=str(file),
        values=values,
        from_workspace=from_workspace,
        lines=_lines(text, f"{dotted}." if dotted else ""),
    )


def _unreadable(file: Path, message: str, line: int | None = None) -> Problem:
    return Problem(source=str(file), message=message, line=line, unreadable=True)


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    """tomllib tells the line in its message only, before Python 3.14."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


def _lines(text: str, prefix: str) -> dict[str, int]:
    """Where each key stands. A guess, good enough to lead a person there: the parser does not tell."""
    lines: dict[str, int] = {}
    seen: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[\s*([^\[\]]+?)\s*\]\]", line):
            name = _unquoted(header[1])
            seen[name] = seen.get(name, -1) + 1
            table = f"{name}[{seen[name]}]."
            if name.startswith(prefix):
                lines.setdefault(name.removeprefix(prefix), number)
                lines[table.removeprefix(prefix).rstrip(".")] = number
        elif header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = f"{_unquoted(header[1])}."
        elif (assigned := re.match(r"\s*([\w.\s\"'-]+?)\s*=", line)) and (
            key := table + _unquoted(assigned[1])
        ).startswith(prefix):
            lines.setdefault(key.removeprefix(prefix), number)
    return lines


def _unquoted(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)
