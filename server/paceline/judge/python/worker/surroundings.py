"""What a call may change around it: module and class state, and the process itself."""

# A worker is started often, and pathlib takes long to import.
# ruff: noqa: PTH100, PTH118, PTH123, PTH208

from __future__ import annotations

import _thread
import contextlib
import gc
import os
import signal
import sys
import threading
import types
import typing
from typing import Any, Dict, Iterator, List, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import codec, limits
else:
    import codec
    import limits

_WRAPPERS = 5
"""Decorators, one around the other, that are looked through."""
_FIXED = (int, float, str, bytes, type(None))
_LARGEST = 65_536
"""Characters: a longer state variable is followed by type, identity and length only."""

_WATCHED = (
    "builtins", "time", "random", "math", "json", "copy", "functools", "collections", "operator",
    "itertools", "heapq", "bisect", "re", "string", "os", "sys", "gc", "threading", "_thread", "signal",
    "types", "typing", "datetime", "decimal", "fractions", "statistics", "asyncio", "numpy", "inspect",
    "io", "codecs", "weakref", "abc", "enum", "contextlib", "dataclasses", "hashlib", "array", "struct",
)  # fmt: skip


class State:
    """The values of the variables of the project's own modules and classes, as texts."""

    def __init__(self, home: str, root: str, function: Any, owner: Any) -> None:
        self._home = home
        self._root = os.path.join(root, "")
        self._function = function
        self._owner = owner
        self._known = self._read()

    def changes(self) -> Dict[str, str]:
        """Return the variables whose value is another one than at the last look, with the new one."""
        now = self._read()
        if now == self._known:
            return {}
        changed = {name: text for name, text in now.items() if self._known.get(name) != text}
        changed.update((name, "(deleted)") for name in self._known if name not in now)
        self._known = now
        return changed

    def _read(self) -> Dict[str, str]:
        found: Dict[str, str] = {}
        for name, module in list(sys.modules.items()):
            if name != self._home and not self._is_ours(module):
                continue
            label = "" if name == self._home else name + "."
            for key, value in list(vars(module).items()):
                if isinstance(value, type) and value.__module__ == name:
                    self._read_class(found, f"{label}{key}", value)
                elif _is_state(key, value):
                    found[label + key] = self._text(value)
                elif type(value) is types.FunctionType and value.__dict__ and value is not self._function:
                    self._read_function(found, f"{label}{key}: ", value)
        function = self._function
        for depth in range(_WRAPPERS):
            self._read_function(found, "" if not depth else "wrapped function: ", function)
            function = getattr(function, "__wrapped__", None)
            if function is None:
                break
        return found

    def _read_function(self, found: Dict[str, str], label: str, function: Any) -> None:
        """Read what a function keeps: attributes, default values, and the variables it closes over."""
        for key, value in list(getattr(function, "__dict__", {}).items()):
            if key != "__wrapped__":
                found[f"{label}function attribute {key}"] = self._text(value)
        defaults = getattr(function, "__defaults__", None)
        named = getattr(function, "__kwdefaults__", None)
        kept = list(enumerate(defaults)) if type(defaults) is tuple else []
        kept += list(named.items()) if type(named) is dict else []
        for name, value in kept:
            if not isinstance(value, _FIXED):
                found[f"{label}default {name}"] = self._text(value)
        code = getattr(function, "__code__", None)
        for name, cell in zip(getattr(code, "co_freevars", ()), getattr(function, "__closure__", None) or ()):
            try:
                value = cell.cell_contents
            except ValueError:
                continue
            if _is_state(name, value):
                found[f"{label}variable {name} around it"] = self._text(value)

    def _read_class(self, found: Dict[str, str], label: str, cls: type) -> None:
        for key, value in list(vars(cls).items()):
            if _is_state(key, value) and not hasattr(value, "__get__"):
                found[f"{label}.{key}"] = self._text(value)

    def _is_ours(self, module: Any) -> bool:
        file = getattr(module, "__file__", None)
        return (
            isinstance(file, str)
            and file.startswith(self._root)
            and f"{os.sep}site-packages{os.sep}" not in file
        )

    def _text(self, value: Any) -> str:
        try:
            if isinstance(value, (list, dict, set, str, bytes, tuple)) and len(value) > _LARGEST:
                return f"{type(value).__name__} of {len(value)}"
            text = codec.text(codec.encode(value, memo=codec.Memo(self._home)))
        except Exception:
            return f"({type(value).__name__})"
        return text if len(text) <= _LARGEST else f"{type(value).__name__}, {len(text)} characters"


def _is_state(name: str, value: Any) -> bool:
    if name.startswith("__"):
        return False
    return not isinstance(value, (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type))


_DEEDS = (
    "ctypes.", "gc.get_", "sys.set", "socket.", "signal.pthread_kill", "subprocess.", "os.exec",
    "os.fork", "os.kill", "os.posix_spawn", "os.system", "os.putenv", "os.remove", "os.rename",
    "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.utime", "os.truncate", "mmap.",
    "resource.setrlimit", "fcntl.", "_thread.", "builtins.input",
    "shutil.", "tempfile.", "urllib.", "webbrowser.", "winreg.", "code.__new__", "function.__new__",
    "os.startfile", "pty.", "syslog.", "sqlite3.",
)  # fmt: skip
"""Audit events by their beginnings: none of them comes from importing a module or from ordinary computing."""

