"""The figures of a comparison: a row for each arm, every figure with its interval over seeds."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paceline.cli.bench_team.trial import Trial

RESAMPLES = 2_000
CONFIDENCE = 0.95
TWICE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure, with the percentile bootstrap interval over seeds."""

    value: float
    low: float | None
    """None where fewer than two seeds were measured."""
    high: float | None
    seeds: tuple[float, ...]
    """The figure of each seed alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known of one arm. Shares are 0 to 1; times and counts are for one task, on average."""

    arm: str
    seeds: int
    tasks: int
    trials: int
    solved: Estimate | None
    """None where no task says what would solve it."""
    correct: Estimate
    """Share of tasks with at least one candidate that behaves like the original."""
    twice: Estimate
    """Share of tasks with a winner of more than 2x."""
    clamped: Estimate
    """Geometric mean of the winners' speedups; a task without a proven winner counts as 1."""
    plain: Estimate | None
    """Geometric mean of what was measured, above 1 or below, of the tasks where something was timed."""
    counted: float
    """How many tasks the plain mean counts, on average over seeds."""
    candidates: Estimate
    """Judged; repeats are not judged again."""
    until: Estimate | None
    """Of those, how many had been judged when the winner was proven; of the tasks that have one."""
    tokens: Estimate
    model_s: Estimate
    judge_s: Estimate


def rows(trials: Sequence[Trial], arms: Sequence[str]) -> tuple[Row, ...]:
    """Return the arms that have at least one trial, in the order given."""
    by_arm = {arm: _usable([one for one in trials if one.arm == arm and not one.problem]) for arm in arms}
    return tuple(_row(arm, of) for arm, of in by_arm.items() if of)


def bootstrap(seeds: Sequence[float]) -> Estimate:
    """Return the mean over seeds with its interval: seeds are drawn anew, with replacement.

    Equal figures give equal intervals: the draw has a seed of its own.
    """
    low = high = None
    if len(seeds) > 1:
        rng = random.Random(1)
        means = sorted(sum(rng.choices(seeds, k=len(seeds))) / len(seeds) for _ in range(RESAMPLES))
        low, high = _quantile(means, (1 - CONFIDENCE) / 2), _quantile(means, (1 + CONFIDENCE) / 2)
    return Estimate(value=statistics.fmean(seeds), low=low, high=high, seeds=tuple(seeds))


def geometric(seeds: Sequence[float]) -> Estimate:
    """Return the geometric mean over seeds with its interval; every figure is above 0."""
    logs = bootstrap([math.log(value) for value in seeds])
    return Estimate(
        value=math.exp(logs.value),
        low=None if logs.low is None else math.exp(logs.low),
        high=None if logs.high is None else math.exp(logs.high),
        seeds=tuple(seeds),
    )


def _usable(trials: list[Trial]) -> dict[int, list[Trial]]:
    """The trials by seed. A seed that was broken off is left out where another one is whole."""
    by_seed: dict[int, list[Trial]] = {}
    for trial in trials:
        by_seed.setdefault(trial.seed, []).append(trial)
    most = max((len(of) for of in by_seed.values()), default=0)
    return {seed: of for seed, of in sorted(by_seed.items()) if len(of) == most}


def _row(arm: str, by_seed: dict[int, list[Trial]]) -> Row:
    def over_seeds(figure: Callable[[Trial], float]) -> Estimate:
        return bootstrap([statistics.fmean(map(figure, of)) for of in by_seed.values()])

    every = [trial for of in by_seed.values() for trial in of]
    plain = [[t.measured for t in of if t.measured is not None] for of in by_seed.values()]
    means = [statistics.geometric_mean(of) for of in plain if of]
    won = [[trial.steps for trial in of if trial.winner] for of in by_seed.values()]
    return Row(
        arm=arm,
        seeds=len(by_seed),
        tasks=len({trial.task for trial in every}),
        trials=len(every),
        solved=(
            over_seeds(lambda t: bool(t.is_solved)) if all(t.is_solved is not None for t in every) else None
        ),
        correct=over_seeds(lambda t: t.is_correct),
        twice=over_seeds(lambda t: (t.proven or 1.0) > TWICE),
        clamped=geometric(
            [statistics.geometric_mean(max(t.proven or 1.0, 1.0) for t in of) for of in by_seed.values()]
        ),
        plain=geometric(means) if means else None,
        counted=statistics.fmean(map(len, plain)),
        candidates=over_seeds(lambda t: t.candidates),
        until=bootstrap([statistics.fmean(of) for of in won if of]) if any(won) else None,
        tokens=over_seeds(lambda t: t.tokens.prompt_tokens + t.tokens.completion_tokens),
        model_s=over_seeds(lambda t: t.model_s),
        judge_s=over_seeds(lambda t: t.judge_s),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, math.floor(share * len(ordered)))]
