"""Calls of the target that stand in the project with literal arguments: inputs somebody thought of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paceline.judge.python import parsing
from paceline.judge.python.worker import codec
from paceline.syntax.target import Target
from paceline.workspace.regular import read_regular

_MOST_CALLS = 50
_MOST_FILES = 60
_LARGEST_FILE = 300_000


def literal_calls(target: Target) -> list[dict[str, Any]]:
    """Return encoded calls from the target's file and the files beside it. Runs nothing."""
    if target.is_method:
        # The object it is called on is not a literal.
        return []
    found: dict[str, dict[str, Any]] = {}
    for text in _texts(target):
        for call in _calls(text, target.name.rpartition(".")[2]):
            found.setdefault(codec.text([call["args"], call["kwargs"]]), call)
            if len(found) >= _MOST_CALLS:
                return list(found.values())
    return list(found.values())


def _texts(target: Target) -> Iterator[bytes]:
    yield target.module
    name = target.name.rpartition(".")[2].encode()
    try:
        beside = sorted(target.file.parent.glob("*.py"))[:_MOST_FILES]
    except OSError:
        return
    for path in beside:
        text = _read(path) if path != target.file else b""
        if name in text:
            yield text


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, most=_LARGEST_FILE)
    except OSError:
        return b""


def _calls(text: bytes, name: str) -> Iterator[dict[str, Any]]:
    try:
        tree = parsing.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _last_name(node.func) != name:
            continue
        try:
            args = tuple(ast.literal_eval(arg) for arg in node.args)
            kwargs = {str(k.arg): ast.literal_eval(k.value) for k in node.keywords if k.arg is not None}
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        if len(kwargs) != len(node.keywords):
            continue
        memo = codec.Memo()
        try:
            yield {"args": codec.encode(args, memo=memo), "kwargs": codec.encode(kwargs, memo=memo)}
        except codec.Unencodable:
            continue


def _last_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
