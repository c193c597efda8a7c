"""An editing session, for its memory: types, asks, saves, closes, opens, has jobs run, for minutes on end."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from paceline.cli.bench_latency.editor import Editor
from paceline.cli.bench_latency.findings import Tell
from paceline.cli.bench_latency.modules import module_of
from paceline.cli.bench_latency.scenes import Sitting, jobs_running, told

_SAMPLE_S = 2.0
_LINES = (1_000, 10_000)
_JOBS_LINES = 1_000
_KEYS_A_TURN = 60


async def edit_for(
    minutes: float, editor: Editor, root: Path, slow: str, *, on_sample: list[tuple[float, float]], tell: Tell
) -> str:
    """Edit for so many minutes; add samples of (seconds, MiB). Returns what became of the jobs."""
    began = time.monotonic()
    sittings = [_sitting(editor, root, f"session_{lines}.py", lines, slow) for lines in _LINES]
    beside = _sitting(editor, root, "jobs.py", _JOBS_LINES, slow)
    for sitting in (*sittings, beside):
        await sitting.open()
    watching = asyncio.create_task(_watch(editor.pid, began, on_sample))
    try:
        async with jobs_running(beside) as ended:
            turn = 0
            while (spent := time.monotonic() - began) < minutes * 60:
                tell(
                    f"{spent / 60:.1f} of {minutes:g} minutes, {on_sample[-1][1] if on_sample else 0:.0f} MiB"
                )
                sitting = sittings[turn % len(sittings)]
                await sitting.type(_KEYS_A_TURN)
                await sitting.ask(10, first=turn * 10)
                await sitting.save(1)
                sitting.put_back()
                turn += 1
                if turn % 10 == 0:
                    editor.notify("textDocument/didClose", {"textDocument": {"uri": sitting.uri}})
                    again = replace(sitting, version=1, typed=0)
                    sittings[sittings.index(sitting)] = again
                    await again.open()
            return told(ended)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process and of those of Paceline's own below it, 0 where unseen.

    The judge's workers come and go with a candidate and are none of it.
    """
    pages = 0
    for one in (pid, *_children(pid)):
        with suppress(OSError, IndexError):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _children(pid: int) -> list[int]:
    """Return the processes that the server keeps for itself: interpreters that run a module of Paceline."""
    with suppress(OSError):
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(one) for one in below if b"paceline.lsp" in Path(f"/proc/{one}/cmdline").read_bytes()]
    return []


def _sitting(editor: Editor, root: Path, name: str, lines: int, slow: str) -> Sitting:
    file = root / name
    text = module_of(lines, slow)
    file.write_text(text, encoding="utf-8")
    return Sitting(editor, file.as_uri(), text)


async def _watch(pid: int, began: float, samples: list[tuple[float, float]]) -> None:
    while True:
        samples.append((time.monotonic() - began, resident_mib(pid)))
        await asyncio.sleep(_SAMPLE_S)
