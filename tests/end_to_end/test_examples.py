"""What `make demo` promises of examples/, and what a second run knows: with everything real."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
CANNOT_BE_IMPROVED = {"known_skus", "median_price"}


def optimize(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "paceline", "optimize", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
    root = tmp_path / "examples"
    shutil.copytree(EXAMPLES, root)
    (root / "pyproject.toml").touch()
    return root


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_planted_functions_are_proven_faster_and_the_good_ones_left_alone(examples: Path) -> None:
    report = optimize(str(examples))
    targets = {target["name"]: target for target in report["targets"]}
    faster = {name for name, target in targets.items() if target["status"] == "faster"}
    planted = targets.keys() - CANNOT_BE_IMPROVED
    assert (len(targets), len(planted)) == (12, 10)
    assert len(faster) >= 8, {name: target["reason"] for name, target in targets.items()}
    assert not faster & CANNOT_BE_IMPROVED
    winners = [targets[name]["suggestions"][0] for name in faster]
    combined = [winner for winner in winners if ", then " in winner["title"]]
    assert len(combined) >= 2, [winner["title"] for winner in winners]
    assert all(winner["low"] > 1.05 for winner in winners)


@pytest.mark.slow
def test_a_second_run_is_shorter_because_of_what_the_first_has_learnt(examples: Path) -> None:
    place = f"{examples / 'shop' / 'customers.py'}::repeat_buyers"
    first, second = optimize(place), optimize(place)
    [before], [after] = first["targets"], second["targets"]
    assert before["status"] == after["status"] == "faster"
    assert after["suggestions"][0]["replacement"] == before["suggestions"][0]["replacement"]
    judged = [len(target["suggestions"]) + len(target["rejected"]) for target in (before, after)]
    assert judged[1] < judged[0]
    assert after["suggestions"][0]["lessons"], "the second run was shown what the first has learnt"
