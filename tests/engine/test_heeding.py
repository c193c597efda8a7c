"""Recipes that a person does not want are not tried: by a comment at the function, or dismissed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonbank.recipe import shipped_recipes
from paceline.engine.heeding import heeding
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target
from paceline.team import Member, recipe_team
from paceline.team.recipes import RecipeMember
from paceline.workspace import Dismissal, dismiss

BODY = "def total(items):\n    return sorted(items)\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))


def target(text: str) -> Target:
    return target_named(Snapshot.open(Path("a.py"), text.encode()), "total")


def team() -> tuple[Member, ...]:
    return recipe_team(shipped_recipes("python"), language="python")


def known(members: tuple[Member, ...]) -> set[str]:
    recipes = [one.recipes for one in members if isinstance(one, RecipeMember)]
    return {name for some in recipes for name in some}


def test_nobody_minds(tmp_path: Path) -> None:
    members = team()
    assert heeding(members, tmp_path, target(BODY)) is members


def test_a_comment_turns_recipes_and_categories_off(tmp_path: Path) -> None:
    members = team()
    some = next(name for name in known(members) if name.startswith("membership"))
    left = heeding(members, tmp_path, target(f"# paceline: ignore[{some}, sorting]\n{BODY}"))
    assert some not in known(left)
    assert "recipes/sorting" not in {one.name for one in left}
    assert len(left) == len(members) - 1


def test_who_asks_for_a_run_on_an_ignored_function_gets_one(tmp_path: Path) -> None:
    members = team()
    assert heeding(members, tmp_path, target(f"# paceline: ignore\n{BODY}")) is members


def test_what_was_dismissed_in_general_is_not_tried(tmp_path: Path) -> None:
    members = team()
    dismiss(tmp_path, Dismissal(file="a.py", function="total", recipe="membership-set"))
    assert heeding(members, tmp_path, target(BODY)) is members, "a hint here says nothing of a run"
    dismiss(tmp_path, Dismissal(category="sorting"))
    left = heeding(members, tmp_path, target(BODY))
    assert {one.name for one in members} - {one.name for one in left} == {"recipes/sorting"}
