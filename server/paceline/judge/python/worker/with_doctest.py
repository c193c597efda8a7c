"""Runs the examples in a module's docstrings and in text files, with the standard library's doctest.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import io
import os
import time
import traceback
from typing import Any, Callable, Iterator, List, Sequence, Tuple

Named = Callable[[str, str], Tuple[str, List[str]]]
"""Says under which name a file is imported, and from which folders."""


def run(texts: Sequence[str], module_file: str, root: str, named: Named, watch: Any) -> bool:
    """Run the wanted examples of text files and of a module (if named). Returns whether all passed."""
    watch.look_at_harness()
    passed = True
    for test in _tests(texts, module_file, root, named, watch):
        name = test.name
        if not test.examples or not watch.wants("doctest", name):
            continue
        watch.begins(name)
        said: List[str] = []
        started = time.perf_counter()
        runner = doctest.DocTestRunner(verbose=False)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                failed = runner.run(test, out=said.append, clear_globs=True).failed
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed, said = 1, traceback.format_exception(type(error), error, error.__traceback__)
        seconds = time.perf_counter() - started
        passed = passed and not failed
        outcome = "failed" if failed else "passed"
        watch.ended("doctest", name, outcome, seconds, "".join(said), reached=watch.reached(name))
        watch.begins("")
    return passed


def _tests(
    texts: Sequence[str], module_file: str, root: str, named: Named, watch: Any
) -> Iterator[doctest.DocTest]:
    if module_file:
        name, _ = named(module_file, root)
        watch.begins(name)
        try:
            module = importlib.import_module(name)
            found = Finder(exclude_empty=True).find(module, name)
        except Exception as error:
            watch.missing(name, "".join(traceback.format_exception(type(error), error, None)))
            found = []
        watch.begins("")
        yield from found
    for text in texts:
        name = os.path.relpath(text, root)
        try:
            with open(text, encoding="utf-8") as file:  # noqa: PTH123
                content = file.read()
            yield doctest.DocTestParser().get_doctest(content, {"__name__": "__main__"}, name, text, 0)
        except (OSError, ValueError) as error:
            watch.missing(name, str(error))


class Finder(doctest.DocTestFinder):
    """Finds the docstrings of wrapped functions as well: the target is wrapped while it is recorded."""

    def _from_module(self, module: Any, object: Any) -> Any:  # noqa: A002
        return super()._from_module(module, inspect.unwrap(object) if callable(object) else object)  # type: ignore[misc]
