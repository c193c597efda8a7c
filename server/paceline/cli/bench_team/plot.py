"""The comparison as a picture: SVG, written by hand, in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from paceline.cli.bench_team.comparison import Comparison
from paceline.cli.bench_team.figures import CONFIDENCE, Estimate, Row, rows

WIDTH = 900
NAMES = 150
"""Pixels that the strategies' names take."""
LINE = 34
TOP = 108
GAP = 84
RIGHT = 80

_STYLE = """
  svg { --ink: #1f2328; --quiet: #656d76; --line: #d8dee4; --paper: #ffffff; --mark: #0969da; --dot: #0969da }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6edf3; --quiet: #8d96a0; --line: #30363d; --paper: #0d1117; --mark: #4493f8; --dot: #4493f8 }
  }
  text { font: 13px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--ink) }
  .title { font-size: 17px; font-weight: 600 }
  .quiet { fill: var(--quiet); font-size: 12px }
  .value { font-variant-numeric: tabular-nums }
  .head { font-weight: 600 }
  .grid { stroke: var(--line); stroke-width: 1 }
  .bar { stroke: var(--mark); stroke-width: 3; stroke-linecap: round }
  .mark { fill: var(--mark) }
  .dot { fill: var(--dot); opacity: .28 }
"""  # noqa: E501


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """One figure of all strategies, along an axis of its own."""

    title: str
    left: float
    right: float
    ticks: Sequence[float]
    label: Callable[[float], str]
    """What stands at a tick."""
    figure: Callable[[float], str]
    """What stands beside a strategy's mark."""
    place: Callable[[float], float]
    """Where a value stands, 0 to 1 along the axis."""

    def x(self, value: float) -> float:
        return self.left + (self.right - self.left) * min(1.0, max(0.0, self.place(value)))


def write_plot(found: Comparison, file: Path) -> None:
    """Write the picture. Without a single whole run there is none."""
    measured = rows(found.trials, [arm.name for arm in found.arms])
    if measured:
        file.write_text(picture(found, measured), encoding="utf-8")


def picture(found: Comparison, measured: Sequence[Row]) -> str:
    """Return the SVG: a line for each strategy, a panel for each figure."""
    height = TOP + LINE * len(measured) + 62
    title = "Team strategies at equal numbers of turns"
    if found.is_simulated:
        title += " — simulated team, not models"
    seeds = max(row.seeds for row in measured)
    tasks = max(row.tasks for row in measured)
    told = (
        f"{len(found.members)} members, {found.rounds} rounds; tasks: {tasks}, seeds: {seeds}. "
        f"A pale point is a seed, a bar the {CONFIDENCE:.0%} bootstrap interval over seeds."
    )
    middle = NAMES + (WIDTH - NAMES - RIGHT - GAP) / 2
    has_solved = all(row.solved is not None for row in measured)
    share = _Panel(
        title="tasks solved" if has_solved else "tasks with a correct rewrite",
        left=NAMES,
        right=middle,
        ticks=(0, 0.25, 0.5, 0.75, 1),
        label=lambda value: f"{value:.0%}",
        figure=lambda value: f"{value:.0%}",
        place=lambda value: value,
    )
    highest = max(max(row.clamped.high or 1, *row.clamped.seeds) for row in measured)
    ticks = _ratios(highest)
    speed = _Panel(
        title="speedup, geometric mean, failures = 1",
        left=middle + GAP,
        right=WIDTH - RIGHT,
        ticks=ticks,
        label=lambda value: f"{value:g}x",
        figure=lambda value: f"{value:.1f}x",
        place=lambda value: math.log(value) / math.log(ticks[-1]),
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="var(--paper)"/>',
        f'<text x="24" y="36" class="title">{escape(title)}</text>',
        f'<text x="24" y="58" class="quiet">{escape(told)}</text>',
        *(
            f'<text x="{NAMES - 18}" y="{_y(at) + 4.5:.1f}" text-anchor="end">{escape(row.arm)}</text>'
            for at, row in enumerate(measured)
        ),
        *_panel(share, [row.solved if row.solved and has_solved else row.correct for row in measured]),
        *_panel(speed, [row.clamped for row in measured]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panel(panel: _Panel, figures: Sequence[Estimate]) -> Iterator[str]:
    bottom = _y(len(figures)) - LINE / 2 + 6
    yield f'<text x="{panel.left}" y="{TOP - 22}" class="head">{escape(panel.title)}</text>'
    for tick in panel.ticks:
        x = panel.x(tick)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom:.1f}" class="grid"/>'
        yield (
            f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle" class="quiet">'
            f"{escape(panel.label(tick))}</text>"
        )
    for at, figure in enumerate(figures):
        y = _y(at)
        for value in figure.seeds:
            yield f'<circle cx="{panel.x(value):.1f}" cy="{y:.1f}" r="4" class="dot"/>'
        if figure.low is not None and figure.high is not None:
            low, high = panel.x(figure.low), panel.x(figure.high)
            yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" class="bar"/>'
        yield f'<circle cx="{panel.x(figure.value):.1f}" cy="{y:.1f}" r="5.5" class="mark"/>'
        yield (
            f'<text x="{panel.right + 16:.1f}" y="{y + 4.5:.1f}" class="value">'
            f"{escape(panel.figure(figure.value))}</text>"
        )


def _y(at: int) -> float:
    return TOP + LINE * at + LINE / 2


def _ratios(highest: float) -> list[float]:
    """Return ticks of a logarithmic axis from 1 to beyond the highest."""
    ticks = [1.0]
    for tick in (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0):
        ticks.append(tick)
        if tick >= highest:
            break
    return ticks
