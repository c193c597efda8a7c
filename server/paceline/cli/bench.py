"""``paceline bench``: measurements of Paceline itself, each in a module ``bench_NAME`` beside this one."""

from __future__ import annotations

from pathlib import Path

import click

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else.")


@click.group(short_help="Measure Paceline itself.")
def command() -> None:
    """Measure Paceline itself, on this machine."""


@command.command("first-suggestion", short_help="Seconds to the first proven suggestion.")
@click.argument("path", default="examples", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="Measured runs each."
)
@_json
def first_suggestion(path: Path, repeats: int, as_json: bool) -> int:
    """Measure the seconds from a request to the first proven suggestion, for the functions below PATH."""
    from paceline.cli.bench_first_suggestion import run

    return run(path=path, repeats=repeats, as_json=as_json)


@command.command(short_help="The judge on every shipped recipe.")
@click.argument("recipes", nargs=-1, metavar="[RECIPE]...")
@_json
def packs(recipes: tuple[str, ...], as_json: bool) -> int:
    """Have the judge confirm every shipped recipe, or those named, on its own example."""
    from paceline.cli.bench_packs import run

    return run(only=recipes, as_json=as_json)
