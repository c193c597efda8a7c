"""The doctor's findings as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from paceline.cli.checkup import Finding, State
from paceline.cli.consoles import stdout_console


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a line for each finding, with what to do below those that need something, and the sum."""
    console = stdout_console()
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        words = Text(finding.message)
        if finding.advice:
            words.append(f"\n{finding.advice}", style="quiet")
        table.add_row(
            Text(finding.state.value, style=finding.state.value), Text(finding.name, style="place"), words
        )
    console.print(table)
    console.print()
    failed = sum(finding.state is State.FAIL for finding in findings)
    warned = sum(finding.state is State.WARN for finding in findings)
    if failed:
        console.print(Text(f"{failed} to put right before Paceline can prove anything here.", style="fail"))
    elif warned:
        console.print(Text(f"Paceline works here; {warned} could be better.", style="warn"))
    else:
        console.print(Text("Everything is in place.", style="ok"))
