from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from lessonbank.distil import distil
from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome
from paceline.workspace import find_root, workspace_folder
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


def lesson(outcome: Outcome, low: float | None, target: str) -> Lesson:
    return Lesson(
        text=f"A set made `{target}` faster.",
        category="membership",
        language="python",
        transformation="use a set for membership",
        recipes=("membership-set",),
        created="2026-01-02T03:04:05+00:00",
        evidence=LessonEvidence(
            outcome=outcome, speedup=low and low * 1.1, low=low, high=low and low * 1.2, inputs=74
        ),
        origin=Origin(
            source=Source.LEARNT,
            member="recipes/membership",
            target=target,
            file="shop.py",
            target_hash=target,
            before="def f(x):\n    return x\n",
            after="def f(x):\n    return x\n",
        ),
    )


LESSONS = [
    lesson(Outcome.WRONG, None, "first"),
    lesson(Outcome.FASTER, 2.0, "second"),
    lesson(Outcome.FASTER, 12.0, "third"),
]


@pytest.fixture
def banked(workspace: Path) -> list[Lesson]:
    with Bank.open(workspace_folder(find_root(workspace)) / "bank") as bank:
        for each in LESSONS:
            assert bank.add(each)
    return LESSONS


def test_the_best_evidence_comes_first(banked: list[Lesson], run: Run) -> None:
    ran = run("lessons", "list", "--json")
    assert ran.status == 0
    assert ran.json["schema"] == 1
    assert [each["origin"]["target"] for each in ran.json["lessons"]] == ["third", "second", "first"]
    assert {"id", "text", "evidence", "recipes", "credit"} <= set(ran.json["lessons"][0])
    out = run("lessons", "list").out
    assert out.index("third") < out.index("second") < out.index("first")
    assert max(map(len, out.splitlines())) <= 80


def test_an_empty_bank_says_how_to_fill_it(workspace: Path, run: Run) -> None:
    assert run("lessons", "list", "--json").json == {"schema": 1, "lessons": []}
    assert "paceline optimize" in run("lessons", "list").out


def test_show_takes_a_prefix_and_tells_everything(banked: list[Lesson], run: Run) -> None:
    third = banked[2]
    ran = run("lessons", "show", third.id[:6], "--json")
    assert ran.json["lesson"]["id"] == third.id
    assert ran.json["lesson"]["credit"]["shown"] == 0
    out = run("lessons", "show", third.id).out
    for words in (third.text, "membership-set", "12.0-14.4", "recipes/membership", "def f(x):"):
        assert words in out


def test_the_folder_it_was_learnt_in_is_shown_to_the_person_and_in_no_json(workspace: Path, run: Run) -> None:
    with Bank.open(workspace_folder(find_root(workspace)) / "bank") as bank:
        bank.add(LESSONS[0], place="src/plans/shop.py")
    ran = run("lessons", "show", LESSONS[0].id)
    assert "first in src/plans/shop.py" in ran.out
    for command in (("list",), ("show", LESSONS[0].id)):
        assert "plans" not in run("lessons", *command, "--json").out


def test_forget_removes_one(banked: list[Lesson], run: Run) -> None:
    first = banked[0]
    assert run("lessons", "forget", first.id[:8], "--json").json == {"schema": 1, "forgotten": first.id}
    left = run("lessons", "list", "--json").json["lessons"]
    assert first.id not in {each["id"] for each in left}
    assert len(left) == 2


@pytest.mark.parametrize("command", ["show", "forget"])
def test_ids_that_name_none_or_several_are_unusable(banked: list[Lesson], run: Run, command: str) -> None:
    none = run("lessons", command, "zzzz")
    assert (none.status, none.out) == (2, "")
    assert "paceline lessons list" in none.err
    several = run("lessons", command, "")
    assert several.status == 2
    assert "stands for 3 lessons" in several.err
    assert len(run("lessons", "list", "--json").json["lessons"]) == 3


def test_the_workspace_can_be_named(banked: list[Lesson], run: Run, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").write_text("")
    assert run("lessons", "list", "--json", "--workspace", str(elsewhere)).json["lessons"] == []


def test_a_learnt_recipe_is_shown_with_its_lesson(workspace: Path, run: Run) -> None:
    learnt = distil(
        "def f(rows):\n    return sorted(rows)[0]\n", "def f(rows):\n    return min(rows)\n", title="use min"
    )
    assert learnt is not None
    with Bank.open(workspace_folder(find_root(workspace)) / "bank") as bank:
        bank.add_recipe(learnt.record)
        banked = replace(LESSONS[1], recipes=(learnt.recipe.id,))
        bank.add(banked)
    [shown] = run("lessons", "show", banked.id, "--json").json["lesson"]["learnt_recipes"]
    assert (shown["match"], shown["rewrite"]) == (["sorted($V1)[0]"], ["min($V1)"])
    out = run("lessons", "show", banked.id).out
    assert "sorted($V1)[0]" in out
    assert "where simple(V1)" in out
