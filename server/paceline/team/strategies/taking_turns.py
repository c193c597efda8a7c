"""``paceline``: ours. Where it goes past the published loop:

- Lessons of earlier runs count, and the rewrite that won here before is told first.
- Each model sees lessons of its own drawing, so that attempts differ and that what a lesson does can be told
  from what everybody would have done; with ``selection = "lessonl"``, all see those of the published rule.
- Models take turns at building on the best proven rewrites and at starting from the function as it is.
- Turns go where they pay: models that prove more speedups get more of them, and are asked to look first for
  the kind of change that they prove on functions like this one (a bandit over members and categories, by
  Thompson sampling). Every model gets one turn in two rounds, at least. Recipe members are free, and always
  asked; those that prove more are judged first.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from lessonbank.credit import Arm, Tally
from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from lessonbank.selection import relevance, select
from paceline.team.member import Judged, Member
from paceline.team.strategies.strategy import Assigned, Situation, Strategy

BASES_SHOWN = 2
"""Proven candidates that are built on, at most: the best, and one more so that attempts stay diverse."""

RELEVANT = 0.3
"""From which likeness on a lesson says something about the kind of change that a function wants."""


def taking_turns(situation: Situation) -> tuple[Assigned, ...]:
    """Return one turn for each recipe member, and as many for models as there are models."""
    arms = situation.bank.arms(situation.target.language)
    turns = situation.bank.tally(situation.target.language).turns
    # Equal banks draw alike, so that a run can be repeated; every round of every run draws anew.
    seed = hash((situation.seed, turns, situation.round))
    bases = (situation.proven or situation.promising)[:BASES_SHOWN]
    alike = situation.turn(lessons=_lessons(situation, seed=0, member=""), bases=bases)
    by_rate = sorted(situation.quick, key=lambda m: _rate(arms.get((m.name, ""), Tally())), reverse=True)
    quick = [Assigned(member=member, turn=alike) for member in by_rate]
    thinking = []
    for at, (member, focus) in enumerate(_allotted(situation, arms, random.Random(seed))):
        turn = situation.turn(
            lessons=_lessons(situation, seed=seed, member=f"{member.name}:{at}"),
            bases=_base(bases, at=at, round_number=situation.round),
            focus=focus,
        )
        thinking.append(Assigned(member=member, turn=turn))
    return (*quick, *thinking)


def _lessons(situation: Situation, *, seed: int, member: str) -> tuple[Lesson, ...]:
    """The lesson of what is known to be the fastest first, then those that are selected."""
    known = situation.known
    selected = select(
        situation.bank,
        target_features=situation.target.features,
        target_text=situation.target.source,
        target_hash=situation.target.hash,
        language=situation.target.language,
        k=situation.k,
        rule=situation.rule,
        seed=seed,
        member=member,
    )
    first = (known,) if known is not None else ()
    others = (lesson for lesson in selected if known is None or lesson.id != known.id)
    return (*first, *others)[: max(situation.k, len(first))]


def _base(bases: Sequence[Judged], *, at: int, round_number: int) -> tuple[Judged, ...]:
    """What one of a round's models builds on: the best, the next best, or in its turn nothing."""
    choices = [*bases, None]
    chosen = choices[(at + round_number - 1) % len(choices)]
    return (chosen,) if chosen is not None else ()


def _allotted(
    situation: Situation, arms: Mapping[Arm, Tally], chance: random.Random
) -> list[tuple[Member, str]]:
    """Whose turn it is, and the category that it is to look into; empty where it may choose."""
    members = situation.thinking
    before = {one.member for one in situation.taken if one.assigned.turn.round == situation.round - 1}
    # In the first round everybody looks with eyes of its own.
    allotted = [(member, "") for member in members if situation.round == 0 or member.name not in before]
    likely = _likely(situation) if len(allotted) < len(members) else {}
    while len(allotted) < len(members):
        worth = {
            (member.name, category): weight * arms.get((member.name, category), Tally()).draw(chance)
            for member in members
            for category, weight in {"": 1.0, **likely}.items()
        }
        taken = {(member.name, category) for member, category in allotted if category}
        name, category = max((arm for arm in worth if arm not in taken), key=worth.__getitem__)
        allotted.append((next(member for member in members if member.name == name), category))
    return allotted


def _likely(situation: Situation) -> dict[str, float]:
    """The categories that made functions like this one faster, with the highest likeness, 0 to 1."""
    target = situation.target
    found: dict[str, float] = {}
    for lesson in situation.bank.lessons(language=target.language):
        if lesson.evidence.outcome is Outcome.FASTER and lesson.category != "other":
            likeness = relevance(lesson, target.features, target.source, target.hash)
            if likeness >= RELEVANT:
                found[lesson.category] = max(likeness, found.get(lesson.category, 0.0))
    return found


def _rate(tally: Tally) -> float:
    """The posterior mean of a member's rate of speedups, with a Beta(1, 1) prior."""
    return (1 + tally.faster) / (2 + tally.turns)


PACELINE = Strategy(
    name="paceline",
    description="lessons of all runs, proven rewrites to build on, and more turns for those who prove more",
    assign=taking_turns,
    recalls=True,
    reflects=True,
    stops_early=True,
)
