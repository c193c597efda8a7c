"""One fixture, one case: a recipe, a function, and what comes out of it."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lessonbank.recipe import Application, Recipe, apply, find_hints, read_recipe

FIXTURES = Path(__file__).parent / "fixtures"
DEFAULTS: dict[str, Any] = {
    "id": "under-test",
    "title": "under test",
    "category": "test",
    "language": "python",
    "explanation": "A recipe of a test.",
    "example": {"before": "x", "after": "y", "arguments": "()"},
}


class Case(NamedTuple):
    name: str
    recipe: str
    before: str
    after: str | None


def read_cases(path: Path) -> list[Case]:
    cases = []
    for block in path.read_text().split("=== ")[1:]:
        title, rest = block.split("\n", 1)
        recipe, rest = rest.split("--- before\n")
        if "--- refused" in rest:
            cases.append(Case(title, recipe, rest.split("--- refused")[0], None))
        else:
            before, after = rest.split("--- after\n")
            cases.append(Case(title, recipe, before, after.rstrip("\n") + "\n"))
    return cases


def recipe_of(fragment: str) -> Recipe:
    return read_recipe({**DEFAULTS, **tomllib.loads(fragment)}, file="fixture")


def apply_everywhere(recipe: Recipe, source: str, **context: Any) -> str:
    """Apply the recipe at all its places, one after the other."""
    for _ in range(20):
        applications = apply(recipe, source, **context)
        if not applications:
            break
        source = applications[0].source
    return source


CASES = read_cases(FIXTURES / "engine.txt")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fixture(case: Case) -> None:
    recipe = recipe_of(case.recipe)
    applications = apply(recipe, case.before)
    if case.after is None:
        assert applications == []
        return
    assert apply_once_or_everywhere(recipe, case, applications) == case.after
    ast.parse(case.after)


def apply_once_or_everywhere(recipe: Recipe, case: Case, applications: list[Application]) -> str:
    # A pattern that still fits its own output is applied once; the others wherever they fit.
    assert applications
    if apply(recipe, applications[-1].source) and len(applications) == 1:
        return applications[0].source
    return apply_everywhere(recipe, case.before)


COPY = 'match = "old($X)"\nrewrite = "new($X)"'


def test_line_endings_are_kept() -> None:
    recipe = recipe_of('match = "$X = $X + $E"\nrewrite = "if True:\\n    $X += $E"')
    source = "def f(x):\r\n\tx = x + 1\r\n\treturn x\r\n"
    assert apply(recipe, source)[0].source == ("def f(x):\r\n\tif True:\r\n\t\tx += 1\r\n\treturn x\r\n")


@pytest.mark.parametrize(
    ("inner", "fits"), [(" " * 12, True), (" " * 8 + "\t", True), (" \t" + " " * 12, False)]
)
def test_a_block_whose_depth_cannot_be_kept_is_left_alone(inner: str, fits: bool) -> None:
    recipe = recipe_of('match = """\nwhile $X:\n    $$$BODY\n"""\nrewrite = """\nif $X:\n    $$$BODY\n"""')
    source = f"def f(x):\n    while x:\n        if x:\n{inner}y(x)\n"
    ast.parse(source)
    found = [application.source for application in apply(recipe, source)]
    assert found == ([source.replace("while", "if")] if fits else [])


def test_offsets_are_bytes_of_the_source_given() -> None:
    source = 'def f(é):\n    return "ü" + old(é)\n'
    (application,) = apply(recipe_of(COPY), source)
    assert source.encode()[application.start : application.end].decode() == "old(é)"
    assert application.bindings == {"X": "é"}
    (hint,) = find_hints([recipe_of(COPY)], source)
    assert (hint.start, hint.end) == (application.start, application.end)


def test_each_place_is_an_application_of_its_own() -> None:
    sources = [a.source for a in apply(recipe_of(COPY), "def f(a):\n    return old(a) + old(1)\n")]
    assert sources == ["def f(a):\n    return new(a) + old(1)\n", "def f(a):\n    return old(a) + new(1)\n"]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = old(1)\n",
        "def f(:\n    return old(1)\n",
        "def f():\n    return old(1)\n\n\ndef g():\n    return old(1)\n",
        "class C:\n    x = old(1)\n",
        "def f():\n    return old(1) + " + "(" * 3000 + "1" + ")" * 3000 + "\n",
        "def f():\n    return '\ud800' + old(1)\n",
    ],
)
def test_what_is_no_single_definition_gives_nothing(source: str) -> None:
    assert apply(recipe_of(COPY), source) == []


def test_builtins_rebound_in_the_module_are_not_pythons_own() -> None:
    recipe = recipe_of('match = "list($X)"\nrewrite = "[*$X]"')
    source = "def f(a):\n    return list(a)\n"
    assert apply(recipe, source)
    assert apply(recipe, source, module_names=frozenset({"list"})) == []


def test_an_import_the_module_has_is_used_as_it_is() -> None:
    recipe = recipe_of(
        'match = "tally($X)"\nrewrite = "Counter($X)"\nimports = ["from collections import Counter"]'
    )
    source = "def f(a):\n    return tally(a)\n"
    names = frozenset({"Counter"})
    (taken,) = apply(recipe, source, module_names=names)
    assert taken.imports == ("from collections import Counter as Counter_2",)
    there = frozenset({"from collections import Counter"})
    (application,) = apply(recipe, source, module_names=names, module_imports=there)
    assert application.imports == ("from collections import Counter",)
    assert application.source == "def f(a):\n    return Counter(a)\n"


def test_helpers_come_with_the_application_under_a_free_name() -> None:
    recipe = recipe_of(
        'match = "old($X)"\nrewrite = "new_one($X)"\nhelpers = "def new_one(x):\\n    return x\\n"'
    )
    (application,) = apply(recipe, "def f(new_one):\n    return old(new_one)\n")
    assert application.source == "def f(new_one):\n    return new_one_2(new_one)\n"
    assert application.helpers == "def new_one_2(x):\n    return x\n"
