"""Which Python runs a workspace's code, and why that one.

The judge runs the workspace's own interpreter and packages, not Paceline's. Looked at, in this order:

1. ``python.interpreter``: the person's word, as it stands, even if it names nothing. An editor that knows the
   selected environment sends it as this setting.
2. The environment active in the terminal, VIRTUAL_ENV and then CONDA_PREFIX: activating one is choosing one.
   Not when it is conda's ``base``, which shells activate by themselves; not when it belongs to another
   project, whose terminal this editor was started from; and not when Paceline itself is installed there.
3. What a tool has written down for this workspace: UV_PROJECT_ENVIRONMENT for a uv project, ``.pdm-python``.
4. Environments in the workspace: ``.venv``, ``venv``, pixi's, any other, then ``.venv`` and ``venv`` above it
   in the same repository. Poetry, PDM and uv prefer such a folder themselves.
5. Environments that Poetry, Pipenv and Hatch keep elsewhere, by the names they give them.
6. The conda environment that ``environment.yml`` names. After 5, because a project that has both files lists
   in this one what the other tool cannot install.
7. The version that PYENV_VERSION or ``.python-version`` asks for: the right Python, but without packages.
8. What was passed over in 2.
9. The interpreter that Paceline runs on.

Nothing is run to find it, and links stay as they are: an interpreter finds its packages by its own path. Of a
workspace that is not trusted nothing is read or used: what is active counts (2, 8) where it lies outside.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paceline.workspace.pythons import active, conda, folders, tools, versions
from paceline.workspace.pythons.clue import Clue, Found, PassedOver, python_in
from paceline.workspace.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """The interpreter for a workspace."""

    python: Path
    """Absolute, links as they are. It need not exist where the setting names it."""
    reason: str
    """Why this one."""
    passed_over: tuple[PassedOver, ...]
    """What else was looked at, in order, and why it was not used."""


def python_for(root: Path, settings: Settings, trusted: bool) -> Path:
    """Return the interpreter for a workspace, by the order above."""
    clues = _clues(root.absolute(), settings, trusted)
    return next(clue.python for clue in clues if isinstance(clue, Found))


def interpreter_for(root: Path, settings: Settings, trusted: bool) -> Interpreter:
    """Return the interpreter that ``python_for`` returns, with the reasons: for people who wonder."""
    clues = list(_clues(root.absolute(), settings, trusted))
    at = next(at for at, clue in enumerate(clues) if isinstance(clue, Found))
    chosen = clues[at]
    assert isinstance(chosen, Found)
    others = dict.fromkeys(
        clue
        if isinstance(clue, PassedOver)
        else PassedOver(str(clue.python), f"{clue.reason}, but what was chosen comes first")
        for clue in clues[:at] + clues[at + 1 : -1]
        if not (isinstance(clue, Found) and clue.python == chosen.python)
    )
    return Interpreter(python=chosen.python, reason=chosen.reason, passed_over=tuple(others))


def _clues(root: Path, settings: Settings, trusted: bool) -> Iterator[Clue]:
    """Yield everything there is to know, the best first; the last one is always an interpreter."""
    if settings.python.interpreter:
        named = _named(settings.python.interpreter, root, trusted)
        yield Found(named, "the setting python.interpreter names it")
    if trusted:
        yield from active.chosen_for(root)
        yield from tools.written_down(root)
        yield from folders.in_workspace(root)
        yield from tools.kept_elsewhere(root)
        yield from conda.named_by_file(root)
        yield from versions.asked_for(root)
        yield from active.left_on(root)
    else:
        for clue in (*active.chosen_for(root), *active.left_on(root)):
            yield _outside(clue, root)
    yield Found(Path(sys.executable), "Paceline itself runs on it, and nothing better was found")


def _outside(clue: Clue, root: Path) -> Clue:
    """Return the clue where it leads out of a workspace that is not trusted."""
    if isinstance(clue, Found) and clue.python.parent.resolve().is_relative_to(root.resolve()):
        return PassedOver(str(clue.python), "it lies in the workspace, which is not trusted")
    return clue


def _named(setting: str, root: Path, trusted: bool) -> Path:
    """A path, relative to the workspace, of an interpreter or of an environment; or a command."""
    path = Path(setting).expanduser()
    command = None if len(path.parts) > 1 else shutil.which(setting)
    program = Path(command).absolute() if command else root / path
    if not command and program.is_dir():
        return python_in(program) or program
    return versions.behind_shim(program, root, trusted=trusted)
