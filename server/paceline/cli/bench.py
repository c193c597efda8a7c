"""``paceline bench``: measurements of Paceline itself. Each is a module ``paceline.cli.bench_NAME``."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import click

import paceline.cli as here

_PREFIX = "bench_"


class Benches(click.Group):
    """The bench modules beside this one, found by name and imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in alphabetical order, as they are typed."""
        return sorted(_typed(module.name) for module in _modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module and return its ``command``, None for a name that does not exist."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"paceline.cli.{_PREFIX}{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Benches, short_help="Measure Paceline itself.")
def command() -> None:
    """Measure Paceline itself, on this machine."""


def _modules() -> list[pkgutil.ModuleInfo]:
    return [module for module in pkgutil.iter_modules(here.__path__) if module.name.startswith(_PREFIX)]


def _typed(module: str) -> str:
    return module.removeprefix(_PREFIX).replace("_", "-")
