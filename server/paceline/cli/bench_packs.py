"""``paceline bench packs``: the judge confirms every shipped recipe on its own example.

Each recipe's example becomes a small workspace of its own: a module with the slow function, and a test that
calls it with the example's arguments. From there on it is the usual way: calls recorded from the test,
a judge, a verdict. A recipe that is not proven faster on its own example does not ship.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lessonbank.outcome import Outcome
from lessonbank.recipe import Recipe, apply, shipped_recipes
from paceline.engine import Engine
from paceline.judge.verdict import Verdict
from paceline.syntax import Snapshot, find_targets
from paceline.syntax.target import Replacement, Target
from paceline.team import ModuleBindings
from paceline.workspace import load_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What the judge said of one recipe on its own example."""

    recipe: Recipe
    verdict: Verdict


def run(*, only: Sequence[str] = (), as_json: bool = False) -> int:
    """Judge the recipes named, or all; print a row each; return the exit status, 1 when one fails."""
    console = Console(stderr=as_json)
    recipes = [recipe for recipe in shipped_recipes("python") if not only or recipe.id in only]
    started = time.perf_counter()
    table = Table(title="Shipped recipes, each judged on its own example", title_justify="left")
    for heading, justify in (
        ("recipe", "left"),
        ("category", "left"),
        ("verdict", "left"),
        ("speedup", "right"),
        ("inputs", "right"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    confirmations = []
    with console.status("") as status:
        for number, recipe in enumerate(recipes, 1):
            status.update(f"{number}/{len(recipes)} {recipe.id}")
            confirmation = asyncio.run(confirm(recipe))
            confirmations.append(confirmation)
            table.add_row(recipe.id, recipe.category, *_cells(confirmation.verdict))
    failed = [c for c in confirmations if c.verdict.outcome is not Outcome.FASTER]
    if as_json:
        print(json.dumps(_report(confirmations, time.perf_counter() - started)))
        return 1 if failed else 0
    console.print(table)
    for confirmation in failed:
        console.print(
            f"[red]{confirmation.recipe.id}[/]: {confirmation.verdict.outcome}: {confirmation.verdict.reason}"
        )
    elapsed_s = time.perf_counter() - started
    console.print(f"{len(recipes) - len(failed)} of {len(recipes)} proven faster in {elapsed_s:.0f} s")
    return 1 if failed else 0


async def confirm(recipe: Recipe) -> Confirmation:
    """Judge the recipe's rewrite of its own example in a workspace made for it."""
    with tempfile.TemporaryDirectory(prefix="paceline-pack-") as folder:
        target = _write_example(recipe, Path(folder))
        root = target.file.parent
        replacement = _rewrite(recipe, target)
        settings, _ = load_settings(root, trusted=True)
        async with Engine.open(root, settings=settings, trusted=True) as engine:
            return Confirmation(recipe=recipe, verdict=await engine.judge(target, replacement))


def _write_example(recipe: Recipe, folder: Path) -> Target:
    root = folder.resolve()
    example = recipe.example
    module = root / "example.py"
    module.write_text(
        f"{example.setup}\n\n\n{example.before}\n" if example.setup else f"{example.before}\n",
        encoding="utf-8",
    )
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    target = find_targets(Snapshot.open(module, module.read_bytes()))[-1]
    (root / "test_example.py").write_text(
        "from example import *\nimport example\n\n\n"
        f"def test_example():\n    example.{target.name}(*{example.arguments})\n",
        encoding="utf-8",
    )
    return target


def _rewrite(recipe: Recipe, target: Target) -> Replacement:
    module = ModuleBindings.of(target)
    application = apply(recipe, target.source, module_names=module.names, module_imports=module.imports)[0]
    return Replacement(
        definition=application.source, imports=application.imports, helpers=application.helpers
    )


def _cells(verdict: Verdict) -> tuple[str, str, str]:
    timing = verdict.evidence.timing
    colour = "green" if verdict.outcome is Outcome.FASTER else "red"
    speedup = f"{timing.speedup:.2f}x ({timing.low:.2f}-{timing.high:.2f})" if timing else "-"
    return f"[{colour}]{verdict.outcome}[/]", speedup, str(verdict.evidence.checks.inputs)


def _report(confirmations: Sequence[Confirmation], elapsed_s: float) -> dict[str, object]:
    return {
        "schema": 1,
        "recipes": [
            {
                "id": c.recipe.id,
                "category": c.recipe.category,
                "outcome": c.verdict.outcome.value,
                "reason": c.verdict.reason,
                "speedup": c.verdict.evidence.timing.speedup if c.verdict.evidence.timing else None,
                "low": c.verdict.evidence.timing.low if c.verdict.evidence.timing else None,
                "high": c.verdict.evidence.timing.high if c.verdict.evidence.timing else None,
                "inputs": c.verdict.evidence.checks.inputs,
            }
            for c in confirmations
        ],
        "elapsed_s": elapsed_s,
    }
