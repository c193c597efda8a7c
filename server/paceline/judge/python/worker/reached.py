"""Which lines of a function its calls reach, and an early end for calls that go on too long.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import contextlib
import dis
import sys
import time
import types
import typing
from typing import Any, FrozenSet, Iterator, Set

if typing.TYPE_CHECKING or __package__:
    from . import limits
else:
    import limits


class Lines:
    """The lines of one function's body, nested functions included, and a way to watch them being reached."""

    def __init__(self, function: Any) -> None:
        function = getattr(function, "__func__", function)
        while not isinstance(function, types.FunctionType) and hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        seen = set()
        while hasattr(function, "__wrapped__") and id(function) not in seen:
            seen.add(id(function))
            function = function.__wrapped__
        self._codes: Set[types.CodeType] = set()
        self._file = ""
        lines: Set[int] = set()
        code = getattr(function, "__code__", None)
        if code is not None:
            self._file = code.co_filename
            self._add(code, lines)
        self.all: FrozenSet[int] = frozenset(lines)

    def _add(self, code: types.CodeType, lines: Set[int]) -> None:
        self._codes.add(code)
        lines.update(line for _, line in dis.findlinestarts(code) if line and line != code.co_firstlineno)
        for inner in code.co_consts:
            if isinstance(inner, types.CodeType):
                self._add(inner, lines)

    def share(self, reached: typing.AbstractSet[int]) -> float:
        """Return the share of the body's lines that were reached."""
        return len(reached & self.all) / len(self.all) if self.all else 1.0

    @contextlib.contextmanager
    def watched(self, limit_s: float) -> Iterator[Set[int]]:
        """Collect the lines reached inside the block; end a call there after ``limit_s`` seconds.

        The limit holds where the function or its module's other functions run; what C code does is left to
        the caller's own limit.
        """
        reached: Set[int] = set()
        codes, file = self._codes, self._file
        end = time.perf_counter() + limit_s
        clock = time.perf_counter

        def on_line(frame: Any, event: str, arg: Any) -> Any:
            if event == "line":
                reached.add(frame.f_lineno)
                if clock() > end:
                    raise limits.CallTimeout
            return on_line

        def on_other_line(frame: Any, event: str, arg: Any) -> Any:
            if event == "line" and clock() > end:
                raise limits.CallTimeout
            return on_other_line

        def on_call(frame: Any, event: str, arg: Any) -> Any:
            code = frame.f_code
            if code in codes:
                return on_line
            return on_other_line if code.co_filename == file else None

        before = sys.gettrace()
        sys.settrace(on_call)
        try:
            yield reached
        finally:
            sys.settrace(before)
