"""Records the calls of a workspace's functions in any Python that a command starts.

Modules of the workspace, and a script that is run, are compiled with one more statement at the beginning of
each function: it notes the arguments of the first calls and of one call in a thousand after them. The
function is otherwise the same object, with the same signature and no frame more. What is noted is masked,
appended at once to a file of the process, and is data: see ``codec``.

The order comes in the variable PACELINE_RECORD: {"root", "into", "functions"}. Standard library only,
Python 3.9 or newer. This runs outside of any sandbox, in the person's own process: nothing that goes wrong
here may reach the program.
"""

# Programs start often, and pathlib takes long to import.
# ruff: noqa: PTH100, PTH118, PTH120, PTH123

from __future__ import annotations

import ast
import builtins
import importlib.machinery
import importlib.util
import itertools
import json
import os
import sys
import threading
import time
import types
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

FIRST = 200
"""So many calls of a function are all noted; after them, one in ``ONE_IN``."""
ONE_IN = 1000
LARGEST_BYTES = 256_000
"""Of one call."""
MOST_FUNCTION_BYTES = 2_000_000
MOST_PROCESS_BYTES = 32_000_000
MOST_ELEMENTS = 20_000
"""Of the containers of one call, looked at before they are written."""
MOST_FUNCTION_S = 0.5
MOST_PROCESS_S = 5.0
"""Spent on writing arguments down. Beyond it the calls still run, unnoted."""

VARIABLE = "PACELINE_RECORD"
_NOTE = "__paceline_note__"
_DUE = "__paceline_due_{}__"
_UNFINISHED = frozenset(
    {"__init__", "__new__", "__del__", "__init_subclass__", "__class_getitem__", "__set_name__"}
    | {"__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__setstate__"}
)
"""Methods whose object is not whole when they are called, or that looking at it may call."""
_COMPILING = frozenset(
    {"njit", "jit", "vectorize", "guvectorize", "cfunc", "stencil", "generated_jit", "compile", "script"}
)
"""Decorators that read the byte code of what they decorate."""
_MOST_FRAMES = 100
_MOST_REFUNDS = 10_000
_SIZED = (list, tuple, dict, set, frozenset, str, bytes, bytearray)
_clock = time.perf_counter


def install() -> None:
    """Record in this process, if the environment orders it. Does nothing the second time."""
    order = os.environ.get(VARIABLE)
    if not order or hasattr(builtins, _NOTE):
        return
    recorder = LiveRecorder(json.loads(order))
    setattr(builtins, _NOTE, recorder.note)
    sys.meta_path.insert(0, WorkspaceFinder(recorder))


def run_script(file: str) -> None:
    """Run a script as ``python FILE`` does, its functions recorded. ``sys.argv`` starts with the script."""
    install()
    path = os.path.abspath(file)
    recorder = getattr(getattr(builtins, _NOTE, None), "__self__", None)
    loader: Any = importlib.machinery.SourceFileLoader("__main__", path)
    if recorder is not None:
        loader = recorder.loader(loader)
    with open(path, "rb") as source:
        text = source.read()
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    module = types.ModuleType("__main__")
    module.__dict__.update(
        __file__=path, __builtins__=builtins, __loader__=loader, __spec__=None, __cached__=None
    )
    sys.modules["__main__"] = module
    try:
        exec(loader.source_to_code(text, path), module.__dict__)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException:
        kind, error, trace = sys.exc_info()
        trace = _without_our_frames(trace)
        assert kind is not None and error is not None
        sys.excepthook(kind, error.with_traceback(trace), trace)
        sys.exit(1)


class Function(NamedTuple):
    """One function that is recorded."""

    about: Dict[str, str]
    """Its file below the root, its qualified name and its signature, as they are written."""
    parameters: List[str]
    """Of the noted positional arguments."""
    allowance: List[bool]
    """What its iterator of calls goes through first. Adding to it has one more call noted."""
    written: Set[int]
    """Hashes of the calls that were written."""
    problems: Set[str]
    spent: List[float]
    """Bytes and seconds."""


