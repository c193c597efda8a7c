"""Model members before the real judge: its own evidence is what reaches the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonbank.outcome import Outcome
from paceline.engine import Engine, Finished, Request
from paceline.engine.events import Event, LessonBanked
from paceline.syntax import Snapshot, target_named
from paceline.workspace import load_settings
from tests.team.scripted_endpoint import Asked, Reply, ScriptedEndpoint, says

SOURCE = """\
def repeated(items: list[str]) -> list[str]:
    return [item for item in items if items.count(item) > 1]


repeated(["a", "b", "a"])
"""

ANSWERS = [
    # The module does not load.
    "LIMIT = no_such_name\n\n\ndef repeated(items):\n    return [i for i in items if items.count(i) > LIMIT]",
    # Not equivalent.
    "def repeated(items):\n    return [item for item in items if items.count(item) > 2]",
    "from collections import Counter\n\n\ndef repeated(items):\n    counts = Counter(items)\n"
    "    return [item for item in items if counts[item] > 1]",
]


@pytest.mark.slow
async def test_the_judges_evidence_reaches_the_model_and_the_lessons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text(SOURCE)
    target = target_named(Snapshot.open(root / "a.py", SOURCE.encode()), "repeated")
    answers = iter(ANSWERS)

    def choose(asked: Asked) -> Reply:
        if "that was judged" in asked.prompt:
            return says('{"lesson": "Count once, not in each step.", "category": "counting"}')
        return says(f"Change: count once\n```python\n{next(answers, 'pass')}\n```")

    async with ScriptedEndpoint(choose=choose) as server:
        team = {"recipes": False, "members": [{"base_url": server.base_url, "model": "coder"}]}
        settings, problems = load_settings(root, trusted=True, overrides=[{"team": team}])
        assert not problems
        async with Engine.open(root, settings=settings, trusted=True) as engine:
            events: list[Event] = [event async for event in engine.optimize(Request(target=target, rounds=3))]
    end = events[-1]
    assert isinstance(end, Finished)
    assert [judged.verdict.outcome for judged in end.rejected] == [Outcome.DOES_NOT_BUILD, Outcome.WRONG]
    built, wrong, faster = (asked.prompt for asked in server.asked if "that was judged" in asked.prompt)
    assert "NameError: name 'no_such_name' is not defined" in built
    assert "call:     repeated([" in wrong
    assert "**faster**" in faster
    assert "| elements | original | rewrite | speedup |" in faster
    banked = {event.lesson.evidence.outcome for event in events if isinstance(event, LessonBanked)}
    assert banked == {Outcome.DOES_NOT_BUILD, Outcome.WRONG, Outcome.FASTER}
    assert b"counts = Counter(items)" in end.suggestions[0].patched
