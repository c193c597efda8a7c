"""What a module imports as soon as it is loaded, so that processes can have it imported before."""

from __future__ import annotations

import ast

from paceline.judge.python import parsing


def imported_packages(module: bytes) -> tuple[str, ...]:
    """Return the dotted names of the absolute imports at the top of a module, in order, none twice.

    Empty for a module that cannot be read here: then loading it takes longer, and nothing else changes.
    """
    try:
        tree = parsing.parse(module)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    names: dict[str, None] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            names.update((alias.name, None) for alias in node.names)
        elif (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and node.module
            and node.module != "__future__"
        ):
            names[node.module] = None
    return tuple(names)
