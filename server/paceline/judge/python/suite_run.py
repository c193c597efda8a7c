"""A run of some of the workspace's tests in the sandbox, seen from the controller.

Used twice: to record what the tests call the target with, and to see whether they still pass with a candidate
in the target's place. What comes back was sent from a process in which the workspace's code, and perhaps a
candidate, has run: it is checked field by field and bounded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from paceline.judge.python.client import Setting, Worker, WorkerEnded, WorkerTimedOut

_MOST_MESSAGES = 20_000
_MOST_CALLS = 2_000
_LONGEST_WHY = 4_000
_LONGEST_ID = 1_000
_OUTCOMES = ("passed", "failed", "skipped")
RUNNERS = ("pytest", "unittest", "doctest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The tests that may reach the target, and what runs them."""

    files: tuple[Path, ...] = ()
    """Test files."""
    texts: tuple[Path, ...] = ()
    """Text files whose examples name the target."""
    documented: bool = False
    """Whether docstrings of the target's own module hold examples."""
    folders: tuple[Path, ...] = ()
    """Where imports of the target's module may start from."""
    by: str = ""
    """``pytest`` or ``unittest``; empty while it is not known."""
    plugins: bool = False
    """Whether pytest needs the environment's plugins for them."""

    def __bool__(self) -> bool:
        return bool(self.files or self.texts or self.documented)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSeen:
    """One test that ran."""

    __test__ = False  # pytest, look elsewhere.

    by: str
    """``pytest``, ``unittest`` or ``doctest``."""
    id: str
    outcome: str
    """``passed``, ``failed`` or ``skipped``."""
    seconds: float
    reached: bool
    """Whether the target was called while it ran. Known only where calls were recorded."""
    why: str = ""
    """The failure, as it was printed."""


@dataclass(slots=True, kw_only=True)
class Ran:
    """What has come of a run so far."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tests: list[TestSeen] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Why files could not be collected."""
    end: Mapping[str, Any] | None = None
    """What the process said last. None when it did not come to its end."""
    ended: WorkerEnded | WorkerTimedOut | None = None
    late: bool = False
    """Whether it was cut short by its time limit."""

    def by_id(self) -> dict[tuple[str, str], TestSeen]:
        """Return the tests by runner and id; a test that ran twice counts as what it was last."""
        return {(test.by, test.id): test for test in self.tests}

    def patched(self) -> frozenset[str]:
        """Return what of the test runners themselves was replaced meanwhile."""
        names = (self.end or {}).get("patched")
        return frozenset(map(str, names)) if isinstance(names, list) else frozenset()


async def start_suite(setting: Setting, suite: Suite) -> Worker:
    """Start a process that will run the suite and have it load pytest, but nothing of the workspace yet."""
    worker = await Worker.open(setting, "tests", script="run_tests.py")
    try:
        await worker.begin("ready", {"suite": _as_json(setting, suite)})
    except BaseException:
        await worker.close()
        raise
    return worker


async def run_suite(
    worker: Worker,
    *,
    limit_s: float,
    record: bool = False,
    only: Sequence[TestSeen] | None = None,
    source: bytes | None = None,
) -> Ran:
    """Run the suite a worker was started with, and close the worker. Never raises for what happens in it.

    ``only`` names the tests to run, ``source`` stands in the place of the target's module. What was seen
    until the time limit is returned.
    """
    ran = Ran()
    wanted = None
    if only is not None:
        wanted = {by: [test.id for test in only if test.by == by] for by in RUNNERS}
    deadline = time.monotonic() + limit_s
    try:
        await worker.answer(limit_s=limit_s)
        attached = [source] if source is not None else []
        await worker.tell("run", {"record": record, "only": wanted}, attached)
        for _ in range(_MOST_MESSAGES):
            answer = await worker.answer(limit_s=max(0.0, deadline - time.monotonic()))
            _take(ran, answer.head, most_calls=_MOST_CALLS if record else 0)
            if ran.end is not None:
                break
        else:
            ran.ended = WorkerEnded("it sent far too many messages", "", broke_protocol=True)
    except WorkerTimedOut as error:
        ran.ended, ran.late = error, True
    except WorkerEnded as error:
        ran.ended = error
    finally:
        await worker.close()
    return ran


def narrowed(suite: Suite, root: Path, tests: Sequence[TestSeen]) -> Suite:
    """Return the part of a suite that holds the given tests."""
    by_pytest = {test.id.partition("::")[0] for test in tests if test.by == "pytest"}
    files = suite.files
    if suite.by == "pytest":
        files = tuple(file for file in files if Path(os.path.relpath(file, root)).as_posix() in by_pytest)
    examples = {test.id for test in tests if test.by == "doctest"}
    texts = tuple(text for text in suite.texts if os.path.relpath(text, root) in examples)
    others = examples - {os.path.relpath(text, root) for text in texts}
    return replace(suite, files=files, texts=texts, documented=bool(others))


def test_from_json(record: Any) -> TestSeen | None:
    """Return a test as it was told, None for anything else."""
    if not isinstance(record, dict):
        return None
    by, test, outcome, seconds = (record.get(key) for key in ("by", "id", "outcome", "seconds"))
    if by not in RUNNERS or outcome not in _OUTCOMES or not isinstance(test, str) or len(test) > _LONGEST_ID:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e6:
        return None
    why = record.get("why")
    return TestSeen(
        by=by,
        id=test,
        outcome=outcome,
        seconds=float(seconds),
        reached=record.get("reached") is True,
        why=why[:_LONGEST_WHY] if isinstance(why, str) else "",
    )


def is_call(call: Any) -> bool:
    """Return whether a value has the form of a recorded call."""
    return (
        isinstance(call, dict) and isinstance(call.get("args"), list) and isinstance(call.get("kwargs"), list)
    )


def _take(ran: Ran, message: Mapping[str, Any], *, most_calls: int) -> None:
    if is_call(message.get("call")):
        if len(ran.calls) < most_calls:
            ran.calls.append(message["call"])
    elif isinstance(message.get("problem"), str):
        ran.problems.append(message["problem"][:_LONGEST_ID])
    elif "again" in message:
        ran.tests.clear()
        ran.missing.clear()
    elif isinstance(message.get("missing"), dict):
        ran.missing.append(str(message["missing"].get("why"))[:_LONGEST_WHY])
    elif isinstance(message.get("end"), dict):
        ran.end = message["end"]
    else:
        test = test_from_json(message.get("test"))
        if test is not None:
            ran.tests.append(test)


def _as_json(setting: Setting, suite: Suite) -> dict[str, Any]:
    return {
        "file": str(setting.file),
        "name": setting.name,
        "root": str(setting.root),
        "tests": [str(file) for file in suite.files],
        "texts": [str(text) for text in suite.texts],
        "documented": suite.documented,
        "folders": [str(folder) for folder in suite.folders],
        "by": suite.by,
        "plugins": suite.plugins,
    }
