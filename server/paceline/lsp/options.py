"""What clients send as settings, brought into one shape before the one schema reads it.

Lua has one empty table for both kinds, so ``{}`` may arrive as ``[]``. Some clients wrap the settings in a
``paceline`` section, some do not. Two keys of the initialization options are no settings but facts about the
client; they are taken out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paceline.workspace import schema

SECTION = "paceline"


@dataclass(frozen=True, slots=True, kw_only=True)
class InitializationOptions:
    """The client's initialization options, taken apart."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    is_trusted: bool | None = None
    """VS Code's workspace trust; None from clients that have none."""
    status: bool = False
    """The client understands ``paceline/status`` and ``paceline/suggestion``."""


def read_options(value: object) -> InitializationOptions:
    """Read initialization options. Whatever is not what it should be counts as absent."""
    options = dict(as_settings(value, section=None))
    is_trusted, status = options.pop("isTrusted", None), options.pop("status", False)
    return InitializationOptions(
        settings=as_settings(options),
        is_trusted=is_trusted if isinstance(is_trusted, bool) else None,
        status=status is True,
    )


def as_settings(value: object, *, section: str | None = SECTION) -> Mapping[str, Any]:
    """Return a client's settings as one mapping, out of its section where it has one."""
    mended = _mended(value)
    if not isinstance(mended, Mapping):
        return {}
    if section is not None and isinstance(inner := mended.get(section), Mapping):
        return inner
    return mended


def _mended(value: object) -> object:
    """Return plain values: every object as a dict, and no nulls, which mean that a client has no opinion."""
    if isinstance(value, Mapping):
        groups = {SECTION, *(key.partition(".")[0] for key in schema() if "." in key)}
        return {
            str(key): {}
            if key in groups and isinstance(inner, (list, tuple)) and not inner
            else _mended(inner)
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(value, (list, tuple)):
        return [_mended(inner) for inner in value]
    return value
