"""The doctor's findings as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from paceline.cli.checkup import Finding, State
from paceline.cli.consoles import show


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a line for each finding, with what to do below those that need something, and the sum."""
    show(_findings(findings))


def _findings(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        words = Text(finding.message)
        if finding.advice:
            words.append(f"\n{finding.advice}", style="quiet")
        state = Text(finding.state.value, style=finding.state.value)
        table.add_row(state, Text(finding.name, style="place"), words)
    yield table
    yield ""
    failed = sum(finding.state is State.FAIL for finding in findings)
    warned = sum(finding.state is State.WARN for finding in findings)
    if failed:
        yield Text(f"{failed} to put right before Paceline can prove anything here.", style="fail")
    elif warned:
        yield Text(f"Paceline works here; {warned} could be better.", style="warn")
    else:
        yield Text("Everything is in place.", style="ok")
