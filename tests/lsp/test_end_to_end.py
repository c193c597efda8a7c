"""The real server over the real engine and judge: nothing is left of a run whose server is killed."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from tests.lsp.client import Client
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


def _is_told(client: Client, start: str) -> bool:
    return any(
        (params["value"].get("message") or "").startswith(start) for params in client.sent("$/progress")
    )


def is_kept(pid: int) -> bool:
    """Whether a process is the one that the server keeps for its runs."""
    return b"paceline.lsp.apart" in Path(f"/proc/{pid}/cmdline").read_bytes()


def descendants(pid: int) -> list[int]:
    """Return the processes below a process, as they are now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
