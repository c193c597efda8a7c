"""Records as JSON and back: frozen dataclasses of plain values, read by the types they declare.

What passes between processes of ours; never pickle. A run speaks of one document in every event. The
document, and the target in it, are sent once; in events the target is null, and another state of the document
is what differs from it.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from paceline.engine.events import Event
from paceline.engine.teaching import Taught
from paceline.errors import WorkerFailed
from paceline.syntax.target import Target
from paceline.syntax.text import common_prefix, common_suffix

Record = TypeVar("Record")

Told = Event | Taught
"""What is told of work that goes on in another process: a run's events, and how teaching ended."""


def event_to_json(event: Told, target: Target) -> dict[str, Any]:
    """Return an event of work on this target."""
    return {"event": type(event).__name__, "fields": to_json(event, target)}


def event_from_json(value: Mapping[str, Any], target: Target) -> Told:
    """Return the event again. Raises WorkerFailed where it is none."""
    kind = _events().get(str(value.get("event")))
    if kind is None:
        raise WorkerFailed(f"another process of Paceline sent no event that is known: {value.get('event')!r}")
    event: Told = from_json(kind, value.get("fields"), target)
    return event


def to_json(value: Any, target: Target | None = None) -> Any:
    """Return a record as JSON values. ``target`` becomes null wherever it stands in the record."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Target) and target is not None and value == target:
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_json(getattr(value, one.name), target) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(inner, target) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_json(inner, target) for inner in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return _changed(value, target.module if target is not None else b"")
    raise TypeError(f"{type(value).__name__} has no JSON here")


def from_json(kind: type[Record], value: Any, target: Target | None = None) -> Record:
    """Return the record of a kind again. Raises WorkerFailed where the value does not fit it."""
    try:
        record: Record = _read(kind, value, target)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        name = getattr(kind, "__name__", kind)
        raise WorkerFailed(f"another process of Paceline sent no {name} that can be read: {error}") from error
    return record


def _read(kind: Any, value: Any, target: Target | None) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        if value is None and type(None) in arguments:
            return None
        [kind] = [one for one in arguments if one is not type(None)]
        return _read(kind, value, target)
    if kind is Target and value is None:
        return target
    if origin is tuple:
        return tuple(_read(arguments[0], inner, target) for inner in value)
    if origin in {Mapping, dict}:
        return {key: _read(arguments[1], inner, target) for key, inner in value.items()}
    if kind is not Any and isinstance(kind, type):
        return _read_class(kind, value, target)
    return value  # Anything, or one of a few literal values.


def _read_class(kind: type[Any], value: Any, target: Target | None) -> Any:
    if is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], inner, target) for name, inner in value.items()})
    if kind is bytes:
        start, end, new = value
        before = target.module if target is not None else b""
        return before[:start] + new.encode("latin-1") + before[end:]
    if issubclass(kind, (Enum, Path)):
        return kind(value)
    if kind is float and isinstance(value, int):
        return float(value)
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _changed(after: bytes, before: bytes) -> list[Any]:
    """Return ``after`` as one change to ``before``: from, to, and what stands there instead."""
    if after is before:
        return [0, 0, ""]
    start = common_prefix(before, after)
    kept = common_suffix(before, after, spare=start)
    return [start, len(before) - kept, after[start : len(after) - kept].decode("latin-1")]


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _events() -> dict[str, type[Any]]:
    return {kind.__name__: kind for kind in get_args(Told)}
