"""Where the client's URIs lead in the file system."""

from __future__ import annotations

import os
from pathlib import Path

from pygls.uris import to_fs_path


def path_of(uri: str) -> Path | None:
    """Return the real path a URI stands for, links followed; None where it stands for no path.

    What is kept of a workspace and its files goes by their real names, so that an editor that came by a link
    and a terminal mean the same. Nothing need exist there.
    """
    try:
        path = to_fs_path(uri)
        return Path(os.path.realpath(path)) if path is not None else None
    except ValueError:  # No URI, or a character that no path can hold.
        return None
