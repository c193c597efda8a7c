"""The commands by name. Each stands in its own module, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

import paceline as package

COMMANDS: Mapping[str, str] = {
    "optimize": "paceline.cli.optimize",
    "judge": "paceline.cli.judge",
    "record": "paceline.cli.record",
    "profile": "paceline.cli.profile",
    "lessons": "paceline.cli.lessons",
    "runs": "paceline.cli.runs",
    "dismissals": "paceline.cli.dismissals",
    "team": "paceline.cli.team",
    "doctor": "paceline.cli.doctor",
    "serve": "paceline.cli.serve",
    "trust": "paceline.cli.trust",
    "bench": "paceline.cli.bench",
}
"""Command name to the module whose ``command`` it is, in the order a newcomer meets them."""


class LazyCommands(click.Group):
    """A group whose commands are imported on first use, so that ``paceline --version`` stays instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return its command, None for a name that does not exist."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package.__version__, prog_name="paceline")
def paceline() -> None:
    """Make functions faster, and prove it: every rewrite is checked and timed against the original, here."""
