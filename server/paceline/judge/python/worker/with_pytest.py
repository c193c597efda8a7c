"""Runs tests with pytest, whichever version the project has, and tells of each.

Standard library only, Python 3.9 or newer; pytest is imported when it is there.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Sequence

_NO_PLUGINS = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
# The project's own options may spread tests over processes or demand plugins: none of it is wanted here.
_QUIET = (
    "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly",
    "--continue-on-collection-errors",
)  # fmt: skip


def load(*, plugins: bool) -> None:
    """Import what will run the tests."""
    if not plugins:
        os.environ[_NO_PLUGINS] = "1"
    import pytest  # noqa: F401


def run(files: Sequence[str], root: str, watch: Any, *, plugins: bool) -> bool:
    """Run the wanted tests of some files. Returns whether all of them passed; skipped is not passed."""
    load(plugins=plugins)
    if plugins:
        os.environ.pop(_NO_PLUGINS, None)
    import pytest

    watch.look_at_harness()
    watcher = Watcher(watch)
    around: Any = pytest.hookimpl(hookwrapper=True)
    watcher.__class__.pytest_fixture_setup = around(_fixture_setup)  # type: ignore[attr-defined]
    # With the root given, a test has the same name whichever files are run together.
    status = pytest.main([*_QUIET, "--rootdir", root, *files], plugins=[watcher])
    return int(status) == 0 and not watcher.skipped


class Watcher:
    """A pytest plugin that puts calls down to the test that made them."""

    def __init__(self, watch: Any) -> None:
        self._watch = watch
        self._reports: Dict[str, List[Any]] = {}
        self._fixtures: List[str] = []
        self._doing = ""
        self.skipped = False

    def begins(self, doing: str) -> str:
        """Note what runs from now on; return what ran until now."""
        before, self._doing = self._doing, doing
        self._watch.begins(doing)
        return before

    def pytest_collectstart(self, collector: Any) -> None:
        """Note that a file is being imported: what it calls then, all its tests depend on."""
        self.begins(collector.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        """Note that the import is over."""
        self.begins("")
        if report.failed:
            self._watch.missing(report.nodeid, str(report.longrepr))

    def pytest_collection_modifyitems(self, items: List[Any]) -> None:
        """Leave out the tests that are not wanted."""
        items[:] = [item for item in items if self._watch.wants("pytest", item.nodeid)]

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        """Note that a test begins."""
        self.begins(nodeid)
        self._reports[nodeid] = []
        self._fixtures = []

    def pytest_runtest_setup(self, item: Any) -> None:
        """Note which fixtures a test has."""
        self._fixtures = [f"fixture {name}" for name in getattr(item, "fixturenames", ())]

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note the outcome of one phase of one test."""
        self.skipped = self.skipped or bool(report.skipped)
        self._reports.setdefault(report.nodeid, []).append(report)

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        """Tell how a test ended, its set-up and tear-down included."""
        reports = self._reports.pop(nodeid, [])
        failed = [report for report in reports if report.failed]
        called = any(report.when == "call" and report.passed for report in reports)
        outcome = "failed" if failed else "passed" if called else "skipped"
        seconds = sum(float(getattr(report, "duration", 0.0)) for report in reports)
        why = str(failed[0].longrepr) if failed else ""
        file, _, _ = nodeid.partition("::")
        reached = any(map(self._watch.reached, (nodeid, file, *self._fixtures)))
        self._watch.ended("pytest", nodeid, outcome, seconds, why, reached=reached)
        self.begins("")


def _fixture_setup(self: Watcher, fixturedef: Any, request: Any) -> Iterator[None]:
    """Put calls down to a fixture that is made once for several tests: they all depend on it."""
    if fixturedef.scope == "function":
        yield
        return
    before = self.begins(f"fixture {fixturedef.argname}")
    yield
    self.begins(before)
