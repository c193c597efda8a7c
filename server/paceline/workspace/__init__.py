"""Workspaces: where one begins, what it may do, how it is set up, and which Python runs its code."""

from __future__ import annotations

from paceline.workspace.interpreter import python_for
from paceline.workspace.layers import Layer
from paceline.workspace.problem import Problem
from paceline.workspace.roots import (
    cache_folder,
    find_root,
    is_shared_folder,
    paceline_home,
    workspace_folder,
    workspace_key,
)
from paceline.workspace.schema import Entry, schema
from paceline.workspace.settings import (
    HintSettings,
    JudgeSettings,
    ProjectTestSettings,
    PythonSettings,
    Settings,
    load_settings,
    require_readable,
)
from paceline.workspace.trust import allows_unsandboxed, distrust, is_trusted, trust, trust_problem

__all__ = [
    "Entry",
    "HintSettings",
    "JudgeSettings",
    "Layer",
    "Problem",
    "ProjectTestSettings",
    "PythonSettings",
    "Settings",
    "allows_unsandboxed",
    "cache_folder",
    "distrust",
    "find_root",
    "is_shared_folder",
    "is_trusted",
    "load_settings",
    "paceline_home",
    "python_for",
    "require_readable",
    "schema",
    "trust",
    "trust_problem",
    "workspace_folder",
    "workspace_key",
]
