"""Observations compared as data: two texts that a worker sent, never values that could run code.

Equal texts are equal behaviour. Only where they differ are they parsed, to say which part differs, and to
allow floats a stated tolerance.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from paceline.judge.python.worker import codec

_PARTS = {
    "exception": "exception",
    "before": "laziness",
    "phase": "laziness",
    "kind": "laziness",
    "iterator": "laziness",
    "more": "laziness",
    "result": "result",
    "arguments": "arguments",
    "state": "state",
    "files": "files",
    "stdout": "output",
    "stderr": "output",
    "descriptor 1": "output",
    "logging": "output",
    "warnings": "output",
    "moments": "laziness",
    "scenes": "",
}
"""The parts of an observation in the order in which a difference is told, with the word a person reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first part in which two observations differ, as a person would write it."""

    part: str
    expected: str
    got: str


def difference(expected: bytes, got: bytes, *, tolerance: float = 0.0) -> Difference | None:
    """Return how two observations differ, None when no caller could tell them apart.

    ``tolerance`` is the relative difference allowed between two floats. An observation that is not one counts
    as different.
    """
    if expected == got:
        return None
    ours = _parsed(expected)
    theirs = _parsed(got)
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return Difference(part="result", expected=_words(ours), got="something that is no observation")
    return _difference(ours, theirs, tolerance)


def _difference(ours: dict[str, Any], theirs: dict[str, Any], tolerance: float) -> Difference | None:
    for part, word in _PARTS.items():
        if part == "scenes":
            found = _scene_difference(ours.get(part), theirs.get(part), tolerance)
            if found is not None:
                return found
            continue
        if part in {"phase"} and "exception" not in ours:
            continue
        mine, other = ours.get(part), theirs.get(part)
        if not is_same(mine, other, tolerance=tolerance):
            if part in {"result", "exception"}:
                return Difference(
                    part=_outcome_word(ours, theirs), expected=_outcome(ours), got=_outcome(theirs)
                )
            if part == "state" and _is_new_state(mine, other):
                return Difference(part="kept state", expected="none", got=_part(part, other))
            return Difference(part=word, expected=_part(part, mine), got=_part(part, other))
    unknown = set(theirs) - set(_PARTS)
    if unknown:
        return Difference(part="result", expected="an observation", got=f"unknown parts {sorted(unknown)}")
    return None


def _scene_difference(ours: Any, theirs: Any, tolerance: float) -> Difference | None:
    """Return how two calls differ whose results were not used up but left early, or disturbed."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        # One of them took too long to be called again.
        return None
    for name, mine in ours.items():
        other = theirs.get(name)
        if not isinstance(mine, dict) or not isinstance(other, dict):
            return Difference(part="laziness", expected=name, got="something that is no observation")
        found = _difference(mine, other, tolerance)
        if found is not None:
            return Difference(
                part=found.part, expected=f"{name}: {found.expected}", got=f"{name}: {found.got}"
            )
    return None


def result_difference(expected: bytes, got: bytes, *, tolerance: float = 0.0) -> Difference | None:
    """Return how the results of one timed call differ: the value, or the arguments left behind."""
    if expected == got:
        return None
    ours, theirs = _parsed(expected), _parsed(got)
    if not isinstance(ours, list) or not isinstance(theirs, list) or len(theirs) != len(ours):
        return Difference(part="result", expected="a result", got="something that is no result")
    for at, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        if not is_same(mine, other, tolerance=tolerance):
            part = "result" if at == 0 else "arguments"
            return Difference(part=part, expected=_words(mine), got=_words(other))
    return None


def outcome_words(observation: bytes) -> str:
    """Return what a call gave back or raised, as a person would write it."""
    parsed = _parsed(observation)
    return _outcome(parsed) if isinstance(parsed, dict) else "?"


def raised(observation: bytes) -> str:
    """Return the type of the exception a call raised, with a mark where its words are the interpreter's."""
    parsed = _parsed(observation)
    found = parsed.get("exception") if isinstance(parsed, dict) else None
    if not isinstance(found, dict):
        return ""
    return f"{found.get('type')}{'' if 'args' in found else ' of the interpreter'}"


