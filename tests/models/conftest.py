"""Two engines of a real vLLM on the processor, started once by ``paceline team up``, each with a tiny model.

Everything here is the product: the settings, the command line, the keepers, the engines and the loop. Only
the models are none (``tiny_model.py``): they know some answers by heart and read no prompt.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from paceline.team.engines.asking import Load, load_in

SOURCE = '''\
"""Finds what stands twice."""


def repeated(items: list[str]) -> list[str]:
    """Return those that stand more than once, in their order."""
    return [item for item in items if items.count(item) > 1]


repeated(["a", "b", "a", "c", "b"])
'''

HEADER = "def repeated(items: list[str]) -> list[str]:\n"
COUNTED = (
    "Change: count once\n```python\nfrom collections import Counter\n\n\n"
    f"{HEADER}    counts = Counter(items)\n    return [item for item in items if counts[item] > 1]\n```\n"
)
SETS = (
    f"Change: keep sets of what was seen\n```python\n{HEADER}    once, twice = set(), set()\n"
    "    for item in items:\n        (twice if item in once else once).add(item)\n"
    "    return [item for item in items if item in twice]\n```\n"
)
WRONG = (
    f"Change: look for three\n```python\n{HEADER}    return [i for i in items if items.count(i) > 2]\n```\n"
)
BROKEN = f"Change: use a helper\n```python\n{HEADER}    return no_such_helper(items)\n```\n"

ANSWERS = {"counter": (COUNTED, WRONG), "rambler": (SETS, BROKEN)}
"""What each model knows by heart. The rambler goes on after its answer until it is cut off."""

CONTEXT = 16384
READY_S = 900


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Team:
    """The workspace, and the engines that its settings name."""

    root: Path
    ports: dict[str, int]

    def paceline(self, *arguments: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "paceline", *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=READY_S,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def base_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}/v1"

    def load(self, name: str) -> Load:
        """What the engine says of its work."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}/metrics", timeout=30) as reply:
            load = load_in(reply.read().decode())
        assert load is not None
        return load


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The team, as a person sets it up; not started yet."""
    root = tmp_path_factory.mktemp("workspace")
    home = tmp_path_factory.mktemp("home")
    ports = {name: _free_port() for name in ANSWERS}
    (root / "stock.py").write_text(SOURCE)
    making = [_make(name, seed, root) for seed, name in enumerate(ANSWERS)]
    assert [process.wait(300) for process in making] == [0, 0]
    (root / "pyproject.toml").write_text(_settings(root, ports))
    # Restored by hand: a fixture of a session cannot use monkeypatch.
    before = dict(os.environ)
    os.environ.update(
        PACELINE_HOME=str(home),
        VLLM_CPU_KVCACHE_SPACE="1",
        # An engine is three processes; forked, they import torch once and not three times.
        VLLM_WORKER_MULTIPROC_METHOD="fork",
    )
    team = Team(root, ports)
    try:
        assert team.paceline("trust", str(root)).status == 0
        yield team
        team.paceline("team", "down")
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def engines(team: Team) -> Team:
    """The team, up."""
    ran = team.paceline("team", "up", "--json")
    assert ran.status == 0, ran.err + _logs()
    return team


def until(holds: Callable[[], Any], *, within_s: float = 300.0, why: str = "") -> Any:
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + within_s
    while not (value := holds()):
        assert time.monotonic() < deadline, why or "it did not come about"
        time.sleep(0.1)
    return value


def processes_of(folder: Path) -> dict[int, str]:
    """Everything that stands in an engine's folder, by number, with its name."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "cwd").readlink() == folder.resolve():
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue
    return found


def _make(name: str, seed: int, root: Path) -> subprocess.Popen[bytes]:
    (root / f"{name}.json").write_text(json.dumps(ANSWERS[name]))
    rambles = ["--rambles"] if name == "rambler" else []
    script = Path(__file__).with_name("tiny_model.py")
    return subprocess.Popen(
        [sys.executable, str(script), str(root / name), str(root / f"{name}.json"), str(seed), *rambles]
    )


def _settings(root: Path, ports: dict[str, int]) -> str:
    tables = [
        "[tool.paceline]\nrounds = 4\nbudget_s = 600\n\n[tool.paceline.team]\n"
        'strategy = "lessonl"\nrecipes = false\n'
    ]
    for name, port in ports.items():
        tables.append(
            f'[[tool.paceline.team.members]]\nname = "{name}"\nbase_url = "http://127.0.0.1:{port}/v1"\n'
            f'model = "{name}"\ntemperature = 1.0\nmax_tokens = 256\n'
            "first_token_timeout = 600\ntimeout = 600\n"
        )
        tables.append(
            f'[[tool.paceline.team.engines]]\nbase_url = "http://127.0.0.1:{port}/v1"\n'
            f'model = "{root / name}"\n'
            f'arguments = ["--dtype", "float32", "--max-model-len", "{CONTEXT}", "--enforce-eager"]\n'
        )
    return "\n".join(tables)


def _logs() -> str:
    """The ends of the engines' logs, for who reads why the tests failed."""
    logs = Path(os.environ["PACELINE_HOME"]).glob("engines/*/engine.log")
    return "\n".join(f"{log}:\n{log.read_text()[-3000:]}" for log in logs)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
