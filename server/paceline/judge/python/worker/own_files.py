"""Which source files hold the workspace's own code: below its root, no tests, nobody else's packages.

Standard library only, Python 3.9 or newer; loaded beside the worker in processes that a command starts.
"""

# Programs start often, and pathlib takes long to import.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import sys
from typing import Optional

_NOT_SOURCE = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"})
_TESTS = frozenset({"test", "tests"})


def below(root: str, file: str) -> Optional[str]:
    """Return a source file's name below a root, with slashes; None for what is no Python or elsewhere.

    ``root`` goes through no links.
    """
    file = os.path.realpath(file)
    if not file.startswith(root + os.sep) or not file.endswith(".py"):
        return None
    return file[len(root) + 1 :].replace(os.sep, "/")


def is_own(root: str, relative: str) -> bool:
    """Return whether a file below the root is the workspace's own: no test, and not of an environment."""
    *folders, name = relative.split("/")
    if name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py":
        return False
    if any(folder.startswith(".") or folder in _NOT_SOURCE or folder in _TESTS for folder in folders):
        return False
    prefix = os.path.realpath(sys.prefix)
    inside = prefix.startswith(root + os.sep)
    return not (inside and os.path.join(root, *folders, name).startswith(prefix + os.sep))
