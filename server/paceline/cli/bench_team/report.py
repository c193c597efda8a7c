"""The comparison as one JSON object, and the way back: what was measured need not be measured again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from paceline.cli.bench_team.comparison import Comparison
from paceline.cli.bench_team.exchange import claims
from paceline.cli.bench_team.figures import CONFIDENCE, rows
from paceline.cli.bench_team.trial import Trial
from paceline.errors import UnusableRequest
from paceline.team.exchange import Usage

SCHEMA = 1


def report(found: Comparison, *, is_over: bool = True) -> dict[str, Any]:
    """Return every single trial, and when it is over the figures of every arm as well."""
    measured = rows(found.trials, [arm.name for arm in found.arms]) if is_over else ()
    return {
        "schema": SCHEMA,
        "simulated": found.is_simulated,
        "machine": dict(found.machine),
        "setup": setup(found),
        "confidence": CONFIDENCE,
        "arms": [asdict(row) for row in measured],
        "claims": [asdict(one) for one in claims(measured, found.arms)] if found.is_simulated else [],
        "trials": [asdict(trial) for trial in found.trials],
        "interrupted": found.interrupted,
        "elapsed_s": found.elapsed_s,
    }


def setup(found: Comparison) -> dict[str, Any]:
    """Return what has to be the same for trials to be compared."""
    return {
        "members": list(found.members),
        "rounds": found.rounds,
        "keeps_bank": found.keeps_bank,
        "arms": {
            arm.name: {"strategy": arm.strategy, "lessons": arm.lessons, "rule": arm.rule}
            for arm in found.arms
        },
        "tasks": [task.name for task in found.tasks],
        "seeds": list(found.seeds),
    }


def write_json(found: Comparison, file: Path, *, is_over: bool = True) -> None:
    """Write the report so that the file is whole at any time, whatever ends the process."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(report(found, is_over=is_over), indent=1), encoding="utf-8")
    beside.replace(file)


def earlier_trials(file: Path, found: Comparison) -> list[Trial]:
    """Return the trials of an earlier report that belong to this comparison.

    Raises UnusableRequest where the file is no such report, or one of another team, number of rounds or bank.
    """
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["schema"] != SCHEMA:
            raise ValueError(f"its schema is {said['schema']!r}, not {SCHEMA}")
        here = setup(found)
        different = [n for n in ("members", "rounds", "keeps_bank") if said["setup"][n] != here[n]]
        if said["simulated"] != found.is_simulated or different:
            raise ValueError("it is of another team, another number of rounds, or another way with the bank")
        arms = {name: one for name, one in here["arms"].items() if said["setup"]["arms"].get(name) == one}
        trials = [_trial(one) for one in said["trials"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableRequest(
            f"{file}: cannot be gone on with ({error}); name another file, or leave out --resume"
        ) from None
    names = {task.name for task in found.tasks}
    return [t for t in trials if t.arm in arms and t.task in names and t.seed in found.seeds]


def _trial(said: Mapping[str, Any]) -> Trial:
    known = {one.name for one in fields(Trial)}
    values = {name: value for name, value in said.items() if name in known}
    return Trial(**{**values, "tokens": Usage(**said["tokens"])})
