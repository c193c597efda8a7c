"""What ``paceline team detect`` has found, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from paceline.cli.consoles import show
from paceline.team.models.detection import FoundServer, Place
from paceline.team.models.words import one_line
from paceline.workspace import ModelSettings


def print_found(
    places: Sequence[Place],
    found: Sequence[FoundServer],
    members: Sequence[ModelSettings],
    *,
    tables: str,
    written: Path | None,
) -> None:
    """Print the servers and their models, then the settings for those that are new."""
    show(_found(places, found, members, tables, written))


def _found(
    places: Sequence[Place],
    found: Sequence[FoundServer],
    members: Sequence[ModelSettings],
    tables: str,
    written: Path | None,
) -> Iterator[RenderableType]:
    if not found:
        ports = ", ".join(str(place.port) for place in places)
        yield Text(f"No server of models answers on this machine (ports {ports}).", style="warn")
        yield Text("Start one, such as vllm serve MODEL or ollama serve, and run this again.", style="quiet")
        return
    new = {(member.base_url, member.model): member.name for member in members}
    for server in found:
        yield Text.assemble((server.place.server or "a server", "place"), f"  {server.place.base_url}")
        for model in server.models:
            name = new.get((server.place.base_url, model))
            if name is not None:
                what = f"new: {name}"
            else:
                what = "in the team" if model in server.fit else "left out: not for code, by its name"
            yield Text.assemble(f"  {one_line(model, limit=60)}  ", (what, "ok" if name else "quiet"))
        if not server.models:
            yield Text("  no model is loaded or pulled there", style="warn")
    if not members:
        return
    yield ""
    if written is not None:
        yield Text(f"Written to {written}. paceline doctor looks whether they answer.", style="ok")
        return
    yield Text(tables.rstrip())
    yield ""
    yield Text(
        "Nothing was written: --write adds this to settings.toml of Paceline's data folder, for every "
        "workspace. In pyproject.toml the tables are called [[tool.paceline.team.members]].",
        style="quiet",
    )
