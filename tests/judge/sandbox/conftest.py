"""A workspace with a secret beside it, and a way to run a program in each isolation this machine has."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from paceline.judge.sandbox import Grants, Isolation, Limits, SandboxedProcess, launch, python_grants
from paceline.judge.sandbox.probe import _holds

PYTHON = Path(sys.executable)
MIB = 1024 * 1024
LIMITS = Limits(memory_bytes=512 * MIB, cpu_s=20, file_bytes=2 * MIB, processes=12, open_files=64)

HERE = [one for one in (Isolation.BUBBLEWRAP, Isolation.LANDLOCK) if sys.platform == "linux" and _holds(one)]
"""What isolates on this machine."""


@dataclass(frozen=True, slots=True)
class Place:
    """A home folder with a key in it, and a workspace in that home with secrets of its own."""

    home: Path
    key: Path
    root: Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a program."""

    status: int
    said: str
    """On the result channel."""
    printed: str


Start = Callable[..., Awaitable[SandboxedProcess]]
Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    home = tmp_path / "home"
    root = home / "workspace"
    for folder in (home / ".ssh", root / ".git", root / "package"):
        folder.mkdir(parents=True)
    key = home / ".ssh" / "id_x"
    key.write_text("the private key\n")
    (root / "module.py").write_text("answer = 42\n")
    (root / "package" / "inner.py").write_text("inner = 1\n")
    (root / ".env").write_text("TOKEN=the token\n")
    (root / ".git" / "config").write_text("url = https://user:the password@example.org\n")
    monkeypatch.setenv("HOME", str(home))
    return Place(home, key, root)


@pytest.fixture(params=[*HERE, Isolation.LIMITS])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """Every isolation there is here."""
    return Isolation(request.param)


@pytest.fixture(params=HERE)
def confining(request: pytest.FixtureRequest) -> Isolation:
    """Every isolation that also restricts what can be opened."""
    return Isolation(request.param)


@pytest.fixture
def grants(place: Place) -> Grants:
    return replace(python_grants(PYTHON, place.root), writable_scratch_mb=4)


@pytest.fixture
def start(grants: Grants) -> Start:
    """Start Python code; its first two arguments are the result and the request descriptor."""

    async def start(
        code: str, *arguments: object, isolation: Isolation, limits: Limits = LIMITS
    ) -> SandboxedProcess:
        words = [str(PYTHON), "-S", "-c", code, "{result_fd}", "{request_fd}", *map(str, arguments)]
        return await launch(words, grants, limits, isolation=isolation)

    return start


@pytest.fixture
def run(start: Start) -> Run:
    """Run Python code to its end. It has ``arguments``, and ``say(text)``, which writes to the channel."""
    prelude = """
import os, sys
say = lambda text: os.write(int(sys.argv[1]), str(text).encode())
arguments = sys.argv[3:]
"""

    async def run(code: str, *arguments: object, isolation: Isolation, limits: Limits = LIMITS) -> Ran:
        async with await start(prelude + code, *arguments, isolation=isolation, limits=limits) as process:
            said = await process.reader.read()
            status = await process.wait()
        return Ran(status, said.decode(), process.stderr_tail.decode(errors="replace"))

    return run
