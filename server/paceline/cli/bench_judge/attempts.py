"""Tricks and escapes before the judge: each must get its outcome, and no escape may do harm."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.asking import asking
from paceline.cli.bench_judge.bait import Bait
from paceline.cli.bench_judge.catalogue import Attempt, nothing_refused
from paceline.judge.sandbox import Isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of one trick or escape."""

    name: str
    says: str
    guarded: bool
    """Whether the static look was in its place."""
    outcome: Outcome
    reason: str
    is_right: bool
    """It got one of the outcomes that its file names."""
    harm: tuple[str, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether it got nowhere."""
        return self.is_right and not self.harm


async def try_tricks(
    found: list[Made],
    attempts: Sequence[Attempt],
    *,
    isolation: Isolation,
    seed: int,
    on_progress: Callable[[str], None],
) -> None:
    """Have every trick judged, with the static look and without; add what came of it to ``found``."""
    for group in _by_function(attempts):
        for guarded in (True, False):
            look = None if guarded else nothing_refused
            async with asking(group[0].entry, isolation=isolation, seed=seed, look=look) as asked:
                for attempt in group:
                    on_progress(f"{attempt.name}{'' if guarded else ', unguarded'}")
                    verdict = await asked.verdict(attempt.replacement)
                    found.append(_made(attempt, verdict.outcome, verdict.reason, guarded=guarded))


async def try_escapes(
    found: list[Made],
    attempts: Sequence[Attempt],
    *,
    isolation: Isolation,
    seed: int,
    on_progress: Callable[[str], None],
) -> None:
    """Have every escape judged, with the static look and without, among things it could harm."""
    for attempt in attempts:
        for guarded in (True, False):
            on_progress(f"{attempt.name}{'' if guarded else ', unguarded'}")
            found.append(await _escape(attempt, guarded=guarded, isolation=isolation, seed=seed))


async def _escape(attempt: Attempt, *, guarded: bool, isolation: Isolation, seed: int) -> Made:
    look = None if guarded else nothing_refused
    with tempfile.TemporaryDirectory(prefix="paceline-bait-") as folder, ExitStack() as stack:
        bait = stack.enter_context(Bait.laid_out(Path(folder)))
        async with asking(attempt.entry, isolation=isolation, seed=seed, look=look) as asked:
            workspace = asked.target.file.parent
            bait.plant_in(workspace)
            candidate = replace(attempt, candidate=bait.filled_in(attempt.candidate, workspace))
            verdict = await asked.verdict(candidate.replacement)
            harm = [*bait.harm_to(workspace), *bait.told(repr(verdict))]
        harm += bait.harm_afterwards()
    made = _made(attempt, verdict.outcome, verdict.reason, guarded=guarded)
    return replace(made, harm=tuple(harm))


def _made(attempt: Attempt, outcome: Outcome, reason: str, *, guarded: bool) -> Made:
    right = attempt.outcomes if guarded else attempt.unguarded
    return Made(
        name=attempt.name,
        says=attempt.says,
        guarded=guarded,
        outcome=outcome,
        reason=reason[:300],
        is_right=outcome in right,
    )


def _by_function(attempts: Iterable[Attempt]) -> list[list[Attempt]]:
    """Group those on the same function: preparing a judge is most of what a refusal costs."""
    groups: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in attempts:
        groups.setdefault((attempt.target, attempt.module), []).append(attempt)
    return list(groups.values())
