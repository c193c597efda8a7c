"""The sandbox: runs untrusted code with no network, no secrets, bounded resources, and nothing left behind.

``require_isolation`` says how this machine can isolate, ``python_grants`` what a Python needs to see, and
``launch`` starts a program and gives back a ``SandboxedProcess`` with a channel of its own.
"""

from __future__ import annotations

from paceline.judge.sandbox.grants import VIEW, Grants, Limits, python_grants, with_private_copy
from paceline.judge.sandbox.isolation import Isolation
from paceline.judge.sandbox.probe import available_isolation, require_isolation
from paceline.judge.sandbox.process import SandboxedProcess, launch

__all__ = [
    "VIEW",
    "Grants",
    "Isolation",
    "Limits",
    "SandboxedProcess",
    "available_isolation",
    "launch",
    "python_grants",
    "require_isolation",
    "with_private_copy",
]
