"""The same function in other words: local names changed, layout and comments gone, nothing else."""

from __future__ import annotations

import ast
import builtins
import textwrap


def reworded(source: str) -> str:
    """Return the definition with its local variables renamed and printed anew.

    Only names are changed of which it is plain that the function alone knows them: no parameters, nothing
    that a nested function takes as a parameter, nothing global, nothing where names are looked up as text.
    """
    tree = ast.parse(textwrap.dedent(source))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    renamed = {name: f"{name}_again" for name in sorted(_own_names(function))}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in renamed:
            node.id = renamed[node.id]
    return ast.unparse(tree) + "\n"


def _own_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    bound: set[str] = set()
    kept = set(dir(builtins))
    every: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name):
                every.add(name)
                if isinstance(node.ctx, ast.Store):
                    bound.add(name)
            case ast.arg(arg=name):
                kept.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                kept.update(names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                kept.add(name)
            case ast.alias():
                kept.add(node.asname or node.name.partition(".")[0])
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                kept.add(name)
            case ast.MatchMapping(rest=str(name)):
                kept.add(name)
    if every & {"locals", "vars", "eval", "exec", "globals"}:
        return set()
    if any(isinstance(node, ast.ClassDef) for node in ast.walk(function)):
        # In the body of a class a name may be its attribute.
        return set()
    return {name for name in bound - kept if f"{name}_again" not in every and not name.startswith("__")}
