"""A data folder of the test's own, fake engines in place of vLLM, and everything ended afterwards."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from paceline.team.engines import EnginePlan, stop_engines
from paceline.team.engines.records import Pace

FAKE = Path(__file__).with_name("fake_engine.py")

QUICK = Pace(
    poll_s=0.05,
    look_s=0.05,
    answer_s=0.5,
    start_s=20.0,
    hung_s=1.5,
    stuck_s=0.6,
    backoff_s=0.05,
    longest_backoff_s=0.2,
    quick_s=30.0,
    quick_deaths=3,
    grace_s=0.3,
)
"""A keeper that does in parts of a second what takes minutes with a real engine."""

MakePlan = Callable[..., EnginePlan]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    monkeypatch.setenv("PACELINE_HOME", str(folder))
    yield folder
    # What the environment says may have been changed by the test, and is put back only after this.
    monkeypatch.setenv("PACELINE_HOME", str(folder))
    stop_engines()


@pytest.fixture
def make_plan(tmp_path: Path) -> MakePlan:
    """Make the plan of a fake engine at a port that is free."""
    model = tmp_path / "model"
    model.mkdir(exist_ok=True)
    (model / "config.json").write_text("{}")

    def make(name: str = "coder", **changed: Any) -> EnginePlan:
        values = {
            "base_url": f"http://127.0.0.1:{free_port()}/v1",
            "model": str(model),
            "served_as": name,
            "members": (name,),
            "command": (sys.executable, str(FAKE)),
        }
        return EnginePlan(**{**values, **changed})

    return make


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], Any], *, within_s: float = 30.0, why: str = "") -> Any:
    """Wait until something holds, and return it. Fails where it does not in time."""
    deadline = time.monotonic() + within_s
    while not (value := holds()):
        assert time.monotonic() < deadline, why or "it did not come about"
        time.sleep(0.02)
    return value


def play(plan: EnginePlan, what: str) -> None:
    """Have a fake engine misbehave."""
    request = urllib.request.Request(f"{plan.address}/play/{what}", data=b"{}", method="POST")
    urllib.request.urlopen(request, timeout=10).close()


def how_started(plan: EnginePlan) -> Any:
    with urllib.request.urlopen(f"{plan.address}/play/how-started", timeout=10) as reply:
        return json.load(reply)


def processes_of(folder: Path) -> set[int]:
    """Everything that stands in an engine's folder: its keeper, its leash and itself."""
    found = set()
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdecimal():
            try:
                stands_here = Path(f"/proc/{name}/cwd").readlink() == folder.resolve()
                state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if stands_here and state not in "ZX":
                found.add(int(name))
    return found
