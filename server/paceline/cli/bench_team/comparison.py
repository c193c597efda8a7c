"""A comparison: which trials it has, which of them were made, and what they were made on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from paceline.cli.bench_team.arms import Arm
from paceline.cli.bench_team.tasks import Task
from paceline.cli.bench_team.trial import Trial


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Everything there is to tell. Guards the trials that were made so far."""

    arms: tuple[Arm, ...]
    tasks: tuple[Task, ...]
    seeds: tuple[int, ...]
    members: tuple[str, ...]
    rounds: int
    keeps_bank: bool
    """Whether lessons of one task are there for the next one, of the same arm and seed."""
    is_simulated: bool
    machine: Mapping[str, str]
    trials: list[Trial] = field(default_factory=list)
    interrupted: bool = False
    elapsed_s: float = 0.0

    @property
    def turns(self) -> int:
        """How often somebody may propose in a run: the same for every arm."""
        return len(self.members) * self.rounds

    def sequences(self) -> Iterator[tuple[Arm, int, tuple[Task, ...]]]:
        """Yield what is still to be done, seed by seed, so that what is there when it ends early compares.

        Tasks that share a bank come together and in order; where one of them is missing all are made again.
        """
        done = {trial.key for trial in self.trials}
        for seed in self.seeds:
            if self.keeps_bank:
                for arm in self.arms:
                    if any((arm.name, task.name, seed) not in done for task in self.tasks):
                        yield arm, seed, self.tasks
                continue
            for task in self.tasks:
                for arm in self.arms:
                    if (arm.name, task.name, seed) not in done:
                        yield arm, seed, (task,)

    def add(self, trial: Trial) -> None:
        """Keep a trial, in the place of an earlier one of the same."""
        self.trials = [*(one for one in self.trials if one.key != trial.key), trial]
