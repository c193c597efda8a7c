"""Teams that a person can name by one word (``presets.toml``), and the members that settings come to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from paceline.workspace import ModelSettings, TeamSettings, members_from, schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A team by name."""

    description: str
    needs: str
    """What has to run, and how it is started."""
    members: tuple[ModelSettings, ...]


@cache
def presets() -> Mapping[str, Preset]:
    """Return the teams by name. They are read as a person's own settings are."""
    text = files("paceline.team").joinpath("models/presets.toml").read_text(encoding="utf-8")
    found = {}
    for name, table in tomllib.loads(text)["presets"].items():
        members, complaints = members_from(schema()["team.members"], table["members"])
        assert not complaints, complaints
        found[name] = Preset(description=table["description"], needs=table["needs"], members=members)
    return found


def configured(team: TeamSettings) -> tuple[ModelSettings, ...]:
    """Return the model members of a team: the preset's, then its own, which replace those of their name."""
    named = presets()[team.preset].members if team.preset else ()
    return tuple({member.name: member for member in (*named, *team.members)}.values())
