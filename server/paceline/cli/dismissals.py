"""``paceline dismissals``: what a person does not want to be shown again, and taking that back."""

from __future__ import annotations

from pathlib import Path

import click

from paceline.cli.exits import RAN

_workspace = click.option(
    "--workspace",
    default=".",
    type=click.Path(exists=True, path_type=Path),
    help="A file or folder of the workspace.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else.")


@click.group(short_help="What you dismissed in an editor.")
def command() -> None:
    """List what was dismissed in a workspace, and take dismissals back."""


@command.command("list", short_help="List them, oldest first.")
@_workspace
@_json
def list_(workspace: Path, as_json: bool) -> int:
    """List what was dismissed, oldest first."""
    from dataclasses import asdict

    from paceline.cli.reports import SCHEMA, print_json
    from paceline.workspace import find_root, read_dismissals

    known = read_dismissals(find_root(workspace))
    if as_json:
        print_json({"schema": SCHEMA, "dismissals": [asdict(one) for one in known]})
        return RAN
    if not known:
        click.echo("Nothing is dismissed here.")
    for one in known:
        click.echo(f"{one.id}  {one.at[:10]}  {one.words}")
    return RAN


@command.command(short_help="Take dismissals back.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Take all of them back.")
@_workspace
@_json
def undo(ids: tuple[str, ...], everything: bool, workspace: Path, as_json: bool) -> int:
    """Take the dismissals named back: the latest one where none is named."""
    from dataclasses import asdict

    from paceline.cli.reports import SCHEMA, print_json
    from paceline.errors import UnusableRequest
    from paceline.workspace import find_root, read_dismissals, take_back

    root = find_root(workspace)
    known = [one.id for one in read_dismissals(root)]
    if unknown := [one for one in ids if one not in known]:
        raise UnusableRequest(f"no dismissal {unknown[0]} here; `paceline dismissals list` shows them")
    gone = take_back(root, known if everything else ids or None)
    if as_json:
        print_json({"schema": SCHEMA, "taken_back": [asdict(one) for one in gone]})
        return RAN
    for one in gone:
        click.echo(f"Shown again: {one.words}")
    if not gone:
        click.echo("Nothing is dismissed here.")
    return RAN
