"""``paceline doctor``: what Paceline finds on this machine, and what to do where something is missing."""

from __future__ import annotations

from pathlib import Path

import click

from paceline.cli.exits import RAN


@click.command(short_help="Check what Paceline needs here.")
@click.argument("path", metavar="[PATH]", default=".", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there."
)
def command(path: Path, as_json: bool) -> int:
    """Check what Paceline needs on this machine, for the workspace PATH stands in. Runs no workspace code."""
    from paceline.cli.checkup import check_up

    findings = check_up(path)
    if as_json:
        from dataclasses import asdict

        from paceline.cli.reports import SCHEMA, print_json

        print_json({"schema": SCHEMA, "checks": [asdict(finding) for finding in findings]})
        return RAN
    from paceline.cli.findings import print_findings

    print_findings(findings)
    return RAN
