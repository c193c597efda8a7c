"""The findings as one JSON object."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.bounds import upper_bound
from paceline.cli.bench_judge.findings import Findings, bars


def report(found: Findings) -> dict[str, Any]:
    """Return everything that was found: the bars, and every single verdict behind them."""
    return {
        "schema": 1,
        "machine": dict(found.machine),
        "bars": [asdict(bar) for bar in bars(found)],
        "same": {
            "answers": [_plain(asdict(answer)) for answer in found.same.answers],
            "unjudged": found.same.unjudged,
            "upper_bound": {
                "loaded" if loaded else "idle": upper_bound(
                    sum(a.outcome is Outcome.FASTER for a in found.same.compared(loaded=loaded)),
                    len(found.same.compared(loaded=loaded)),
                )
                for loaded in (False, True)
            },
        },
        "mutants": {
            "judged": [
                {
                    **asdict(one.mutant),
                    "mutant": one.mutant.hash,
                    "equivalent": one.equivalent,
                    "answer": _plain(asdict(one.answer)),
                }
                for one in found.mutants.judged
            ],
            "unjudged": found.mutants.unjudged,
        },
        "planted": {
            "calibrations": [asdict(pair) for pair in found.planted.calibrations],
            "answers": {
                f"{gain:g}": [_plain(asdict(answer)) for answer in answers]
                for gain, answers in found.planted.answers.items()
            },
        },
        "tricks": [_plain(asdict(made)) for made in found.tricks],
        "escapes": [_plain(asdict(made)) for made in found.escapes],
        "speeds": {outcome.value: seconds for outcome, seconds in found.speeds().items()},
        "held": found.held,
        "interrupted": found.interrupted,
        "elapsed_s": found.elapsed_s,
    }


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "outcome": fields["outcome"].value}
