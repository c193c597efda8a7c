"""Workspaces: where one begins, what it may do, how it is set up, and which Python runs its code."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from paceline.workspace.dismissals import (
    Dismissal,
    Dismissals,
    dismiss,
    read_dismissals,
    rename_in_dismissals,
    take_back,
)
from paceline.workspace.layers import Layer
from paceline.workspace.problem import Problem
from paceline.workspace.roots import (
    cache_folder,
    find_root,
    is_shared_folder,
    paceline_home,
    place_in,
    workspace_folder,
    workspace_key,
)
from paceline.workspace.schema import Entry, schema
from paceline.workspace.settings import (
    EngineSettings,
    HintSettings,
    JudgeSettings,
    ModelSettings,
    ProjectTestSettings,
    PythonSettings,
    Settings,
    TeamSettings,
    engines_from,
    load_settings,
    members_from,
    require_readable,
)
from paceline.workspace.trust import allows_unsandboxed, distrust, is_trusted, trust, trust_problem

if TYPE_CHECKING:
    from paceline.workspace.interpreter import Interpreter, interpreter_for, python_for
    from paceline.workspace.pythons.version import is_too_old, version_of

__all__ = [
    "Dismissal",
    "Dismissals",
    "EngineSettings",
    "Entry",
    "HintSettings",
    "Interpreter",
    "JudgeSettings",
    "Layer",
    "ModelSettings",
    "Problem",
    "ProjectTestSettings",
    "PythonSettings",
    "Settings",
    "TeamSettings",
    "allows_unsandboxed",
    "cache_folder",
    "dismiss",
    "distrust",
    "engines_from",
    "find_root",
    "interpreter_for",
    "is_shared_folder",
    "is_too_old",
    "is_trusted",
    "load_settings",
    "members_from",
    "paceline_home",
    "place_in",
    "python_for",
    "read_dismissals",
    "rename_in_dismissals",
    "require_readable",
    "schema",
    "take_back",
    "trust",
    "trust_problem",
    "version_of",
    "workspace_folder",
    "workspace_key",
]

_LATER = {
    "Interpreter": "paceline.workspace.interpreter",
    "interpreter_for": "paceline.workspace.interpreter",
    "python_for": "paceline.workspace.interpreter",
    "is_too_old": "paceline.workspace.pythons.version",
    "version_of": "paceline.workspace.pythons.version",
}
"""What looks for interpreters is loaded when one is wanted: an editor that starts us does not wait for it."""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
