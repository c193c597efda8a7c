"""Everything the benchmark has found so far, and the bars it is held against."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.asking import Answer, Clock
from paceline.cli.bench_judge.attempts import Made
from paceline.cli.bench_judge.mutants import MutantsFound
from paceline.cli.bench_judge.planted import GAINS, PlantedFound
from paceline.cli.bench_judge.same import SameFound

FALSE_FASTER = 0.001
"""The share of A/A comparisons that may be called faster."""
FOUND: Mapping[float, float] = {1.1: 0.80, 1.3: 0.95, 2.0: 0.99}
"""The share of planted gains to be found, by size."""
WRONG_S = 0.5
FASTER_S = 3.0
"""Median seconds of a verdict, for functions of about a millisecond."""
_ENOUGH = 20
"""Verdicts from which on a share or a median says something."""
ABOUT_A_MILLISECOND = (0.0002, 0.005)


@dataclass(slots=True)
class Findings:
    """Filled while the benchmark runs, so that an interrupted one can show what it has."""

    machine: Mapping[str, str]
    same: SameFound = field(default_factory=SameFound)
    mutants: MutantsFound = field(default_factory=MutantsFound)
    planted: PlantedFound = field(default_factory=PlantedFound)
    tricks: list[Made] = field(default_factory=list)
    escapes: list[Made] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    """Of everything that was judged without load."""
    loaded_clock: Clock = field(default_factory=Clock)
    elapsed_s: float = 0.0
    interrupted: bool = False
    held: dict[str, tuple[float, float]] = field(default_factory=dict)
    """What this process held at the first look and at the last: descriptors, memory in MiB."""

    @property
    def answers(self) -> list[Answer]:
        """Return every verdict given while nothing was loaded on purpose."""
        planted = [answer for answers in self.planted.answers.values() for answer in answers]
        every = [*self.same.answers, *(one.answer for one in self.mutants.judged), *planted]
        return [answer for answer in every if not answer.loaded]

    def speeds(self) -> Mapping[Outcome, list[float]]:
        """Return the seconds of the verdicts on functions of about a millisecond, by outcome.

        A function is one of those when that is what its calls took at the size the verdict is about.
        """
        low, high = ABOUT_A_MILLISECOND
        took: dict[str, list[float]] = {}
        for answer in self.answers:
            if answer.call_s is not None:
                took.setdefault(answer.function, []).append(answer.call_s)
        about = {name for name, calls in took.items() if low <= statistics.median(calls) <= high}
        found: dict[Outcome, list[float]] = {}
        for answer in self.answers:
            if answer.function in about:
                found.setdefault(answer.outcome, []).append(answer.seconds)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of the summary."""

    what: str
    measured: str
    wanted: str
    is_met: bool | None
    """None where too little was measured to say."""
    is_safety: bool = False
    """Whether missing it fails the benchmark."""


def bars(found: Findings) -> list[Bar]:
    """Hold what was found against the bars, safety first. What was not measured has no line."""
    lines: list[Bar] = []
    for loaded in (False, True):
        compared = found.same.compared(loaded=loaded)
        if compared:
            faster = sum(answer.outcome is Outcome.FASTER for answer in compared)
            lines.append(
                Bar(
                    what=f"the same function called faster, {'one core busy' if loaded else 'no load'}",
                    measured=f"{faster} of {len(compared):,}",
                    wanted="at most 1 in 1,000",
                    is_met=faster <= FALSE_FASTER * len(compared),
                    is_safety=True,
                )
            )
    if found.same.answers:
        apart = found.same.told_apart
        lines.append(
            Bar(
                what="the same function told apart from itself",
                measured=f"{len(apart)} of {len(found.same.answers):,}",
                wanted="0",
                is_met=not apart,
            )
        )
    unjudged = {*found.same.unjudged, *found.mutants.unjudged}
    if unjudged or found.same.answers or found.mutants.judged:
        lines.append(
            Bar(
                what="functions of the corpus that cannot be judged",
                measured=str(len(unjudged)),
                wanted="0",
                is_met=not unjudged,
            )
        )
    if found.mutants.counted:
        faster_mutants = found.mutants.called_faster
        lines.append(
            Bar(
                what="mutants called faster",
                measured=f"{len(faster_mutants)} of {len(found.mutants.counted):,}",
                wanted="0",
                is_met=not faster_mutants,
                is_safety=True,
            )
        )
    for name, made in (("tricks", found.tricks), ("escapes", found.escapes)):
        if made:
            stopped = sum(one.stopped for one in made)
            lines.append(
                Bar(
                    what=f"{name} stopped, with the static look and without it",
                    measured=f"{stopped} of {len(made)}",
                    wanted="all",
                    is_met=stopped == len(made),
                    is_safety=True,
                )
            )
    for gain in GAINS:
        answers: Sequence[Answer] = found.planted.answers.get(gain, ())
        if answers:
            share = found.planted.found(gain) / len(answers)
            lines.append(
                Bar(
                    what=f"planted gains of {gain:g}x found",
                    measured=f"{found.planted.found(gain)} of {len(answers)} ({share:.0%})",
                    wanted=f"{FOUND[gain]:.0%}",
                    is_met=share >= FOUND[gain] if len(answers) >= _ENOUGH else None,
                )
            )
    speeds = found.speeds()
    for outcome, most in ((Outcome.WRONG, WRONG_S), (Outcome.FASTER, FASTER_S)):
        if speeds.get(outcome):
            median = statistics.median(speeds[outcome])
            lines.append(
                Bar(
                    what=f"median seconds to {outcome.value}, functions of about a millisecond",
                    measured=f"{median:.2f} s over {len(speeds[outcome])}",
                    wanted=f"under {most:g} s",
                    is_met=median < most if len(speeds[outcome]) >= _ENOUGH else None,
                )
            )
    return lines
