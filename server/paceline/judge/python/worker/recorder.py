"""Runs a project's tests and writes down the arguments its target is called with.

    python recorder.py RESULT_FD SPECIFICATION [--with-plugins]

The specification is JSON: {"file", "name", "folders", "tests"}. Each line written to RESULT_FD is a JSON
object: {"call": {"args", "kwargs"}} for a call with new arguments, {"problem": text}, and {"end": {...}} at
the end. Lines are written at once, so that what was recorded survives a run that is cut short.

The tests run without the environment's pytest plugins first, whose start can take longer than the tests.
Unless all of them pass that way, they run again with them.

Runs inside the sandbox, with the workspace's interpreter and its pytest. Arguments are encoded *before* the
call: what the target does to them does not show. Nothing is pickled.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import os
import pathlib
import sys
import threading
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

FIRST = 200
"""So many calls are all recorded; after them, one in ``ONE_IN``."""
ONE_IN = 1000
MOST_BYTES = 4_000_000
"""Of all recordings together."""
LARGEST_BYTES = 256_000
"""Of one recording."""


def main() -> None:
    """Record, and leave at once: what tests registered for the exit is not ours to wait for."""
    here = pathlib.Path(__file__).resolve().parent
    sys.path[:] = [folder for folder in sys.path if pathlib.Path(folder or ".").resolve() != here]
    result = os.fdopen(os.dup(int(sys.argv[1])), "w", encoding="ascii")
    os.set_inheritable(result.fileno(), False)
    specification = json.loads(sys.argv[2])

    def write(record: Dict[str, Any]) -> None:
        result.write(json.dumps(record) + "\n")
        result.flush()

    with_plugins = "--with-plugins" in sys.argv
    codec = _load_beside("codec", here)
    recording = Recording(codec, specification["file"], specification["name"], write)
    status = _run_tests(recording, specification["folders"], specification["tests"], with_plugins)
    if status == _SOME_FAILED and not with_plugins:
        os.environ.pop(_NO_PLUGINS, None)
        again = [sys.executable, "-s", "-B", *sys.argv, "--with-plugins"]
        os.execv(sys.executable, again)  # noqa: S606 - this very program
    write({"end": {"status": status, "seen": recording.seen, "found": recording.found}})
    os._exit(0)


_NO_PYTEST = -1
_SOME_FAILED = 1
_NO_PLUGINS = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


def _run_tests(recording: Recording, folders: Sequence[str], tests: Sequence[str], with_plugins: bool) -> int:
    """Return 0 when every test passed."""
    if not with_plugins:
        os.environ[_NO_PLUGINS] = "1"
    try:
        import pytest
    except ImportError:
        return _NO_PYTEST
    for folder in reversed(folders):
        if folder not in sys.path:
            sys.path.append(folder)
    sys.meta_path.insert(0, TargetFinder(recording))
    outcomes = Outcomes()
    # The project's own options may spread tests over processes or demand plugins: none of it is wanted here.
    quiet = ["-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
    status = pytest.main([*quiet, *tests], plugins=[outcomes])
    return _SOME_FAILED if int(status) != 0 or outcomes.skipped else 0


class Outcomes:
    """A pytest plugin that notices skipped tests: they may only lack a plugin."""

    def __init__(self) -> None:
        self.skipped = False

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note the outcome of one phase of one test."""
        self.skipped = self.skipped or bool(report.skipped)


