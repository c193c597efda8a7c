"""What an original that writes files needs: a copy of the workspace of its own, where it writes into that."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from paceline.judge.python.client import Setting
from paceline.judge.python.worker import heavy
from paceline.judge.sandbox import Isolation, with_private_copy
from paceline.workspace.roots import is_shared_folder


def setting_for_writing(setting: Setting, paths: Sequence[str]) -> Setting | str | None:
    """Return the setting to observe an original in that writes to ``paths``.

    None where it writes nothing. A text says why it cannot be observed, and what to do. Looks at the
    workspace's size: blocks for as long as that takes.
    """
    if not paths:
        return None
    root = setting.root.resolve()
    if not any(Path(os.path.realpath(path)).is_relative_to(root) for path in paths):
        return replace(setting, files=True)
    if setting.isolation is not Isolation.BUBBLEWRAP:
        return (
            "it writes files in the workspace, and only bubblewrap can give it a copy of its own; install "
            "bubblewrap, or have it return what it would write"
        )
    if is_shared_folder(root) or not _is_small(root):
        return (
            f"it writes files in the workspace, which is too large to be copied: over {heavy.MOST_FILES:,} "
            f"files or {heavy.MOST_BYTES >> 20} MiB; have it return what it would write"
        )
    return replace(setting, files=True, grants=with_private_copy(setting.grants, root, setting.python))


def _is_small(root: Path) -> bool:
    files, size = 0, 0
    for folder, inside, names in os.walk(root):
        inside[:] = [name for name in inside if name not in heavy.FOLDERS]
        files += len(names) + len(inside)
        for name in names:
            try:
                size += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - of thousands of files.
            except OSError:
                continue
        if files > heavy.MOST_FILES or size > heavy.MOST_BYTES:
            return False
    return True
