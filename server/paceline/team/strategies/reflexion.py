"""``reflexion`` (arXiv 2303.11366): every member learns from its own attempts, and from nobody else's."""

from __future__ import annotations

from paceline.team.member import Attempt, Member, Turn
from paceline.team.strategies.strategy import Assigned, Situation, Strategy


def reflexion(situation: Situation) -> tuple[Assigned, ...]:
    """Return one turn for each member that shows its own last attempt, and its own lessons, latest first."""
    return tuple(Assigned(member=m, turn=_turn(situation, m)) for m in situation.members)


def _turn(situation: Situation, member: Member) -> Turn:
    own = [one for one in situation.bank.lessons() if one.origin.member == member.name]
    attempts = list(situation.attempts_of(member.name))
    return situation.turn(
        lessons=tuple(reversed(own))[: situation.k],
        attempts=[Attempt(candidate=one.candidate, verdict=one.verdict) for one in attempts[-1:]],
    )


REFLEXION = Strategy(
    name="reflexion",
    description="every member is shown its own last attempt with its verdict, and its own lessons",
    assign=reflexion,
    reflects=True,
    learns_from_repeats=True,
)
