"""From the encoding of a value to the Python expression that makes it, for a person to read.

The encodings come out of a sandbox: whatever is text is written by ``repr``, and a name only where it is one.
"""

from __future__ import annotations

import base64
import io
import tokenize
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class NotWritable(Exception):
    """A value that no expression makes. The message says what it is."""


class Writer:
    """Writes expressions, and gathers which modules they need."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.is_literal = True
        """Whether all that was written so far is plain literals."""

    def call(self, encoded_args: Any, encoded_kwargs: Any) -> str:
        """Return ``call(...)`` with the arguments of one input. Raises NotWritable."""
        parts = [self.value(item) for item in _sequence(encoded_args)]
        for key, value in _pairs(encoded_kwargs):
            if not isinstance(key, str) or not key.isidentifier():
                raise NotWritable("a keyword that is no name")
            parts.append(f"{key}={self.value(value)}")
        return f"call({', '.join(parts)})"

    def value(self, encoded: Any) -> str:
        """Return the expression of a value. Raises NotWritable."""
        try:
            return self._value(encoded)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise NotWritable("an encoding that is none") from error

    def _value(self, encoded: Any) -> str:
        if encoded is None or type(encoded) in (bool, int, float, str):
            return repr(encoded)
        write = _WRITERS.get(encoded[0])
        if write is None:
            raise NotWritable(f"a value written as {str(encoded[0])[:20]!r}")
        return write(self, encoded)

    def items(self, part: Any) -> str:
        """Return the items of a sequence, with commas between them."""
        return ", ".join(self._value(item) for item in part[1])

    def module(self, name: str) -> str:
        """Return a module of the standard library, to be imported at the top."""
        self.modules.add(name)
        self.is_literal = False
        return name

    def named(self, module: Any, qualname: Any) -> str:
        """Return the way to write what a module calls by that name."""
        parts = [*([] if module == "." else str(module).split(".")), *str(qualname).split(".")]
        if not all(part.isidentifier() for part in parts):
            raise NotWritable("something without a name")
        self.is_literal = False
        return repr(str(qualname) if module == "." else f"{module}:{qualname}")


def wrapped(code: str, indent: str, width: int = 100) -> str:
    """Return an expression in lines of at most ``width`` characters, broken behind commas.

    The first line is not indented. A text longer than a line stays whole.
    """
    if len(indent) + len(code) <= width:
        return code
    pieces, start = [], 0
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.string == "," and token.type == tokenize.OP:
            pieces.append(code[start : token.end[1]])
            start = token.end[1]
    pieces.append(code[start:])
    lines = [""]
    for piece in pieces:
        if lines[-1] and len(indent) + len(lines[-1]) + len(piece) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return f"\n{indent}".join(lines)


def _sequence(encoded: Any) -> Sequence[Any]:
    if isinstance(encoded, list) and len(encoded) == 2 and encoded[0] in {"L", "l", "T", "t"}:
        return list(encoded[1])
    raise NotWritable("arguments that are no sequence")


def _pairs(part: Any) -> list[tuple[Any, Any]]:
    if part[0] == "D":
        return list(zip(part[1], part[2], strict=True))
    if part[0] == "d":
        return [(key, value) for key, value in part[1]]
    raise NotWritable("a mapping that is none")


def _dict(writer: Writer, part: Any) -> str:
    pairs = (f"{writer.value(key)}: {writer.value(value)}" for key, value in _pairs(part))
    return f"{{{', '.join(pairs)}}}"


def _tuple(writer: Writer, encoded: Any) -> str:
    return f"({writer.items(encoded)}{',' if len(encoded[1]) == 1 else ''})"


def _set(writer: Writer, encoded: Any) -> str:
    return f"{{{writer.items(encoded)}}}" if encoded[1] else "set()"


def _frozenset(writer: Writer, encoded: Any) -> str:
    writer.is_literal = False
    return f"frozenset({_set(writer, encoded) if encoded[1] else ''})"


def _call(dotted: str, *, first: int = 1) -> Callable[[Writer, Any], str]:
    module, _, _ = dotted.rpartition(".")

    def write(writer: Writer, encoded: Any) -> str:
        writer.is_literal = False
        if module:
            writer.module(module)
        return f"{dotted}({', '.join(writer.value(part) for part in encoded[first:])})"

    return write


def _float(writer: Writer, encoded: Any) -> str:
    writer.is_literal = False
    return f"float({str(encoded[1])!r})"


def _bytes(writer: Writer, encoded: Any) -> str:
    return repr(base64.b64decode(encoded[1]))


def _bytearray(writer: Writer, encoded: Any) -> str:
    writer.is_literal = False
    return f"bytearray({_bytes(writer, encoded)})"


def _ordered(writer: Writer, encoded: Any) -> str:
    pairs = ", ".join(f"({writer.value(k)}, {writer.value(v)})" for k, v in encoded[1])
    return f"{writer.module('collections')}.OrderedDict([{pairs}])"


def _defaultdict(writer: Writer, encoded: Any) -> str:
    made = f"{writer.module('collections')}.defaultdict"
    return f"{made}({writer.value(encoded[1])}, {_dict(writer, encoded[2])})"


def _deque(writer: Writer, encoded: Any) -> str:
    end = "" if encoded[1] is None else f", maxlen={int(encoded[1])}"
    return f"{writer.module('collections')}.deque([{writer.items(encoded[2:])}]{end})"


def _datetime(writer: Writer, encoded: Any) -> str:
    zone = "" if encoded[9] is None else f", tzinfo={writer.value(encoded[9])}"
    fold = f", fold={int(encoded[8])}" if encoded[8] else ""
    clock = ", ".join(str(int(n)) for n in encoded[1:8])
    return f"{writer.module('datetime')}.datetime({clock}{zone}{fold})"


def _time(writer: Writer, encoded: Any) -> str:
    zone = "" if encoded[6] is None else f", tzinfo={writer.value(encoded[6])}"
    fold = f", fold={int(encoded[5])}" if encoded[5] else ""
    clock = ", ".join(str(int(n)) for n in encoded[1:5])
    return f"{writer.module('datetime')}.time({clock}{zone}{fold})"


def _timezone(writer: Writer, encoded: Any) -> str:
    name = "" if encoded[2] is None else f", {str(encoded[2])!r}"
    return f"{writer.module('datetime')}.timezone({writer.value(encoded[1])}{name})"


def _pattern(writer: Writer, encoded: Any) -> str:
    # The flag for text is what every pattern of text has.
    flags = int(encoded[2]) & ~32
    rest = f", {flags}" if flags else ""
    return f"{writer.module('re')}.compile({writer.value(encoded[1])}{rest})"


def _path(writer: Writer, encoded: Any) -> str:
    if encoded[1] not in {"PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"}:
        raise NotWritable("a path of a class of its own")
    return f"{writer.module('pathlib')}.{encoded[1]}({str(encoded[2])!r})"


def _iterator(writer: Writer, encoded: Any) -> str:
    writer.is_literal = False
    return f"iter([{writer.items(encoded[1:])}])"


def _reference(writer: Writer, encoded: Any) -> str:
    raise NotWritable("values that are one and the same object")


def _looked_up(writer: Writer, encoded: Any) -> str:
    if encoded[1] == "builtins" and str(encoded[2]).isidentifier():
        writer.is_literal = False
        return str(encoded[2])
    return f"named({writer.named(encoded[1], encoded[2])})"


def _enum(writer: Writer, encoded: Any) -> str:
    return f"named({writer.named(encoded[1], encoded[2])})[{str(encoded[3])!r}]"


def _flag(writer: Writer, encoded: Any) -> str:
    return f"named({writer.named(encoded[1], encoded[2])})({writer.value(encoded[3])})"


def _object(writer: Writer, encoded: Any) -> str:
    return f"made({writer.named(encoded[1], encoded[2])}{_fields(writer, encoded[3])})"


def _subclass(writer: Writer, encoded: Any) -> str:
    if encoded[3] is not None and isinstance(encoded[3], list) and encoded[3][0] in {"dd", "dq", "od"}:
        raise NotWritable("an object of a class built on a collection")
    base = writer.value(encoded[3])
    return f"made({writer.named(encoded[1], encoded[2])}, {base}{_fields(writer, encoded[4])})"


def _fields(writer: Writer, fields: Mapping[str, Any] | None) -> str:
    if not all(name.isidentifier() and name not in {"name", "base"} for name in fields or {}):
        plain = ", ".join(f"{name!r}: {writer.value(value)}" for name, value in (fields or {}).items())
        if {"name", "base"} & set(fields or {}):
            raise NotWritable("an object with a field that the script cannot name")
        return f", **{{{plain}}}"
    return "".join(f", {name}={writer.value(value)}" for name, value in (fields or {}).items())


def _array(writer: Writer, encoded: Any) -> str:
    shape = tuple(int(n) for n in encoded[2])
    if not isinstance(encoded[1], str):
        raise NotWritable("an array of records")
    numpy = writer.module("numpy")
    raw = base64.b64decode(encoded[3])
    return f"{numpy}.frombuffer({raw!r}, dtype={encoded[1]!r}).reshape({shape}).copy()"


def _scalar(writer: Writer, encoded: Any) -> str:
    if not isinstance(encoded[1], str):
        raise NotWritable("a record")
    return f"{writer.module('numpy')}.frombuffer({base64.b64decode(encoded[2])!r}, dtype={encoded[1]!r})[0]"


_WRITERS: Mapping[str, Callable[[Writer, Any], str]] = {
    "ref": _reference,
    "I": lambda w, e: str(int(e[1], 16)),
    "F": _float,
    "S": lambda w, e: repr("".join(map(chr, e[1]))),
    **dict.fromkeys(("L", "l"), lambda w, e: f"[{w.items(e)}]"),
    **dict.fromkeys(("T", "t"), _tuple),
    **dict.fromkeys(("E", "e"), _set),
    **dict.fromkeys(("Z", "z"), _frozenset),
    **dict.fromkeys(("D", "d"), _dict),
    "od": _ordered,
    "dd": _defaultdict,
    "dq": _deque,
    "b": _bytes,
    "ba": _bytearray,
    "c": _call("complex"),
    "range": _call("range"),
    "slice": _call("slice"),
    "...": lambda w, e: "...",
    "dec": _call("decimal.Decimal"),
    "frac": _call("fractions.Fraction"),
    "date": _call("datetime.date"),
    "timedelta": _call("datetime.timedelta"),
    "datetime": _datetime,
    "time": _time,
    "tz": _timezone,
    "re": _pattern,
    "path": _path,
    "iter": _iterator,
    "fn": _looked_up,
    "class": _looked_up,
    "enum": _enum,
    "flag": _flag,
    "obj": _object,
    "val": _object,
    "sub": _subclass,
    "nd": _array,
    "np": _scalar,
}
