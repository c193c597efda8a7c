"""One observation: everything about one call that a caller could notice, as JSON text.

Result and arguments are encoded with one memo, so that sharing between them shows. What cannot be compared
(an open file, a lambda) is said so, and the controller leaves that input out.
"""

from __future__ import annotations

import opcode
import sys
import time
import types
import typing
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import codec, limits, output, surroundings
else:
    import codec
    import limits
    import output
    import surroundings

MOST_DRAINED = 10_000
"""Items taken from a generator before it is closed."""

_perf = time.perf_counter
_RAISE = opcode.opmap["RAISE_VARARGS"]
_INTERPRETER_WORDS = (TypeError, AttributeError, RecursionError, NameError)
"""Raised by the interpreter, their words follow from how the code is written; only the type is behaviour."""


class Observation(NamedTuple):
    """What one call did. ``text`` is equal for two calls that no caller could tell apart."""

    text: str
    seconds: float
    mutated: bool
    kind: str
    """How the result was consumed: as a value, generator, iterator, coroutine or async generator."""
    usable: str
    """Empty, or why this call cannot be compared."""
    timed_out: bool


class Observer:
    """Calls the target and writes down what happened."""

    def __init__(
        self,
        function: Callable[..., Any],
        home: str,
        out: output.Output,
        state: surroundings.State,
        seed: int,
    ) -> None:
        self._function = function
        self._home = home
        self._out = out
        self._state = state
        self._seed = seed

    def observe(self, encoded_args: Any, encoded_kwargs: Any, limit_s: float) -> Observation:
        """Call the target on freshly built arguments. Never raises for what the target does."""
        memo = codec.Memo(self._home)
        try:
            args = codec.decode(encoded_args, memo=memo)
            kwargs = codec.decode(encoded_kwargs, memo=memo)
            before = _arguments_text(args, kwargs, self._home)
        except (codec.Undecodable, codec.Unencodable) as error:
            return Observation("", 0.0, False, "value", f"the input cannot be rebuilt: {error}", False)
        seed_random(self._seed)
        self._out.restart()
        ended = consume(self._function, args, kwargs, limit_s)
        record, usable = _record(ended, args, kwargs, self._home)
        record.update(self._out.written())
        changes = self._state.changes()
        if changes:
            record["state"] = changes
        mutated = _arguments_text(args, kwargs, self._home) != before if not usable else False
        return Observation(codec.text(record), ended.seconds, mutated, ended.kind, usable, ended.timed_out)


class Ended(NamedTuple):
    """How one call ended, its result consumed."""

    kind: str
    value: Any
    error: Optional[BaseException]
    phase: str
    """``call``, or ``consuming`` when the error came while the result was consumed."""
    more: bool
    """A generator had more than was taken."""
    seconds: float
    timed_out: bool
    iterator: str
    """The type of an iterator that was consumed."""


def consume(function: Callable[..., Any], args: Any, kwargs: Any, limit_s: float) -> Ended:
    """Call and consume: generators are drained up to a bound, coroutines run to their end."""
    kind, value, phase, more, iterator = "value", None, "call", False, ""
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
                value, more = _drained(value, kind)
    except limits.CallTimeout as caught:
        timed_out, error = True, caught
    except BaseException as caught:
        error = caught
    return Ended(kind, value, error, phase, more, _perf() - start, timed_out, iterator)


def kind_of(value: Any) -> str:
    """Say how a result has to be consumed."""
    cls = type(value)
    if cls is types.GeneratorType:
        return "generator"
    if cls is types.CoroutineType:
        return "coroutine"
    if cls is types.AsyncGeneratorType:
        return "async generator"
    if cls.__module__ in ("builtins", "itertools") and hasattr(cls, "__next__"):
        return "iterator"
    return "value"


def seed_random(seed: int) -> None:
    """Start every loaded source of pseudo-random numbers at the same place."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed(seed)
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(seed)


def _drained(value: Any, kind: str) -> Tuple[Any, bool]:
    if kind == "coroutine":
        import asyncio

        return asyncio.run(value), False
    if kind == "async generator":
        import asyncio

        return asyncio.run(_drain_async(value))
    items: List[Any] = []
    take = value.__next__
    try:
        while len(items) < MOST_DRAINED:
            items.append(take())
    except StopIteration as stop:
        return (items, stop.value), False
    close = getattr(value, "close", None)
    if close is not None:
        close()
    return (items, None), True


async def _drain_async(value: Any) -> Tuple[Any, bool]:
    items: List[Any] = []
    async for item in value:
        items.append(item)
        if len(items) >= MOST_DRAINED:
            await value.aclose()
            return (items, None), True
    return (items, None), False


def _record(ended: Ended, args: Any, kwargs: Any, home: str) -> Tuple[Dict[str, Any], str]:
    memo = codec.Memo(home)
    record: Dict[str, Any] = {"kind": ended.kind}
    if ended.kind == "iterator":
        record["iterator"] = ended.iterator
    usable = ""
    if ended.error is not None:
        record["exception"] = _exception(ended.error, home)
        record["phase"] = ended.phase
    else:
        try:
            record["result"] = codec.encode(ended.value, memo=memo)
        except codec.Unencodable as error:
            usable = f"the result cannot be compared: {error}"
        if ended.more:
            record["more"] = True
    try:
        record["arguments"] = [codec.encode(list(args), memo=memo), codec.encode(dict(kwargs), memo=memo)]
    except codec.Unencodable as error:
        usable = usable or f"the arguments cannot be compared after the call: {error}"
    return record, usable


def _exception(error: BaseException, home: str) -> Dict[str, Any]:
    cls = type(error)
    found: Dict[str, Any] = {"type": f"{cls.__module__}.{cls.__qualname__}"}
    if isinstance(error, _INTERPRETER_WORDS) and not _raised_on_purpose(error):
        return found
    try:
        found["args"] = codec.encode(error.args, memo=codec.Memo(home))
    except codec.Unencodable:
        found["args"] = [type(arg).__qualname__ for arg in error.args]
    return found


def _raised_on_purpose(error: BaseException) -> bool:
    """Whether a ``raise`` statement raised it, rather than the interpreter in the middle of an operation."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return True
    code = trace.tb_frame.f_code.co_code
    return trace.tb_lasti < len(code) and code[trace.tb_lasti] == _RAISE


def _arguments_text(args: Any, kwargs: Any, home: str) -> str:
    memo = codec.Memo(home)
    return codec.text([codec.encode(list(args), memo=memo), codec.encode(dict(kwargs), memo=memo)])
