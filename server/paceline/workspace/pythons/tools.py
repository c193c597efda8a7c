"""Environments that uv, Poetry, PDM, Pipenv and Hatch keep, found by the rules by which they name them.

None of the tools is run. Where a rule is one of theirs, its source is named.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path, user_config_path, user_data_path

from paceline.workspace.pythons.clue import Clue, Found, PassedOver, in_folder, is_program, is_virtual
from paceline.workspace.pythons.folders import repository_above
from paceline.workspace.pythons.project import normalised, table, text_of, toml_of, word


def written_down(root: Path) -> Iterator[Clue]:
    """Yield what a tool was told to use for this very workspace: it comes before what lies in the folder."""
    yield from _uv(root)
    yield from _pdm(root)


def kept_elsewhere(root: Path) -> Iterator[Clue]:
    """Yield what Poetry, Pipenv and Hatch keep in folders of their own."""
    yield from _poetry(root)
    yield from _pipenv(root)
    yield from _hatch(root)


def _uv(root: Path) -> Iterator[Clue]:
    """UV_PROJECT_ENVIRONMENT stands for ``.venv`` beside ``uv.lock`` (uv's documentation, environment)."""
    chosen = os.environ.get("UV_PROJECT_ENVIRONMENT")
    if not chosen:
        return
    for folder in (root, *repository_above(root)):
        if (folder / "uv.lock").is_file() or "uv" in table(toml_of(folder / "pyproject.toml"), "tool"):
            yield in_folder(folder / chosen, "UV_PROJECT_ENVIRONMENT names it for this uv project")
            return


def _pdm(root: Path) -> Iterator[Clue]:
    """``.pdm-python`` holds the path of the interpreter (pdm/project/core.py, ``_saved_python``)."""
    written = text_of(root / ".pdm-python").strip()
    if not written:
        return
    python = root / written
    if is_program(python):
        yield Found(python, "PDM wrote it into .pdm-python")
    else:
        yield PassedOver(str(python), "PDM wrote it into .pdm-python, but it cannot be started")


# --- Poetry ---


def _poetry(root: Path) -> Iterator[Clue]:
    project = toml_of(root / "pyproject.toml")
    if "poetry" not in table(project, "tool") and not (root / "poetry.lock").is_file():
        return
    folder = _poetry_folder(root)
    base = poetry_name(project, root)
    # Poetry writes down which of several it was told to use last (env_manager.py, ``EnvsFile``).
    minor = word(toml_of(folder / "envs.toml"), base, "minor")
    found = sorted(folder.glob(f"{base}-py*"), key=lambda path: _version_at_end(path.name), reverse=True)
    found.sort(key=lambda path: path.name != f"{base}-py{minor}")
    for environment in found:
        yield in_folder(environment, "Poetry made it for this workspace")
    if not found:
        yield PassedOver(str(folder / f"{base}-py*"), "Poetry has made no environment for this workspace")


def poetry_name(project: Mapping[str, Any], root: Path) -> str:
    """Return what Poetry calls the environments of a project, without the Python version.

    As in poetry/utils/env/env_manager.py, ``generate_env_name``: the normalised name, made safe, and eight
    characters of the hash of the real path.
    """
    name = word(project, "project", "name") or word(project, "tool", "poetry", "name") or "non-package-mode"
    safe = re.sub(r'[ $`!*@"\\\r\n\t]', "_", normalised(name))[:42]
    return f"{safe}-{_short_hash(os.path.normcase(root.resolve()))}"


def _poetry_folder(root: Path) -> Path:
    config = Path(os.environ.get("POETRY_CONFIG_DIR") or user_config_path("pypoetry", appauthor=False))
    # The project's own word is stronger than the person's, and the environment's strongest.
    layers = [toml_of(config / "config.toml"), toml_of(root / "poetry.toml")]
    cache = os.environ.get("POETRY_CACHE_DIR") or next(
        (word(layer, "cache-dir") for layer in reversed(layers) if word(layer, "cache-dir")), ""
    )
    cache_folder = Path(cache).expanduser() if cache else user_cache_path("pypoetry", appauthor=False)
    chosen = os.environ.get("POETRY_VIRTUALENVS_PATH") or next(
        (path for layer in reversed(layers) if (path := word(layer, "virtualenvs", "path"))), ""
    )
    if not chosen:
        return cache_folder / "virtualenvs"
    written = chosen.replace("{cache-dir}", str(cache_folder)).replace("{project-dir}", str(root))
    return root / Path(written).expanduser()


def _version_at_end(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", name.rpartition("-py")[2]))


# --- Pipenv ---


def _pipenv(root: Path) -> Iterator[Clue]:
    """As in pipenv/project.py, ``get_location_for_virtualenv``."""
    if not (root / "Pipfile").is_file():
        return
    home = Path(os.path.expandvars(os.environ.get("WORKON_HOME") or _default_workon_home())).expanduser()
    pointer = text_of(root / ".venv").strip()
    if pointer:
        looks_like_path = "/" in pointer or os.sep in pointer
        environment = root / pointer if looks_like_path else home / pointer
        yield in_folder(environment, "the file .venv names it for Pipenv")
        return
    names = list(pipenv_names(root))
    found = [home / name for name in names if is_virtual(home / name)]
    for environment in found:
        yield in_folder(environment, "Pipenv made it for this workspace")
    if not found:
        yield PassedOver(str(home / names[0]), "Pipenv has made no environment for this workspace")


def pipenv_names(root: Path) -> Iterator[str]:
    """Yield what Pipenv may call the environment of a workspace.

    As in pipenv/project.py, ``virtualenv_name``: the folder's name, made safe (by a rule that grew), and
    eight characters of the hash of the Pipfile's path, which Pipenv does not always resolve.
    """
    if custom := os.environ.get("PIPENV_CUSTOM_VENV_NAME"):
        yield custom
        return
    suffix = f"-{python}" if (python := os.environ.get("PIPENV_PYTHON")) else ""
    for folder in dict.fromkeys((root, root.resolve())):
        code = base64.urlsafe_b64encode(hashlib.sha256(str(folder / "Pipfile").encode()).digest()[:6])
        for unsafe in (r'[ &$`!*@"()\[\]\\\r\n\t]', r'[ $`!*@"\\\r\n\t]'):
            yield f"{re.sub(unsafe, '_', folder.name)[:42]}-{code.decode()[:8]}{suffix}"


def _default_workon_home() -> str:
    if os.name == "nt":
        return "~/.virtualenvs"
    return str(Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "virtualenvs")


# --- Hatch ---


def _hatch(root: Path) -> Iterator[Clue]:
    """As in hatch/env/virtual.py: a folder a project, in it one for each place the project may lie at."""
    project = toml_of(root / "pyproject.toml")
    name = normalised(word(project, "project", "name"))
    chosen = (
        os.environ.get("HATCH_ENV_TYPE_VIRTUAL_PATH")
        or word(toml_of(root / "hatch.toml"), "envs", "default", "path")
        or word(project, "tool", "hatch", "envs", "default", "path")
    )
    if chosen:
        yield in_folder(root / chosen, "Hatch's default environment is set to be there")
        return
    if not name:
        return
    data = Path(os.environ.get("HATCH_DATA_DIR") or user_data_path("hatch", appauthor=False))
    for folder in dict.fromkeys((root, root.resolve())):
        environment = data / "env" / "virtual" / name / _short_hash(str(folder)) / name
        if environment.is_dir():
            yield in_folder(environment, "Hatch made it for this workspace")
            return


def _short_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:8]
