"""Python's own parser, for one thread at a time.

In CPython 3.11 the making of a syntax tree keeps its depth for the whole interpreter: where another thread
gets its turn in the midst of it and parses as well, either may end in ``SystemError: AST constructor
recursion depth mismatch``. Seen once in hours of runs.
"""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """As ``ast.parse``: raises SyntaxError, ValueError or RecursionError."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)


def parse_expression(source: str) -> ast.expr:
    """Return the tree of one expression. Raises as ``parse``."""
    with _ONE_AT_A_TIME:
        return ast.parse(source, mode="eval").body
