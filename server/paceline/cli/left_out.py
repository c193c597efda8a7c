"""Work on whole files leaves out the functions that a person does not want to hear of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from paceline.cli.places import Place, snapshot_of
from paceline.syntax import Snapshot, find_targets
from paceline.syntax.ignore import ignored_at
from paceline.workspace import Dismissals, find_root, read_dismissals


def left_out(places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places that a comment ``# paceline: ignore`` or a dismissal of the function leaves out."""
    snapshots: dict[Path, Snapshot] = {}
    dismissals: dict[Path, Dismissals] = {}
    found = []
    for place in places:
        if place.file not in snapshots:
            snapshots[place.file] = snapshot_of(place.file)
        root = find_root(place.file)
        if root not in dismissals:
            dismissals[root] = read_dismissals(root)
        if _is_ignored(place, snapshots[place.file]) or _is_dismissed(place, root, dismissals[root]):
            found.append(place)
    return tuple(found)


def _is_ignored(place: Place, snapshot: Snapshot) -> bool:
    same_name = [target for target in find_targets(snapshot) if target.name == place.name]
    return place.occurrence < len(same_name) and ignored_at(same_name[place.occurrence]).everything


def _is_dismissed(place: Place, root: Path, dismissals: Dismissals) -> bool:
    file = place.file.resolve()
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
    return any(one.function and one.covers(file=name, function=place.name) for one in dismissals)
