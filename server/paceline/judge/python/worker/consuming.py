"""Calling the target and using up what it gives back, as a caller would.

Generators and iterators are drained up to a bound, coroutines run to their end, what a context manager guards
is entered and left, and a function that was made inside is called.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import contextlib
import time
import types
import typing
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import limits
else:
    import limits

MOST_DRAINED = 10_000
"""Items taken from a generator before it is closed."""
_WATCHED = 3
"""Items after which a look is taken at what has happened so far."""

_perf = time.perf_counter


class Watch(typing.Protocol):
    """Looks at the surroundings while a result is being used up."""

    spent: float
    """Seconds the looks have taken."""

    def note(self, moment: str) -> None:
        """Note what has changed up to this moment."""


class Ended(NamedTuple):
    """How one call ended, its result used up."""

    kind: str
    value: Any
    error: Optional[BaseException]
    phase: str
    """``call``, or ``consuming`` when the error came while the result was used up."""
    more: bool
    """A generator had more than was taken."""
    seconds: float
    timed_out: bool
    iterator: str
    """The type of an iterator that was consumed."""
    taken: List[Any]
    """The items a generator had given when an error came."""


def consume(
    function: Callable[..., Any], args: Any, kwargs: Any, limit_s: float, watch: Optional[Watch] = None
) -> Ended:
    """Call, and use up what comes back. Never raises for what the target does."""
    kind, value, phase, more, iterator = "value", None, "call", False, ""
    taken: List[Any] = []
    error: Optional[BaseException] = None
    timed_out = False
    start = _perf()
    try:
        with limits.time_limit(limit_s):
            value = function(*args, **kwargs)
            cls = type(value)
            if cls is not list and cls is not int:
                kind = kind_of(value)
            if kind != "value":
                phase = "consuming"
                iterator = cls.__qualname__
                if watch is not None:
                    watch.note("before the first item")
                value, more = _USED_UP[kind](value, taken, watch)
    except limits.CallTimeout as caught:
        timed_out, error = True, caught
    except BaseException as caught:
        error = caught
    seconds = _perf() - start - (watch.spent if watch is not None else 0.0)
    return Ended(kind, value, error, phase, more, seconds, timed_out, iterator, taken)


def kind_of(value: Any) -> str:
    """Say how a result has to be used up."""
    cls = type(value)
    found = _KINDS.get(cls)
    if found is not None:
        return found
    if cls is types.FunctionType:
        return "function" if "<locals>" in value.__qualname__ else "value"
    if cls.__module__ in ("builtins", "itertools") and hasattr(cls, "__next__"):
        return "iterator"
    return "value"


_KINDS: Dict[Any, str] = {
    types.GeneratorType: "generator",
    types.CoroutineType: "coroutine",
    types.AsyncGeneratorType: "async generator",
    getattr(contextlib, "_GeneratorContextManager", None): "context manager",
    getattr(contextlib, "_AsyncGeneratorContextManager", None): "async context manager",
}


# --- using up -----------------------------------------------------------------------------------------------


def _drained(value: Any, taken: List[Any], watch: Optional[Watch]) -> Tuple[Any, bool]:
    take = value.__next__
    keep = taken.append
    try:
        if watch is not None:
            for at in range(1, _WATCHED + 1):
                keep(take())
                watch.note(f"after item {at}")
        while len(taken) < MOST_DRAINED:
            keep(take())
    except StopIteration as stop:
        return (taken, stop.value), False
    close = getattr(value, "close", None)
    if close is not None:
        close()
    return (taken, None), True


def _awaited(value: Any, taken: List[Any], watch: Optional[Watch]) -> Tuple[Any, bool]:
    import asyncio

    return asyncio.run(value), False


def _drained_async(value: Any, taken: List[Any], watch: Optional[Watch]) -> Tuple[Any, bool]:
    import asyncio

    async def drain() -> Tuple[Any, bool]:
        async for item in value:
            taken.append(item)
            if watch is not None and len(taken) <= _WATCHED:
                watch.note(f"after item {len(taken)}")
            if len(taken) >= MOST_DRAINED:
                await value.aclose()
                return (taken, None), True
        return (taken, None), False

    return asyncio.run(drain())


def _entered(value: Any, taken: List[Any], watch: Optional[Watch]) -> Tuple[Any, bool]:
    inside = value.__enter__()
    if watch is not None:
        watch.note("inside")
    value.__exit__(None, None, None)
    return inside, False


def _entered_async(value: Any, taken: List[Any], watch: Optional[Watch]) -> Tuple[Any, bool]:
    import asyncio

    async def go_through() -> Any:
        inside = await value.__aenter__()
        if watch is not None:
            watch.note("inside")
        await value.__aexit__(None, None, None)
        return inside

    return asyncio.run(go_through()), False


def called(made: Any, taken: Any = None, watch: Any = None) -> Tuple[Any, bool]:
    """Call a function that was made inside the target with a few plain arguments; return all outcomes."""
    outcomes: List[Any] = []
    for arguments in probes(made):
        try:
            result = made(*arguments)
            kind = kind_of(result)
            if kind == "generator" or kind == "iterator":
                result, _ = _drained(result, [], None)
            outcomes.append(["returned", result, arguments])
        except Exception as error:
            outcomes.append(["raised", type(error).__name__, arguments])
    return outcomes, False


def probes(made: Any) -> List[List[Any]]:
    """Return arguments to call a made function with: as many as it asks for, of one kind at a time."""
    code = made.__code__
    count = code.co_argcount - len(made.__defaults__ or ())
    if code.co_flags & 0x04 and count == 0:
        # A function of *args, as decorators make them, mostly stands for one of an argument or two.
        return [[], *_of_each_kind(1), *_of_each_kind(2)]
    # Without arguments, what a second call gives shows what the first one left.
    return _of_each_kind(count) if count else [[], [], []]


def _of_each_kind(count: int) -> List[List[Any]]:
    rising = [list(range(start, start + count)) for start in (0, 2, -3)]
    rows: List[List[Any]] = [list(row) for row in rising]
    rows += [[7] * count, [2.5] * count, ["ab"] * count]
    rows += [[[3, 1, 2, 3] for _ in range(count)], [["b", "a"] for _ in range(count)]]
    rows += [[{"a": 1, "b": 2} for _ in range(count)], [None] * count]
    return rows


_USED_UP: Dict[str, Callable[[Any, List[Any], Optional[Watch]], Tuple[Any, bool]]] = {
    "generator": _drained,
    "iterator": _drained,
    "coroutine": _awaited,
    "async generator": _drained_async,
    "context manager": _entered,
    "async context manager": _entered_async,
    "function": called,
}
