"""What is compared: strategies by name, each with its own number of lessons, or of one member alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from paceline.errors import InvalidSettings
from paceline.workspace import Settings, schema

ALONE = "single"
"""The strategy of one member: every member is measured alone."""

HAS_A_CHOICE = "paceline"
"""The strategy that the setting ``selection`` is for; the others have a way of their own, or no lessons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One row of the comparison."""

    name: str
    """As it is shown: ``lessonl``, ``lessonl@0``, ``paceline=lessonl``, ``single:ada``."""
    strategy: str
    lessons: int
    """How many are shown in a round, at most."""
    member: str = ""
    """The one member, where it works alone."""
    rule: str = ""
    """How lessons are selected, empty: as the team's settings have it."""

    def settings(self, team: Settings, *, candidates: int) -> Settings:
        """Return the settings of a run; ``candidates`` are all that can be proposed in it."""
        # The settings take the names that the schema knows; `arms` has looked.
        strategy: Any = self.strategy
        rule: Any = self.rule or team.selection
        return replace(
            team,
            lessons=self.lessons,
            selection=rule,
            max_candidates=candidates,
            team=replace(team.team, strategy=strategy, lead=self.member),
        )


def arms(names: Iterable[str], *, lessons: int, members: Sequence[str]) -> tuple[Arm, ...]:
    """Return the arms: ``NAME``, ``NAME@K`` for K lessons, ``NAME=RULE`` for lessons selected by that rule.

    ``single`` is one arm for each member.

    Raises InvalidSettings for what is no strategy, and where none is named.
    """
    named = {arm.name: arm for name in names for arm in _arms(name, lessons, members)}
    if not named:
        raise InvalidSettings(f"no strategy is named; there are {', '.join(strategies())}")
    return tuple(named.values())


def strategies() -> tuple[str, ...]:
    """Return the strategies there are."""
    return tuple(str(choice) for choice in schema()["team.strategy"].choices)


def _arms(name: str, lessons: int, members: Sequence[str]) -> Iterator[Arm]:
    strategy, at, k = name.partition("@")
    strategy, equals, rule = strategy.partition("=")
    strategy, _, member = strategy.partition(":")
    if strategy not in strategies():
        raise InvalidSettings(f"there is no strategy {strategy!r}; there are {', '.join(strategies())}")
    if at and not k.isdecimal():
        raise InvalidSettings(f"{name!r}: behind the @ stands how many lessons are shown, as in {strategy}@0")
    rules = [str(choice) for choice in schema()["selection"].choices]
    if equals and (strategy != HAS_A_CHOICE or rule not in rules):
        raise InvalidSettings(
            f"{name!r}: behind the = of {HAS_A_CHOICE} stands how lessons are selected: {' or '.join(rules)}"
        )
    if member and member not in members:
        raise InvalidSettings(f"{name!r}: the team has no member {member!r}; it has {', '.join(members)}")
    shown = int(k) if at else lessons
    if strategy != ALONE:
        yield Arm(name=name, strategy=strategy, lessons=shown, rule=rule)
        return
    for one in [member] if member else members:
        yield Arm(name=f"{ALONE}:{one}{at}{k}", strategy=ALONE, lessons=shown, member=one)
