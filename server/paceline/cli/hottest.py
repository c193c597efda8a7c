"""The hottest functions of the kept profile, found again in the files as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from paceline.cli.places import Place, snapshot_of
from paceline.errors import NothingProfiled, TargetNotFound, UnsupportedLanguage
from paceline.syntax import find_targets
from paceline.workspace import find_root
from paceline.workspace.profiles import Profile, ProfiledFunction, read_profile


@dataclass(frozen=True, slots=True)
class Hottest:
    """One profiled function."""

    function: ProfiledFunction
    place: Place | None
    """Where it stands; None where it has changed since it was profiled, or is gone."""


def hottest_of(root: Path, profile: Profile) -> tuple[Hottest, ...]:
    """Return the hot functions of a profile, the hottest first."""
    hot = [function for function in profile.functions if profile.is_hot(function)]
    places = {file: dict(_places_in(root / file)) for file in dict.fromkeys(one.file for one in hot)}
    return tuple(Hottest(one, places[one.file].get((one.name, one.hash))) for one in hot)


def hottest_places(request: Path) -> tuple[Place, ...]:
    """Return the places of the hot functions in a file, or in a folder and below it, the hottest first.

    Raises NothingProfiled where no profile is kept of the workspace, and where it names none that is there.
    """
    root = find_root(request)
    profile, notes = read_profile(root)
    advice = "profile a run first, as in: paceline profile -- python script.py"
    if profile is None:
        raise NothingProfiled(notes[0] if notes else f"no profile is kept of {root}; {advice}")
    # Without more, the whole workspace is meant, from wherever in it that is said.
    meant = root if request == Path() else request.resolve()
    found = [
        one.place
        for one in hottest_of(root, profile)
        if one.place is not None and one.place.file.resolve().is_relative_to(meant)
    ]
    if not found:
        raise NothingProfiled(
            f"{request}: no function in it is hot in the profile of {profile.when[:10]} and still as it was "
            f"then; {advice}"
        )
    return tuple(found)


def hints_of(root: Path, hottest: Sequence[Hottest]) -> dict[Place, tuple[str, ...]]:
    """Return what recipes could change in each function, by its place. Runs nothing."""
    from paceline.cli.workspaces import open_engine
    from paceline.team.recipes import ModuleBindings

    found: dict[Place, tuple[str, ...]] = {}
    engine = open_engine(root, warn=lambda _: None)
    with closing(engine.bank):
        for place in (one.place for one in hottest if one.place is not None):
            snapshot = snapshot_of(place.file)
            same_name = [target for target in find_targets(snapshot) if target.name == place.name]
            module = ModuleBindings.of_snapshot(snapshot)
            hints = engine.hints(same_name[place.occurrence].source, module.names, module.imports)
            found[place] = tuple(dict.fromkeys(hint.title for hint in hints))
    return found


def _places_in(file: Path) -> Iterator[tuple[tuple[str, str], Place]]:
    try:
        targets = find_targets(snapshot_of(file))
    except (TargetNotFound, UnsupportedLanguage):
        return
    seen: Counter[str] = Counter()
    for target in targets:
        if not target.is_nested:
            yield (target.name, target.hash), Place(file, target.name, seen[target.name])
        seen[target.name] += 1
