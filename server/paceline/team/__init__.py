"""The team: members propose rewrites, and turn verdicts into lessons."""

from paceline.team.member import Candidate, Judged, Member, Turn
from paceline.team.recipes import RecipeMember, recipe_team

__all__ = ["Candidate", "Judged", "Member", "RecipeMember", "Turn", "recipe_team"]
