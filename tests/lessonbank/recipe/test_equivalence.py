"""Recipes on functions they were not written for: examples with statements put in at random.

Whatever still fits must still behave the same. A value that no set can hold, or that has no such method, may
raise where it did not: kinds are not always visible in a function, and the judge is there for that.
"""

from __future__ import annotations

import ast
import builtins
import copy
import random
import sys
from types import FrameType
from typing import Any

import pytest

from lessonbank.recipe import Recipe, apply_all, shipped_recipes

RECIPES = shipped_recipes("python")
EXAMPLES = [recipe for recipe in RECIPES if not recipe.example.requires]
MUTANTS = 300
SIZES = (30, 3, 0)
RAISED = ("raised",)


def statement(names: list[str], choice: random.Random) -> str:
    a, b, c = (choice.choice(names) for _ in range(3))
    return choice.choice(
        [
            f"{a} = {b}",
            f"{a} = {b}[0]",
            f"{a} = {b} + [{c}]",
            f"{a} = ({b}, {c})",
            f"{a} = None",
            f"{a} = []",
            f"{a} = list({b})",
            f"{a}.pop()",
            f"{a}.clear()",
            f"{a}[0] = {b}",
            f"del {a}",
            f"if {a}: break",
            f"if {a}: continue",
            f"if not {a}: return {b}",
            f"return {a}",
            f"yield {a}",
            f"change({a})",
            f"see({a})",
            f"if {a} is None: {b}.append({c})",
        ]
    )


def mutant(source: str, choice: random.Random) -> str:
    lines = source.rstrip("\n").split("\n")
    found = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    names = sorted(name for name in found if not hasattr(builtins, name))
    for _ in range(choice.choice([1, 1, 2])):
        at = choice.randrange(1, len(lines) + 1)
        beside = choice.choice(lines[max(at - 1, 1) : at + 1] or lines[-1:])
        indent = len(beside) - len(beside.lstrip())
        lines.insert(at, " " * indent + statement(names, choice))
    return "\n".join(lines) + "\n"


def shown(value: Any, depth: int = 0) -> str:
    if depth > 3:
        return "..."
    if isinstance(value, list | tuple):
        return (
            f"{type(value).__name__}{[shown(part, depth + 1) for part in value[: 40 if depth == 0 else 4]]}"
        )
    if isinstance(value, dict):
        pairs = [(shown(k, depth + 1), shown(v, depth + 1)) for k, v in value.items()]
        return f"{type(value).__name__}{pairs[:40]}"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__}{sorted(shown(part, depth + 1) for part in value)}"
    return f"{type(value).__name__}:{value!r}" if not callable(value) else "callable"


def change(value: Any) -> None:
    """Code the function knows nothing of, which changes what it is given."""
    if isinstance(value, list):
        value.append(1)
    elif isinstance(value, set):
        value.add(1)
    elif isinstance(value, dict):
        value[1] = 1


class Budget:
    """A trace function that ends what would not end by itself."""

    def __init__(self) -> None:
        self.lines = 1500

    def __call__(self, frame: FrameType, event: str, arg: object) -> Budget:
        self.lines -= 1
        if self.lines < 0:
            raise TimeoutError
        return self


def outcome(recipe: Recipe, source: str, imports: tuple[str, ...], size: int) -> tuple[str, ...]:
    seen: list[str] = []
    module: dict[str, Any] = {
        "__name__": "__main__",
        "see": lambda value: seen.append(shown(value)),
        "change": change,
    }
    exec("\n".join([*imports, recipe.example.setup, source]), module)
    arguments = eval(recipe.example.arguments, module)
    cut = tuple(a[:size] if isinstance(a, list | tuple | str) else a for a in arguments)
    given = copy.deepcopy(cut)
    sys.settrace(Budget())
    try:
        result = module[ast.parse(source).body[0].name](*given)  # type: ignore[attr-defined]
        if hasattr(result, "__next__"):
            result = ["drained", *(part for part, _ in zip(result, range(100), strict=False))]
    except Exception:
        return RAISED
    finally:
        sys.settrace(None)
    return (shown(result), shown(given), *seen)


@pytest.mark.parametrize("seed", range(3))
def test_what_still_fits_still_behaves_the_same(seed: int) -> None:
    choice = random.Random(seed)
    compared = 0
    for _ in range(MUTANTS):
        recipe = choice.choice(EXAMPLES)
        source = mutant(recipe.example.before.lstrip("\n"), choice)
        try:
            ast.parse(source)
            compile(source, recipe.id, "exec")
        except SyntaxError:
            continue
        for application in apply_all(RECIPES, source):
            for size in SIZES:
                before = outcome(recipe, source, (), size)
                if before == RAISED:
                    continue
                after = outcome(recipe, application.source, application.imports, size)
                if after != RAISED:
                    compared += 1
                    assert after == before, f"{application.recipe}:\n{source}\n{application.source}"
    assert compared > 200
