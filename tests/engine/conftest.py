"""A target, a bank and an engine whose judge and members follow a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from paceline.engine import Engine
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target
from paceline.workspace import load_settings
from tests.engine.scripted import ScriptedJudge, ScriptedMember

SLOW = """\
def total(values):
    result = 0
    for value in values:
        result += value
    return result
"""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    path = tmp_path / "sums.py"
    path.write_text(SLOW)
    return target_named(Snapshot.open(path, SLOW.encode()), "total")


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank.open(tmp_path / "bank")


@pytest.fixture
def make_engine(tmp_path: Path, bank: Bank) -> Callable[..., Engine]:
    settings, _ = load_settings(tmp_path, trusted=True)

    def make(members: list[ScriptedMember], judge: ScriptedJudge) -> Engine:
        return Engine(
            tmp_path,
            settings=settings,
            trusted=True,
            bank=bank,
            members=members,
            judge_of=lambda _target: judge,
        )

    return make
