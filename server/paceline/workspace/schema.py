"""The schema of the settings, read from ``settings.schema.toml``, and the check of one value against it."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One setting. What the fields mean stands at the top of the schema file."""

    key: str
    type: Literal["boolean", "integer", "number", "string", "strings"]
    default: Any
    description: str
    restricted: bool = False
    choices: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf


@cache
def schema() -> Mapping[str, Entry]:
    """Every setting there is, by its dotted key, in the order of the file."""
    text = resources.files(__package__).joinpath("settings.schema.toml").read_text(encoding="utf-8")
    return {key: _entry(key, fields) for key, fields in tomllib.loads(text).items()}


def accepted(entry: Entry, value: object) -> Any:
    """The value as the settings records hold it. Raises ValueError, saying what would be accepted."""
    match entry.type, value:
        case "boolean", bool():
            return value
        case (("integer" | "number"), int() | float()) if not isinstance(value, bool) and _in_range(
            entry, value
        ):
            if entry.type == "number":
                return float(value)
            if float(value).is_integer():
                return int(value)
        case "string", str() if not entry.choices or value in entry.choices:
            return value
        case "strings", list() | tuple() if all(isinstance(one, str) for one in value):
            return tuple(value)
        case "strings", Mapping() if not value:
            # An empty Lua table may arrive as either kind of container.
            return ()
    raise ValueError(f"takes {_expected(entry)}, not {value!r}; it does not apply")


def nearest_key(key: str) -> str:
    """The setting most likely meant: case and punctuation do not count, nor does a missing section."""
    wanted = _squashed(key)
    last = {name: _squashed(name.rpartition(".")[2]) for name in schema()}
    return max(
        schema(),
        key=lambda name: max(_likeness(wanted, _squashed(name)), 0.95 * _likeness(wanted, last[name])),
    )


def _entry(key: str, fields: Mapping[str, Any]) -> Entry:
    choices = tuple(fields.get("choices", ()))
    return Entry(**{**fields, "key": key, "choices": choices})


def _in_range(entry: Entry, value: float) -> bool:
    """False for NaN as well."""
    return entry.minimum <= value <= entry.maximum


def _expected(entry: Entry) -> str:
    if entry.choices:
        return " or ".join(repr(choice) for choice in entry.choices)
    words = {
        "boolean": "true or false",
        "integer": "a whole number",
        "number": "a number",
        "string": "a string",
        "strings": "a list of strings",
    }[entry.type]
    return f"{words} from {entry.minimum:g} to {entry.maximum:g}" if math.isfinite(entry.minimum) else words


def _squashed(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()
