"""``moa``: mixture of agents (arXiv 2406.04692). Each round is a layer that sees the last one's answers.

As published, answers are passed on without being evaluated. The published last layer is one aggregator; here
every member writes one, for that is as many candidates as the other strategies get.
"""

from __future__ import annotations

from paceline.team.member import Attempt
from paceline.team.strategies.strategy import Assigned, Situation, Strategy, everybody_alike


def moa(situation: Situation) -> tuple[Assigned, ...]:
    """Return one turn for each member that shows what all answered in the round before, each answer once."""
    before = situation.attempts_of(round_number=situation.round - 1)
    answers = {judged.candidate.hash: Attempt(candidate=judged.candidate) for judged in before}
    return everybody_alike(situation, situation.turn(attempts=tuple(answers.values())))


MOA = Strategy(
    name="moa",
    description="in layers: every member is shown what all answered in the round before, without verdicts",
    assign=moa,
)
