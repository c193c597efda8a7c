"""The files a call writes, changes or removes: in a private copy of the workspace, and in the scratch folder.

The copy is made in the sandbox, from a view of the workspace that nothing can write to, and is put back after
every call: calls do not meet each other's files.

Standard library only, Python 3.9 or newer.
"""

# A worker is started often, and pathlib and shutil take long to import.
# ruff: noqa: PTH102, PTH106, PTH108, PTH112, PTH113, PTH114
# ruff: noqa: PTH115, PTH116, PTH118, PTH123, PTH208, PTH211, PTH101

from __future__ import annotations

import contextlib
import os
import stat
import typing
from typing import Any, Dict, Iterable, Iterator, List, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import heavy
else:
    import heavy

_MOST = 2_000
"""Files and folders of one call that are looked at."""
_HEAD = 200
"""Bytes of a file that a person is shown."""
_SCRATCH_WORD = "$TMPDIR"

_Mark = Tuple[int, int, int]


class Files:
    """Knows how the writable folders were at the start, tells what has changed, and puts it back."""

    def __init__(self, root: str, view: str) -> None:
        """Copy the workspace from ``view`` to ``root``. Without a view only the scratch folder can change."""
        self._root = os.path.realpath(root)
        self._view = view
        self._scratch = os.path.realpath(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 - the sandbox's own.
        if view:
            _copy_folder(view, self._root)
        self._marks = {path: _mark(path) for path in self._present()}

    def changes(self, touched: Iterable[str]) -> Dict[str, Any]:
        """Return what of the touched paths is another than at the start, by name; then put it back."""
        found: Dict[str, Any] = {}
        paths = dict.fromkeys(self._below(os.path.realpath(path) for path in touched))
        for path in paths:
            name = self._name(path)
            if name is not None:
                change = self._change(path)
                if change is not None:
                    found[name] = change
        self._put_back(paths)
        return {name: found[name] for name in sorted(found)}

    def put_back(self) -> None:
        """Put everything back that has changed, found by looking everywhere."""
        present = list(self._present())
        changed = [path for path in present if self._marks.get(path) != _mark(path)]
        changed += [path for path in self._marks if not os.path.lexists(path)]
        if changed:
            self._put_back(dict.fromkeys(changed))

    def _present(self) -> Iterator[str]:
        for top in (self._root, self._scratch) if self._view else (self._scratch,):
            for path in _walk(top):
                if self._name(path) is not None:
                    yield path

    def _name(self, path: str) -> Any:
        """Return how a path is told: relative to the workspace or the scratch folder; None for any other."""
        for top, word in ((self._root, ""), (self._scratch, _SCRATCH_WORD)):
            if path.startswith(os.path.join(top, "")):
                if not word and not self._view:
                    return None
                return os.path.join(word, os.path.relpath(path, top))
        return None

    def _original(self, path: str) -> str:
        """Return where a file of the copy stands in the view; a path that does not exist for any other."""
        if self._view and path.startswith(os.path.join(self._root, "")):
            return os.path.join(self._view, os.path.relpath(path, self._root))
        return ""

    def _below(self, paths: Iterable[str]) -> Iterator[str]:
        """Yield the paths with all that is, or was, below them."""
        for path in paths:
            yield path
            if self._name(path) is None:
                continue
            if os.path.isdir(path) and not os.path.islink(path):
                yield from _walk(path)
            original = self._original(path)
            if original and os.path.isdir(original):
                for inside in _walk(original):
                    yield os.path.join(path, os.path.relpath(inside, original))

    def _change(self, path: str) -> Any:
        original = self._original(path)
        was = os.path.lexists(original) if original else False
        if not os.path.lexists(path):
            return "removed" if was else None
        if os.path.islink(path):
            link = os.readlink(path)
            unchanged = was and (
                (os.path.islink(original) and os.readlink(original) == link) or link == original
            )
            return None if unchanged else f"a link to {link}"
        if os.path.isdir(path):
            return None if was and os.path.isdir(original) else "a folder"
        content = _content(path)
        if was and os.path.isfile(original) and _content(original) == content:
            return None
        import hashlib

        head = content[:_HEAD].decode("utf-8", "backslashreplace")
        return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "begins": head}

    def _put_back(self, paths: Iterable[str]) -> None:
        for path in sorted(paths, key=len, reverse=True):
            if self._name(path) is None or (path not in self._marks and not os.path.lexists(path)):
                continue
            if path not in self._marks or self._marks[path] != _mark(path):
                _remove(path)
        for path in sorted(paths, key=len):
            if path in self._marks and not os.path.lexists(path):
                original = self._original(path)
                if original and os.path.lexists(original):
                    _copy(original, path)
                    self._marks[path] = _mark(path)


def _walk(top: str) -> Iterator[str]:
    """Yield everything below a folder, links not followed, folders before what is in them."""
    waiting = [top]
    count = 0
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                count += 1
                if count > heavy.MOST_FILES + _MOST:
                    return
                yield entry.path
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _mark(path: str) -> _Mark:
    """Return what tells that a file has been written to; a folder is the same as long as it is one."""
    try:
        status = os.lstat(path)
    except OSError:
        return (0, 0, 0)
    if stat.S_ISDIR(status.st_mode):
        return (1, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _content(path: str) -> bytes:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _copy_folder(source: str, target: str) -> None:
    """Copy a folder into one that exists. Heavy folders become links to where they can be read."""
    with os.scandir(source) as entries:
        listed: List[Any] = list(entries)
    for entry in listed:
        path = os.path.join(target, entry.name)
        if os.path.lexists(path):
            # Something is bound there already: the interpreter's environment.
            continue
        if entry.is_dir(follow_symlinks=False) and entry.name in heavy.FOLDERS:
            os.symlink(entry.path, path)
        else:
            _copy(entry.path, path)


def _copy(source: str, target: str) -> None:
    with contextlib.suppress(OSError):
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif os.path.isdir(source):
            os.mkdir(target)
            _copy_folder(source, target)
        elif os.path.isfile(source):
            status = os.stat(source)
            with open(source, "rb") as whole, open(target, "wb") as copy:
                copy.write(whole.read())
            os.chmod(target, stat.S_IMODE(status.st_mode) | stat.S_IWUSR)
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        if os.path.isdir(path) and not os.path.islink(path):
            for inside in os.listdir(path):
                _remove(os.path.join(path, inside))
            os.rmdir(path)
        else:
            os.unlink(path)
