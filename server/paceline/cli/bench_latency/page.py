"""The page that ``paceline bench latency`` prints, and the record of ``--json``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from paceline.cli.bench_latency.findings import Findings, Spread, bars, growth, ratio_of, without_waits


def page(found: Findings) -> Iterator[RenderableType]:
    """Yield the page, part by part: the machine, what was measured, the bars."""
    machine = Table(title="Machine", title_justify="left", show_header=False, box=None)
    for name, value in found.machine.items():
        machine.add_row(name, value)
    yield machine
    yield Text("")
    if found.starts:
        yield _starts(found)
        yield Text("")
    if found.times:
        yield _times(found)
        yield Text("")
    if found.memory:
        yield _memory(found)
        yield Text("")
    yield from _bars(found)
    if found.interrupted:
        yield Text("Interrupted: the figures are of what was measured until then.", style="warn")
    yield Text(f"{found.elapsed_s:.0f} s in all.")


def report(found: Findings) -> dict[str, Any]:
    """Return what was measured as plain JSON values; times in milliseconds."""
    return {
        "schema": 1,
        "machine": dict(found.machine),
        "start": _spread(found.starts),
        "start_empty": _spread(found.empty_starts),
        "scenes": [
            {
                "lines": lines,
                "scene": scene,
                **(_spread(seconds) or {}),
                "running": _spread(without_waits(found, (lines, scene))),
                "empty": _spread(found.empty_times.get((lines, scene), [])),
            }
            for (lines, scene), seconds in found.times.items()
        ],
        "opened_s": {str(lines): seconds for lines, seconds in found.opened.items()},
        "jobs": {str(lines): words for lines, words in found.jobs.items()},
        "memory_mib": [[round(at, 1), round(mib, 1)] for at, mib in found.memory],
        "bars": [asdict(bar) for bar in bars(found)],
        "elapsed_s": found.elapsed_s,
        "interrupted": found.interrupted,
    }


def _starts(found: Findings) -> Table:
    table = _table(
        "Start of the process to the answer to initialize, ms", "server", "starts", "p50", "p95", "max"
    )
    for name, seconds in (("paceline", found.starts), ("empty pygls server", found.empty_starts)):
        spread = Spread.of(seconds)
        table.add_row(name, str(spread.count), *_figures(spread))
    return table


def _times(found: Findings) -> Table:
    table = _table(
        "Milliseconds at the client, of code actions and from a save to its hints",
        "lines",
        "scene",
        "p50",
        "p95",
        "max",
        "running",
        "empty",
        "p50 / empty's",
    )
    for (lines, scene), seconds in found.times.items():
        spread = Spread.of(seconds)
        empty = found.empty_times.get((lines, scene))
        beside, its_p95, running = "-", "-", "-"
        if found.waits.get((lines, scene)):
            running = f"{Spread.of(without_waits(found, (lines, scene))).p95:.2f}"
        if empty:
            ratio, its_p95 = ratio_of(seconds, empty), f"{Spread.of(empty).p95:.2f}"
            beside = f"{ratio.value:.2f}x ({ratio.low:.2f}-{ratio.high:.2f})"
        table.add_row(f"{lines:,}", scene, *_figures(spread), running, its_p95, beside)
    opened = ", ".join(f"{lines:,}: {seconds:.2f} s" for lines, seconds in found.opened.items())
    jobs = "; ".join(f"{lines:,}: {words}" for lines, words in found.jobs.items())
    table.caption = (
        "Running: p95 without the time in which server or client was ready and had no processor.\n"
        "Empty: p95 of an empty pygls server, which was measured in turns with ours.\n"
        f"From opening to hints, by lines: {opened}.\nJobs meanwhile, by lines: {jobs or 'none'}."
    )
    table.caption_justify = "left"
    return table


def _memory(found: Findings) -> RenderableType:
    seconds = found.memory[-1][0]
    peak = max(mib for _, mib in found.memory)
    words = (
        f"Memory of the server over {seconds / 60:.1f} minutes of editing: at most {peak:.0f} MiB resident"
    )
    if len(found.memory) >= 4:
        early, late = growth(found.memory)
        words += f"; median {early:.0f} MiB in the second quarter, {late:.0f} MiB in the last"
    return Text(words + ".")


def _bars(found: Findings) -> Iterator[RenderableType]:
    for bar in bars(found):
        word = Text("met   " if bar.is_met else "missed", style="ok" if bar.is_met else "fail")
        yield Text.assemble(word, f"  {bar.what}: {bar.measured} (bar: {bar.bar})")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in columns:
        table.add_column(name, justify="left" if name in {"server", "scene"} else "right", no_wrap=True)
    return table


def _figures(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.p50:.2f}", f"{spread.p95:.2f}", f"{spread.max:.2f}"


def _spread(seconds: list[float]) -> dict[str, float] | None:
    return asdict(Spread.of(seconds)) if seconds else None