class LiveRecorder:
    """What is recorded in this process, and where it goes."""

    def __init__(self, order: Dict[str, Any]) -> None:
        self._root = os.path.realpath(order["root"])
        self._into = order["into"]
        wanted = order.get("functions")
        self._wanted: Optional[Set[Any]] = None if wanted is None else {tuple(each) for each in wanted}
        self._functions: List[Function] = []
        self._tools: Dict[str, Any] = {}
        self._file = -1
        self._bytes = 0
        self._seconds = 0.0

    def wants(self, file: str) -> bool:
        """Return whether a source file's functions are recorded: it is of the workspace, and no test."""
        own_files = self._tool("own_files")
        relative = own_files.below(self._root, file)
        if relative is None:
            return False
        if self._wanted is not None:
            return any(of == relative for of, _ in self._wanted)
        return bool(own_files.is_own(self._root, relative))

    def instrumented(self, text: Any, file: str) -> Any:
        """Return the syntax tree of a source text with a statement more in each function that is recorded.

        Raises SyntaxError as compiling the text does.
        """
        tree = ast.parse(text, file)
        relative = self._relative(os.path.realpath(file))
        definitions = self._tool("definitions")
        for name, node in definitions.functions(tree):
            if node.name in _UNFINISHED or any(_last_name(d) in _COMPILING for d in node.decorator_list):
                continue
            if self._wanted is not None and (relative, name) not in self._wanted:
                continue
            about = {"file": relative, "name": name, "signature": definitions.signature(node)}
            positional = definitions.parameters(node)
            if definitions.is_classmethod(node):
                positional = positional[1:]
            number = self._register(about, positional)
            after_docstring = 1 if ast.get_docstring(node, clean=False) is not None else 0
            node.body.insert(after_docstring, _statement(number, positional, node))
        return tree

    def loader(self, plain: Any) -> Any:
        """Return what loads a module in place of its own loader: that one where nothing is recorded of it.

        So it is for a text that cannot be compiled, for its own loader to say so as it always does.
        """
        try:
            if not self.wants(plain.path):
                return plain
            tree = self.instrumented(plain.get_data(plain.path), plain.path)
            return RecordingLoader(plain.name, plain.path, plain.source_to_code(tree, plain.path))
        except Exception:
            return plain

    def note(self, number: int, home: str, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> None:
        """Write down one call of a function of the module ``home``. Raises nothing."""
        function = self._functions[number]
        start = _clock()
        try:
            frame = sys._getframe(1)
            if _is_recursion(frame):
                # Recursion is the function's own doing, not a use of it.
                if len(function.allowance) < FIRST + _MOST_REFUNDS:
                    function.allowance.append(True)
                return
            self._write_call(function, home, *_without_defaults(function, home, frame.f_code, args, kwargs))
        except Exception as error:
            self._problem(function, f"an argument could not be read: {type(error).__name__}")
        finally:
            seconds = _clock() - start
            function.spent[1] += seconds
            self._seconds += seconds

    def _write_call(self, function: Function, home: str, args: Any, kwargs: Any) -> None:
        used, seconds = function.spent
        if used > MOST_FUNCTION_BYTES or seconds > MOST_FUNCTION_S:
            return
        if self._seconds > MOST_PROCESS_S or self._bytes > MOST_PROCESS_BYTES:
            return
        if _elements([*args, *kwargs.values()]) > MOST_ELEMENTS:
            self._problem(function, "an argument is too large to keep")
            return
        codec = self._tool("codec")
        memo = codec.Memo(home)
        try:
            call = {"args": codec.encode(args, memo=memo), "kwargs": codec.encode(kwargs, memo=memo)}
        except codec.Unencodable as error:
            self._problem(function, f"a recorded argument holds {error}")
            return
        call = self._tool("masking").masked_call(call, function.parameters)
        text = json.dumps(call)
        if len(text) > LARGEST_BYTES:
            self._problem(function, "an argument is too large to keep")
        elif hash(text) not in function.written:
            function.written.add(hash(text))
            function.spent[0] += self._write({**function.about, "call": call})

    def _problem(self, function: Function, words: str) -> None:
        if len(function.problems) < 4 and words not in function.problems:
            function.problems.add(words)
            try:
                self._write({**function.about, "problem": words[:500]})
            except Exception:
                return

    def _write(self, record: Dict[str, Any]) -> int:
        """Append one record to this process's file and return its length."""
        line = (json.dumps(record) + "\n").encode("ascii")
        if self._file < 0:
            path = os.path.join(self._into, f"{os.getpid()}-{os.urandom(4).hex()}.jsonl")
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
            self._file = os.open(path, flags, 0o600)
        self._bytes += len(line)
        # In one piece: forks of this process append to the same file.
        os.write(self._file, line)
        return len(line)

    def _register(self, about: Dict[str, str], parameters: List[str]) -> int:
        number = len(self._functions)
        allowance = [True] * FIRST
        # Asking this at every call costs less than counting in Python would.
        due = itertools.chain(allowance, itertools.cycle([False] * (ONE_IN - 1) + [True]))
        self._functions.append(Function(about, parameters, allowance, set(), set(), [0.0, 0.0]))
        setattr(builtins, _DUE.format(number), due.__next__)
        return number

    def _relative(self, file: str) -> str:
        return file[len(self._root) + 1 :].replace(os.sep, "/")

    def _tool(self, name: str) -> Any:
        if name not in self._tools:
            self._tools[name] = _beside(name)
        return self._tools[name]


class WorkspaceFinder:
    """Finds what the others find, and gives modules of the workspace a loader that records."""

    def __init__(self, recorder: LiveRecorder) -> None:
        self._recorder = recorder
        self._busy = threading.local()

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec that the other finders have, None where they have none."""
        if getattr(self._busy, "now", False):
            return None
        self._busy.now = True
        try:
            spec = _first_spec(fullname, path, target, self)
        finally:
            self._busy.now = False
        if spec is not None and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = self._recorder.loader(spec.loader)
        return spec


class RecordingLoader(importlib.machinery.SourceFileLoader):
    """Executes a module with its functions recorded."""

    def __init__(self, name: str, path: str, code: types.CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def source_to_code(  # type: ignore[override]
        self, data: Any, path: Any, *more: Any, **options: Any
    ) -> Any:
        """Return the code of the module."""
        return self._code

    def path_stats(self, path: Any) -> Any:
        """Tell nothing: the byte code beside the file is not that of what is recorded, and stays."""
        raise OSError


def _without_our_frames(trace: Optional[types.TracebackType]) -> Optional[types.TracebackType]:
    here = os.path.abspath(__file__)
    while trace is not None and os.path.abspath(trace.tb_frame.f_code.co_filename) == here:
        trace = trace.tb_next
    if trace is not None:
        trace.tb_next = _without_our_frames(trace.tb_next)
    return trace


def _statement(number: int, positional: List[str], node: Any) -> ast.stmt:
    """Return the statement that notes a call, standing where the definition does."""
    keywords = [f"{each.arg!r}: {each.arg}" for each in node.args.kwonlyargs]
    if node.args.kwarg is not None:
        keywords.append(f"**{node.args.kwarg.arg}")
    args = "".join(f"{name}, " for name in positional)
    call = f"{_NOTE}({number}, __name__, ({args}), {{{', '.join(keywords)}}})"
    made = ast.parse(f"if {_DUE.format(number)}(): {call}").body[0]
    for each in ast.walk(made):
        if isinstance(each, (ast.expr, ast.stmt)):
            each.lineno = each.end_lineno = node.lineno
            each.col_offset = each.end_col_offset = node.col_offset
    return made


def _is_recursion(frame: Any) -> bool:
    code, above = frame.f_code, frame.f_back
    for _ in range(_MOST_FRAMES):
        if above is None:
            return False
        if above.f_code is code:
            return True
        above = above.f_back
    return False


def _without_defaults(
    function: Function, home: str, code: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]
) -> Tuple[Tuple[Any, ...], Dict[str, Any]]:
    """Leave out arguments that are the very defaults: a default may be an object that nobody can pass."""
    made = _function_of(home, function.about["name"], code)
    if made is None:
        return args, kwargs
    named = len(function.parameters)
    rest = bool(function.parameters) and function.parameters[-1].startswith("*")
    if not rest or len(args) < named:
        kept, defaults = list(args), list(made.__defaults__ or ())
        while kept and defaults and kept[-1] is defaults[-1]:
            kept.pop()
            defaults.pop()
        args = tuple(kept)
    hidden = made.__kwdefaults__ or {}
    return args, {
        name: value for name, value in kwargs.items() if name not in hidden or hidden[name] is not value
    }


def _function_of(home: str, name: str, code: Any) -> Any:
    """Return the function that runs a code object, if it is what its name leads to."""
    found: Any = sys.modules.get(home)
    for part in name.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    for _ in range(10):
        if type(found) is types.FunctionType and found.__code__ is code:
            return found
        inner = getattr(found, "fget", None) or getattr(found, "__func__", None)
        found = inner or getattr(found, "__wrapped__", None) or getattr(found, "func", None)
    return None


def _elements(values: Any) -> int:
    """Return about how many elements there are, two levels deep, asking no class of the program."""
    total = 0
    for value in values:
        kind = type(value)
        if kind in _SIZED:
            total += len(value) if kind not in (str, bytes, bytearray) else len(value) // 16
            if total > MOST_ELEMENTS:
                return total
            inside = value.values() if kind is dict else value if kind in (list, tuple) else ()
            total += sum(len(inner) for inner in inside if type(inner) in (list, tuple, dict, set))
        elif kind.__module__ == "numpy" and kind.__name__ == "ndarray":
            total += value.nbytes // 8
    return total


def _last_name(decorator: Any) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return str(getattr(called, "attr", "") or getattr(called, "id", ""))


def _first_spec(fullname: str, path: Any, target: Any, without: Any) -> Any:
    for finder in list(sys.meta_path):
        find = getattr(finder, "find_spec", None)
        if finder is without or find is None:
            continue
        spec = find(fullname, path, target)
        if spec is not None:
            return spec
    return None


def _beside(name: str) -> Any:
    """Load a module of the worker under a name that no project has."""
    private = f"_paceline_{name}"
    if private not in sys.modules:
        file = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
        spec = importlib.util.spec_from_file_location(private, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[private] = module
        spec.loader.exec_module(module)
    return sys.modules[private]
