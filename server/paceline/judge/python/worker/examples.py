"""Calls a docstring shows: the arguments of the target's doctests.

Standard library only, Python 3.9 or newer. Examples are the workspace's own code and run inside the sandbox.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
from typing import Any, Dict, Iterator, List, Mapping, Tuple

_PROMPT = re.compile(r"^\s*>>> ?(.*)$")
_MORE = re.compile(r"^\s*\.\.\. ?(.*)$")


def shown_calls(
    docstring: str, name: str, names: Mapping[str, Any]
) -> Iterator[Tuple[Tuple[Any, ...], Dict[str, Any]]]:
    """Yield the arguments of every call of ``name`` in the doctests of a docstring.

    Statements between the calls run as they stand, in a copy of ``names``; one that fails is passed over.
    """
    space = dict(names)
    for source in _examples(docstring):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) == name:
                try:
                    yield _arguments(node, space)
                except Exception:
                    continue
        if any(isinstance(s, (ast.Assign, ast.Import, ast.ImportFrom)) for s in tree.body):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
                exec(compile(tree, "<doctest>", "exec"), space)


def _examples(docstring: str) -> List[str]:
    found: List[List[str]] = []
    is_open = False
    for line in docstring.splitlines():
        first, more = _PROMPT.match(line), _MORE.match(line)
        if first is not None:
            found.append([first.group(1)])
            is_open = True
        elif more is not None and is_open:
            found[-1].append(more.group(1))
        else:
            is_open = False
    return ["\n".join(lines) + "\n" for lines in found]


def _called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _arguments(node: ast.Call, space: Dict[str, Any]) -> Tuple[Tuple[Any, ...], Dict[str, Any]]:
    def value(part: ast.expr) -> Any:
        return eval(compile(ast.Expression(part), "<doctest>", "eval"), space)  # noqa: S307 - see the module

    args: List[Any] = []
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            args.extend(value(arg.value))
        else:
            args.append(value(arg))
    kwargs: Dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            kwargs.update(value(keyword.value))
        else:
            kwargs[keyword.arg] = value(keyword.value)
    return tuple(args), kwargs
