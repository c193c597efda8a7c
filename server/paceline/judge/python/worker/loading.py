"""Import the target's module from bytes the controller sent, under its real name, and find the target in it.

The file on disk is never read for the target's own module: what is judged is exactly what was sent.
"""

# A worker is started often, and pathlib takes long to import.
# ruff: noqa: PTH100, PTH110, PTH112, PTH113, PTH118, PTH119, PTH120, PTH123, PTH206, PTH208

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from types import BuiltinFunctionType, ModuleType
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple


class NotFound(Exception):
    """The loaded module does not hold the target. The message says what is missing."""


class Loaded(NamedTuple):
    """The target, ready to be called."""

    module: ModuleType
    function: Any
    """What is called: a plain function (a method takes its object first), or a bound class method."""
    binding: str
    """``function``, ``method``, ``classmethod``, ``staticmethod`` or ``property``."""
    owner: Optional[type]


def load(file: str, root: str, source: bytes, qualname: str) -> Loaded:
    """Import ``source`` as the module that stands in ``file`` and return its ``qualname``.

    Raises whatever the module raises when it is imported, and NotFound when the name is not in it.
    """
    name, folders = module_name(file, root)
    for folder in reversed(folders):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    sys.meta_path.insert(0, _SourceFinder(name, file, source))
    sys.meta_path.append(_SitePackages())
    # A module of the library that happens to have the name may have been imported by the worker itself.
    sys.modules.pop(name, None)
    module = importlib.import_module(name)
    return _resolve(module, qualname)


def import_packages(names: Sequence[str], file: str, root: str) -> None:
    """Import modules of the interpreter and its environment, as far as the workspace has none of that name.

    What cannot be imported is passed over: loading the target's module will say why, or do without.
    """
    inside = os.path.join(os.path.abspath(root), "")
    _, folders = module_name(file, root)
    finder = _SitePackages()
    sys.meta_path.append(finder)
    try:
        for name in names:
            top = name.partition(".")[0]
            if any(_stands_in(folder, top) for folder in folders):
                continue
            try:
                spec = importlib.util.find_spec(top)
                # An editable install leads back into the workspace.
                if spec is not None and not (spec.origin or inside).startswith(inside):
                    importlib.import_module(name)
            except Exception:
                continue
    finally:
        sys.meta_path.remove(finder)


def _stands_in(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name)) or os.path.exists(os.path.join(folder, name + ".py"))


def module_name(file: str, root: str) -> Tuple[str, List[str]]:
    """Return the dotted name ``file`` is imported under, and the folders that go on the path for it."""
    folder, base = os.path.split(os.path.abspath(file))
    stem = base[:-3] if base.endswith(".py") else base
    parts = [] if stem == "__init__" else [stem]
    top = folder
    while os.path.isfile(os.path.join(top, "__init__.py")):
        top, package = os.path.split(top)
        parts.insert(0, package)
    root = os.path.abspath(root)
    folders = [top]
    for extra in (os.path.join(root, "src"), root):
        if extra not in folders and os.path.isdir(extra):
            folders.append(extra)
    if len(parts) == 1 and top != root and parts[0] != "__main__":
        parts = _namespace_parts(top, folders[1:]) + parts
    return ".".join(parts) or os.path.basename(folder), folders


def _namespace_parts(top: str, bases: Sequence[str]) -> List[str]:
    """Return the namespace packages above a file, when some file beside it is imported through them.

    A folder without ``__init__.py`` is usually a folder of scripts: its files are top-level modules. Only
    when the folder holds relative imports does the dotted name matter, and it is cheap to look.
    """
    try:
        names = [n for n in os.listdir(top) if n.endswith(".py")]
    except OSError:
        return []
    relative = False
    for name in names[:50]:
        try:
            with open(os.path.join(top, name), "rb") as text:
                relative = relative or b"\nfrom ." in b"\n" + text.read(20_000)
        except OSError:
            continue
    if not relative:
        return []
    for base in bases:
        inside = os.path.relpath(top, base)
        if inside != "." and not inside.startswith(".."):
            return inside.split(os.sep)
    return []


def _resolve(module: ModuleType, qualname: str) -> Loaded:
    owner: Optional[type] = None
    value: Any = module
    found: Any = module
    for part in qualname.split("."):
        owner = value if isinstance(value, type) else None
        if owner is not None:
            found = next((base.__dict__[part] for base in owner.__mro__ if part in base.__dict__), None)
            if found is None:
                raise NotFound(f"{qualname!r} is not defined once the module is loaded: no {part!r}")
        elif not hasattr(value, part):
            raise NotFound(f"{qualname!r} is not defined once the module is loaded: no {part!r}")
        else:
            found = getattr(value, part)
        value = found
    if owner is None:
        return _callable(module, found, "function", None, qualname)
    if isinstance(found, staticmethod):
        return _callable(module, found.__func__, "staticmethod", owner, qualname)
    if isinstance(found, classmethod):
        return _callable(module, getattr(owner, qualname.rpartition(".")[2]), "classmethod", owner, qualname)
    if isinstance(found, property):
        return _callable(module, found.fget, "property", owner, qualname)
    return _callable(module, found, "method", owner, qualname)


def _callable(module: ModuleType, value: Any, binding: str, owner: Optional[type], qualname: str) -> Loaded:
    wrapped = getattr(value, "func", None)
    if not callable(value) and callable(wrapped):
        # functools.cached_property and its kin: the function inside is what runs.
        value = wrapped
    if not callable(value):
        raise NotFound(f"{qualname!r} is a {type(value).__name__} once the module is loaded, not a function")
    if isinstance(value, BuiltinFunctionType):
        raise NotFound(
            f"{qualname!r} is another function once the module is loaded, not the one that stands there: "
            "a later statement gives the name a built-in one"
        )
    return Loaded(module, value, binding, owner)


class _SourceFinder:
    """Finds exactly one module: the target's, in memory.

    A finder by its methods alone: importlib.abc takes as long to import as everything else a worker needs.
    """

    def __init__(self, name: str, file: str, source: bytes) -> None:
        self._name = name
        self._file = file
        self._source = source

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self._name:
            return None
        is_package = os.path.basename(self._file) == "__init__.py"
        spec = importlib.util.spec_from_file_location(
            fullname,
            self._file,
            loader=_BytesLoader(fullname, self._file, self._source),
            submodule_search_locations=[os.path.dirname(self._file)] if is_package else None,
        )
        if spec is not None:
            spec.cached = None
        return spec


class _BytesLoader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self._source = source

    def get_data(self, path: Any) -> bytes:
        return self._source if path == self.path else super().get_data(path)

    def path_stats(self, path: Any) -> Any:
        # No byte code is read or written: it would belong to the file on disk.
        raise OSError


class _SitePackages:
    """Adds the environment's packages when the first import needs them.

    The interpreter is started without ``site``: what ``.pth`` files do at start-up can cost more than
    everything else a worker does, and most targets import nothing from there.
    """

    def __init__(self) -> None:
        self._added = False

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if self._added or path is not None:
            return None
        self._added = True
        import site

        site.main()
        for finder in sys.meta_path:
            if finder is self or isinstance(finder, _SourceFinder):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None
