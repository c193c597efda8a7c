"""The hottest functions as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from paceline.cli import figures
from paceline.cli.consoles import show
from paceline.cli.hottest import Hottest
from paceline.cli.places import Place
from paceline.workspace.profiles import Profile


def print_hottest(profile: Profile, hottest: Sequence[Hottest], hints: Mapping[Place, Sequence[str]]) -> None:
    """Print a line for each function."""
    show(_hottest(profile, hottest, hints))


def _hottest(
    profile: Profile, hottest: Sequence[Hottest], hints: Mapping[Place, Sequence[str]]
) -> Iterator[RenderableType]:
    yield Text(f"Profiled on {profile.when[:10]}, {figures.seconds(profile.seconds)} of processor time.")
    if not hottest:
        yield Text("No function of the workspace is hot in it.", style="quiet")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="quiet", padding=(0, 1))
    table.add_column("own", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("function", overflow="fold")
    table.add_column("hint", overflow="fold")
    for one in hottest:
        function = one.function
        if one.place is None:
            words = Text("changed since it was profiled", style="quiet")
        else:
            words = Text(", ".join(hints.get(one.place, ())))
        table.add_row(
            f"{profile.own_share(function):.0%}",
            f"{profile.whole_share(function):.0%}",
            Text(f"{function.file}::{function.name}", style="place"),
            words,
        )
    yield table
    yield Text(
        "own: in it and in what it calls outside of the workspace; share: with all that it calls.\n"
        "paceline optimize --hottest 3 works on the first three.",
        style="quiet",
    )
