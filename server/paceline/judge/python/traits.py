"""What a function's source tells about how it has to be observed. Read, never run."""

from __future__ import annotations

import ast
from textwrap import dedent

from paceline.judge.python import parsing


def uses_what_is_sent(source: str) -> bool:
    """Whether a generator looks at what ``send`` gives it: some ``yield`` is more than a statement."""
    tree = _parsed(source)
    if tree is None:
        return False
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return any(id(node) not in statements for node in ast.walk(tree) if isinstance(node, ast.Yield))


def _parsed(source: str) -> ast.Module | None:
    try:
        return parsing.parse(dedent(source))
    except (SyntaxError, ValueError, RecursionError):
        return None
