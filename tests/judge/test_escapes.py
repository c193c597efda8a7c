"""Escapes as candidates, judged with the static look taken away: what stands behind it has to hold."""

from __future__ import annotations

import sys

import pytest

from paceline.cli.bench_judge.attempts import Made, try_escapes
from paceline.cli.bench_judge.catalogue import Attempt, escapes
from paceline.judge.sandbox import Isolation

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the isolations are Linux's"),
]


@pytest.mark.parametrize("escape", escapes(), ids=lambda escape: escape.name)
async def test_no_escape_passes_or_does_harm(escape: Attempt, isolation: Isolation) -> None:
    found: list[Made] = []
    await try_escapes(found, [escape], isolation=isolation, seed=1, on_progress=lambda _: None)
    assert [made for made in found if not made.stopped] == []
    assert [made.guarded for made in found] == [True, False]
