"""Calls recorded from the workspace's own tests: the inputs that are worth most.

The tests that name the target run once, in a sandbox, with the workspace's interpreter: with pytest, or with
unittest where there is none, and with doctest. What they call the target with, and which of them reach it, is
kept on disk as JSON until the target's module, the tests or the interpreter change.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from paceline.judge.python.client import Setting, environment
from paceline.judge.python.suite_run import (
    Ran,
    Suite,
    TestSeen,
    is_call,
    run_suite,
    start_suite,
    test_from_json,
)
from paceline.judge.python.worker import codec
from paceline.judge.sandbox import Isolation, Limits, python_grants
from paceline.syntax.target import Target
from paceline.workspace.regular import read_regular

_SCHEMA = 2
_WORKER = Path(__file__).parent / "worker"
_SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist", "target", "fixtures"}
)
_MOST_FOLDERS = 2_000
_DEEPEST = 10
_MOST_TESTS = 12
_MOST_INDIRECT = 4
_MOST_TEXTS = 8
_LARGEST_TEST = 400_000
_DOCUMENTS = frozenset({"doc", "docs"})
_TELLING = frozenset({"codec", "recorder", "run_tests", "with_doctest", "with_pytest", "with_unittest"})
"""Files of the worker on which it depends what is recorded."""
_TEXTS = (".rst", ".md", ".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the workspace's tests call the target with, and which of them reach it."""

    calls: tuple[dict[str, Any], ...] = ()
    """Encoded calls, {"args", "kwargs"}, all different. Classes of the target's module are "."."""
    tests: tuple[Path, ...] = ()
    """The test files that were run."""
    notes: tuple[str, ...] = ()
    """What could not be recorded, each as one sentence."""
    suite: Suite = field(default_factory=Suite)
    """How the tests ran."""
    reaching: tuple[TestSeen, ...] = ()
    """The tests during which the target was called, with their outcomes, in the order they ran."""


async def record_calls(
    target: Target,
    *,
    root: Path,
    python: Path,
    isolation: Isolation,
    timeout_s: float,
    cache: Path | None = None,
    folder: Path | None = None,
) -> Recorded:
    """Run the tests that name the target and return the arguments they call it with.

    Takes at most ``timeout_s`` seconds; what was recorded until then is kept. No tests, or tests that fail,
    are notes, never errors. ``cache`` is the folder recordings are kept in, ``folder`` that of the installed
    worker.
    """
    suite = await asyncio.to_thread(find_suite, root, target)
    if not suite:
        return Recorded()
    tests = (*suite.files, *suite.texts)
    place = _place(cache, target, tests, python) if cache is not None else None
    known = _recall(place) if place is not None else None
    if known is not None:
        return replace(
            known, tests=suite.files, suite=replace(suite, by=known.suite.by, plugins=known.suite.plugins)
        )
    setting = Setting(
        python=python,
        folder=folder or _WORKER,
        grants=python_grants(python, root, [folder or _WORKER], environment=environment()),
        limits=Limits(cpu_s=max(1, round(2 * timeout_s))),
        isolation=isolation,
        file=target.file.absolute(),
        root=Path(os.path.abspath(root)),  # noqa: ASYNC240, PTH100 - nothing is looked up
        name=target.name,
        seed=0,
    )
    worker = await start_suite(setting, suite)
    ran = await run_suite(worker, limit_s=timeout_s, record=True)
    recorded = Recorded(
        calls=tuple(_different(ran.calls)),
        tests=suite.files,
        notes=tuple(_notes(ran, suite, timeout_s)),
        suite=_as_run(suite, ran),
        reaching=tuple(replace(test, why="") for test in ran.by_id().values() if test.reached),
    )
    if place is not None and ran.end is not None:
        _keep(place, recorded)
    return recorded


def find_suite(root: Path, target: Target) -> Suite:
    """Return the tests and the examples below ``root`` that may call the target."""
    root, target = root.absolute(), _placed(target)
    texts = [path for path in _texts(root) if _names_target(target).search(_text(path))]
    shown = [path for path in texts if ">>>" in _text(path)]
    suite = Suite(
        files=tuple(find_tests(root, target)),
        texts=tuple(shown[:_MOST_TEXTS]),
        documented=b">>>" in target.module,
    )
    return replace(suite, folders=tuple(_import_folders(root, target.file))) if suite else suite


def find_tests(root: Path, target: Target) -> list[Path]:
    """Return the test files below ``root`` that name the target and import its module, nearest first.

    Where none names it, a few of those that import its module: a helper is tested through what calls it. A
    bounded walk: hidden folders, virtual environments and build results are passed over. What is returned is
    absolute.
    """
    root, target = root.absolute(), _placed(target)
    mentions = _Mentions(target)
    naming: list[Path] = []
    importing: list[Path] = []
    for path in _test_files(root):
        text = _text(path)
        if path == target.file or not mentions.module(text) or not _holds_tests(path, text):
            continue
        importing.append(path)
        if mentions.target(text):
            naming.append(path)
    found = naming or importing
    found.sort(key=lambda path: (-_shared(path, target.file), len(path.parts), str(path)))
    return found[: _MOST_TESTS if naming else _MOST_INDIRECT]


def _placed(target: Target) -> Target:
    """Return the target with its file's whole path: relative ones have no parents to look for packages in."""
    return replace(target, file=target.file.absolute())


def _test_files(root: Path) -> Iterator[Path]:
    """Yield the files that pytest or unittest would take for tests, and what stands beside them."""
    for folder, name in _files(root):
        if name.endswith(".py") and (_is_named_as_test(name) or "test" in folder.name.lower()):
            yield folder / name


