from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from paceline.cli import progress
from paceline.cli.consoles import THEME
from paceline.cli.places import Place
from paceline.cli.progress import LiveProgress
from paceline.engine.events import RoundStarted, StageReached, SuggestionProven
from paceline.engine.ranking import suggestion_from
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Replacement
from paceline.team.member import Judged
from tests.cli.conftest import SHOP
from tests.cli.scripted_engine import candidate_of, faster


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, theme=THEME, color_system=None)
    monkeypatch.setattr(progress, "stderr_console", lambda: console)
    return stream


def test_the_block_tells_stage_and_best_so_far_and_goes_away(screen: io.StringIO) -> None:
    target = target_named(Snapshot.open(Path("shop.py"), SHOP.encode()), "total")
    candidate = candidate_of(
        target, Replacement(definition="def total(prices: list[int]) -> int:\n    return 1\n")
    )
    suggestion = suggestion_from(Judged(candidate=candidate, verdict=faster(3.0)))
    with LiveProgress(show=None) as drawn:
        drawn.begins(Place(Path("shop.py"), "total"), 2, 12)
        drawn.on(RoundStarted(target=target, round=1, selected={}))
        drawn.on(StageReached(candidate=candidate, stage="time", detail="1,000 elements"))
        drawn.on(SuggestionProven(suggestion=suggestion, rank=0))
    text = screen.getvalue()
    for words in ("2/12", "timing it (1,000 elements)", "round 2, 0 tried", "best so far: 3.0x faster"):
        assert words in text
    # The last thing drawn erases the block and shows the cursor again.
    assert "\x1b[2K" in text
    assert text.rstrip().endswith(("\x1b[2K", "\x1b[?25h"))


def test_nothing_is_drawn_away_from_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(progress, "stderr_console", lambda: Console(file=stream, theme=THEME))
    with LiveProgress(show=None) as drawn:
        drawn.begins(Place(Path("shop.py"), "total"), 1, 1)
    assert stream.getvalue() == ""
