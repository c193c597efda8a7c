"""Measure every shipped recipe on its own example: time before / time after, the median of many turns.

    python tests/lessonbank/measure_examples.py [RECIPE ...]

A quick look for authors of recipes, in one process; the judge's own measurement is `paceline bench packs`.
"""

from __future__ import annotations

import ast
import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from lessonbank.recipe import Recipe, apply, shipped_recipes

REPEATS = 61
BLOCK_S = 0.004
"""How long one timed block of calls takes at least, in seconds."""


def main() -> None:
    wanted = set(sys.argv[1:])
    for recipe in shipped_recipes("python"):
        if wanted and recipe.id not in wanted:
            continue
        try:
            print(f"{recipe.category:12} {recipe.id:42} {speedup(recipe):8.2f}x", flush=True)
        except ImportError as error:
            print(f"{recipe.category:12} {recipe.id:42} needs {error.name}")


def speedup(recipe: Recipe) -> float:
    """The median of the ratios original / rewritten of neighbouring blocks, in processor time."""
    source = recipe.example.before.lstrip("\n")
    application = apply(recipe, source)[0]
    slow = loaded(recipe, source, ())
    fast = loaded(recipe, application.source, application.imports)
    counts = (enough(slow), enough(fast))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for side, make in enumerate((slow, fast)):
            times[side].append(block(make, counts[side]) / counts[side])
    return statistics.median(slow / fast for slow, fast in zip(*times, strict=True))


def enough(make: Callable[[int], list[Callable[[], Any]]]) -> int:
    """How many calls fill a block."""
    count = 1
    while block(make, count) < BLOCK_S and count < 10_000:
        count *= 2
    return count


def loaded(recipe: Recipe, source: str, imports: tuple[str, ...]) -> Callable[[int], list[Callable[[], Any]]]:
    """A maker of calls, each with arguments of its own."""
    module: dict[str, Any] = {"__name__": "__main__"}
    exec(compile("\n".join([*imports, recipe.example.setup, source]), recipe.id, "exec"), module)
    function = module[ast.parse(source).body[0].name]  # type: ignore[attr-defined]
    arguments = compile(recipe.example.arguments, recipe.id, "eval")

    def calls(count: int) -> list[Callable[[], Any]]:
        made = [eval(arguments, module) for _ in range(count)]
        return [lambda given=given: function(*given) for given in made]

    return calls


def block(make: Callable[[int], list[Callable[[], Any]]], count: int) -> float:
    calls = make(count)
    gc.disable()
    start = time.process_time()
    for call in calls:
        call()
    elapsed = time.process_time() - start
    gc.enable()
    return elapsed


if __name__ == "__main__":
    main()
