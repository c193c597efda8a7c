"""How much memory a process took for something, read from outside it (``/proc``, Linux)."""

from __future__ import annotations

from pathlib import Path

_FORGET_THE_PEAK = b"5"
"""To ``/proc/PID/clear_refs``: the peak begins anew at what is resident now (proc_pid_clear_refs(5))."""


class PeakMemory:
    """Watches the resident memory of one process, None for a process that cannot be looked at."""

    def __init__(self, pid: int | None) -> None:
        self._folder = Path(f"/proc/{pid}")
        self._before: int | None = None

    def start(self) -> None:
        """Take the memory that is resident now as what it starts from."""
        try:
            (self._folder / "clear_refs").write_bytes(_FORGET_THE_PEAK)
        except OSError:
            self._before = None
        else:
            self._before = self._read("VmRSS")

    def growth(self) -> int | None:
        """Return the bytes by which it was larger at its peak, None where the kernel does not say."""
        peak = self._read("VmHWM")
        return None if peak is None or self._before is None else max(0, peak - self._before)

    def _read(self, field: str) -> int | None:
        try:
            lines = (self._folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
        words = next((line.split() for line in lines if line.startswith(field + ":")), [])
        return int(words[1]) * 1024 if len(words) > 1 else None
