"""``paceline bench first-suggestion``: seconds from the request to the first proven suggestion.

Warm means: the server is running and has looked at the file before, so recorded calls are at hand. What was
learnt is not: every measured run starts from an empty bank, for a bank that knows the winner answers sooner.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lessonbank.bank import Bank
from lessonbank.recipe import shipped_recipes
from paceline.engine import Engine, Request
from paceline.engine.events import SuggestionProven
from paceline.syntax import Snapshot, find_targets
from paceline.syntax.target import Target
from paceline.team import recipe_team
from paceline.workspace import find_root, load_settings


def run(*, path: Path = Path("examples"), repeats: int = 3, as_json: bool = False) -> int:
    """Time the functions below the path, print a row each and the median over all of them; exit status 0."""
    console = Console(stderr=as_json)
    rows = asyncio.run(_measure(path, repeats, console))
    medians = {name: statistics.median(seconds) for name, seconds in rows.items() if seconds}
    every = sorted(s for seconds in rows.values() for s in seconds)
    if as_json:
        print(
            json.dumps(
                {"schema": 1, "seconds": rows, "median_s": statistics.median(every) if every else None}
            )
        )
        return 0
    table = Table(
        title="Seconds from the request to the first proven suggestion (warm, empty bank)",
        title_justify="left",
    )
    table.add_column("function")
    table.add_column("median", justify="right")
    table.add_column("runs")
    for name, seconds in rows.items():
        table.add_row(
            name, f"{medians[name]:.2f}" if seconds else "none proven", " ".join(f"{s:.2f}" for s in seconds)
        )
    console.print(table)
    if every:
        console.print(
            f"median {statistics.median(every):.2f} s over {len(every)} runs of {len(medians)} functions "
            f"(fastest {every[0]:.2f}, slowest {every[-1]:.2f})"
        )
    return 0


async def _measure(path: Path, repeats: int, console: Console) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {}
    for target in _targets(path):
        with console.status(target.name):
            await _first_suggestion(target)
            seconds = [await _first_suggestion(target) for _ in range(repeats)]
        rows[target.name] = [s for s in seconds if s is not None]
    return rows


async def _first_suggestion(target: Target) -> float | None:
    root = find_root(target.file)
    settings, _ = load_settings(root, trusted=True)
    members = recipe_team(shipped_recipes("python"), language="python")
    async with Engine(
        root, settings=settings, trusted=True, bank=Bank.ephemeral(), members=members
    ) as engine:
        started = time.perf_counter()
        async with aclosing(engine.optimize(Request(target=target))) as events:
            async for event in events:
                if isinstance(event, SuggestionProven):
                    return time.perf_counter() - started
    return None


def _targets(path: Path) -> Sequence[Target]:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*.py") if "test" not in p.name)
    targets = [t for file in files for t in find_targets(Snapshot.open(file.resolve(), file.read_bytes()))]
    return [target for target in targets if not target.is_nested]
