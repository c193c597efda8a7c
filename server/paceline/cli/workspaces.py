"""Opening the engine of a workspace for a command that a person typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from paceline.engine import Engine
from paceline.workspace import Settings, is_trusted, load_settings, require_readable

Warn = Callable[[str], None]
"""Takes one line for the person: what was found, where, what to do."""


def open_engine(root: Path, *, warn: Warn) -> Engine:
    """Open the engine of the workspace, warning of settings that do not apply.

    Typing the command is the consent to run that code in the sandbox, as ``python FILE`` would be. It is no
    consent to what the workspace's own settings ask for: restricted keys need ``paceline trust``. Raises
    InvalidSettings.
    """
    engine = Engine.open(root, settings=settings_of(root, warn=warn), trusted=True)
    for note in engine.notes:
        warn(note)
    return engine


def settings_of(root: Path, *, warn: Warn) -> Settings:
    """Load the workspace's settings; each one that does not apply is warned of.

    Raises InvalidSettings for a file that cannot be read at all: an editor goes on with the defaults, but a
    person who typed a command is there to mend it.
    """
    settings, problems = load_settings(root, trusted=is_trusted(root))
    require_readable(problems)
    for problem in problems:
        warn(str(problem))
    return settings
