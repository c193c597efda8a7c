"""``paceline team``: the models of the team. ``detect`` finds those that run; ``up`` runs them."""

from __future__ import annotations

import click

from paceline.cli import team_engines
from paceline.cli.exits import RAN


@click.group(short_help="Find and run the models of the team.")
def command() -> None:
    """Look after the models of the team. Paceline needs none; those that run on this machine can join."""


@command.command()
@click.option("--write", is_flag=True, help="Write what was found into settings.toml of the data folder.")
@click.option(
    "--port",
    "ports",
    type=click.IntRange(1, 65535),
    multiple=True,
    metavar="PORT",
    help="Look at this port of 127.0.0.1 in place of the usual ones; may be given several times.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there."
)
def detect(write: bool, ports: tuple[int, ...], as_json: bool) -> int:
    """Ask the usual ports of this machine which models are there, and show the settings for them."""
    import asyncio

    from paceline.cli.team_settings import new_members, tables_of, write_members
    from paceline.team.models import detection

    places = detection.places_at(ports) if ports else detection.usual_places()
    found = asyncio.run(detection.detect(places))
    members = new_members(found)
    file = write_members(members) if write and members else None
    if as_json:
        from dataclasses import asdict

        from paceline.cli.reports import SCHEMA, print_json

        print_json(
            {
                "schema": SCHEMA,
                "servers": [
                    {
                        "server": one.place.server,
                        "base_url": one.place.base_url,
                        "models": list(one.models),
                        "fit": list(one.fit),
                    }
                    for one in found
                ],
                "new_members": [asdict(member) for member in members],
                "written": str(file) if file is not None else None,
            }
        )
        return RAN
    from paceline.cli.team_shown import print_found

    print_found(places, found, members, tables=tables_of(members), written=file)
    return RAN


@command.command()
@click.argument("name", metavar="TEAM")
def use(name: str) -> int:
    """Make a ready team yours, in every workspace: paper, gpu-24gb or laptop; none takes it back.

    Writes team.preset into settings.toml of Paceline's data folder. Nothing is started or fetched.
    """
    from paceline.cli.team_settings import write_preset
    from paceline.errors import UnusableRequest
    from paceline.team.models import presets

    known = presets()
    if name != "none" and name not in known:
        raise UnusableRequest(f"no team goes by {name!r}; there are {', '.join(known)}, and none")
    file = write_preset("" if name == "none" else name)
    click.echo(f"Written to {file}.")
    if name != "none":
        click.echo(f"{known[name].description}\nWhat it needs:\n{known[name].needs.strip()}")
        if known[name].engines:
            click.echo("paceline team up runs these; --download lets vLLM fetch the weights.")
    return RAN


command.add_command(team_engines.up)
command.add_command(team_engines.status)
command.add_command(team_engines.down)
