"""Notes the arguments a target is called with, *before* each call, and which test was running then.

A recording wraps the target in its module once that was executed; ``TargetFinder`` sees to it that this
happens however the module is imported. Nothing is pickled.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import inspect
import os
import pathlib
import sys
import threading
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

FIRST = 200
"""So many calls are all recorded; after them, one in ``ONE_IN``."""
ONE_IN = 1000
MOST_BYTES = 4_000_000
"""Of all recordings together."""
LARGEST_BYTES = 256_000
"""Of one recording."""


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
        self.current = ""
        """What runs now: a test, or the collecting of some."""
        self.reached: Set[str] = set()
        """What was ``current`` in some call."""

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
        self.reached.add(self.current)
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
    """Finds what the others find, and gives the target's module another loader."""

    def __init__(self, file: str, adapted: Callable[[Any], Any]) -> None:
        self._file = os.path.realpath(file)
        self._adapted = adapted
        self._busy = threading.local()

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec of the target's module, with the loader adapted; None for every other."""
        last = fullname.rpartition(".")[2]
        if last not in _names_of(self._file) or getattr(self._busy, "now", False):
            return None
        self._busy.now = True
        try:
            spec = _first_spec(fullname, path, target, self)
        finally:
            self._busy.now = False
        if spec is None or spec.loader is None or not spec.origin:
            return None
        if os.path.realpath(spec.origin) != self._file:
            return None
        spec.loader = self._adapted(spec.loader)
        return spec


class PatchingLoader(importlib.abc.Loader):
    """Executes a module as its own loader does, then hands it to ``patch``."""

    def __init__(self, loader: Any, patch: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        """Create the module as its own loader does."""
        made: Optional[ModuleType] = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, then patch it."""
        self._loader.exec_module(module)
        self._patch(module)

    def __getattr__(self, name: str) -> Any:
        # get_source, get_data, is_package and the like: tracebacks and resources need them.
        return getattr(self._loader, name)


class InPlaceLoader(importlib.machinery.SourceFileLoader):
    """Executes a module from given bytes instead of those on disk."""

    def __init__(self, loader: Any, source: bytes) -> None:
        super().__init__(loader.name, loader.path)
        self._source = source

    def get_data(self, path: Any) -> bytes:
        """Return the given bytes for the module itself."""
        return self._source if path == self.path else super().get_data(path)

    def path_stats(self, path: Any) -> Any:
        """Tell nothing: no byte code is read or written, for it would belong to the file on disk."""
        raise OSError


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
