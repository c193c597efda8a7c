"""The page that ``paceline bench team`` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from paceline.cli.bench_team.comparison import Comparison
from paceline.cli.bench_team.exchange import claims
from paceline.cli.bench_team.figures import CONFIDENCE, Estimate, Row, rows
from paceline.cli.bench_team.gate import Check

Form = Callable[[float], str]

SIMULATED = "simulated team: members that are played, not models"


def page(found: Comparison) -> Iterator[RenderableType]:
    """Yield the page, part by part: what it was measured on, a row for each arm, what the rows bear out."""
    yield _facts("Machine", found.machine)
    yield Text("")
    yield _facts("Compared", _compared(found))
    measured = rows(found.trials, [arm.name for arm in found.arms])
    if measured:
        yield Text("")
        yield _quality(found, measured)
        yield Text("")
        yield _cost(found, measured)
    if found.is_simulated and measured:
        yield Text("")
        yield from _claims(found, measured)
    problems = {trial.task: trial.problem for trial in found.trials if trial.problem}
    for task, problem in problems.items():
        yield Text(f"{task} is left out: {problem}", style="warn")
    if found.interrupted:
        yield Text("Interrupted: the figures are of what was measured until then.", style="warn")
    yield Text(f"{len(found.trials)} runs in {found.elapsed_s:.0f} s.")


def gate_page(checks: Sequence[Check]) -> Iterator[RenderableType]:
    """Yield the page of ``--check-tasks``."""
    table = _table("What the judge says of the tasks", "", "task", "", "judge")
    for one in checks:
        word = Text("met", style="ok") if one.is_met else Text("missed", style="fail")
        table.add_row(word, one.task, one.what, one.found)
    yield table
    missed = sum(not one.is_met for one in checks)
    tasks = len({one.task for one in checks})
    yield Text(f"{tasks} tasks, {len(checks)} checks, {missed} missed.")


def _compared(found: Comparison) -> Mapping[str, str]:
    members = ", ".join(found.members)
    return {
        "team": f"{members} ({SIMULATED})" if found.is_simulated else members,
        "turns": f"{found.turns} in each run: {len(found.members)} members, {found.rounds} rounds",
        "bank": "kept from task to task" if found.keeps_bank else "empty at the beginning of each run",
        "tasks": str(len(found.tasks)),
        "seeds": str(len(found.seeds)),
    }


def _quality(found: Comparison, measured: Sequence[Row]) -> Table:
    has_solved = any(row.solved is not None for row in measured)
    table = _table(
        _titled("Strategies at equal numbers of turns", found),
        "strategy", *(["solved"] if has_solved else []),
        "correct", "> 2x", "speedup, failures = 1", "speedup, where timed", "tasks",
    )  # fmt: skip
    for row in measured:
        table.add_row(
            row.arm,
            *([_share(row.solved)] if has_solved else []),
            _share(row.correct),
            _share(row.twice),
            _ratio(row.clamped),
            _ratio(row.plain),
            f"{row.counted:.1f} of {row.tasks}",
        )
    table.caption = (
        f"{CONFIDENCE:.0%} intervals: bootstrap over {_seeds(measured)}. A winner's speedup is measured "
        "again after the run, by a judge of its own."
        + (" Solved: as fast as only the whole chain of changes makes it." if has_solved else "")
    )
    return table


def _cost(found: Comparison, measured: Sequence[Row]) -> Table:
    table = _table(
        _titled("What a task cost, on average", found),
        "strategy", "candidates judged", "until the winner", "tokens", "model seconds", "judge seconds",
    )  # fmt: skip
    for row in measured:
        table.add_row(
            row.arm,
            _number(row.candidates, ".1f"),
            _number(row.until, ".1f"),
            _number(row.tokens, ",.0f"),
            _number(row.model_s, ".1f"),
            _number(row.judge_s, ".1f"),
        )
    table.caption = (
        "Repeats are not judged again. Model seconds of a simulation are those of playing, and tokens are "
        "estimated from characters."
        if found.is_simulated
        else "Repeats are not judged again. Model seconds are added up over members that answer side by side."
    )
    return table


def _claims(found: Comparison, measured: Sequence[Row]) -> Iterator[RenderableType]:
    lines = list(claims(measured, found.arms))
    if not lines:
        return
    table = _table(_titled("What passed from member to member", found), "", "claim", "measured")
    for line in lines:
        word = Text("met", style="ok") if line.is_met else Text("not met", style="fail")
        table.add_row(word, line.what, line.measured)
    table.caption = "It shows that the loop passes knowledge on, and nothing about how much real models gain."
    yield table


def _titled(title: str, found: Comparison) -> str:
    return f"{title} ({SIMULATED})" if found.is_simulated else title


def _seeds(measured: Sequence[Row]) -> str:
    counts = sorted({row.seeds for row in measured})
    number = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"{number} seed{'' if number == '1' else 's'}"


def _share(estimate: Estimate | None) -> Text:
    return _cell(estimate, lambda value: f"{value:.0%}", lambda value: f"{value * 100:.0f}")


def _ratio(estimate: Estimate | None) -> Text:
    return _cell(estimate, lambda value: f"{value:.2f}x", lambda value: f"{value:.2f}")


def _number(estimate: Estimate | None, form: str) -> Text:
    return _cell(estimate, lambda value: format(value, form), lambda value: format(value, form))


def _cell(estimate: Estimate | None, figure: Form, bound: Form) -> Text:
    if estimate is None:
        return Text("-")
    text = Text(figure(estimate.value))
    if estimate.low is not None and estimate.high is not None:
        text.append(f" ({bound(estimate.low)}-{bound(estimate.high)})", style="quiet")
    return text


def _facts(title: str, facts: Mapping[str, str]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for name, value in facts.items():
        table.add_row(name, value)
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
