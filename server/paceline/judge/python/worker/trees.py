"""Syntax trees as data: what this interpreter makes of a text, for one that is older and cannot read it.

    python trees.py REQUEST_FD RESULT_FD

Reads one line of JSON, a list of texts in base64, and writes one: a tree for each text, or what is wrong with
it. A node is {"node": its class, "base": statement or expression, "at": its place, "fields": ...}; a constant
{"value": [its type, how it is written]}. Nothing of any text is run.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import ast
import base64
import json
import os
import sys
from typing import Any

_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def main() -> None:
    """Answer one request."""
    # Deep trees are nested as deeply as data.
    sys.setrecursionlimit(20_000)
    with os.fdopen(int(sys.argv[1]), "rb") as requests:
        texts = [base64.b64decode(text) for text in json.loads(requests.readline())]
    answer = json.dumps([_tree(text) for text in texts])
    with os.fdopen(int(sys.argv[2]), "wb") as out:
        out.write(answer.encode("ascii") + b"\n")


def _tree(text: bytes) -> Any:
    try:
        return _written(ast.parse(text))
    except SyntaxError as error:
        return {"error": [type(error).__name__, error.msg, error.lineno, (error.text or "").strip()[:80]]}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"error": [type(error).__name__, str(error), None, ""]}


def _written(value: Any) -> Any:
    if isinstance(value, ast.Constant):
        return {"node": "Constant", "base": "expr", "at": _place(value), "value": _constant(value.value)}
    if isinstance(value, ast.AST):
        base = next((name for name in ("stmt", "expr") if isinstance(value, getattr(ast, name))), "AST")
        fields = {name: _written(getattr(value, name, None)) for name in value._fields}
        return {"node": type(value).__name__, "base": base, "at": _place(value), "fields": fields}
    if isinstance(value, list):
        return [_written(item) for item in value]
    return value if value is None or isinstance(value, (str, int)) else repr(value)


def _place(node: ast.AST) -> Any:
    return [getattr(node, name, None) for name in _PLACE]


def _constant(value: Any) -> Any:
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode("ascii")]
    if isinstance(value, str):
        return ["str", value]
    if isinstance(value, complex):
        return ["complex", repr(value.imag)]
    # Numbers of any length: neither JSON nor the other Python has to like them in decimal.
    return [type(value).__name__, hex(value) if type(value) is int else repr(value)]


if __name__ == "__main__":
    main()
