"""What a person reads after ``paceline judge``: the verdict, and everything it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from paceline.cli import figures
from paceline.cli.consoles import indented, show, stderr_console
from paceline.cli.progress import STAGES
from paceline.cli.results import sizes_table
from paceline.judge.verdict import Counterexample, Outcome, Timing, Verdict
from paceline.syntax.target import Target

STYLES = {Outcome.FASTER: "faster", Outcome.NOT_PROVEN_FASTER: "warn", Outcome.CANNOT_JUDGE: "warn"}
"""The other outcomes are failures."""

CLOCKS = {"processor": "processor time and its own waiting", "wall": "wall time"}


def print_verdict(request: str, verdict: Verdict) -> None:
    """Print the outcome, the reason, the counterexample or the timing, and how it was judged."""
    show(_verdict(request, verdict))


def _verdict(request: str, verdict: Verdict) -> Iterator[RenderableType]:
    evidence, outcome = verdict.evidence, verdict.outcome
    yield Text.assemble((outcome.value.replace("-", " "), STYLES.get(outcome, "fail")), f"  {request}")
    yield indented(Text(verdict.reason))
    if evidence.counterexample is not None:
        yield indented(_counterexample(evidence.counterexample))
    if evidence.diagnostics:
        yield indented(Text(evidence.diagnostics.rstrip(), style="quiet"), 4)
    if evidence.timing is not None:
        yield indented(Text(_timing(evidence.timing)))
        yield indented(sizes_table(evidence.timing), 4)
    if outcome.is_behaviour_preserving:
        yield indented(Text(figures.checks(evidence.checks), style="quiet"))
    for note in evidence.checks.notes:
        yield indented(Text(note, style="quiet"))
    surroundings = [f"judged in {figures.seconds(verdict.elapsed_s)}"] if verdict.elapsed_s else []
    if evidence.isolation:
        surroundings.append(f"isolation: {evidence.isolation}")
    if evidence.tolerance:
        surroundings.append(f"floats within {evidence.tolerance:g}")
    if evidence.timing is not None:
        surroundings.append(f"timed in {CLOCKS[evidence.timing.clock]}")
    if surroundings:
        yield indented(Text(", ".join(surroundings), style="quiet"))


@contextmanager
def stages_shown(target: Target) -> Iterator[Callable[[str, str], None]]:
    """Draw the stage the judge is at on stderr, where that is a terminal; yield what tells it the stage."""
    console = stderr_console()
    if not console.is_terminal:
        yield lambda _stage, _detail: None
        return
    with console.status(f"{target.name}: looking for inputs") as status:

        def tell(stage: str, detail: str) -> None:
            status.update(f"{target.name}: {STAGES.get(stage, stage)}{f' ({detail})' if detail else ''}")

        yield tell


def _counterexample(found: Counterexample) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("call", found.call)
    table.add_row("expected", Text(found.expected, style="added"))
    table.add_row("got", Text(found.got, style="removed"))
    table.add_row("differs in", found.difference)
    return table


def _timing(timing: Timing) -> str:
    confirmed = "confirmed by a second run" if timing.confirmed else "not confirmed by a second run"
    words = (
        f"{figures.ratio(timing.speedup)}, {timing.confidence:.0%} confidence interval"
        f" {figures.interval(timing.low, timing.high)} over {timing.launches} launches, {confirmed};"
        f" the original against itself {figures.interval(timing.control_low, timing.control_high)}"
    )
    if timing.memory is not None:
        before, after = figures.memory(timing.memory.original), figures.memory(timing.memory.candidate)
        words += f"; peak memory of a call {before} before, {after} after"
    return words
