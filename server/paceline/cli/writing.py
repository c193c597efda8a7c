"""Applying a suggestion to its file: the exact bytes that were judged, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from paceline.engine import Suggestion
from paceline.errors import UnusableRequest


def write_suggestion(suggestion: Suggestion, file: Path) -> None:
    """Replace the file's content by the suggestion's, in one step: a reader sees the old file or the new one.

    Permissions stay, a symbolic link stays a link. Raises UnusableRequest when the file is no longer what was
    judged, or cannot be written.
    """
    line = suggestion.target.start_line
    real = file.resolve()
    try:
        now = real.read_bytes()
    except OSError as error:
        raise UnusableRequest(
            f"{file}:{line}: not written, the file cannot be read any more: {error.strerror}"
        ) from error
    if now != suggestion.target.module:
        raise UnusableRequest(
            f"{file}:{line}: not written, the file changed while {suggestion.target.name} was being judged;"
            " run again"
        )
    try:
        # To put another file in its place needs no right to write to it; who took that away meant it.
        if not real.stat().st_mode & 0o222 or not os.access(real, os.W_OK):
            raise PermissionError(errno.EACCES, "it is read-only")
        _replace(real, suggestion.patched)
    except OSError as error:
        raise UnusableRequest(
            f"{file}:{line}: not written: {error.strerror}; check the file's permissions"
        ) from error


def _replace(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(file, name)
        Path(name).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
