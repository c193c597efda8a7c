"""Runs test files with the standard library's unittest, for interpreters that have no pytest.

Standard library only, Python 3.9 or newer.
"""

# ruff: noqa: PTH100, PTH113, PTH118, PTH120

from __future__ import annotations

import glob
import io
import os
import sys
import time
import traceback
import unittest
from typing import Any, List, Sequence, Tuple


def run(files: Sequence[str], watch: Any) -> bool:
    """Run the wanted tests of some files. Returns whether all of them passed; skipped is not passed."""
    watch.look_at_harness()
    result = Result(watch)
    for file in files:
        watch.begins(file)
        suite = unittest.TestSuite()
        try:
            suite = _discovered(file)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            watch.missing(file, "".join(traceback.format_exception(type(error), error, None)))
        _keep_wanted(suite, watch)
        result.of_file = file
        result.is_between()
        # What tests print is nobody's, and unittest's own runner would print as well.
        suite.run(result)
    return result.wasSuccessful() and not result.skipped


class Result(unittest.TestResult):
    """Tells the watch about every test as it ends."""

    def __init__(self, watch: Any) -> None:
        super().__init__(stream=io.StringIO(), descriptions=False, verbosity=0)
        self._watch = watch
        self._outcome: Tuple[str, str] = ("passed", "")
        self._started = 0.0
        self._class: Any = None
        self._set_up = self._between = "before the first test"
        self._is_between = True
        self.of_file = ""

    def is_between(self) -> None:
        """Note that what runs now is no test, but may set one up."""
        self._is_between = True
        self._between = f"after test {self.testsRun}"
        self._watch.begins(self._between)

    def startTest(self, test: Any) -> None:  # noqa: N802
        """Note that a test begins."""
        super().startTest(test)
        self._outcome = ("passed", "")
        self._started = time.perf_counter()
        self._is_between = False
        if type(test) is not self._class:
            # What a class sets up, it sets up between tests, for all of its tests.
            self._class, self._set_up = type(test), self._between
        self._watch.begins(test.id())

    def stopTest(self, test: Any) -> None:  # noqa: N802
        """Tell how the test ended."""
        super().stopTest(test)
        outcome, why = self._outcome
        seconds = time.perf_counter() - self._started
        reached = any(map(self._watch.reached, (test.id(), self.of_file, self._set_up)))
        self._watch.ended("unittest", test.id(), outcome, seconds, why, reached=reached)
        self.is_between()

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        """Note an error. Outside of a test, a class or module could not be set up."""
        super().addError(test, err)
        if self._is_between:
            self._watch.missing(test.id(), self._text(err))
        else:
            self._outcome = ("failed", self._text(err))

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        """Note a failure."""
        super().addFailure(test, err)
        self._outcome = ("failed", self._text(err))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        """Note a part of a test: one that fails fails the test."""
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._outcome = ("failed", self._text(err))

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        """Note that a test was skipped."""
        super().addSkip(test, reason)
        self._outcome = ("skipped", reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        """Note a failure that was expected: such a test tells nothing."""
        super().addExpectedFailure(test, err)
        self._outcome = ("skipped", "expected to fail")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        """Note a success where a failure was expected."""
        super().addUnexpectedSuccess(test)
        self._outcome = ("failed", "passed, and was expected to fail")

    def _text(self, err: Any) -> str:
        return "".join(traceback.format_exception(*err))


def _discovered(file: str) -> unittest.TestSuite:
    folder, name = os.path.split(os.path.abspath(file))
    top = folder
    while os.path.isfile(os.path.join(top, "__init__.py")):
        top = os.path.dirname(top)
    loader = unittest.TestLoader()
    suite = loader.discover(folder, pattern=glob.escape(name), top_level_dir=top)
    if top in sys.path:
        # Discovery puts it first, where it would stand before the project's own folders.
        sys.path.remove(top)
        sys.path.append(top)
    return suite


def _keep_wanted(suite: Any, watch: Any) -> None:
    """Leave out the tests that are not wanted, and nothing of what is set up around them."""
    kept: List[Any] = []
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            _keep_wanted(part, watch)
            kept.append(part)
        elif watch.wants("unittest", part.id()):
            kept.append(part)
    suite._tests = kept
