"""The names of the isolations."""

from __future__ import annotations

from enum import StrEnum


class Isolation(StrEnum):
    """How a worker is kept apart from the machine, strongest first."""

    BUBBLEWRAP = "bubblewrap"
    """Its own mounts, processes, network and host name. Linux with bubblewrap 0.7 or newer."""
    LANDLOCK = "landlock"
    """Path rules of the kernel and a system call filter. Linux 5.13 or newer."""
    LIMITS = "limits"
    """Resource limits, and killing by group; on Linux the call filter as well. All that macOS has. The worker
    may open whatever the user may."""
