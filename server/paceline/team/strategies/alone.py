"""``single`` and ``best-of-n``: attempts that know nothing of each other. What every exchange has to beat."""

from __future__ import annotations

from paceline.team.member import Member
from paceline.team.strategies.strategy import Assigned, Situation, Strategy, everybody_alike


def best_of_n(situation: Situation) -> tuple[Assigned, ...]:
    """Return one turn for each member that shows the function and nothing else."""
    return everybody_alike(situation, situation.turn())


def single(situation: Situation) -> tuple[Assigned, ...]:
    """Return as many turns as the team has members of the lead's kind, all for the lead."""
    lead = _lead(situation)
    if lead is None:
        return ()
    alike = [member for member in situation.team if member.deliberates == lead.deliberates]
    return tuple(Assigned(member=lead, turn=situation.turn()) for _ in alike)


def _lead(situation: Situation) -> Member | None:
    """The member that is named, else the first model, else the first member; None where it sits out."""
    named = [member for member in situation.team if member.name == situation.lead]
    models = [member for member in situation.team if member.deliberates]
    lead = next(iter([*named, *models, *situation.team]), None)
    return lead if lead in situation.members else None


BEST_OF_N = Strategy(
    name="best-of-n",
    description="every member proposes anew in each round and is shown nothing; the best proven one counts",
    assign=best_of_n,
)

SINGLE = Strategy(
    name="single",
    description="one member (team.lead) alone takes all turns, and is shown nothing",
    assign=single,
)
