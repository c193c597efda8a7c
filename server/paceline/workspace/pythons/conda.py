"""The conda environment that a workspace's ``environment.yml`` names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from paceline.workspace.pythons.clue import Clue, PassedOver, in_folder, is_conda
from paceline.workspace.pythons.project import text_of

_FILES = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml")
_ROOTS = ("miniconda3", "miniforge3", "mambaforge", "anaconda3", "micromamba", ".conda")
_SHARED_ROOTS = ("/opt/conda", "/opt/miniconda3", "/opt/miniforge3", "/opt/anaconda3")


def named_by_file(root: Path) -> Iterator[Clue]:
    """Yield the environment that the first of the usual files gives a name or a prefix."""
    for name in _FILES:
        text = text_of(root / name)
        prefix, wanted = _entry(text, "prefix"), _entry(text, "name")
        if prefix and is_conda(Path(prefix).expanduser()):
            yield in_folder(Path(prefix).expanduser(), f"{name} gives it as the prefix")
            return
        if not wanted or wanted == "base":
            continue
        found = next((folder for folder in _environments(wanted) if is_conda(folder)), None)
        if found is not None:
            yield in_folder(found, f"{name} names the conda environment {wanted}")
        else:
            yield PassedOver(name, f"it names the conda environment {wanted}, which is nowhere to be found")
        return


def _entry(text: str, key: str) -> str:
    """Return a plain value at the top of a YAML file; anything cleverer is nobody's environment name."""
    found = re.search(rf"^{key}:[ \t]*([\"']?)([^\"'#\r\n]+?)\1[ \t]*(?:#.*)?$", text, re.MULTILINE)
    return found[2].strip() if found else ""


def _environments(name: str) -> Iterator[Path]:
    if Path(name).name != name:
        return
    for folder in _folders_of_environments():
        yield folder / name
    # Every environment that conda ever made for this person, one a line.
    for line in text_of(Path.home() / ".conda" / "environments.txt").splitlines():
        if line.strip() and Path(line.strip()).name == name:
            yield Path(line.strip())


def _folders_of_environments() -> Iterator[Path]:
    for variable in ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"):
        for folder in os.environ.get(variable, "").split(os.pathsep):
            if folder:
                yield Path(folder).expanduser()
    roots = [os.environ.get("MAMBA_ROOT_PREFIX"), os.environ.get("CONDA_ROOT")]
    if program := os.environ.get("CONDA_EXE"):
        roots.append(str(Path(program).parent.parent))
    yield from (Path(folder) / "envs" for folder in roots if folder)
    yield from (Path.home() / name / "envs" for name in _ROOTS)
    yield from (Path(name) / "envs" for name in _SHARED_ROOTS)
