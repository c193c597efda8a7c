"""The team: members propose rewrites, and turn verdicts into lessons."""

from paceline.team.member import Attempt, Audible, Candidate, Judged, Member, Turn
from paceline.team.recipes import ModuleBindings, RecipeMember, recipe_team, with_learnt

__all__ = [
    "Attempt",
    "Audible",
    "Candidate",
    "Judged",
    "Member",
    "ModuleBindings",
    "RecipeMember",
    "Turn",
    "recipe_team",
    "with_learnt",
]
