"""Packs may come from anywhere: what is not understood is refused by name, and nothing in them runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonbank.errors import InvalidRecipe
from lessonbank.recipe import load_pack, shipped_recipes

GOOD = """
category = "test"
language = "python"

[[recipe]]
id = "good"
title = "do it"
explanation = "Because."
match = "old($X)"
rewrite = "new($X)"

[recipe.example]
before = "def f(a):\\n    return old(a)\\n"
after = "def f(a):\\n    return new(a)\\n"
arguments = "(1,)"
"""


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pack.toml"
    path.write_text(text)
    load_pack(path)


def test_a_good_pack_loads(tmp_path: Path) -> None:
    load(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "do it"', 'titel = "do it"', "unknown field 'titel'"),
        ('title = "do it"', "", "field 'title'"),
        ('id = "good"', 'id = "Not Good"', "field 'id'"),
        ('rewrite = "new($X)"', 'rewrite = "new($Y)"', "$Y"),
        ('match = "old($X)"', 'match = "old($X"', "field 'match'"),
        ('match = "old($X)"', 'match = "$X"', "field 'match'"),
        ('rewrite = "new($X)"', 'rewrite = "new($X"', "field 'rewrite'"),
        ('rewrite = "new($X)"', 'rewrite = ["a", "b"]', "field 'rewrite'"),
        ('title = "do it"', 'title = "do it"\nwhere = ["pure(Y)"]', "'Y'"),
        ('title = "do it"', 'title = "do it"\nwhere = ["pure(X, X)"]', "takes 1 arguments"),
        ('title = "do it"', 'title = "do it"\nwhere = ["nonsense(X)"]', "'nonsense'"),
        ('title = "do it"', 'title = "do it"\nwhere = ["__import__(X)"]', "field 'where'"),
        ('title = "do it"', 'title = "do it"\nwhere = ["at_least(X, many)"]', "number"),
        ('title = "do it"', 'title = "do it"\nimports = ["import os; os.remove"]', "field 'imports'"),
        ('title = "do it"', 'title = "do it"\nderive = { A = "eval(X)" }', "derive.A"),
        ('title = "do it"', 'title = "do it"\nfresh = { a = "x" }', "field 'fresh'"),
        ('title = "do it"', 'title = "do it"\nfresh = { A = "x; import os" }', "field 'fresh'"),
        ('title = "do it"', 'title = "do it"\nhoist = "$A = $X"', "$A"),
        ('title = "do it"', 'title = "do it"\nhoist_from = "moon"', "field 'hoist_from'"),
        ('arguments = "(1,)"', "", "example.arguments"),
        ('arguments = "(1,)"', 'arguments = "(1,)"\nsecret = 1', "example.secret"),
        ('category = "test"', 'category = "test"\nrun = "x"', "'run'"),
        (
            "[recipe.example]",
            '[[recipe.inside]]\nin = "Z"\nmatch = "a"\nrewrite = "b"\n[recipe.example]',
            "inside.in",
        ),
        ("[recipe.example]", '[recipe.uses]\nof = "X"\nas = [{ match = "a()" }]\n[recipe.example]', "$X"),
    ],
)
def test_what_is_off_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidRecipe) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert said in str(caught.value)
    assert "pack.toml" in str(caught.value)


def test_a_recipe_without_an_example_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipe, match=r"'good'.*'example'"):
        load(tmp_path, GOOD.split("[recipe.example]")[0])


@pytest.mark.parametrize("text", ["", "= 3", "recipe = 3", "\x00", "[[recipe]]\n", "a." * 50_000 + "b = 1"])
def test_garbage_is_refused_or_empty(tmp_path: Path, text: str) -> None:
    try:
        load(tmp_path, text)
    except InvalidRecipe as error:
        assert "pack.toml" in str(error)
    else:
        assert text == ""


def test_two_recipes_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipe, match="used twice"):
        load(tmp_path, GOOD + GOOD.split('language = "python"')[1])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipe, match=r"nowhere\.toml"):
        load_pack(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("language", ["cobol", "../python", ""])
def test_a_language_without_a_pack_has_no_recipes(language: str) -> None:
    assert shipped_recipes(language) == ()
