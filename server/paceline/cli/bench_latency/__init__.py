"""``paceline bench latency``: how long an editor waits for the language server, measured through the wire.

A client over standard input and output works on files of several lengths: asks for code actions while nothing
else goes on, while a person types 20 keys a second, and while optimization jobs run beside that; saves, and
waits for the hints; and edits for minutes, for the server's memory. Each time includes the client's. An empty
pygls server is measured beside ours, turn by turn.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from paceline.cli.bench_judge.machine import described
from paceline.cli.bench_latency.editor import Editor
from paceline.cli.bench_latency.findings import BESIDE_JOBS, IDLE, SAVING, TYPING, Findings
from paceline.cli.bench_latency.modules import module_of
from paceline.cli.bench_latency.page import page, report
from paceline.cli.bench_latency.scenes import Sitting, jobs_running, told
from paceline.cli.bench_latency.session import edit_for
from paceline.cli.consoles import show
from paceline.cli.exits import INTERRUPTED, RAN, Terminated
from paceline.cli.interruptible import run_interruptibly
from paceline.judge.sandbox import require_isolation

__all__ = ["run"]

OURS = (sys.executable, "-m", "paceline", "serve", "--stdio")
EMPTY = (sys.executable, str(files(__package__) / "empty_server.txt"))
"""A pygls server that answers every request for code actions with nothing."""

_BLOCK = 20
_TRUSTED = {"isTrusted": True}


def run(
    *, lines: Sequence[int], keys: int, saves: int, starts: int, session_minutes: float, as_json: bool = False
) -> int:
    """Measure, print the page (or one JSON object), return the exit status.

    Raises IsolationUnavailable: jobs need a sandbox. Raises ServerGone where the server ends or hangs.
    """
    found = Findings(machine=described(require_isolation(allow_unsandboxed=False)))
    started = time.monotonic()
    try:
        run_interruptibly(
            _measure(found, lines=lines, keys=keys, saves=saves, starts=starts, minutes=session_minutes)
        )
    except (KeyboardInterrupt, Terminated):
        found.interrupted = True
    found.elapsed_s = time.monotonic() - started
    if as_json:
        print(json.dumps(report(found)))
    else:
        show(page(found))
    return INTERRUPTED if found.interrupted else RAN


async def _measure(
    found: Findings, *, lines: Sequence[int], keys: int, saves: int, starts: int, minutes: float
) -> None:
    slow = (files(__package__) / "slow.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        for n in range(starts):
            _tell(f"start {n + 1} of {starts}")
            root = _project(place, "start")
            found.starts.append(await _started(OURS, root, home))
            found.empty_starts.append(await _started(EMPTY, root, home))
        for length in lines:
            await _scenes(found, _project(place, f"big-{length}"), home, length, slow, keys, saves)
        if minutes:
            root = _project(place, "session")
            async with await Editor.start(OURS, home=home) as editor:
                await editor.initialize(root, options=_TRUSTED)
                await edit_for(minutes, editor, root, slow, on_sample=found.memory, tell=_tell)


async def _started(command: Sequence[str], root: Path, home: Path) -> float:
    before = time.perf_counter()
    async with await Editor.start(command, home=home) as editor:
        await editor.initialize(root)
        return time.perf_counter() - before


async def _scenes(
    found: Findings, root: Path, home: Path, lines: int, slow: str, keys: int, saves: int
) -> None:
    text = module_of(lines, slow)
    uri = _written(root, "big.py", text)
    async with await Editor.start(OURS, home=home) as editor, await Editor.start(EMPTY, home=home) as empty:
        await editor.initialize(root, options=_TRUSTED)
        await empty.initialize(root)
        ours, other = Sitting(editor, uri, text), Sitting(empty, uri, text)
        _tell(f"{lines:,} lines: opening")
        found.opened[lines] = await ours.open()
        empty.open(other.uri, text)
        _tell(f"{lines:,} lines: idle")
        await _in_turns(found, lines, IDLE, ours, other, keys)
        _tell(f"{lines:,} lines: typing")
        await _in_turns(found, lines, TYPING, ours, other, keys)
        for sitting in (ours, other):
            sitting.put_back()
        _tell(f"{lines:,} lines: typing beside jobs")
        beside = Sitting(editor, _written(root, "jobs.py", text), text)
        await beside.open()
        async with jobs_running(beside) as ended:
            await _in_turns(found, lines, BESIDE_JOBS, ours, other, keys)
            found.jobs[lines] = told(ended)
        ours.put_back()
        _tell(f"{lines:,} lines: saving")
        found.times[lines, SAVING] = await ours.save(saves)


async def _in_turns(
    found: Findings, lines: int, scene: str, ours: Sitting, other: Sitting, keys: int
) -> None:
    """Have one scene with both servers, turn by turn, so that what else goes on on the machine meets both."""
    mine = found.times.setdefault((lines, scene), [])
    its = found.empty_times.setdefault((lines, scene), [])
    for done in range(0, keys, _BLOCK):
        count = min(_BLOCK, keys - done)
        for sitting, times in ((ours, mine), (other, its)):
            times += await (sitting.ask(count, first=done) if scene == IDLE else sitting.type(count))
    found.waits[lines, scene] = ours.waits[-len(mine) :]


def _written(root: Path, name: str, text: str) -> str:
    (root / name).write_text(text, encoding="utf-8")
    return (root / name).as_uri()


def _project(place: str, name: str) -> Path:
    root = Path(place) / name
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1"\n', encoding="utf-8")
    return root


def _tell(words: str) -> None:
    """Say on stderr what is being measured: one line that is written over, nothing where no one looks."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{words}"[:100])
        sys.stderr.flush()
