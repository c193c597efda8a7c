"""The shipped packs: every recipe does what its example says, and leaves its look-alikes alone."""

from __future__ import annotations

import ast
import copy
import importlib.util
from types import FunctionType
from typing import Any

import pytest

from lessonbank.recipe import Application, Recipe, apply, apply_all, find_hints, shipped_recipes

RECIPES = shipped_recipes("python")
REFUSALS = [
    pytest.param(recipe, source, id=f"{recipe.id}-{number}")
    for recipe in RECIPES
    for number, source in enumerate(recipe.refuses)
]
each_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)


def only(recipe: Recipe, source: str) -> Application:
    applications = apply(recipe, source)
    assert len(applications) == 1
    return applications[0]


def before(recipe: Recipe) -> str:
    return recipe.example.before.lstrip("\n")


def after(recipe: Recipe) -> str:
    return recipe.example.after.lstrip("\n")


@each_recipe
def test_the_example_comes_out_as_written(recipe: Recipe) -> None:
    assert only(recipe, before(recipe)).source == after(recipe)


@each_recipe
def test_its_own_output_is_left_alone(recipe: Recipe) -> None:
    assert apply(recipe, after(recipe)) == []


@each_recipe
def test_a_hint_stands_where_the_recipe_applies(recipe: Recipe) -> None:
    application = only(recipe, before(recipe))
    places = [(hint.start, hint.end) for hint in find_hints([recipe], before(recipe))]
    assert places == ([(application.start, application.end)] if recipe.hints else [])


@pytest.mark.parametrize(("recipe", "source"), REFUSALS)
def test_what_only_looks_alike_is_refused(recipe: Recipe, source: str) -> None:
    ast.parse(source)
    assert apply(recipe, source.lstrip("\n")) == []


@each_recipe
def test_the_example_behaves_the_same(recipe: Recipe) -> None:
    if recipe.example.requires and importlib.util.find_spec(recipe.example.requires) is None:
        pytest.skip(f"{recipe.example.requires} is not installed")
    application = only(recipe, before(recipe))
    assert _outcome(recipe, before(recipe), ()) == _outcome(recipe, application.source, application.imports)


@each_recipe
def test_the_recipe_reads_well(recipe: Recipe) -> None:
    assert recipe.language == "python"
    assert recipe.title[0].islower() and not recipe.title.endswith(".") and len(recipe.title) <= 60
    assert 40 <= len(recipe.explanation) <= 600


def test_the_pack_is_large_enough() -> None:
    assert len(RECIPES) >= 36


def test_recipes_combine_without_breaking_each_other() -> None:
    """Every recipe applied to every other's output gives source that parses and keeps the signature."""
    for first in RECIPES:
        source = after(first)
        for application in apply_all(RECIPES, source):
            tree = ast.parse(application.source)
            assert len(tree.body) == 1
            assert _signature(tree) == _signature(ast.parse(source))


def test_applying_until_nothing_fits_comes_to_an_end() -> None:
    for recipe in RECIPES:
        source = before(recipe)
        for _ in range(20):
            applications = apply_all(RECIPES, source)
            if not applications:
                break
            source = applications[0].source
        else:
            pytest.fail(f"from {recipe.id!r} the pack never comes to rest:\n{source}")


COUNTED = """\
def ranks(values, bounds):
    found = []
    for bound in bounds:
        {count}
        found.append(count)
    return found
"""
LOOP = "count = 0\n        for value in values:\n            if value {} bound:\n                count += 1"
GENERATOR = "count = sum(1 for value in values if value {} bound)"


@pytest.mark.parametrize(("order", "side"), [("<", "left"), ("<=", "right")])
@pytest.mark.parametrize(("first", "count"), [("count-loop", LOOP), ("count-generator", GENERATOR)])
def test_what_counts_in_a_comprehension_is_counted_by_halving_next(
    first: str, count: str, order: str, side: str
) -> None:
    by_id = {recipe.id: recipe for recipe in RECIPES}
    between = only(by_id[first], COUNTED.format(count=count.format(order))).source
    assert f"len([None for value in values if value {order} bound])" in between
    expected = COUNTED.format(count=f"count = bisect_{side}(ordered, bound)")
    expected = expected.replace("    for bound", "    ordered = sorted(values)\n    for bound")
    assert only(by_id["rank-by-bisect"], between).source == expected


def _signature(tree: ast.Module) -> str:
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    return ast.dump(definition.args) + definition.name


def _outcome(recipe: Recipe, source: str, imports: tuple[str, ...]) -> tuple[str, str]:
    module: dict[str, Any] = {"__name__": "__main__"}
    setup = "\n".join([*imports, recipe.example.setup, source])
    exec(compile(setup, recipe.id, "exec"), module)
    name = ast.parse(source).body[0].name  # type: ignore[attr-defined]
    function = module[name]
    assert isinstance(function, FunctionType)
    arguments = copy.deepcopy(eval(recipe.example.arguments, module))
    assert isinstance(arguments, tuple)
    result = function(*arguments)
    return _shown(result), _shown(arguments)


def _shown(value: Any) -> str:
    """The value with its exact types, as text."""
    if isinstance(value, dict):
        return f"{type(value).__name__}{[(_shown(k), _shown(v)) for k, v in value.items()]}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}{[_shown(part) for part in value]}"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__}{sorted(_shown(part) for part in value)}"
    return f"{type(value).__name__}:{value!r}"
