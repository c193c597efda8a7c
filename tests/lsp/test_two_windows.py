"""Two real servers on one workspace: each candidate is judged by one of them, both offer what was proven."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from paceline.engine.engine import runs_folder
from paceline.engine.records import events_of, runs_in
from tests.lsp.client import Client
from tests.lsp.conftest import REPOSITORY, Connect
from tests.lsp.test_end_to_end import descendants
from tests.lsp.test_jobs import has_ended, optimize

REAL = (sys.executable, "-m", "paceline", "serve", "--stdio")
RUN_S = 120

pytestmark = pytest.mark.slow


async def asked(client: Client, module: Path, text: str) -> asyncio.Future[Any]:
    uri = client.open(module, text)
    place = {"line": text[: text.index("def unique_emails")].count("\n"), "character": 4}
    _, answer = client.begin("paceline/optimize", optimize(uri, place, workDoneToken="t"))
    return answer


@pytest.fixture
def module(project: Path) -> Path:
    module = project / "customers.py"
    shutil.copy(REPOSITORY / "examples" / "shop" / "customers.py", module)
    return module


@pytest.fixture
def text(module: Path) -> str:
    return module.read_text()


def judged_in(root: Path) -> list[dict[str, tuple[float | None, str]]]:
    """Return what each run said of each candidate: the speedup, to the last digit, and the outcome."""
    folder = runs_folder(root)
    return [
        {
            event["candidate"]: (event["speedup"], event["outcome"])
            for event in events_of(folder, run.id)
            if event["event"] == "judged"
        }
        for run in runs_in(folder)
    ]


async def test_two_windows_judge_a_candidate_once(
    connect: Connect, project: Path, module: Path, text: str
) -> None:
    clients = [await connect(editor, root=project, command=REAL) for editor in ("vscode", "helix")]
    answers = await asyncio.wait_for(
        asyncio.gather(*[await asked(client, module, text) for client in clients]), RUN_S
    )
    assert [answer["status"] for answer in answers] == ["faster", "faster"]
    one, other = judged_in(project)
    both = one.keys() & other.keys()
    assert both, json.dumps([one, other])
    # A second measurement would never agree to the last digit.
    assert {key: one[key] for key in both} == {key: other[key] for key in both}
    best = [answer["suggestions"][0]["speedup"] for answer in answers]
    assert best[0] == best[1]


async def test_a_window_that_is_killed_leaves_its_candidate_to_the_other(
    connect: Connect, project: Path, module: Path, text: str
) -> None:
    first = await connect("vscode", root=project, command=REAL)
    lost = await asked(first, module, text)
    lost.add_done_callback(lambda future: future.cancelled() or future.exception())
    await first.until(lambda: _told(first, "timing:"))
    workers = descendants(first.process.pid)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)  # So that it does not finish before the other has come to wait.
    second = await connect("vscode", root=project, command=REAL)
    answer = await asked(second, module, text)
    await second.until(lambda: _told(second, "judged in another window:"))
    first.process.kill()
    for pid in workers:
        os.kill(pid, signal.SIGCONT)
    assert (await asyncio.wait_for(answer, RUN_S))["status"] == "faster"
    assert [pid for pid in workers if not await has_ended(pid)] == []


def _told(client: Client, start: str) -> bool:
    return any(
        (params["value"].get("message") or "").startswith(start) for params in client.sent("$/progress")
    )
