"""A function defined inside another is judged through the one around it, which can be called from outside."""

from __future__ import annotations

import ast

from paceline.errors import TargetNotFound
from paceline.judge.python import parsing
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement, Target
from paceline.syntax.targets import target_from


def outermost(target: Target) -> Target:
    """Return the function or method at module level that holds the target; itself where it is not nested.

    Raises TargetNotFound where the document has no such function any more.
    """
    if not target.is_nested:
        return target
    snapshot = Snapshot.open(target.file, target.module, language=target.language)
    wanted = target.name.partition(".<locals>.")[0]
    for function in snapshot.outline.functions:
        if function.name == wanted and function.parses and target.span.start in function.span:
            return target_from(snapshot, function)
    raise TargetNotFound(f"{wanted}, which holds {target.name}, is not in {target.file}")


def that_only_raises(target: Target) -> Replacement:
    """Return a rewrite that raises when it is called: an input that it does not change never gets there.

    Raises SyntaxError where the source cannot be read.
    """
    tree = parsing.parse(target.source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    is_generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function))
    raising = parsing.parse("raise RuntimeError('not to be reached')" + ("\nyield" if is_generator else ""))
    function.body = raising.body
    return Replacement(definition=ast.unparse(ast.fix_missing_locations(tree)) + "\n")


def _own_nodes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.AST]:
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
    return found
