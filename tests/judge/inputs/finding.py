"""What the tests of the input finder share: the functions of a fixture, and a way to call them."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from paceline.judge.python.worker import codec, inputs, limits

FIXTURES = Path(__file__).parent / "fixtures"


def fixture_module(name: str) -> ModuleType:
    if str(FIXTURES) not in sys.path:
        sys.path.insert(0, str(FIXTURES))
    return importlib.import_module(name)


def targets(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield every function and public method, as the worker calls it."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, getattr(module, node.name)
        if isinstance(node, ast.ClassDef):
            cls = getattr(module, node.name)
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and not part.name.startswith("__"):
                    yield f"{node.name}.{part.name}", callable_of(cls, part.name)


def callable_of(cls: type, name: str) -> Any:
    raw = inspect.getattr_static(cls, name)
    if isinstance(raw, staticmethod):
        return raw.__func__
    if isinstance(raw, classmethod):
        return getattr(cls, name)
    return raw.fget if isinstance(raw, property) else raw


def caller(function: Callable[..., Any]) -> Callable[[Any, Any], inputs.CallEnd]:
    """Return what the worker's ``call`` is, without its alarm."""

    def call(args: Any, kwargs: Any) -> inputs.CallEnd:
        start = time.perf_counter()
        try:
            run(function, args, kwargs)
        except limits.CallTimeout:
            return inputs.CallEnd("timeout", None, time.perf_counter() - start)
        except Exception as error:
            return inputs.CallEnd("raised", type(error).__name__, time.perf_counter() - start)
        return inputs.CallEnd("returned", None, time.perf_counter() - start)

    return call


def run(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    result = function(*args, **kwargs)
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    return list(result) if inspect.isgenerator(result) else result


def find(function: Any, source: str = "", name: str = "", **settings: Any) -> inputs.Found:
    return inputs.find_inputs(
        function,
        source=source or inspect.getsource(sys.modules[function.__module__]),
        name=name or function.__qualname__,
        **{"seed": 1, "call": caller(function), "budget_s": 20.0, **settings},
    )


def returns_on(function: Any, item: inputs.Input) -> bool:
    return caller(function)(codec.decode(item.args), codec.decode(item.kwargs)).kind == "returned"


def behaviour(function: Any, item: inputs.Input) -> str:
    """Return what a call does, as text: its result or exception, and its arguments afterwards."""
    args, kwargs = codec.decode(item.args), codec.decode(item.kwargs)
    try:
        result = codec.encode(run(function, args, kwargs))
    except Exception as error:
        result = [type(error).__name__]
    return codec.text([result, codec.encode(args), codec.encode(kwargs)])
