"""The environment that is active in the terminal, or in the one the editor was started from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from paceline.workspace.pythons.clue import Clue, Found, PassedOver, in_folder, is_conda
from paceline.workspace.roots import MARKERS, is_shared_folder


def chosen_for(root: Path) -> Iterator[Clue]:
    """Yield what VIRTUAL_ENV and CONDA_PREFIX name, where somebody must have meant this workspace by it."""
    for variable, environment in _active():
        doubt = _doubt(environment, root)
        clue = in_folder(environment, f"{variable} names it")
        if doubt and isinstance(clue, Found):
            yield PassedOver(f"{variable} ({environment})", doubt)
        else:
            yield clue


def left_on(root: Path) -> Iterator[Clue]:
    """Yield what is active for other reasons: better than nothing where the workspace has none of its own."""
    for variable, environment in _active():
        if _doubt(environment, root):
            yield in_folder(environment, f"{variable} names it, and the workspace has none of its own")


def _active() -> Iterator[tuple[str, Path]]:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        folder = os.environ.get(variable)
        # A relative one would be looked for in whatever folder the server was started from.
        if folder and Path(folder).is_absolute():
            yield variable, Path(folder)


def _doubt(environment: Path, root: Path) -> str:
    """Return why an active environment was hardly meant for this workspace, empty where it may well be."""
    here = environment.resolve()
    if is_conda(environment) and (
        os.environ.get("CONDA_DEFAULT_ENV") == "base" or (environment / "condabin").is_dir()
    ):
        return "conda's base environment is active in every shell, so it says nothing about this workspace"
    if here.is_relative_to(root.resolve()):
        return ""
    if here == Path(sys.prefix).resolve():
        return "Paceline itself is installed there"
    owner = here.parent
    is_project = not is_shared_folder(owner) and any((owner / name).exists() for name in MARKERS)
    if is_project and not root.resolve().is_relative_to(owner):
        return f"it belongs to another project, {owner}"
    return ""
