"""One observation: everything about one call that a caller could notice, as JSON text.

Result and arguments are encoded with one memo, so that sharing between them shows. What cannot be compared
(an open file, a lambda) is said so, and the controller leaves that input out.
"""

from __future__ import annotations

import opcode
import sys
import time
import typing
from typing import Any, Callable, Dict, List, NamedTuple, Tuple
from zlib import crc32

if typing.TYPE_CHECKING or __package__:
    from . import codec, consuming, output, scenes, surroundings
else:
    import codec
    import consuming
    import output
    import scenes
    import surroundings

_BRIEF_S = 0.05
"""Only calls that end so soon are made again for other scenes."""
_LONG = 2_000
_CAUSES = 3
"""Exceptions that one after the other are the cause of the one before."""

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
        *,
        sends: bool,
        files: Callable[[], Dict[str, Any]],
    ) -> None:
        self._function = function
        self._home = home
        self._out = out
        self._state = state
        self._seed = seed
        self._sends = sends
        self._files = files

    def observe(self, encoded_args: Any, encoded_kwargs: Any, limit_s: float) -> Observation:
        """Call the target on freshly built arguments. Never raises for what the target does."""
        try:
            args, kwargs = self._built(encoded_args, encoded_kwargs)
            before = _arguments_text(args, kwargs, self._home)
        except (codec.Undecodable, codec.Unencodable) as error:
            return Observation("", 0.0, False, "value", f"the input cannot be rebuilt: {error}", False)
        watch = _Watch(args, kwargs, before, self._home, self._out, self._state)
        seed_random(self._seed)
        self._out.restart()
        ended = consuming.consume(self._function, args, kwargs, limit_s, watch)
        record, usable = _record(ended, args, kwargs, self._home)
        record.update(self._out.written())
        changes = {**watch.state, **self._state.changes()}
        if changes:
            record["state"] = changes
        changed = self._files()
        if changed:
            record["files"] = changed
        if watch.moments:
            record["moments"] = watch.moments
        mutated = _arguments_text(args, kwargs, self._home) != before if not usable else False
        if not usable and ended.seconds < _BRIEF_S and ended.kind not in ("value", "iterator", "coroutine"):
            played = self._scenes(ended.kind, encoded_args, encoded_kwargs, limit_s / 8)
            if played:
                record["scenes"] = played
        return Observation(codec.text(record), ended.seconds, mutated, ended.kind, usable, ended.timed_out)

    def _built(self, encoded_args: Any, encoded_kwargs: Any) -> Tuple[Any, Any]:
        memo = codec.Memo(self._home)
        return codec.decode(encoded_args, memo=memo), codec.decode(encoded_kwargs, memo=memo)

    def _scenes(self, kind: str, encoded_args: Any, encoded_kwargs: Any, limit_s: float) -> Dict[str, Any]:
        """Play what else a caller may do with such a result; nothing where one of the scenes takes long."""
        found: Dict[str, Any] = {}
        for name, play in scenes.scenes(kind, sends=self._sends):
            args, kwargs = self._built(encoded_args, encoded_kwargs)
            seed_random(self._seed)
            self._out.restart()
            ended = consuming.consume(_playing(self._function, play), args, kwargs, limit_s)
            if ended.timed_out:
                return {}
            record, usable = _record(ended, args, kwargs, self._home)
            record.update(self._out.written())
            changes = self._state.changes()
            if changes:
                record["state"] = changes
            changed = self._files()
            if changed:
                record["files"] = changed
            if usable:
                record["result"] = usable
            found[name] = record
        return found


def _playing(function: Callable[..., Any], play: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: play(function(*args, **kwargs))


class _Watch:
    """Notes what changes while a result is used up: the laziness that a caller can see."""

    def __init__(
        self, args: Any, kwargs: Any, before: str, home: str, out: output.Output, state: surroundings.State
    ) -> None:
        self._args = args
        self._kwargs = kwargs
        self._seen = before
        self._home = home
        self._out = out
        self._lengths: Dict[str, int] = {}
        self._changes = state.changes
        self.state: Dict[str, str] = {}
        self.moments: List[List[Any]] = []
        self.spent = 0.0

    def note(self, moment: str) -> None:
        """Note what has changed since the last look, if anything has."""
        start = _perf()
        found: Dict[str, Any] = {}
        try:
            now = _arguments_text(self._args, self._kwargs, self._home)
        except codec.Unencodable:
            now = self._seen
        if now != self._seen:
            self._seen = now
            found["arguments"] = (
                now if len(now) < _LONG else f"{len(now)} characters, checksum {crc32(now.encode())}"
            )
        lengths = self._out.lengths()
        if lengths != self._lengths:
            self._lengths = lengths
            found["output"] = lengths
        changes = self._changes()
        if changes:
            self.state.update(changes)
            found["state"] = sorted(changes)
        if found:
            self.moments.append([moment, found])
        self.spent += _perf() - start


def seed_random(seed: int) -> None:
    """Start every loaded source of pseudo-random numbers at the same place."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed(seed)
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(seed)


def _record(ended: consuming.Ended, args: Any, kwargs: Any, home: str) -> Tuple[Dict[str, Any], str]:
    memo = codec.Memo(home)
    record: Dict[str, Any] = {"kind": ended.kind}
    if ended.kind == "iterator":
        record["iterator"] = ended.iterator
    usable = ""
    try:
        if ended.error is not None:
            if isinstance(ended.error, RecursionError) and not _raised_on_purpose(ended.error):
                # How deep a call may go is the machine's business, not the function's.
                usable = "it runs out of recursion depth"
            record["exception"] = _exception(ended.error, home, _CAUSES)
            record["phase"] = ended.phase
            if ended.taken:
                record["before"] = codec.encode(ended.taken, memo=memo)
        elif ended.kind == "function" and all(outcome[0] == "raised" for outcome in ended.value):
            usable = "the result cannot be compared: a function that takes none of the arguments tried"
        else:
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


def _exception(error: BaseException, home: str, causes: int) -> Dict[str, Any]:
    """Describe an exception: its type and arguments, its fields, and what it names as its cause.

    What it was merely raised in the midst of (``__context__``) follows from how the code is written.
    """
    cls = type(error)
    found: Dict[str, Any] = {"type": f"{cls.__module__}.{cls.__qualname__}"}
    if isinstance(error, _INTERPRETER_WORDS) and not _raised_on_purpose(error):
        return found
    found["args"] = _exception_part(error.args, home)
    fields = object.__getattribute__(error, "__dict__")
    if fields:
        found["fields"] = _exception_part(dict(fields), home)
    if isinstance(error, OSError) and error.filename is not None:
        found["filename"] = _exception_part((error.filename, error.filename2), home)
    if error.__cause__ is not None and causes:
        found["cause"] = _exception(error.__cause__, home, causes - 1)
    return found


def _exception_part(value: Any, home: str) -> Any:
    try:
        return codec.encode(value, memo=codec.Memo(home))
    except codec.Unencodable:
        return [type(part).__qualname__ for part in value]


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