def is_same(ours: Any, theirs: Any, *, tolerance: float) -> bool:
    """Whether two parsed encodings stand for the same value; types and the sign of zero count."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, float):
        return _is_same_float(ours, theirs, tolerance)
    if isinstance(ours, list):
        if len(ours) != len(theirs):
            return False
        return all(is_same(a, b, tolerance=tolerance) for a, b in zip(ours, theirs, strict=True))
    if isinstance(ours, dict):
        if list(ours) != list(theirs):
            return False
        return all(is_same(value, theirs[key], tolerance=tolerance) for key, value in ours.items())
    return bool(ours == theirs)


def call_words(name: str, encoded_args: Any, encoded_kwargs: Any, *, limit: int = 300) -> str:
    """Return a call as a person would write it."""
    args = _items(encoded_args)
    kwargs = _entries(encoded_kwargs)
    parts = [codec.describe(arg, limit) for arg in args]
    parts += [f"{key}={codec.describe(value, limit)}" for key, value in kwargs]
    written = f"{name}({', '.join(parts)})"
    return written if len(written) <= 2 * limit else written[: 2 * limit - 3] + "..."


def _is_same_float(ours: float, theirs: float, tolerance: float) -> bool:
    if ours == theirs:
        return math.copysign(1.0, ours) == math.copysign(1.0, theirs)
    if not tolerance:
        return False
    return abs(ours - theirs) <= tolerance * max(abs(ours), abs(theirs))


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_new_state(ours: Any, theirs: Any) -> bool:
    """Whether the candidate changes variables that the original leaves alone."""
    return isinstance(theirs, dict) and any(name not in (ours or {}) for name in theirs)


def _outcome_word(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    return "exception" if "exception" in ours or "exception" in theirs else "result"


def _outcome(observation: dict[str, Any]) -> str:
    raised = observation.get("exception")
    if isinstance(raised, dict):
        args = raised.get("args")
        name = str(raised.get("type", "")).removeprefix("builtins.")
        shown = ", ".join(codec.describe(item, 120) for item in _items(args)) if args is not None else "..."
        fields = "".join(
            f", {key}={codec.describe(value, 80)}" for key, value in _entries(raised.get("fields"))
        )
        cause = raised.get("cause")
        because = f" because of {_outcome({'exception': cause}).removeprefix('raises ')}" if cause else ""
        return f"raises {name}({shown}{fields}){because}"
    return _words(observation.get("result"))


def _part(part: str, value: Any) -> str:
    if value is None:
        return "nothing"
    if part == "arguments":
        args = [codec.describe(item, 200) for item in _items(value[0])] if isinstance(value, list) else []
        return f"arguments left as ({', '.join(args)})"
    if part == "state" and isinstance(value, dict):
        return ", ".join(f"{name} = {_words(_parsed(str(text).encode()))}" for name, text in value.items())
    if part == "files" and isinstance(value, dict):
        return "; ".join(_file(name, change) for name, change in value.items())[:300]
    if part == "before":
        return f"after the items {_words(value)}"
    if part == "moments" and isinstance(value, list):
        return "; ".join(_moment(entry) for entry in value)[:300] or "nothing"
    if isinstance(value, bool):
        return "more items than were taken" if value else "no more items"
    return value if part in {"kind", "iterator", "phase"} else json.dumps(value)[:300]


def _file(name: str, change: Any) -> str:
    """Say what has become of a file."""
    if not isinstance(change, dict):
        return f"{name}: {change}"
    begins = str(change.get("begins"))
    size = change.get("bytes")
    shown = repr(begins if len(begins) <= 60 else begins[:57] + "...")
    return f"{name}: {size} bytes {shown}"


def _moment(entry: Any) -> str:
    """Say what had changed when a result was only partly used up."""
    if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], dict)):
        return "?"
    changed = []
    for part, value in entry[1].items():
        if part == "arguments":
            left = _parsed(str(value).encode())
            changed.append(_part(part, left) if left is not None else f"arguments changed ({value})")
        elif part == "output" and isinstance(value, dict):
            changed.append(", ".join(f"{length} in {name}" for name, length in value.items()))
        else:
            changed.append(f"{part} {value}")
    return f"{entry[0]}: {', '.join(changed)}"


def _items(encoded: Any) -> list[Any]:
    if isinstance(encoded, list) and len(encoded) == 2 and encoded[0] in {"L", "l", "T", "t"}:
        return list(encoded[1])
    return encoded if isinstance(encoded, list) else []


def _entries(encoded: Any) -> list[tuple[Any, Any]]:
    if isinstance(encoded, dict):
        return list(encoded.items())
    if isinstance(encoded, list) and encoded[:1] == ["D"]:
        return list(zip(encoded[1], encoded[2], strict=True))
    if isinstance(encoded, list) and encoded[:1] == ["d"]:
        return [(key, value) for key, value in encoded[1]]
    return []


def _words(encoded: Any) -> str:
    return codec.describe(encoded, 300)
