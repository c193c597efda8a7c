"""What the target writes, caught: standard output and error, logging and warnings."""

from __future__ import annotations

import io
import os
import sys
import warnings
from typing import Any, Dict, List

_MOST = 200_000


class Output:
    """Stands in for the process's output streams from before the target is loaded until the end."""

    def __init__(self) -> None:
        self.out = _Stream()
        self.err = _Stream()
        self.log: List[List[Any]] = []
        self.warned: List[List[str]] = []
        self._logging = False
        self._raw = _raw_output()
        sys.stdout = self.out
        sys.stderr = self.err

    def listen(self, source: bytes) -> None:
        """Record logging at every level and every warning from now on. ``source`` is the target's module."""
        warnings.simplefilter("always")
        warnings.showwarning = self._on_warning  # type: ignore[assignment]
        if "logging" in sys.modules or b"logging" in source:
            self._listen_to_logging()

    def restart(self) -> None:
        """Forget what was written so far, and put the streams back in place."""
        sys.stdout = self.out
        sys.stderr = self.err
        self.out.empty()
        self.err.empty()
        self.log.clear()
        self.warned.clear()
        if self._raw >= 0:
            os.ftruncate(self._raw, 0)
            os.lseek(self._raw, 0, os.SEEK_SET)

    def written(self) -> Dict[str, Any]:
        """Return what was written since ``restart``; nothing written gives an empty record."""
        found: Dict[str, Any] = {}
        for name, stream in (("stdout", self.out), ("stderr", self.err)):
            data = stream.content()
            if data:
                found[name] = data[:_MOST].decode("utf-8", "backslashreplace")
        if self._raw >= 0:
            raw = os.pread(self._raw, _MOST, 0)
            if raw:
                found["descriptor 1"] = raw.decode("utf-8", "backslashreplace")
        if self.log:
            found["logging"] = [list(record) for record in self.log]
        if self.warned:
            found["warnings"] = [list(record) for record in self.warned]
        return found

    def lengths(self) -> Dict[str, int]:
        """Return how much was written since ``restart``, by where; nothing where nothing was."""
        found = {"stdout": len(self.out.content()), "stderr": len(self.err.content())}
        found.update({"logging": len(self.log), "warnings": len(self.warned)})
        if self._raw >= 0:
            found["descriptor 1"] = os.fstat(self._raw).st_size
        return {name: length for name, length in found.items() if length}

    def _on_warning(self, message: Any, category: Any, filename: Any, lineno: Any, *rest: Any) -> None:
        # Neither file nor line: a rewrite may move its lines.
        self.warned.append([category.__name__, str(message)])

    def _listen_to_logging(self) -> None:
        import logging

        output = self

        class Recorder(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                output.log.append([record.name, record.levelname, record.getMessage()])

        logging.lastResort = None
        logging.root.handlers[:] = [Recorder()]
        logging.root.setLevel(1)


class _Stream(io.TextIOWrapper):
    """A text stream into memory."""

    def __init__(self) -> None:
        self._memory = io.BytesIO()
        super().__init__(self._memory, encoding="utf-8", errors="backslashreplace", newline="\n")

    def content(self) -> bytes:
        """Return what was written."""
        self.flush()
        return self._memory.getvalue()

    def empty(self) -> None:
        """Forget what was written."""
        self.flush()
        self._memory.seek(0)
        self._memory.truncate()


def _raw_output() -> int:
    """Point descriptor 1 at memory, so that what is written past ``sys.stdout`` is seen too."""
    if not hasattr(os, "memfd_create"):
        return -1
    try:
        memory = os.memfd_create("out", os.MFD_CLOEXEC)
        os.dup2(memory, 1)
    except OSError:
        return -1
    return memory
