"""Members that were found, as settings: which are new, how they are written down, and where."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from paceline.errors import UnusableRequest
from paceline.team.models import configured
from paceline.team.models.detection import FoundServer
from paceline.workspace import ModelSettings, load_settings, members_from, paceline_home, schema


def new_members(found: Sequence[FoundServer]) -> tuple[ModelSettings, ...]:
    """Return members for the models that are fit and that the person's own settings do not name yet."""
    settings, _ = load_settings(paceline_home(), trusted=True)
    have = configured(settings.team)
    there = {(member.base_url, member.model) for member in have}
    taken = {member.name for member in have}
    members = []
    for server in found:
        for model in server.fit:
            if (server.place.base_url, model) not in there:
                member = _member(server, model, taken)
                taken.add(member.name)
                members.append(member)
    return tuple(members)


def tables_of(members: Sequence[ModelSettings]) -> str:
    """Return the members as TOML. What is as by default is left out."""
    return "\n".join(f"[[team.members]]\n{''.join(_lines(member))}" for member in members)


def write_members(members: Sequence[ModelSettings]) -> Path:
    """Add the members to ``settings.toml`` of the data folder, which keeps all that is in it.

    Raises UnusableRequest where they cannot simply be added.
    """
    file = paceline_home() / "settings.toml"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    text = f"{before.rstrip()}\n\n{tables_of(members)}".lstrip()
    if not _names(text, members):
        raise UnusableRequest(
            f"{file}: members cannot be added below what stands there; add them by hand, as paceline team "
            "detect shows them without --write"
        )
    _replace(file, text)
    return file


def write_preset(preset: str) -> Path:
    """Say in ``settings.toml`` of the data folder which team it is, and keep all else that is in it.

    Raises UnusableRequest where the file cannot be changed by one line.
    """
    file = paceline_home() / "settings.toml"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    line = f"preset = {json.dumps(preset)}"
    lines = before.splitlines(keepends=True)
    changed = [
        "".join([*lines[:place], f"{found[1]}{line}\n", *lines[place + 1 :]])
        for place, text in enumerate(lines)
        if (found := re.match(r"(\s*(?:team\s*\.\s*)?)preset\s*=", text))
    ]
    below = [
        "".join([*lines[: place + 1], f"{line}\n", *lines[place + 1 :]])
        for place, text in enumerate(lines)
        if re.match(r"\s*\[\s*team\s*\]", text)
    ]
    for text in (*changed, *below, f"team.{line}\n{before}"):
        if _says(text, before, preset):
            _replace(file, text)
            return file
    raise UnusableRequest(
        f'{file}: team.preset cannot be changed by one line; write preset = "{preset}" into its table [team]'
    )


def _says(text: str, before: str, preset: str) -> bool:
    """Whether a file says what it said before, and this preset."""
    try:
        said, wanted = tomllib.loads(text), tomllib.loads(before)
        wanted.setdefault("team", {})["preset"] = preset
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        return False
    return said == wanted


def _replace(file: Path, text: str) -> None:
    # In one step, so that no reader ever sees half of it. Made by mkstemp, it is its owner's alone.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".settings-")
    try:
        with open(descriptor, "w", encoding="utf-8") as new:  # noqa: PTH123 - it is open already.
            new.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _member(server: FoundServer, model: str, taken: set[str]) -> ModelSettings:
    place = server.place
    table = {**place.member, "base_url": place.base_url, "model": model}
    (member,), _ = members_from(schema()["team.members"], [table])
    name, number = member.name, 2
    while name in taken:
        name, number = f"{member.name}-{number}", number + 1
    (member,), _ = members_from(schema()["team.members"], [{**table, "name": name}])
    return member


def _lines(member: ModelSettings) -> list[str]:
    """One line a setting. A JSON string is a TOML string, and so are the numbers."""
    entries = schema()["team.members"].fields
    values = [(field.name, getattr(member, field.name)) for field in fields(member)]
    return [
        f"{name} = {json.dumps(value)}\n"
        for name, value in values
        if entries[name].required or value != entries[name].default
    ]


def _names(text: str, members: Sequence[ModelSettings]) -> bool:
    try:
        tables = tomllib.loads(text)["team"]["members"]
        read, _ = members_from(schema()["team.members"], tables)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        return False
    return set(members) <= set(read)
