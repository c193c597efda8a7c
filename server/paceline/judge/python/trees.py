"""Syntax trees by the workspace's own interpreter, for code whose syntax is too new for Paceline's Python.

The interpreter reads the texts in the sandbox and hands its trees over as data. They are made again here out
of this Python's node classes; a node that it does not have becomes one of its base, with its own name and
fields, so that whatever walks over trees walks over it as well.
"""

from __future__ import annotations

import ast
import asyncio
import base64
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from paceline.errors import WorkerFailed
from paceline.judge.python.client import Setting
from paceline.judge.sandbox import launch
from paceline.workspace.pythons.version import version_of

_LIMIT_S = 20.0
_LARGEST_ANSWER = 256 * 1024 * 1024
_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")

Parse = Callable[[str | bytes], ast.Module]
"""As ``ast.parse``: raises SyntaxError, ValueError or RecursionError."""


def may_be_newer(python: Path) -> bool:
    """Whether an interpreter may know syntax that this one does not, as far as files tell its version."""
    if python == Path(sys.executable):
        return False
    numbers = tuple(int(part) for part in re.findall(r"\d+", version_of(python))[:2])
    return not numbers or numbers > sys.version_info[:2]


async def trees_of(setting: Setting, texts: Sequence[str | bytes]) -> Parse:
    """Have the workspace's interpreter read the texts; return what parses exactly those, from memory.

    Raises WorkerFailed where the interpreter gives no trees.
    """
    raw = [text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text for text in texts]
    answers = await _asked(setting, raw)
    known = dict(zip(texts, answers, strict=True))

    def parse(text: str | bytes) -> ast.Module:
        tree = _made(known[text])
        if not isinstance(tree, ast.Module):
            raise ValueError("the workspace's interpreter gave no tree")
        return tree

    return parse


async def _asked(setting: Setting, texts: Sequence[bytes]) -> list[Any]:
    argv = [
        str(setting.python),
        "-I",
        "-S",
        "-B",
        str(setting.folder / "trees.py"),
        "{request_fd}",
        "{result_fd}",
    ]
    request = json.dumps([base64.b64encode(text).decode("ascii") for text in texts])
    answer = bytearray()
    async with await launch(argv, setting.grants, setting.limits, isolation=setting.isolation) as process:
        try:
            async with asyncio.timeout(_LIMIT_S):
                process.writer.write(request.encode("ascii") + b"\n")
                while (chunk := await process.reader.read(1 << 20)) and len(answer) < _LARGEST_ANSWER:
                    answer += chunk
        except TimeoutError:
            raise WorkerFailed(f"{setting.python} did not read the code within {_LIMIT_S:g} s") from None
    try:
        trees = json.loads(answer)
    except (ValueError, RecursionError):
        trees = None
    if not isinstance(trees, list) or len(trees) != len(texts):
        raise WorkerFailed(f"{setting.python} did not say how it reads the code")
    return trees


def _made(written: Any) -> Any:
    """Return the node that was written. Raises SyntaxError for one that is an error, ValueError for none."""
    if isinstance(written, list):
        return [_made(item) for item in written]
    if not isinstance(written, dict):
        return written
    if "error" in written:
        name, message, line, text = written["error"]
        kind = {"IndentationError": IndentationError, "TabError": TabError}.get(name, SyntaxError)
        raise kind(str(message), ("", line if isinstance(line, int) else None, None, str(text)))
    node = _class_of(str(written.get("node")), str(written.get("base")))()
    if "value" in written:
        fields: Mapping[str, Any] = {"value": _constant(*written["value"]), "kind": None}
    else:
        fields = {str(name): _made(value) for name, value in written["fields"].items()}
    for name, value in fields.items():
        setattr(node, name, value)
    # This Python may know the class with fewer fields: type parameters, say.
    setattr(node, "_fields", tuple(fields))  # noqa: B010 - of this node alone, which types do not foresee.
    for name, place in zip(_PLACE, written["at"], strict=True):
        if isinstance(place, int):
            setattr(node, name, place)
    return node


def _class_of(name: str, base: str) -> type[ast.AST]:
    known = getattr(ast, name, None)
    if isinstance(known, type) and issubclass(known, ast.AST):
        return known
    if not name.isidentifier():
        raise ValueError("a node without a name")
    bases: Mapping[str, type[ast.AST]] = {"stmt": ast.stmt, "expr": ast.expr}
    return type(name, (bases.get(base, ast.AST),), {})


def _constant(kind: str, written: str) -> Any:
    if kind == "str":
        return str(written)
    if kind == "bytes":
        return base64.b64decode(written)
    if kind == "int":
        return int(written, 16)
    if kind == "float":
        return float(written)
    if kind == "complex":
        return complex(0, float(written))
    plain = {"None": None, "True": True, "False": False, "Ellipsis": ...}
    if written not in plain:
        raise ValueError("a constant of an unknown type")
    return plain[written]
