"""``paceline trust``: what a workspace may do on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from paceline.cli.exits import RAN


@click.command(short_help="Let a workspace run its code here.")
@click.argument(
    "folder", metavar="[DIR]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--unsandboxed", is_flag=True, help="Also let its code run where this machine offers no sandbox."
)
@click.option("--revoke", is_flag=True, help="Trust it no longer.")
def command(folder: Path, unsandboxed: bool, revoke: bool) -> int:
    """Trust a workspace: editors may then run its code, and its own restricted settings apply.

    Restricted settings are those that name a program, an endpoint or a lesson file. Trust is remembered in
    your data folder, never in the workspace, and holds for the folders below it.
    """
    from paceline.errors import UnusableRequest
    from paceline.workspace import distrust, is_shared_folder, trust

    if revoke and unsandboxed:
        raise UnusableRequest("--revoke takes all trust back; leave --unsandboxed away")
    folder = folder.resolve()
    if revoke:
        distrust(folder)
        click.echo(
            f"{folder} is not trusted any more: its code runs only when you type a command that names it."
        )
        return RAN
    trust(folder, unsandboxed=unsandboxed)
    if is_shared_folder(folder):
        click.echo(
            f"{folder} holds many projects: only files directly in it are trusted, not the folders below."
        )
    where = "in a sandbox, or without one where this machine has none" if unsandboxed else "in a sandbox"
    click.echo(
        f"{folder} is trusted: its code may run {where}. Take it back with paceline trust --revoke {folder}"
    )
    return RAN
