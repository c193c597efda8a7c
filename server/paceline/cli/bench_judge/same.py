"""A/A: the function against itself, and against itself in other words. Whatever is called faster is false."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.asking import CAUGHT, Answer, Clock, asking
from paceline.cli.bench_judge.corpus import Entry, spread
from paceline.cli.bench_judge.load import load
from paceline.cli.bench_judge.rewording import reworded
from paceline.judge.sandbox import Isolation
from paceline.syntax.target import Replacement

_BLOCK = 10
"""Comparisons after which the load on the other core is put on or taken off."""


@dataclass(slots=True)
class SameFound:
    """What has been compared so far."""

    answers: list[Answer] = field(default_factory=list)
    unjudged: dict[str, str] = field(default_factory=dict)
    """Functions that could not be judged at all, with the reason."""

    def compared(self, *, loaded: bool) -> list[Answer]:
        """Return the comparisons that came to a verdict on timing."""
        return [
            answer
            for answer in self.answers
            if answer.loaded is loaded
            and answer.outcome in {Outcome.FASTER, Outcome.NOT_PROVEN_FASTER, Outcome.SLOWER}
        ]

    @property
    def told_apart(self) -> list[Answer]:
        """Comparisons in which the judge saw a difference where there is none."""
        return [answer for answer in self.answers if answer.outcome in CAUGHT]

    @property
    def undecided(self) -> list[Answer]:
        """Comparisons that the judge gave up, with its reason."""
        return [answer for answer in self.answers if answer.outcome is Outcome.CANNOT_JUDGE]


async def compare_same(
    found: SameFound,
    entries: Sequence[Entry],
    *,
    count: int,
    loads: Sequence[bool],
    seed: int,
    isolation: Isolation,
    clocks: Mapping[bool, Clock],
    on_progress: Callable[[str], None],
) -> None:
    """Compare ``count`` times under each of the loads, each with a clock of its own.

    Every comparison has a judge of its own with a seed of its own: other inputs, other sizes perhaps, and
    fresh processes, as two people would have who ask about the same function.
    """
    drawn = {loaded: spread(entries, count, seed=seed + at) for at, loaded in enumerate(loads)}
    total = count * len(loads)
    for start in range(0, count, _BLOCK):
        for loaded in loads:
            with load(loaded):
                for at in range(start, min(start + _BLOCK, count)):
                    entry = drawn[loaded][at]
                    on_progress(f"{len(found.answers)}/{total} {entry.name}{', loaded' if loaded else ''}")
                    own_seed = random.Random(f"{seed}:{loaded}:{at}").randrange(1, 1 << 30)
                    await _compare(
                        found, entry, in_other_words=at % 2 == 1, loaded=loaded, seed=own_seed,
                        isolation=isolation, clock=clocks[loaded],
                    )  # fmt: skip


async def _compare(
    found: SameFound,
    entry: Entry,
    *,
    in_other_words: bool,
    loaded: bool,
    seed: int,
    isolation: Isolation,
    clock: Clock,
) -> None:
    async with asking(entry, isolation=isolation, seed=seed, clock=clock) as asked:
        reason = await asked.prepare()
        if reason is not None:
            found.unjudged[entry.name] = reason
            return
        source = asked.target.source
        candidate = Replacement(definition=reworded(source) if in_other_words else source)
        found.answers.append(await asked.judge(candidate, part="same", loaded=loaded))
