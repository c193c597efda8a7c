"""How the members of a team work together: the published ways and ours, each by its name.

| name | what a member is shown |
| --- | --- |
| ``single`` | one member alone; the function, in every turn anew |
| ``best-of-n`` | the function, in every turn anew |
| ``reflexion`` | also its own last attempt with the verdict, and what it said it learnt from its own |
| ``moa`` | also what all members answered in the round before, without verdicts |
| ``lessonl`` | also lessons of all members' attempts at this function, by the published rule |
| ``paceline`` | also lessons of earlier runs on other functions, and proven rewrites to build on |
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from paceline.team.strategies.alone import BEST_OF_N, SINGLE
from paceline.team.strategies.lessonl import LESSONL
from paceline.team.strategies.moa import MOA
from paceline.team.strategies.reflexion import REFLEXION
from paceline.team.strategies.strategy import Assigned, Situation, Strategy, Taken
from paceline.team.strategies.taking_turns import PACELINE

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {one.name: one for one in (PACELINE, LESSONL, REFLEXION, MOA, BEST_OF_N, SINGLE)}
)

__all__ = ["STRATEGIES", "Assigned", "Situation", "Strategy", "Taken"]
