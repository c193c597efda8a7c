"""What came of showing a lesson: counts, the published factor, and the posterior of its help."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from lessonbank.errors import UnreadableLesson
from lessonbank.outcome import Outcome

BEATEN, NOT_BEATEN = 1.1, 0.9
"""Published weights of the factor (arXiv 2505.23946): a member beat the lesson's own speedup, or did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """One member's turn of one round: the lessons it was shown, and what its candidate came to."""

    lessons: tuple[str, ...]
    outcome: Outcome | None
    """None where the member proposed nothing; such a turn says nothing about the lessons."""
    speedup: float = 0.0
    """Original time / candidate time; 0 where nothing was timed."""
    context: str = ""
    """Who took the turn: credit is also kept by context."""
    category: str = ""
    """What the turn was about; empty where it was about nothing in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What is known of one lesson's use in this workspace."""

    shown: int = 0
    """Turns in which a member that was shown the lesson proposed something."""
    helped: int = 0
    """Of those, how many ended in a proven speedup."""
    hurt: int = 0
    """Of those, how many ended in a slower or broken candidate."""
    factor: float = 1.0
    """The published effectiveness factor f."""
    pinned: bool = False
    last_shown: str | None = None
    """ISO 8601, UTC."""
    contexts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Shown and helped, by context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Turns, whatever was shown: all of one language, or those of one member in one category."""

    turns: int = 0
    faster: int = 0

    def draw(self, chance: random.Random) -> float:
        """Draw a rate of speedups from the posterior with a Beta(1, 1) prior (Thompson sampling), 0 to 1."""
        return chance.betavariate(1 + self.faster, 1 + self.turns - self.faster)


Arm = tuple[str, str]
"""A member and a category: what a bandit chooses between."""


def credited(credit: Credit, showings: Iterable[Showing], *, own_speedup: float, now: str) -> Credit:
    """Return the credit after one round; ``showings`` are the turns of that round that showed the lesson.

    The factor follows the published rule: after a round in which the lesson was shown, it is the mean, over
    the members that saw it, of 1.1 where the member's speedup beat the lesson's own and 0.9 where not.
    """
    turns = [showing for showing in showings if showing.outcome is not None]
    if not turns:
        return credit
    contexts = dict(credit.contexts)
    for turn in turns:
        shown, helped = contexts.get(turn.context, (0, 0))
        contexts[turn.context] = (shown + 1, helped + _has_helped(turn))
    contexts.pop("", None)
    return replace(
        credit,
        shown=credit.shown + len(turns),
        helped=credit.helped + sum(map(_has_helped, turns)),
        hurt=credit.hurt + sum(map(_has_hurt, turns)),
        factor=round(sum(BEATEN if t.speedup > own_speedup else NOT_BEATEN for t in turns) / len(turns), 6),
        last_shown=now,
        contexts=contexts,
    )


def tallied(tally: Tally, showings: Iterable[Showing]) -> Tally:
    """Return the tally after one round, turns that showed no lesson included."""
    turns = [showing for showing in showings if showing.outcome is not None]
    return Tally(turns=tally.turns + len(turns), faster=tally.faster + sum(map(_has_helped, turns)))


def tallied_by_arm(tallies: Mapping[Arm, Tally], showings: Iterable[Showing]) -> dict[Arm, Tally]:
    """Return the tallies after one round. A turn without a category counts for its member alone."""
    after = dict(tallies)
    for showing in showings:
        for arm in {(showing.context, showing.category), (showing.context, "")}:
            if showing.context:
                after[arm] = tallied(after.get(arm, Tally()), [showing])
    return after


def uplift(credit: Credit, tally: Tally, chance: random.Random | None = None) -> float:
    """Return how much more often turns that showed the lesson ended in a speedup than turns that did not.

    Both rates have a Beta(1, 1) prior. The first is the posterior's mean, or with ``chance`` a draw from it
    (Thompson sampling), so that a lesson nobody has tried gets its turns; the second is the posterior's mean
    over the language's other turns. Between -1 and 1.
    """
    alpha, beta = 1 + credit.helped, 1 + credit.shown - credit.helped
    rate = alpha / (alpha + beta) if chance is None else chance.betavariate(alpha, beta)
    others = max(tally.turns - credit.shown, 0)
    successes = min(max(tally.faster - credit.helped, 0), others)
    return rate - (1 + successes) / (2 + others)


def credit_to_json(credit: Credit) -> dict[str, object]:
    """Return the credit as plain JSON values."""
    return {
        "schema": 1,
        "shown": credit.shown,
        "helped": credit.helped,
        "hurt": credit.hurt,
        "factor": credit.factor,
        "pinned": credit.pinned,
        "last_shown": credit.last_shown,
        "contexts": {context: list(counts) for context, counts in credit.contexts.items()},
    }


def credit_from_json(record: object) -> Credit:
    """Read a credit. Raises UnreadableLesson with the reason when the record is none."""
    try:
        assert isinstance(record, dict)
        shown, helped, hurt = (max(int(record[name]), 0) for name in ("shown", "helped", "hurt"))
        last_shown = record.get("last_shown")
        return Credit(
            shown=shown,
            helped=min(helped, shown),
            hurt=min(hurt, shown),
            factor=min(max(float(record["factor"]), NOT_BEATEN), BEATEN),
            pinned=record["pinned"] is True,
            last_shown=None if last_shown is None else str(last_shown),
            contexts={str(k): (int(a), int(b)) for k, (a, b) in record.get("contexts", {}).items()},
        )
    except (AssertionError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadableLesson(f"its counts are missing or of the wrong kind: {error!r}") from error


def tally_from_json(record: object) -> Tally:
    """Read a tally. Raises UnreadableLesson with the reason when the record is none."""
    try:
        assert isinstance(record, dict)
        turns = max(int(record["turns"]), 0)
        return Tally(turns=turns, faster=min(max(int(record["faster"]), 0), turns))
    except (AssertionError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise UnreadableLesson(f"its counts are missing or of the wrong kind: {error!r}") from error


def arms_to_json(tallies: Mapping[Arm, Tally]) -> list[list[object]]:
    """Return tallies by arm as plain JSON values."""
    return [[*arm, tally.turns, tally.faster] for arm, tally in sorted(tallies.items())]


def arms_from_json(record: object) -> dict[Arm, Tally]:
    """Read tallies by arm. Raises UnreadableLesson with the reason when the record holds none."""
    try:
        assert isinstance(record, list)
        return {
            (str(member), str(category)): tally_from_json({"turns": turns, "faster": faster})
            for member, category, turns, faster in record
        }
    except (AssertionError, TypeError, ValueError) as error:
        raise UnreadableLesson(f"its counts are missing or of the wrong kind: {error!r}") from error


def _has_helped(turn: Showing) -> bool:
    return turn.outcome is Outcome.FASTER


def _has_hurt(turn: Showing) -> bool:
    harmless = {Outcome.FASTER, Outcome.NOT_PROVEN_FASTER, Outcome.CANNOT_JUDGE}
    return turn.outcome is not None and turn.outcome not in harmless
