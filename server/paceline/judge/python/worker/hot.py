"""Where the time of a function goes, line by line: traced, less what the tracing itself takes.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Dict, List, Tuple

_clock = time.perf_counter
_CALIBRATION = 4_000


class HotLines:
    """Seconds and executions of the lines of one definition, nested functions included.

    What a line calls outside of the definition counts for the line.
    """

    def __init__(self, file: str, first: int, last: int) -> None:
        self._file, self._first, self._last = file, first, last
        self._seconds: Dict[int, float] = {}
        self._counts: Dict[int, int] = {}
        self._lines: List[int] = []
        self._mark = 0.0

    def watch(self, run: Callable[[], Any]) -> None:
        """Run something under watch. Raises what it raises."""
        before = sys.gettrace()
        self._lines = []
        sys.settrace(self._on_call)
        try:
            run()
        finally:
            sys.settrace(before)

    def found(self) -> List[Tuple[int, float, int]]:
        """Return line, seconds and executions of each line that ran, in the order of the lines."""
        event_s = _seconds_of_an_event()
        return [
            (line, max(0.0, self._seconds.get(line, 0.0) - event_s * count), count)
            for line, count in sorted(self._counts.items())
        ]

    def _on_call(self, frame: Any, event: str, arg: Any) -> Any:
        code = frame.f_code
        if code.co_filename != self._file or not self._first <= code.co_firstlineno <= self._last:
            return None
        self._account()
        # A generator that goes on does so in the middle of a line.
        self._lines.append(frame.f_lineno)
        self._mark = _clock()
        return self._on_event

    def _on_event(self, frame: Any, event: str, arg: Any) -> Any:
        self._account()
        if event == "line":
            line = self._lines[-1] = frame.f_lineno
            self._counts[line] = self._counts.get(line, 0) + 1
        elif event == "return":
            self._lines.pop()
        self._mark = _clock()
        return self._on_event

    def _account(self) -> None:
        """Give the line that was running the time since the last event."""
        now = _clock()
        if self._lines:
            line = self._lines[-1]
            self._seconds[line] = self._seconds.get(line, 0.0) + now - self._mark


def _seconds_of_an_event() -> float:
    """Return what tracing adds to a line, measured on lines that do nothing."""

    def nothing() -> None:
        for _ in range(_CALIBRATION):
            pass

    code = nothing.__code__
    start = _clock()
    nothing()
    plain = _clock() - start
    traced = HotLines(code.co_filename, code.co_firstlineno, code.co_firstlineno + 3)
    traced.watch(nothing)
    seconds, count = sum(traced._seconds.values()), sum(traced._counts.values())
    return max(0.0, seconds - plain) / max(1, count)
