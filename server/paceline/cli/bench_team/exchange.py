"""What the simulation is there to show, held against what was measured: that the loop passes knowledge on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paceline.cli.bench_team.arms import ALONE, Arm
from paceline.cli.bench_team.figures import Row

CHAINED = 0.5
"""The share of chained tasks that a team which exchanges has to solve, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence that the measurement can bear out or not."""

    what: str
    measured: str
    is_met: bool


def claims(rows: Sequence[Row], arms: Sequence[Arm]) -> Iterator[Claim]:
    """Yield the claims that what was measured can decide, all of the share of solved tasks."""
    by_name = {arm.name: arm for arm in arms}
    solved = {row.arm: row.solved.value for row in rows if row.solved is not None}
    passing = [n for n in solved if by_name[n].strategy in {"lessonl", "paceline"} and by_name[n].lessons]
    alone = [n for n in solved if by_name[n].strategy == ALONE]
    apart = [n for n in solved if by_name[n].strategy == "best-of-n"]
    without = [n for n in solved if by_name[n].strategy == "lessonl" and not by_name[n].lessons]
    for name in passing:
        yield _claim(f"{name}: the team solves tasks", name, solved, is_met=solved[name] >= CHAINED)
    for group, what in (
        (alone, "no member solves any alone"),
        (apart, "nor do all, without exchange"),
        (without, "nor do all in the same loop, with no lesson shown"),
    ):
        for name in group:
            yield _claim(f"{name}: {what}", name, solved, is_met=solved[name] == 0)


def _claim(what: str, name: str, solved: dict[str, float], *, is_met: bool) -> Claim:
    return Claim(what=what, measured=f"{solved[name]:.0%} solved", is_met=is_met)
