"""``paceline runs``: read the log of earlier runs, prompts and answers included."""

from __future__ import annotations

from pathlib import Path

import click

from paceline.cli.exits import RAN

_workspace = click.option(
    "--workspace",
    default=".",
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="A file or folder of the workspace whose runs are meant; the current folder's otherwise.",
)
_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there."
)


@click.group(short_help="Read the log of earlier runs.")
def command() -> None:
    """Look at what was asked, answered and judged in earlier runs of this workspace."""


@command.command("list")
@_workspace
@_json
def list_(workspace: Path, as_json: bool) -> int:
    """List the runs that are kept, the newest first."""
    from paceline.engine.records import runs_in

    runs = runs_in(_folder(workspace))
    if as_json:
        from dataclasses import asdict

        from paceline.cli.reports import SCHEMA, print_json

        print_json({"schema": SCHEMA, "runs": [asdict(run) for run in runs]})
        return RAN
    from paceline.cli.runs_shown import print_runs

    print_runs(runs)
    return RAN


@command.command()
@click.argument("run_id", metavar="[ID]", required=False)
@click.option("--prompts", is_flag=True, help="Show prompts and answers whole.")
@_workspace
@_json
def show(run_id: str | None, prompts: bool, workspace: Path, as_json: bool) -> int:
    """Show one run from start to end: the newest, or that whose ID begins so."""
    from paceline.engine.records import events_of, runs_in
    from paceline.errors import UnusableRequest

    folder = _folder(workspace)
    runs = runs_in(folder)
    found = runs[:1] if run_id is None else [run for run in runs if run.id.startswith(run_id)]
    if not found:
        which = "no run is kept of this workspace" if run_id is None else f"no run begins with {run_id}"
        raise UnusableRequest(f"{which}; see paceline runs list")
    if len(found) > 1:
        raise UnusableRequest(f"{len(found)} runs begin with {run_id}; give more of the ID")
    events = events_of(folder, found[0].id)
    if as_json:
        from paceline.cli.reports import SCHEMA, print_json

        print_json({"schema": SCHEMA, "id": found[0].id, "events": events})
        return RAN
    from paceline.cli.runs_shown import print_run

    print_run(found[0], events, prompts=prompts)
    return RAN


def _folder(path: Path) -> Path:
    from paceline.engine.engine import runs_folder
    from paceline.workspace import find_root

    return runs_folder(find_root(path))