_ON_PATHS = (
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "shutil.", "tempfile.", "sqlite3.connect",
)  # fmt: skip
"""Those whose first arguments are the paths of files or folders that change."""
_MOST_WRITTEN = 5_000


class Process:
    """The settings of the process that code can bend: patched modules, threads, the collector, handlers.

    After ``audit``, what the interpreter reports (files written, processes, sockets, foreign memory) is noted
    too. An audit hook cannot be taken out again by anybody; it costs time in audited operations, so it is
    left out where calls are timed.
    """

    def __init__(self) -> None:
        self._settings = _settings()
        self._named: Dict[str, Tuple[int, Dict[str, int]]] = {}
        self._deeds: Dict[str, None] = {}
        self._written: Dict[str, None] = {}
        _count_threads(self._deeds)
        self.follow()

    def audit(self) -> None:
        """Note what the interpreter reports from now on. Once."""
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, args: Tuple[Any, ...]) -> None:
        if event == "open":
            mode = args[1]
            flags = args[2] if len(args) > 2 and isinstance(args[2], int) else 0
            if (isinstance(mode, str) and set(mode) & set("wax+")) or flags & _WRITING:
                self._deeds["a file was opened for writing"] = None
                self._note_paths(args[:1])
        elif event.startswith(_DEEDS):
            self._deeds[f"{event} was called"] = None
            if event.startswith(_ON_PATHS):
                self._note_paths(args[:2])

    def _note_paths(self, paths: Any) -> None:
        for path in paths:
            if isinstance(path, (str, bytes, os.PathLike)) and len(self._written) < _MOST_WRITTEN:
                self._written[os.path.abspath(os.fsdecode(path))] = None

    def written(self) -> List[str]:
        """Return the paths that somebody has tried to write, make, move or remove since the last time."""
        found = [path for path in self._written if not path.startswith("/dev/")]
        self._written.clear()
        return found

    @contextlib.contextmanager
    def unnoted(self) -> Iterator[None]:
        """Note nothing of what happens inside the block: it is the worker's own doing."""
        deeds, written = dict(self._deeds), dict(self._written)
        try:
            yield
        finally:
            self._deeds.clear()
            self._deeds.update(deeds)
            self._written.clear()
            self._written.update(written)

    def bind(self, processor: int) -> None:
        """Bind this process to a processor, and take that as what it should be."""
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setaffinity(0, {processor})
        self._settings["processors"] = _processors()

    def follow(self, *anew: str) -> None:
        """Take the watched modules that are new, and those named, as they are now for what they should be."""
        for name in anew:
            self._named.pop(name, None)
        for name in _WATCHED:
            module = sys.modules.get(name)
            if isinstance(module, types.ModuleType) and name not in self._named:
                self._named[name] = (id(module), _callables(module))

    def changes(self) -> List[str]:
        """Return what is no longer as it was, each in a few words."""
        now = _settings()
        found = list(self._deeds)
        found += [
            f"{name} is {now[name]}, not {before}"
            for name, before in self._settings.items()
            if now[name] != before
        ]
        for name, (identity, before) in self._named.items():
            module = sys.modules.get(name)
            if id(module) != identity:
                found.append(f"module {name} was replaced")
                continue
            after = _callables(module)
            found.extend(f"{name}.{key} was patched" for key in before if after.get(key) != before[key])
        return found


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _count_threads(deeds: Dict[str, None]) -> None:
    """Note every start of a thread, also where it has ended again before anybody looks."""
    for module, name in (
        (_thread, "start_new_thread"),
        (_thread, "start_joinable_thread"),
        (threading, "_start_new_thread"),
        (threading, "_start_joinable_thread"),
    ):
        start = getattr(module, name, None)
        if start is not None:
            setattr(module, name, _noting(start, deeds))


def _noting(start: Any, deeds: Dict[str, None]) -> Any:
    def start_thread(*args: Any, **kwargs: Any) -> Any:
        deeds["a thread was started"] = None
        return start(*args, **kwargs)

    return start_thread


def _callables(module: Any) -> Dict[str, int]:
    return {
        key: id(value)
        for key, value in vars(module).items()
        if (callable(value) and not key.startswith("__")) or key == "__import__"
    }


_thread_count = threading.active_count
_gc_enabled = gc.isenabled
_getsignal = signal.getsignal
_recursion = sys.getrecursionlimit
_getcwd = os.getcwd


def _settings() -> Dict[str, Any]:
    return {
        "number of threads": _os_threads(),
        "garbage collection enabled": _gc_enabled(),
        "recursion limit": _recursion(),
        "switch interval": sys.getswitchinterval(),
        "trace function": repr(type(sys.gettrace())),
        "profile function": repr(type(sys.getprofile())),
        "exit handlers": _exit_handlers(),
        "folder": _getcwd(),
        "environment": dict(os.environ),
        "priority": _priority(),
        "processors": _processors(),
        "children": _children(),
        "handler of the time limit in place": _getsignal(signal.SIGALRM) is limits.on_alarm,
    }


def _os_threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return _thread_count()


def _children() -> int:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as listing:
            return len(listing.read().split())
    except OSError:
        return 0


def _priority() -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, 0)
    except (OSError, AttributeError):
        return 0


_getaffinity = getattr(os, "sched_getaffinity", None)


def _processors() -> List[int]:
    return sorted(_getaffinity(0)) if _getaffinity is not None else []


def _exit_handlers() -> int:
    import atexit

    count = getattr(atexit, "_ncallbacks", None)
    return int(count()) if count is not None else 0
