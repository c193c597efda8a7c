"""Reading what a workspace brings: files only, and none without end."""

from __future__ import annotations

import errno
import stat
from pathlib import Path


def read_regular(file: Path, *, most: int) -> bytes:
    """Return what a regular file of at most so many bytes holds.

    A repository may hold a link that leads to a device, whose content never ends, and a folder a pipe, which
    waits for a writer. Raises OSError for these, for a longer file, and where it cannot be read.
    """
    mode = file.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    with file.open("rb") as open_file:
        # What a file says of its size may be untrue: below /proc all have none.
        content = open_file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes")
    return content
