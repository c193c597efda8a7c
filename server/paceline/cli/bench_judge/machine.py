"""What the figures were measured on, in words."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import paceline
from paceline.judge.sandbox import Isolation


def described(isolation: Isolation) -> Mapping[str, str]:
    """Return what a reader needs to know of this machine, as it is now."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()} ({sys.executable})",
        "isolation": isolation.value,
        "load at start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "paceline": paceline.__version__,
        "started": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def open_descriptors() -> int:
    """Return how many descriptors this process holds, 0 where that cannot be seen."""
    with suppress(OSError):
        return len(list(Path("/proc/self/fd").iterdir()))
    return 0


def resident_mib() -> float:
    """Return this process's resident memory in MiB, 0 where that cannot be seen."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
