"""The functions of a module by qualified name, and what identifies the parameters of each.

Standard library only, Python 3.9 or newer; the controller uses it as well.
"""

from __future__ import annotations

import ast
from typing import Iterator, List, Tuple, Union

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
_BINDING = ("staticmethod", "classmethod", "property", "cached_property")


def functions(tree: ast.AST, prefix: str = "") -> Iterator[Tuple[str, Function]]:
    """Yield the functions and methods that stand in a module, with their names; none inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.stmt) or type(node).__name__ in ("ExceptHandler", "match_case"):
            yield from functions(node, prefix)


def signature(node: Function) -> str:
    """Return what callers have to know of the parameters: names, order, kinds, which have defaults.

    Values of defaults and annotations may change; recorded arguments still fit then.
    """
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    required = len(positional) - len(given.defaults)
    words = [each.arg + ("=" if at >= required else "") for at, each in enumerate(positional)]
    if given.posonlyargs:
        words.insert(len(given.posonlyargs), "/")
    if given.vararg is not None:
        words.append("*" + given.vararg.arg)
    elif given.kwonlyargs:
        words.append("*")
    for each, default in zip(given.kwonlyargs, given.kw_defaults):
        words.append(each.arg + ("=" if default is not None else ""))
    if given.kwarg is not None:
        words.append("**" + given.kwarg.arg)
    return "".join(f"@{word} " for word in _bindings(node)) + f"({', '.join(words)})"


def parameters(node: Function) -> List[str]:
    """Return the names of the positional parameters in order, ``*rest`` last."""
    named = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
    return [*named, "*" + node.args.vararg.arg] if node.args.vararg is not None else named


def is_classmethod(node: Function) -> bool:
    """Return whether the first parameter is the class, which callers do not give."""
    return "classmethod" in _bindings(node)


def _bindings(node: Function) -> List[str]:
    found = []
    for decorator in node.decorator_list:
        last = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
        if last in _BINDING:
            found.append(last)
    return found
