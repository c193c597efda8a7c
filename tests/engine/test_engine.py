"""The engine's front door: which recipes its team and its hints have, and a bank that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonbank.recipe import shipped_recipes
from paceline.engine import Engine
from paceline.errors import UnsupportedLanguage
from paceline.syntax.target import Target
from paceline.team import RecipeMember
from paceline.workspace import load_settings

SLOW = """\
def known(items, allowed):
    result = []
    for item in items:
        if item in allowed:
            result.append(item)
    return result
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def engine_with(root: Path, **overrides: object) -> Engine:
    settings, problems = load_settings(root, trusted=True, overrides=[overrides])
    assert not problems
    return Engine.open(root, settings=settings, trusted=True)


async def test_hints_are_the_recipes_that_apply_with_the_edit_ready(tmp_path: Path) -> None:
    async with engine_with(tmp_path) as engine:
        hints = {hint.recipe.id: hint for hint in engine.hints(SLOW, frozenset())}
    hint = hints["membership-in-set"]
    assert SLOW[hint.start : hint.end] == "item in allowed"
    assert "allowed_set = set(allowed)" in hint.replacement.definition
    assert hint.title == "use a set for membership"


@pytest.mark.parametrize("disabled", ["membership-in-set", "membership"])
async def test_a_disabled_recipe_gives_no_hint_and_is_in_no_member(tmp_path: Path, disabled: str) -> None:
    async with engine_with(tmp_path, hints={"disabled": [disabled]}) as engine:
        assert "membership-in-set" not in {hint.recipe.id for hint in engine.hints(SLOW, frozenset())}
        members = [member for member in engine.members if isinstance(member, RecipeMember)]
        assert all("membership-in-set" not in member.recipes for member in members)


async def test_the_team_has_a_member_for_every_shipped_category(tmp_path: Path) -> None:
    async with engine_with(tmp_path) as engine:
        names = {member.name for member in engine.members}
    assert names == {f"recipes/{recipe.category}" for recipe in shipped_recipes("python")}


async def test_a_lead_that_nobody_is_called_is_told(tmp_path: Path) -> None:
    async with engine_with(tmp_path, team={"lead": "recipes/sortin"}) as engine:
        [note] = engine.notes
    assert "'recipes/sortin'" in note
    assert "recipes/sorting" in note
    async with engine_with(tmp_path, team={"lead": "recipes/sorting"}) as engine:
        assert engine.notes == ()


@pytest.fixture
def unusable(home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "workspaces").write_text("a file where the folder of banks should be")


@pytest.mark.usefixtures("unusable")
async def test_a_bank_that_cannot_be_used_costs_memory_only(tmp_path: Path) -> None:
    async with engine_with(tmp_path) as engine:
        assert engine.bank.lessons() == []
        assert any("will not be kept" in note for note in engine.notes)


async def test_a_language_without_a_judge_is_refused_in_plain_words(tmp_path: Path, target: Target) -> None:
    from dataclasses import replace

    async with engine_with(tmp_path) as engine:
        with pytest.raises(UnsupportedLanguage, match="no judge for fortran"):
            engine.judge_of(replace(target, language="fortran"))
