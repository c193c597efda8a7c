"""The schema of the settings, read from ``settings.schema.toml``, and the check of one value against it."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One setting. What the fields mean stands at the top of the schema file."""

    key: str
    type: Literal["boolean", "integer", "number", "string", "url", "variable", "strings", "tables"]
    default: Any
    description: str
    restricted: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf
    alias: str = ""
    fields: Mapping[str, Entry] = field(default_factory=dict)
    """For tables: what each may hold, by name. Their keys read ``team.members[].name``."""


@cache
def schema() -> Mapping[str, Entry]:
    """Every setting there is, by its dotted key, in the order of the file."""
    text = resources.files(__package__).joinpath("settings.schema.toml").read_text(encoding="utf-8")
    return {key: _entry(key, said) for key, said in tomllib.loads(text).items()}


@cache
def aliases() -> Mapping[str, str]:
    """The other names of settings, each with the one they are known by."""
    return {entry.alias: key for key, entry in schema().items() if entry.alias}


def accepted(entry: Entry, value: object) -> Any:
    """The value as the settings records hold it. Raises ValueError, saying what would be accepted.

    Of a list of tables only that it is one is looked at; what stands in them is for ``accepted_table``.
    """
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
        case "url", str():
            return _url(value)
        case "variable", str():
            if value and not re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII):
                # What stands there may be the key itself: it is not repeated.
                raise ValueError(
                    "takes the name of an environment variable, such as VLLM_API_KEY; it does not apply"
                )
            return value
        case "tables", list() | tuple() if all(isinstance(one, Mapping) for one in value):
            return tuple(value)
        case (("strings" | "tables"), Mapping()) if not value:
            # An empty Lua table may arrive as either kind of container.
            return ()
    raise ValueError(f"takes {_expected(entry)}, not {value!r}; it does not apply")


def accepted_table(entry: Entry, table: Mapping[str, object]) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """One table's values, defaults filled in, and the complaints by name of the field.

    A field that does not apply leaves its default; a table without a required one does not apply at all, and
    is None.
    """
    values: dict[str, Any] = {name: accepted(one, one.default) for name, one in _optional(entry).items()}
    complaints: dict[str, str] = {}
    for name, value in table.items():
        if name not in entry.fields:
            nearest = nearest_key(name, entry.fields)
            complaints[name] = f"there is no such setting of a {entry.key} table; the nearest is {nearest}"
        elif value is not None:
            try:
                values[name] = accepted(entry.fields[name], value)
            except ValueError as error:
                complaints[name] = str(error)
    for name, one in entry.fields.items():
        if one.required and not values.get(name):
            complaints.setdefault(name, "has to be said; without it the table does not apply")
    return (values if all(name in values for name in entry.fields) else None), complaints


def nearest_key(key: str, known: Iterable[str] | None = None) -> str:
    """The setting most likely meant: case and punctuation do not count, nor does a missing section."""
    wanted = _squashed(key)
    known = list(schema() if known is None else known)
    last = {name: _squashed(name.rpartition(".")[2]) for name in known}
    return max(
        known,
        key=lambda name: max(_likeness(wanted, _squashed(name)), 0.95 * _likeness(wanted, last[name])),
    )


def _entry(key: str, said: Mapping[str, Any]) -> Entry:
    choices = tuple(said.get("choices", ()))
    inner = {name: _entry(f"{key}[].{name}", one) for name, one in said.get("fields", {}).items()}
    return Entry(**{**said, "key": key, "choices": choices, "fields": inner})


def _optional(entry: Entry) -> Mapping[str, Entry]:
    return {name: one for name, one in entry.fields.items() if not one.required}


def _url(value: str) -> str:
    """An http address, without what does not belong in a file. Raises ValueError, which names no secret."""
    try:
        parts = urlsplit(value.strip())
        _ = parts.port
    except ValueError as error:
        raise ValueError("takes an address such as http://127.0.0.1:8000/v1; it does not apply") from error
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError(
            "takes an address without a name, password or query in it, for a key is never written down: "
            "name the environment variable that holds it in api_key_env; it does not apply"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", value.strip()):
        raise ValueError(
            f"takes an address such as http://127.0.0.1:8000/v1, not {value!r}; it does not apply"
        )
    return value.strip().rstrip("/")


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
        "url": "an address",
        "variable": "the name of an environment variable",
        "strings": "a list of strings",
        "tables": "a list of tables",
    }[entry.type]
    return f"{words} from {entry.minimum:g} to {entry.maximum:g}" if math.isfinite(entry.minimum) else words


def _squashed(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()