def _load_beside(name: str, folder: pathlib.Path) -> Any:
    """Load a module of the worker under a name that no project has: it may have a ``codec`` of its own."""
    private = f"_paceline_{name}"
    spec = importlib.util.spec_from_file_location(private, folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    spec.loader.exec_module(module)
    return module


class Recording:
    """What has been recorded of one target, and how to wrap it."""

    def __init__(self, codec: Any, file: str, name: str, write: Callable[[Dict[str, Any]], None]) -> None:
        self._codec = codec
        self.file = os.path.realpath(file)
        self._path = name.split(".")
        self._write = write
        self._texts: Set[str] = set()
        self._bytes = 0
        self._problems: Set[str] = set()
        self._inside = threading.local()
        self.seen = 0
        """Calls seen, calls from within the target left out."""
        self.found = False
        """Whether the target's module was imported and held the target."""

    def patch(self, module: ModuleType) -> None:
        """Wrap the target in a module that was just executed, and wherever else it was taken to by then."""
        owner: Any = module
        for part in self._path[:-1]:
            owner = vars(owner).get(part)
            if owner is None:
                return
        name = self._path[-1]
        original = vars(owner).get(name)
        if original is None:
            return
        wrapper = self._wrapped(original, module.__name__)
        if wrapper is None:
            return
        setattr(owner, name, wrapper)
        self.found = True
        if owner is module:
            # A module imported while the target's was still being executed may hold it by now.
            for other in list(sys.modules.values()):
                if (
                    isinstance(other, ModuleType)
                    and other is not module
                    and vars(other).get(name) is original
                ):
                    setattr(other, name, wrapper)

    def _wrapped(self, original: Any, home: str) -> Any:
        if isinstance(original, staticmethod):
            return staticmethod(self._recording(original.__func__, home, 0))
        if isinstance(original, classmethod):
            return classmethod(self._recording(original.__func__, home, 1))
        if isinstance(original, property):
            if original.fget is None:
                return None
            getter = self._recording(original.fget, home, 0)
            return property(getter, original.fset, original.fdel, original.__doc__)
        return self._recording(original, home, 0) if callable(original) else None

    def _recording(self, function: Any, home: str, skipped: int) -> Any:
        """Return ``function``, recording its arguments from position ``skipped`` on."""
        inside = self._inside

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def record_async(*args: Any, **kwargs: Any) -> Any:
                self.note(args[skipped:], kwargs, home)
                return await function(*args, **kwargs)

            return record_async

        @functools.wraps(function)
        def record(*args: Any, **kwargs: Any) -> Any:
            # Recursion is the target's own doing, not a use of it.
            if getattr(inside, "target", False):
                return function(*args, **kwargs)
            self.note(args[skipped:], kwargs, home)
            inside.target = True
            try:
                return function(*args, **kwargs)
            finally:
                inside.target = False

        for name in ("cache_clear", "cache_info", "cache_parameters"):
            if hasattr(function, name):
                setattr(record, name, getattr(function, name))
        return record

    def note(self, args: Tuple[Any, ...], kwargs: Dict[str, Any], home: str) -> None:
        """Record one call, if it is one of those wanted and different from those recorded."""
        self.seen += 1
        if (self.seen > FIRST and self.seen % ONE_IN) or self._bytes > MOST_BYTES:
            return
        codec = self._codec
        memo = codec.Memo(home)
        try:
            call = {"args": codec.encode(args, memo=memo), "kwargs": codec.encode(kwargs, memo=memo)}
            written = codec.text([call["args"], call["kwargs"]])
        except codec.Unencodable as error:
            self._problem(f"a recorded argument holds {error}")
            return
        except Exception as error:
            self._problem(f"an argument could not be read: {type(error).__name__}")
            return
        if written in self._texts:
            return
        if len(written) > LARGEST_BYTES:
            self._problem("an argument is too large to keep")
            return
        self._texts.add(written)
        self._bytes += len(written)
        self._write({"call": call})

    def _problem(self, words: str) -> None:
        if words not in self._problems and len(self._problems) < 8:
            self._problems.add(words)
            self._write({"problem": words})


class TargetFinder(importlib.abc.MetaPathFinder):
    """Finds what the others find, and has the target's module patched once it has been executed."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._busy = threading.local()

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec of the target's module, with a loader that patches it; None for every other."""
        last = fullname.rpartition(".")[2]
        if last not in _names_of(self._recording.file) or getattr(self._busy, "now", False):
            return None
        self._busy.now = True
        try:
            spec = _first_spec(fullname, path, target, self)
        finally:
            self._busy.now = False
        if spec is None or spec.loader is None or not spec.origin:
            return None
        if os.path.realpath(spec.origin) != self._recording.file:
            return None
        spec.loader = PatchingLoader(spec.loader, self._recording)
        return spec


class PatchingLoader(importlib.abc.Loader):
    """Executes a module as its own loader does, then patches it."""

    def __init__(self, loader: Any, recording: Recording) -> None:
        self._loader = loader
        self._recording = recording

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        """Create the module as its own loader does."""
        made: Optional[ModuleType] = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, then wrap the target in it."""
        self._loader.exec_module(module)
        self._recording.patch(module)

    def __getattr__(self, name: str) -> Any:
        # get_source, get_data, is_package and the like: tracebacks and resources need them.
        return getattr(self._loader, name)


def _names_of(file: str) -> List[str]:
    """Return the last parts of the names a file can be imported by."""
    path = pathlib.Path(file)
    return [path.parent.name, "__init__"] if path.stem == "__init__" else [path.stem]


def _first_spec(fullname: str, path: Any, target: Any, without: Any) -> Any:
    for finder in list(sys.meta_path):
        find = getattr(finder, "find_spec", None)
        if finder is without or find is None:
            continue
        spec = find(fullname, path, target)
        if spec is not None:
            return spec
    return None


if __name__ == "__main__":
    main()
