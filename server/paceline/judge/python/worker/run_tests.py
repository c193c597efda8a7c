"""Runs a project's tests: to record what they call the target with, or with a candidate in its place.

    python run_tests.py REQUEST_FD RESULT_FD tests

Answers two commands. ``ready`` says what will be run and loads what runs it. ``run`` runs it, with the
attached source in the place of the target's module if there is one, and sends, each as one message:

    call       {"args", "kwargs"}    a call of the target with new arguments, when asked to record
    problem    text                  why a call could not be recorded
    again      true                  what was told of tests so far does not count, they run once more
    test       {"by", "id", "outcome", "seconds", "reached", "why"}
    missing    {"id", "why"}         a file that could not be collected
    end        {"by", "plugins", "passed", "seen", "found", "patched"}

Everything is sent at once, so that what was seen survives a run that is cut short. Unless it is known what
the tests need, pytest runs without the environment's plugins first, whose start can take longer than the
tests, in a process of its own, and once more with them unless all passed.

Runs inside the sandbox, with the workspace's interpreter. Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import sys
from typing import Any, Dict, List, Optional, Sequence, Set

_HARNESS = ("_pytest", "pluggy", "unittest", "doctest", "pytest")


class Runner:
    """Answers the controller until it goes away."""

    def __init__(self, wire: Any, worker: pathlib.Path) -> None:
        self._wire = wire
        self._worker = worker
        self._parts = {
            name: load_beside(name, worker)
            for name in ("recorder", "with_doctest", "with_pytest", "with_unittest")
        }
        self._suite: Dict[str, Any] = {}

    def serve(self) -> None:
        """Answer both commands, once."""
        while True:
            received = self._wire.receive()
            if received is None:
                return
            message, attached = received
            if message["do"] == "ready":
                self._suite = message["suite"]
                if self._suite["by"] == "pytest":
                    self._parts["with_pytest"].load(plugins=self._suite["plugins"])
                self._wire.send({})
            elif message["do"] == "run":
                self._run(message, attached[0] if attached else None)

    def _run(self, message: Dict[str, Any], source: Optional[bytes]) -> None:
        suite, only = self._suite, message["only"]
        for folder in suite["folders"]:
            if folder not in sys.path:
                sys.path.append(folder)
        recording = self._find_target(suite, source, record=message["record"])
        watch = Watch(self._wire, recording, {kind: set(ids) for kind, ids in (only or {}).items()})
        by, plugins, passed = suite["by"], suite["plugins"], True
        if not by:
            by, plugins, passed = self._first_time(suite, watch)
        elif by == "pytest" and (only is None or only.get("pytest")):
            passed = self._with_pytest(suite, watch, plugins)
        elif by == "unittest" and (only is None or only.get("unittest")):
            passed = self._parts["with_unittest"].run(suite["tests"], watch)
        documents = suite["texts"], suite["file"] if suite["documented"] else "", suite["root"]
        if only is None or only.get("doctest"):
            loading = load_beside("loading", self._worker)
            passed = self._parts["with_doctest"].run(*documents, loading.module_name, watch) and passed
        end = {"by": by, "plugins": plugins, "passed": passed, "patched": watch.patched()}
        self._wire.send({"end": {**end, "seen": recording.seen, "found": recording.found}})

    def _find_target(self, suite: Dict[str, Any], source: Optional[bytes], *, record: bool) -> Any:
        recorder = self._parts["recorder"]
        codec = load_beside("codec", self._worker) if record else None
        recording = recorder.Recording(codec, suite["file"], suite["name"], self._wire.send)

        def adapted(loader: Any) -> Any:
            inner = recorder.InPlaceLoader(loader, source) if source is not None else loader
            return recorder.PatchingLoader(inner, recording.patch) if record else inner

        if record or source is not None:
            sys.meta_path.insert(0, recorder.TargetFinder(suite["file"], adapted))
        return recording

    def _first_time(self, suite: Dict[str, Any], watch: Watch) -> Any:
        """Find out what runs these tests: returns its name, whether it needs plugins, whether all passed."""
        if not suite["tests"]:
            return "", False, True
        if importlib.util.find_spec("pytest") is None:
            passed = self._parts["with_unittest"].run(suite["tests"], watch)
            return ("unittest" if watch.ran else ""), False, passed
        if self._passes_apart(suite, watch):
            return "pytest", False, True
        self._wire.send({"again": True})
        return "pytest", True, self._with_pytest(suite, watch, plugins=True)

    def _passes_apart(self, suite: Dict[str, Any], watch: Watch) -> bool:
        """Run without plugins in a fork, which leaves this process as it is for the other way."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                passed = self._with_pytest(suite, watch, plugins=False)
                os.write(writing, json.dumps([passed, *watch.gathered()]).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            said = answer.read()
        os.waitpid(child, 0)
        if not said:
            # The tests ended their process. They would do so again, and there is nobody to tell more.
            os._exit(3)
        passed, *gathered = json.loads(said)
        if passed:
            watch.gather(*gathered)
        return bool(passed)

    def _with_pytest(self, suite: Dict[str, Any], watch: Watch, plugins: bool) -> bool:
        run: bool = self._parts["with_pytest"].run(suite["tests"], suite["root"], watch, plugins=plugins)
        return run


class Watch:
    """Tells the controller about every test, and knows which of them are wanted."""

    def __init__(self, wire: Any, recording: Any, only: Dict[str, Any]) -> None:
        self._wire = wire
        self._recording = recording
        self._only = only
        self._harness: Dict[str, int] = {}
        self._patched: Set[str] = set()
        self.ran = 0

    def wants(self, by: str, test: str) -> bool:
        """Return whether a test is among those to run."""
        return not self._only or test in self._only.get(by, ())

    def begins(self, doing: str) -> None:
        """Note what runs from now on: calls of the target are put down to it."""
        self._recording.current = doing

    def reached(self, doing: str) -> bool:
        """Return whether the target was called meanwhile."""
        return doing in self._recording.reached

    def ended(self, by: str, test: str, outcome: str, seconds: float, why: str, *, reached: bool) -> None:
        """Tell how a test ended: ``passed``, ``failed`` or ``skipped``."""
        self.ran += 1
        said = {"by": by, "id": test, "outcome": outcome, "seconds": seconds}
        self._wire.send({"test": {**said, "reached": reached, "why": why[:4000]}})

    def missing(self, what: str, why: str) -> None:
        """Tell that a file could not be collected."""
        self._wire.send({"missing": {"id": what, "why": why[-4000:]}})

    def look_at_harness(self) -> None:
        """Remember what runs the tests as it is now, before any of them."""
        self._harness.update(_functions_of_harness(self._harness))

    def patched(self) -> List[str]:
        """Return what of that is another function now. Some plugins do so as well."""
        now = _functions_of_harness({})
        changed = {name for name, what in self._harness.items() if now.get(name) != what}
        return sorted(changed | self._patched)[:50]

    def gathered(self) -> List[Any]:
        """Return what a fork has to hand on: calls seen, whether the target was found, what was patched."""
        return [self._recording.seen, self._recording.found, self.patched()]

    def gather(self, seen: int, found: bool, patched: List[str]) -> None:
        """Take over what a fork has gathered."""
        self._recording.seen += seen
        self._recording.found = self._recording.found or found
        self._patched.update(patched)


def _functions_of_harness(known: Dict[str, int]) -> Dict[str, int]:
    found: Dict[str, int] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in _HARNESS:
            continue
        for key, value in list(getattr(module, "__dict__", {}).items()):
            if callable(value):
                found.setdefault(f"{name}.{key}", id(value))
            if isinstance(value, type) and value.__module__ == name:
                for inner, method in list(vars(value).items()):
                    if callable(method) or isinstance(method, (property, classmethod, staticmethod)):
                        found.setdefault(f"{name}.{key}.{inner}", id(method))
    return {name: what for name, what in found.items() if name not in known}


def load_beside(name: str, folder: pathlib.Path) -> Any:
    """Load a module of the worker under a name that no project has: it may have a ``codec`` of its own."""
    private = f"_paceline_{name}"
    if private in sys.modules:
        return sys.modules[private]
    spec = importlib.util.spec_from_file_location(private, folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    spec.loader.exec_module(module)
    return module


def _without(folder: pathlib.Path, path: Sequence[str]) -> List[str]:
    return [entry for entry in path if pathlib.Path(entry or ".").resolve() != folder]


def main() -> None:
    """Serve, and leave at once: what tests registered for the exit is not ours to wait for."""
    here = pathlib.Path(__file__).resolve().parent
    sys.path[:] = _without(here, sys.path)
    pipes = load_beside("wire", here).Wire(int(sys.argv[1]), int(sys.argv[2]))
    sys.argv[:] = ["pytest"]
    try:
        Runner(pipes, here).serve()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
