"""A target, and a member that asks the scripted server."""

from __future__ import annotations

from pathlib import Path

import pytest

from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target

SLOW = """\
import math


def scaled(value):
    return value * math.tau


def total(values):
    result = 0
    for value in values:
        result += scaled(value)
    return result
"""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    path = tmp_path / "sums.py"
    path.write_text(SLOW)
    return target_named(Snapshot.open(path, SLOW.encode()), "total")
