"""What a person reads after ``paceline judge``: the verdict, and everything it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from paceline.cli import figures
from paceline.cli.consoles import stderr_console, stdout_console
from paceline.cli.progress import STAGES
from paceline.cli.results import print_sizes
from paceline.judge.verdict import Counterexample, Outcome, Timing, Verdict
from paceline.syntax.target import Target

STYLES = {Outcome.FASTER: "faster", Outcome.NOT_PROVEN_FASTER: "warn", Outcome.CANNOT_JUDGE: "warn"}
"""The other outcomes are failures."""


def print_verdict(request: str, verdict: Verdict) -> None:
    """Print the outcome, the reason, the counterexample or the timing, and how it was judged."""
    console = stdout_console()
    evidence = verdict.evidence
    outcome = verdict.outcome
    console.print(
        Text.assemble(
            (outcome.value.replace("-", " "), STYLES.get(outcome, "fail")),
            f"  {request}",
        )
    )
    console.print(Padding(Text(verdict.reason), (0, 0, 0, 2), expand=False))
    if evidence.counterexample is not None:
        console.print(Padding(_counterexample(evidence.counterexample), (0, 0, 0, 2), expand=False))
    if evidence.diagnostics:
        console.print(Padding(Text(evidence.diagnostics.rstrip(), style="quiet"), (0, 0, 0, 4), expand=False))
    if evidence.timing is not None:
        console.print(Padding(Text(_timing(evidence.timing)), (0, 0, 0, 2), expand=False))
        print_sizes(console, evidence.timing, indent=4)
    if outcome.is_behaviour_preserving:
        console.print(
            Padding(Text(figures.checks(evidence.checks), style="quiet"), (0, 0, 0, 2), expand=False)
        )
    for note in evidence.checks.notes:
        console.print(Padding(Text(note, style="quiet"), (0, 0, 0, 2), expand=False))
    surroundings = [f"judged in {figures.seconds(verdict.elapsed_s)}"] if verdict.elapsed_s else []
    if evidence.isolation:
        surroundings.append(f"isolation: {evidence.isolation}")
    if evidence.tolerance:
        surroundings.append(f"floats within {evidence.tolerance:g}")
    if surroundings:
        console.print(Padding(Text(", ".join(surroundings), style="quiet"), (0, 0, 0, 2), expand=False))


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
    if timing.peak_memory_ratio is not None:
        words += f"; peak memory {figures.ratio(timing.peak_memory_ratio)} the original's"
    return words
