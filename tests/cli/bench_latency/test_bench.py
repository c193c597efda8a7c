"""The latency benchmark: what it opens is what it says, it measures a real server, and its sums are right."""

from __future__ import annotations

import ast
import json
from importlib.resources import files

import pytest

from paceline.cli.bench_latency import run
from paceline.cli.bench_latency.findings import (
    BAR_LINES,
    BESIDE_JOBS,
    IDLE,
    SAVING,
    TYPING,
    Findings,
    Spread,
    bars,
    growth,
    ratio_of,
)
from paceline.cli.bench_latency.modules import module_of
from paceline.cli.bench_latency.scenes import JOBS_ON, SAVES_IN, TYPES_INTO

SLOW = (files("paceline.cli.bench_latency") / "slow.txt").read_text()


@pytest.mark.parametrize("lines", [1_000, 10_000, 50_000])
def test_a_module_has_the_length_that_was_asked_for(lines: int) -> None:
    text = module_of(lines, SLOW)
    assert lines <= text.count("\n") <= lines * 1.06 + 100
    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert {*JOBS_ON, SAVES_IN, TYPES_INTO} <= set(names)


def test_no_two_functions_of_a_long_module_are_alike() -> None:
    tree = ast.parse(module_of(30_000, SLOW))
    text = module_of(30_000, SLOW).splitlines()
    sources = [
        "\n".join(text[node.lineno - 1 : node.end_lineno])
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    ]
    assert len(sources) == len(set(sources))


def test_figures_are_what_they_are_called() -> None:
    spread = Spread.of([n / 1000 for n in range(100, 0, -1)])
    assert (spread.count, spread.p50, spread.p95, spread.max) == (100, 50.5, 96.0, 100.0)
    ratio = ratio_of([2.0, 2.2, 1.8, 2.0], [1.0, 1.1, 0.9, 1.0])
    assert ratio.low <= 2.0 == ratio.value <= ratio.high
    assert growth([(float(n), 50.0 if n < 5 else 80.0) for n in range(20)]) == (80.0, 80.0)


def test_bars_are_held_against_the_length_they_are_set_for() -> None:
    found = Findings(machine={}, times={(BAR_LINES, IDLE): [0.006] * 20, (50_000, IDLE): [9.0]})
    [bar] = bars(found)
    assert not bar.is_met
    found.times[BAR_LINES, IDLE] = [0.004] * 20
    assert bars(found)[0].is_met


@pytest.mark.slow
def test_a_real_server_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lines=[500], keys=20, saves=2, starts=1, session_minutes=0.01, as_json=True) == 0
    measured = json.loads(capsys.readouterr().out)
    scenes = {one["scene"]: one for one in measured["scenes"]}
    assert set(scenes) == {IDLE, TYPING, BESIDE_JOBS, SAVING}
    assert all(one["p50"] > 0 for one in scenes.values())
    assert scenes[IDLE]["empty"]["count"] == scenes[IDLE]["count"] == 20
    assert measured["start"]["p50"] > 0
    assert measured["memory_mib"][0][1] > 10
