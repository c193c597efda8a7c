"""What of a workspace is too large to be copied for every process, and how large the rest may be."""

from __future__ import annotations

FOLDERS = frozenset(
    (
        ".git", ".hg", ".svn", ".venv", "venv", "env", "node_modules", "site-packages", "__pypackages__",
        ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__", ".hypothesis",
        ".eggs", ".direnv", ".pixi", "target", ".gradle",
    )
)  # fmt: skip
"""They can be read where they stand. What writes into them fails."""

MOST_FILES = 5_000
MOST_BYTES = 64 * 1024 * 1024