def _texts(root: Path) -> Iterator[Path]:
    for folder, name in _files(root):
        parts = folder.relative_to(root).parts
        if name.endswith(_TEXTS) and (not parts or parts[0] in _DOCUMENTS):
            yield folder / name


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    for visited, (folder, below, files) in enumerate(os.walk(root)):
        if visited >= _MOST_FOLDERS:
            return
        depth = len(Path(folder).relative_to(root).parts)
        below[:] = sorted(
            name
            for name in below
            if not name.startswith(".")
            and name not in _SKIPPED
            and depth < _DEEPEST
            and not (Path(folder) / name / "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            yield Path(folder), name


def _is_named_as_test(name: str) -> bool:
    # unittest looks for test*.py, pytest for test_*.py and *_test.py.
    return name.startswith("test") or name.endswith("_test.py")


def _holds_tests(path: Path, text: str) -> bool:
    return _is_named_as_test(path.name) or "TestCase" in text


def _text(path: Path) -> str:
    try:
        return read_regular(path, most=_LARGEST_TEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _names_target(target: Target) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(target.name.rpartition('.')[2])}\b")


class _Mentions:
    """Whether a test's text names the target, and whether an import of it could lead to its module."""

    def __init__(self, target: Target) -> None:
        stem = target.file.stem
        modules = {stem} if stem != "__init__" else set()
        folder = target.file.parent
        # A package may hand out what its modules define.
        while (folder / "__init__.py").is_file() and len(modules) < 6:
            modules.add(folder.name)
            folder = folder.parent
        self._name = _names_target(target)
        any_module = "|".join(map(re.escape, sorted(modules or {target.file.parent.name})))
        self._import = re.compile(rf"^\s*(?:from|import)\s[^\n]*?\b(?:{any_module})\b", re.MULTILINE)

    def target(self, text: str) -> bool:
        """Whether the text names the target."""
        return bool(self._name.search(text))

    def module(self, text: str) -> bool:
        """Whether the text imports what may be its module."""
        return bool(self._import.search(text))


def _shared(path: Path, other: Path) -> int:
    return len(Path(os.path.commonpath([path.parent, other.parent])).parts)


def _import_folders(root: Path, file: Path) -> list[Path]:
    """Return the folders that imports of the target's module may start from."""
    top = file.parent
    while (top / "__init__.py").is_file():
        top = top.parent
    return [folder for folder in dict.fromkeys((top, root / "src", root)) if folder.is_dir()]


def _different(calls: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Leave out repeats: tests that needed their plugins ran twice."""
    seen: set[str] = set()
    for call in calls:
        written = codec.text([call["args"], call["kwargs"]])
        if written not in seen:
            seen.add(written)
            yield call


def _as_run(suite: Suite, ran: Ran) -> Suite:
    end = ran.end or {}
    by = end.get("by")
    # A run that was cut short has told by its tests what runs them, but not what they need.
    by = by if by in ("pytest", "unittest") else next((t.by for t in ran.tests if t.by != "doctest"), "")
    return replace(suite, by=by, plugins=end.get("plugins", True) is not False)


def _notes(ran: Ran, suite: Suite, timeout_s: float) -> Iterator[str]:
    if ran.late:
        yield f"The tests did not end within {timeout_s:g} s; the calls recorded until then were used."
        return
    if ran.problems:
        yield f"Not every call of the tests could be recorded: {ran.problems[0]}."
    if ran.end is None:
        yield "The process that ran the tests ended early; the calls recorded until then were used."
    elif suite.files and not ran.end.get("by"):
        yield "The tests were not run: this interpreter has no pytest."
    elif not ran.end.get("found"):
        yield "The tests were run, but did not import the function's module."
    elif not ran.calls:
        yield "The tests were run, but did not call the function."


# --- what was recorded before ---


def _place(cache: Path, target: Target, tests: Sequence[Path], python: Path) -> Path:
    digest = hashlib.sha256()
    for part in (
        str(_SCHEMA).encode(),
        target.name.encode(),
        str(target.file).encode(),
        target.module,
        str(python).encode(),
        _stamp(python),
        *(path.read_bytes() for path in sorted(_WORKER.glob("*.py")) if path.stem in _TELLING),
        *(part for test in tests for part in (str(test).encode(), _text(test).encode())),
    ):
        digest.update(len(part).to_bytes(8, "big") + part)
    return cache / "recordings" / f"{digest.hexdigest()[:32]}.json"


def _stamp(python: Path) -> bytes:
    try:
        stat = python.stat()
    except OSError:
        return b""
    return f"{stat.st_size} {stat.st_mtime_ns}".encode()


def _recall(place: Path) -> Recorded | None:
    try:
        record = json.loads(place.read_bytes())
        by = record["by"]
        return Recorded(
            calls=tuple(call for call in record["calls"] if is_call(call)),
            notes=tuple(str(note) for note in record["notes"]),
            suite=Suite(by=by if by in ("pytest", "unittest") else "", plugins=record["plugins"] is True),
            reaching=tuple(test for test in map(test_from_json, record["reaching"]) if test is not None),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _keep(place: Path, recorded: Recorded) -> None:
    """Write a recording for the next time, where the folder can be written to."""
    record = {
        "calls": list(recorded.calls),
        "notes": list(recorded.notes),
        "by": recorded.suite.by,
        "plugins": recorded.suite.plugins,
        "reaching": [asdict(test) for test in recorded.reaching],
    }
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(record, file)
        Path(name).replace(place)
