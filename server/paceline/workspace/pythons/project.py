"""What a workspace's own files say about the tool that made its environment."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paceline.workspace.regular import read_regular

_LARGEST = 1_000_000


def toml_of(file: Path) -> Mapping[str, Any]:
    """Return what a TOML file holds; an empty table where there is none or it cannot be read."""
    try:
        return tomllib.loads(text_of(file))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def text_of(file: Path) -> str:
    """Return the text of a small file, empty where there is none."""
    try:
        return read_regular(file, most=_LARGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def table(values: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return a table inside tables, empty where any of them is something else."""
    for key in keys:
        inner = values.get(key)
        if not isinstance(inner, dict):
            return {}
        values = inner
    return values


def word(values: Mapping[str, Any], *keys: str) -> str:
    """Return a text inside tables, empty where there is none."""
    found = table(values, *keys[:-1]).get(keys[-1])
    return found if isinstance(found, str) else ""


def normalised(name: str) -> str:
    """Return a project's name in the one spelling that stands for all of them (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
