"""Teams that a person can name by one word (``presets.toml``), and the members that settings come to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from paceline.workspace import (
    EngineSettings,
    ModelSettings,
    TeamSettings,
    engines_from,
    members_from,
    schema,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A team by name."""

    description: str
    needs: str
    """What has to run, and how it is started."""
    members: tuple[ModelSettings, ...]
    engines: tuple[EngineSettings, ...] = ()
    """How the launcher runs the servers of the members, where it can."""


@cache
def presets() -> Mapping[str, Preset]:
    """Return the teams by name. They are read as a person's own settings are."""
    text = files("paceline.team").joinpath("models/presets.toml").read_text(encoding="utf-8")
    found = {}
    for name, table in tomllib.loads(text)["presets"].items():
        members, complaints = members_from(schema()["team.members"], table["members"])
        engines, more = engines_from(schema()["team.engines"], table.get("engines", ()))
        assert not complaints + more, complaints + more
        found[name] = Preset(
            description=table["description"], needs=table["needs"], members=members, engines=engines
        )
    return found


def configured(team: TeamSettings) -> tuple[ModelSettings, ...]:
    """Return the model members of a team: the preset's, then its own, which replace those of their name."""
    named = presets()[team.preset].members if team.preset else ()
    return tuple({member.name: member for member in (*named, *team.members)}.values())


def configured_engines(team: TeamSettings) -> tuple[EngineSettings, ...]:
    """Return what is said of engines: the preset's tables, then the team's, which replace those of their
    address.
    """
    named = presets()[team.preset].engines if team.preset else ()
    return tuple({engine.base_url: engine for engine in (*named, *team.engines)}.values())
