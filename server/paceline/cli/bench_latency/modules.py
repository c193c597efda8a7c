"""Modules of a wanted length: statements of the standard library, functions worth a job in their middle."""

from __future__ import annotations

import argparse
import ast
import configparser
import inspect
import re
import statistics
import subprocess
import tarfile
from collections.abc import Iterator

_LIBRARY = (argparse, configparser, statistics, subprocess, tarfile)
_DEFINED = re.compile(r"^(async def|def|class) (\w+)", re.MULTILINE)
_HEADER = re.compile(r"^(\s*(?:async )?def \w+\(.*\).*:)$", re.MULTILINE)


def module_of(lines: int, slow: str) -> str:
    """Return an importable module of about so many lines, ``slow`` in its middle, no two functions alike."""
    wanted = max(0, lines - slow.count("\n"))
    statements, length = [], 0
    for statement in _statements():
        if length >= wanted:
            break
        statements.append(statement)
        length += statement.count("\n") + 2
    # What is imported and defined by the library stands in front of all, so that later statements find it.
    middle = max(1, len(statements) // 2)
    return "\n\n".join([*statements[:middle], slow, *statements[middle:]]) + "\n"


def _statements() -> Iterator[str]:
    """Yield the library's statements, then the same again under other names, without an end."""
    first = [statement for module in _LIBRARY for statement in _top_level(inspect.getsource(module))]
    yield from first
    copy = 1
    while True:
        copy += 1
        for statement in first:
            if _DEFINED.match(statement):
                yield _renamed(statement, copy)


def _renamed(statement: str, copy: int) -> str:
    """Return a definition under another name, every function in it with text of its own."""
    named = _DEFINED.sub(rf"\1 \2_{copy}", statement, count=1)
    return _HEADER.sub(rf"\1  # copy {copy}", named)


def _top_level(source: str) -> Iterator[str]:
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test):
            continue
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(one.lineno for one in decorators)])
        yield "".join(lines[start - 1 : node.end_lineno])
