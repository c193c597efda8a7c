"""Which isolation this machine offers, found out by trying it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from paceline.errors import IsolationUnavailable
from paceline.judge.sandbox.grants import Grants, Limits
from paceline.judge.sandbox.isolation import Isolation
from paceline.judge.sandbox.preparation import prepare

_SYSTEM = tuple(Path(name) for name in ("/usr", "/bin", "/lib", "/lib64", "/nix/store", "/gnu/store"))
_SHUT = 42


@cache
def available_isolation() -> Isolation:
    """The strongest isolation that works here: each is tried with a program that reads what it must not.

    Blocks for 10 to 40 ms, once a process. On macOS the answer is always ``LIMITS``. Raises
    IsolationUnavailable on Windows, where not even limits can be set.
    """
    if sys.platform == "win32":
        raise IsolationUnavailable(
            "Candidates cannot be judged on Windows: Paceline can neither isolate nor limit them there. "
            "Run Paceline inside the Windows Subsystem for Linux."
        )
    if sys.platform != "linux":
        return Isolation.LIMITS
    return next((one for one in (Isolation.BUBBLEWRAP, Isolation.LANDLOCK) if _holds(one)), Isolation.LIMITS)


def require_isolation(allow_unsandboxed: bool, *, root: Path | None = None) -> Isolation:
    """The isolation to judge with. Raises IsolationUnavailable where there is none and nobody waived it."""
    isolation = available_isolation()
    if isolation is not Isolation.LIMITS or allow_unsandboxed:
        return isolation
    missing = (
        "macOS offers Paceline no sandbox"
        if sys.platform == "darwin"
        else "neither bubblewrap nor Landlock works on this machine. Install bubblewrap 0.7 or newer "
        "(package `bubblewrap`) and allow user namespaces, or use a kernel with Landlock (5.13 or newer)"
    )
    raise IsolationUnavailable(
        f"Candidates are untrusted code, and {missing}. To judge without a sandbox, with limits only, "
        f"run: paceline trust --unsandboxed {root or 'DIR'}"
    )


def _holds(isolation: Isolation) -> bool:
    """Whether a program runs under the isolation while a file outside its grants stays shut to it."""
    with tempfile.NamedTemporaryFile(prefix="paceline-probe-") as outside:
        outside.write(b"outside\n")
        outside.flush()
        peek = [
            "/bin/sh",
            "-c",
            f'(read -r word <"$1") 2>/dev/null && exit 1; exit {_SHUT}',
            "sh",
            outside.name,
        ]
        grants = Grants(readable=tuple(filter(Path.exists, _SYSTEM)), environment={}, workdir=Path("/"))
        try:
            with prepare(peek, grants, Limits(), isolation=isolation) as prepared:
                answer = subprocess.run(
                    prepared.argv,
                    pass_fds=prepared.passed,
                    env={},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=10,
                    check=False,
                )
        except (OSError, IsolationUnavailable, subprocess.TimeoutExpired):
            return False
    return answer.returncode == _SHUT
