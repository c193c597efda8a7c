"""The real server over the real engine and judge: nothing is left of a run whose server is killed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client, ResponseError
from tests.lsp.conftest import REPOSITORY, Connect
from tests.lsp.test_jobs import has_ended, optimize

REAL = (sys.executable, "-m", "paceline", "serve", "--stdio")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]


@pytest.mark.parametrize("end", ["killed", "shut down", "cancelled"])
async def test_no_process_is_left_of_a_run(connect: Connect, project: Path, end: str) -> None:
    module = project / "customers.py"
    shutil.copy(REPOSITORY / "examples" / "shop" / "customers.py", module)
    client = await connect(root=project, command=REAL)
    uri = client.open(module, module.read_text())
    position = {
        "line": module.read_text()[: module.read_text().index("def unique_emails")].count("\n"),
        "character": 4,
    }
    number, answer = client.begin("paceline/optimize", optimize(uri, position, workDoneToken="t"))
    answer.add_done_callback(lambda future: future.cancelled() or future.exception())
    await client.until(lambda: _is_told(client, "timing:"))
    below = descendants(client.process.pid)
    # The process that runs go on in is kept for the next one, unless the server ends.
    workers = below if end != "cancelled" else [pid for pid in below if not is_kept(pid)]
    assert workers, "a judge at work has processes"
    if end == "killed":
        client.process.kill()
        await client.process.wait()
    elif end == "shut down":
        assert await client.shut_down() == 0
    else:
        client.notify("$/cancelRequest", {"id": number})
        await asyncio.wait({answer}, timeout=10)
    assert [pid for pid in workers if not await has_ended(pid)] == []


async def test_a_change_is_judged_in_the_process_of_the_runs(connect: Connect, project: Path) -> None:
    module = project / "customers.py"
    before = (REPOSITORY / "examples" / "shop" / "customers.py").read_text()
    start, end = before.index("    seen = []"), before.index("    return seen\n")
    after = f"{before[:start]}    seen = dict.fromkeys(each.strip().lower() for each in addresses)\n" + (
        before[end:].replace("return seen", "return list(seen)", 1)
    )
    module.write_text(after)
    client = await connect(root=project, command=REAL)
    uri = client.open(module, after)
    place = {"line": after[:start].count("\n"), "character": 4}
    params = {"textDocument": {"uri": uri}, "position": place, "before": before}

    async def judging(token: str) -> tuple[int, asyncio.Future[Any], int, list[int]]:
        number, answer = client.begin("paceline/teach", {**params, "workDoneToken": token})
        await client.until(lambda: _is_told(client, "timing", token))
        [kept] = children()[client.process.pid]
        assert is_kept(kept), "the server itself has no process that judges"
        workers = descendants(kept)
        assert workers, "a judge at work has processes"
        return number, answer, kept, workers

    number, answer, kept, workers = await judging("to be cancelled")
    client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(ResponseError, match="-32800"):
        await answer
    assert [pid for pid in workers if not await has_ended(pid)] == []
    _, answer, still_kept, workers = await judging("to be lost")
    assert still_kept == kept, "a cancelled judging costs no process but its own"
    os.kill(kept, signal.SIGKILL)
    with pytest.raises(ResponseError, match=r"-32803: the process of the runs ended .*; ask again"):
        await answer
    assert [pid for pid in workers if not await has_ended(pid)] == []
    taught = await client.request("paceline/teach", params)
    assert taught["outcome"] == "faster"
    [lesson] = (await client.request("paceline/lessons", {}))["lessons"]
    assert lesson["id"] == taught["lesson"]


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="needs two processors"
)
async def test_a_run_leaves_a_processor_to_whoever_types(connect: Connect, project: Path) -> None:
    module = project / "customers.py"
    shutil.copy(REPOSITORY / "examples" / "shop" / "customers.py", module)
    text = module.read_text()
    client = await connect(root=project, command=REAL)
    uri = client.open(module, text)
    other = client.open(project / "other.py", "")
    position = {"line": text[: text.index("def unique_emails")].count("\n"), "character": 4}
    _, answer = client.begin("paceline/optimize", optimize(uri, position, workDoneToken="t"))
    await client.until(lambda: _is_told(client, "timing"))
    [kept] = children()[client.process.pid]
    every = os.sched_getaffinity(kept)
    client.change(other, 2, [{"text": "x = 1\n"}])
    for processors in (every - {min(every)}, every):
        async with asyncio.timeout(30):
            while os.sched_getaffinity(kept) != processors:  # noqa: ASYNC110 - the kernel tells nobody
                await asyncio.sleep(0.01)
    assert (await answer)["status"] == "faster"


def _is_told(client: Client, start: str, token: str = "t") -> bool:
    return any(
        params["token"] == token and (params["value"].get("message") or "").startswith(start)
        for params in client.sent("$/progress")
    )


def is_kept(pid: int) -> bool:
    """Whether a process is the one that the server keeps for its runs."""
    return b"paceline.lsp.apart" in Path(f"/proc/{pid}/cmdline").read_bytes()


def descendants(pid: int) -> list[int]:
    """Return the processes below a process, as they are now."""
    known, found, waiting = children(), [], [pid]
    while waiting:
        below = known.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def children() -> dict[int, list[int]]:
    """Return the children of every process that has some, as they are now."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    return found
