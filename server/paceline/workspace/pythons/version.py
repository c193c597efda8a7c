"""Which Python an interpreter is, told from the files around it."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

from paceline.workspace.pythons.project import text_of


def version_of(python: Path) -> str:
    """Return the version as far as files tell it (``3.12.1``, ``3.12``), empty where they do not.

    Asking the interpreter itself would be running it.
    """
    if python == Path(sys.executable):
        return platform.python_version()
    prefix = python.parent.parent
    lines = (line.partition("=") for line in text_of(prefix / "pyvenv.cfg").splitlines())
    stated = {key.strip(): value.strip() for key, _, value in lines}
    if version := stated.get("version") or stated.get("version_info"):
        return ".".join(version.split(".")[:3])
    for record in sorted(prefix.glob("conda-meta/python-[0-9]*.json")):
        return record.name.split("-")[1]
    if named := re.search(r"\d+\.\d+\.\d+", prefix.name):
        return named[0]
    libraries = sorted(prefix.glob("lib/python3.*"))
    if len(libraries) == 1 and re.fullmatch(r"python3\.\d+", libraries[0].name):
        return libraries[0].name.removeprefix("python")
    return ""


def is_too_old(version: str) -> bool:
    """Whether the judge's worker cannot run on that version. One that is not known may well do."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return bool(numbers) and numbers < (3, 9)
