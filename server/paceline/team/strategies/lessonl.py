"""``lessonl``: the published loop (arXiv 2505.23946), with its own rule of selection.

In the first round every member is shown the function alone. From then on all are shown the same lessons, at
most k, chosen from those of this run by speedup x factor and by likeness to the source; never a rewrite of
somebody else's. Every attempt gives a lesson, a repeated one as well, and the factor of each lesson that was
shown follows from how the round went. The bank begins empty for each function, and all rounds are played.
"""

from __future__ import annotations

from lessonbank.selection import select
from paceline.team.strategies.strategy import Assigned, Situation, Strategy, everybody_alike


def lessonl(situation: Situation) -> tuple[Assigned, ...]:
    """Return one turn for each member, all with the lessons that the published rule selects."""
    lessons = select(
        situation.bank,
        target_features=situation.target.features,
        target_text=situation.target.source,
        language=situation.target.language,
        k=situation.k,
        rule="lessonl",
    )
    return everybody_alike(situation, situation.turn(lessons=lessons))


LESSONL = Strategy(
    name="lessonl",
    description="the published loop: all are shown the same lessons of this run, by the published rule",
    assign=lessonl,
    reflects=True,
    learns_from_repeats=True,
)
