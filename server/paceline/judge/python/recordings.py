"""Calls recorded from the workspace's own tests: the inputs that are worth most.

The tests that name the target run once, in a sandbox, with the workspace's interpreter and pytest. What they
call the target with is kept on disk as JSON until the target's module, the tests or the interpreter change.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paceline.judge.python.worker import codec
from paceline.judge.sandbox import Isolation, Limits, SandboxedProcess, launch, python_grants
from paceline.syntax.target import Target

_SCHEMA = 1
_WORKER = Path(__file__).parent / "worker"
_SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist", "target", "fixtures"}
)
_MOST_FOLDERS = 2_000
_DEEPEST = 10
_MOST_TESTS = 12
_LARGEST_TEST = 400_000
_LONGEST_LINE = 2**20
_PYTEST_MISSING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the workspace's tests call the target with."""

    calls: tuple[dict[str, Any], ...] = ()
    """Encoded calls, {"args", "kwargs"}, all different. Classes of the target's module are "."."""
    tests: tuple[Path, ...] = ()
    """The test files that were run."""
    notes: tuple[str, ...] = ()
    """What could not be recorded, each as one sentence."""


async def record_calls(
    target: Target,
    *,
    root: Path,
    python: Path,
    isolation: Isolation,
    timeout_s: float,
    cache: Path | None = None,
) -> Recorded:
    """Run the tests that name the target and return the arguments they call it with.

    Takes at most ``timeout_s`` seconds; what was recorded until then is kept. An interpreter without pytest,
    no tests, or tests that fail are notes, never errors. ``cache`` is the folder recordings are kept in.
    """
    tests = await asyncio.to_thread(find_tests, root, target)
    if not tests:
        return Recorded()
    place = _place(cache, target, tests, python) if cache is not None else None
    known = _recall(place) if place is not None else None
    if known is not None:
        return Recorded(calls=known[0], tests=tuple(tests), notes=known[1])
    lines, timed_out = await _run(target, tests, root, python, isolation, timeout_s)
    calls = tuple(_different(line["call"] for line in lines if _is_call(line.get("call"))))
    end = next((line["end"] for line in lines if isinstance(line.get("end"), dict)), None)
    late = f"The tests did not end within {timeout_s:g} s; the calls recorded until then were used."
    notes = (late,) if timed_out else tuple(_notes(lines, end, bool(calls)))
    if place is not None and end is not None:
        _keep(place, calls, notes)
    return Recorded(calls=calls, tests=tuple(tests), notes=notes)


def find_tests(root: Path, target: Target) -> list[Path]:
    """Return the test files below ``root`` that name the target and import its module, nearest first.

    A bounded walk: hidden folders, virtual environments and build results are passed over.
    """
    wanted = _mentions(target)
    found = [path for path in _test_files(root) if path != target.file and wanted(_text(path))]
    found.sort(key=lambda path: (-_shared(path, target.file), len(path.parts), str(path)))
    return found[:_MOST_TESTS]


def _test_files(root: Path) -> Iterator[Path]:
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
            if name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py")):
                yield Path(folder) / name


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_TEST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class _mentions:  # noqa: N801 - reads as a predicate
    """Whether a test's text names the target and an import of it could lead to its module."""

    def __init__(self, target: Target) -> None:
        parts = [part for part in target.name.split(".") if part != "<locals>"]
        stem = target.file.stem
        modules = {stem} if stem != "__init__" else set()
        folder = target.file.parent
        # A package may hand out what its modules define.
        while (folder / "__init__.py").is_file() and len(modules) < 6:
            modules.add(folder.name)
            folder = folder.parent
        self._name = re.compile(rf"\b{re.escape(parts[-1])}\b")
        any_module = "|".join(map(re.escape, sorted(modules or {target.file.parent.name})))
        self._import = re.compile(rf"^\s*(?:from|import)\s[^\n]*?\b(?:{any_module})\b", re.MULTILINE)

    def __call__(self, text: str) -> bool:
        return bool(self._name.search(text) and self._import.search(text))


def _shared(path: Path, other: Path) -> int:
    return len(Path(os.path.commonpath([path.parent, other.parent])).parts)


async def _run(
    target: Target, tests: Sequence[Path], root: Path, python: Path, isolation: Isolation, timeout_s: float
) -> tuple[list[dict[str, Any]], bool]:
    """Return the recorder's lines, and whether it was cut short."""
    specification = {
        "file": str(target.file),
        "name": target.name,
        "folders": [str(folder) for folder in _import_folders(root, target.file)],
        "tests": [str(test) for test in tests],
    }
    argv = [str(python), "-s", "-B", str(_WORKER / "recorder.py"), "{result_fd}", json.dumps(specification)]
    grants = python_grants(python, root, [_WORKER])
    limits = Limits(cpu_s=max(1, round(2 * timeout_s)))
    lines: list[dict[str, Any]] = []
    async with await launch(argv, grants, limits, isolation=isolation) as process:
        try:
            async with asyncio.timeout(timeout_s):
                await _read(process, lines)
        except TimeoutError:
            return lines, True
    return lines, False


async def _read(process: SandboxedProcess, lines: list[dict[str, Any]]) -> None:
    pending = b""
    while chunk := await process.reader.read(65_536):
        pending += chunk
        *whole, pending = pending.split(b"\n")
        for line in whole:
            with contextlib.suppress(ValueError, RecursionError):
                record = json.loads(line)
                if isinstance(record, dict):
                    lines.append(record)
        if len(pending) > _LONGEST_LINE or (lines and "end" in lines[-1]):
            return


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


def _is_call(call: Any) -> bool:
    return (
        isinstance(call, dict) and isinstance(call.get("args"), list) and isinstance(call.get("kwargs"), list)
    )


def _notes(lines: Sequence[dict[str, Any]], end: dict[str, Any] | None, has_calls: bool) -> Iterator[str]:
    for line in lines:
        if isinstance(line.get("problem"), str):
            yield f"Not every call of the tests could be recorded: {line['problem']}."
            break
    if end is None:
        yield "The process that ran the tests ended early; the calls recorded until then were used."
    elif end.get("status") == _PYTEST_MISSING:
        yield "The tests were not run: this interpreter has no pytest."
    elif not end.get("found"):
        yield "The tests were run, but did not import the function's module."
    elif not has_calls:
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
        (_WORKER / "codec.py").read_bytes(),
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


def _recall(place: Path) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]] | None:
    try:
        record = json.loads(place.read_bytes())
        calls = tuple(call for call in record["calls"] if _is_call(call))
        return calls, tuple(str(note) for note in record["notes"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _keep(place: Path, calls: Sequence[dict[str, Any]], notes: Sequence[str]) -> None:
    """Write a recording for the next time, where the folder can be written to."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({"calls": list(calls), "notes": list(notes)}, file)
        Path(name).replace(place)
