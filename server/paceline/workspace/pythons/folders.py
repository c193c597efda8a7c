"""Environments that lie in the workspace, or above it in the same repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from paceline.workspace.pythons.clue import Clue, PassedOver, in_folder, is_conda, is_virtual, python_in
from paceline.workspace.roots import is_shared_folder

_USUAL = (".venv", "venv")
_PIXI = Path(".pixi", "envs", "default")
_MOST_ENTRIES = 500


def in_workspace(root: Path) -> Iterator[Clue]:
    """Yield ``.venv``, ``venv``, pixi's default, then whatever folder is an environment, by name.

    A package of a repository often shares the environment at the repository's top: its ``.venv`` and ``venv``
    come last.
    """
    usual = [root / name for name in _USUAL]
    for folder in (*usual, root / _PIXI):
        if folder.is_dir():
            yield from _usual(folder, f"{folder.relative_to(root)} is in the workspace")
    for folder in _folders(root):
        if folder not in usual and (is_virtual(folder) or is_conda(folder)):
            yield in_folder(folder, f"{folder.name} is the environment in the workspace")
    for above in repository_above(root):
        for name in _USUAL:
            if (above / name).is_dir():
                yield from _usual(above / name, f"{name} is at the top of the repository, {above}")


def repository_above(root: Path) -> tuple[Path, ...]:
    """Return the folders above a workspace up to the top of its repository, nearest first; often none."""
    if (root / ".git").exists():
        return ()
    above: list[Path] = []
    for folder in root.parents:
        if is_shared_folder(folder):
            return ()
        above.append(folder)
        if (folder / ".git").exists():
            return tuple(above)
    return ()


def _usual(folder: Path, reason: str) -> Iterator[Clue]:
    if python_in(folder) is not None or is_virtual(folder):
        yield in_folder(folder, reason)
    else:
        yield PassedOver(str(folder), "it is no environment")


def _folders(root: Path) -> Iterator[Path]:
    try:
        with os.scandir(root) as entries:
            names = sorted(
                entry.name for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False) if entry.is_dir()
            )
    except OSError:
        return
    yield from (root / name for name in names)
