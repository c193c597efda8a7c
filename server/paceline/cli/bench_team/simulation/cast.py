"""Who plays in the simulation: ``members.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lessonbank.recipe import Recipe, shipped_recipes
from paceline.workspace import ModelSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMember:
    """What one member can do, and how careful it is. Nobody but the member itself sees this."""

    name: str
    skills: frozenset[str]
    """Categories of recipes that it applies without being told."""
    errors: float
    """Share of its proposals that are a mistake, 0 to 1."""
    diligence: float
    """After a change, the chance that it makes another one in the same proposal, 0 to 1."""

    def settings(self, base_url: str) -> ModelSettings:
        """Return it as a model member of a team whose server is the simulation's."""
        return ModelSettings(name=self.name, base_url=base_url, model=self.name, timeout=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The members, and all the recipes of this world: to carry one out, a member has to know of it."""

    members: tuple[SimulatedMember, ...]
    recipes: tuple[Recipe, ...]

    def member(self, name: str) -> SimulatedMember | None:
        """Return a member, None where there is none of that name."""
        return next((member for member in self.members if member.name == name), None)


@cache
def cast() -> Cast:
    """Return the simulated team."""
    text = files("paceline.cli.bench_team.simulation").joinpath("members.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)
    return Cast(
        members=tuple(_member(entry, listed) for entry in listed["member"]),
        recipes=tuple(recipe for recipe in shipped_recipes("python") if not recipe.example.requires),
    )


def _member(entry: Mapping[str, object], listed: Mapping[str, object]) -> SimulatedMember:
    shared = {name: listed[name] for name in ("errors", "diligence")}
    values = {**shared, **entry}
    skills = values["skills"]
    assert isinstance(skills, list)
    return SimulatedMember(
        name=str(values["name"]),
        skills=frozenset(map(str, skills)),
        errors=float(str(values["errors"])),
        diligence=float(str(values["diligence"])),
    )
