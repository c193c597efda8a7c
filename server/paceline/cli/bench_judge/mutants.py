"""Mutants before the judge: how many it tells from their originals, and that it calls none faster."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.asking import CAUGHT, Answer, Clock, asking
from paceline.cli.bench_judge.corpus import Entry, spread
from paceline.cli.bench_judge.mutation import Mutant, chosen, mutants
from paceline.judge.sandbox import Isolation
from paceline.syntax.target import Replacement

_REVIEWED = Path(__file__).parent / "equivalent.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mutant and what the judge said of it."""

    mutant: Mutant
    answer: Answer
    equivalent: str = ""
    """Why a person says that it does what the original does; empty where nobody has."""

    @property
    def caught(self) -> bool:
        """Whether the judge told it from the original."""
        return self.answer.outcome in CAUGHT


@dataclass(slots=True)
class MutantsFound:
    """What has been judged so far."""

    judged: list[Judged] = field(default_factory=list)
    unjudged: dict[str, str] = field(default_factory=dict)
    """Functions that could not be judged, with the reason."""

    @property
    def counted(self) -> list[Judged]:
        """Those that the figures are about: the judge could say something."""
        return [one for one in self.judged if one.answer.outcome is not Outcome.CANNOT_JUDGE]

    @property
    def caught(self) -> list[Judged]:
        """Told from their originals. One that a person had called equivalent counts: the person was wrong."""
        return [one for one in self.counted if one.caught]

    @property
    def equivalent(self) -> list[Judged]:
        """Not told, and reviewed: there is nothing to tell."""
        return [one for one in self.counted if not one.caught and one.equivalent]

    @property
    def missed(self) -> list[Judged]:
        """Not told, and nobody has said that there is nothing to tell."""
        return [one for one in self.counted if not one.caught and not one.equivalent]

    @property
    def called_faster(self) -> list[Judged]:
        """The worst there can be here: missed, and offered as a speedup."""
        return [one for one in self.missed if one.answer.outcome is Outcome.FASTER]


async def judge_mutants(
    found: MutantsFound,
    entries: Sequence[Entry],
    *,
    count: int,
    seed: int,
    isolation: Isolation,
    clock: Clock,
    on_progress: Callable[[str], None],
) -> None:
    """Judge ``count`` mutants spread over the entries; what is found is added to ``found`` as it comes."""
    reviewed = reviewed_equivalent()
    shares = _shares(entries, count, seed=seed)
    for entry, share in shares.items():
        with tempfile.TemporaryDirectory() as folder:
            source = entry.place(Path(folder)).source
        picked = chosen(mutants(entry.name, source), share, seed=seed)
        async with asking(entry, isolation=isolation, seed=seed, clock=clock) as asked:
            reason = await asked.prepare()
            if reason is not None:
                found.unjudged[entry.name] = reason
                continue
            for mutant in picked:
                on_progress(f"{len(found.judged)}/{count} {entry.name}: {mutant.operator}")
                answer = await asked.judge(Replacement(definition=mutant.definition), part="mutants")
                found.judged.append(
                    Judged(mutant=mutant, answer=answer, equivalent=reviewed.get(mutant.hash, ""))
                )


def reviewed_equivalent() -> Mapping[str, str]:
    """Return the reasons of ``equivalent.toml`` by the hash of the mutant."""
    listed = tomllib.loads(_REVIEWED.read_text(encoding="utf-8"))
    return {entry["mutant"]: entry["reason"] for entry in listed.get("equivalent", ())}


def _shares(entries: Sequence[Entry], count: int, *, seed: int) -> Mapping[Entry, int]:
    """Spread the mutants over the functions, as evenly as it goes."""
    functions = min(len(entries), max(1, count // 5))
    shares: dict[Entry, int] = dict.fromkeys(spread(entries, functions, seed=seed), 0)
    for at in range(count):
        shares[list(shares)[at % functions]] += 1
    return shares
