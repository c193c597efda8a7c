"""Does the rewrite of {name} in {file} do the same, and is it faster?

Paceline's verdict: {outcome}.
{reason}
{judged}

Run this from the project's root with the project's own interpreter, Python 3.9 or newer:

    python {script}

It needs nothing but the standard library and the project. Each version in turn is put into the project's
file, in memory, and runs as ordinary code, without a sandbox. First it compares, on the inputs below: results
with their exact types, exceptions, what is done to the arguments, what is printed. Then the two are timed in
turns, in fresh processes.

Exit status: 0 the rewrite is faster here too, 1 that is not proven, 2 the two behave differently, 3 it could
not be told.

Written by Paceline {version}.
"""

from __future__ import annotations

import ast
import asyncio
import collections
import contextlib
import enum
import functools
import gc
import hashlib
import importlib
import importlib.machinery
import importlib.util
import inspect
import io
import itertools
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import time
import tokenize

# facts: begin
FILE = "work.py"
NAME = "function"
MODULE = "work"
FOLDERS = ["."]
KIND = "value"
MUTATES = True
TOLERANCE = 0.0
MINIMUM_GAIN = 0.05
CONFIDENCE = 0.95
LAUNCHES = 10
STUDENT_T = 2.2621571628
JUDGED = ("", "")
ORIGINAL = ""
ABOVE = ""
REWRITE = ""
# facts: end

BLOCK_S = 0.010
MOST_CALLS = 20_000
MOST_MAKING_S = 0.2
MOST_DRAINED = 10_000
CHECK_LIMIT_S = 20
TIMES_ORIGINAL = 20


def main():
    """Compare, time, print; return the exit status."""
    print(f"{NAME} in {FILE}, Python {platform.python_version()}, {platform.platform(terse=True)}")
    if hashlib.sha256(read_file().encode()).hexdigest() not in JUDGED:
        print(f"note: the rest of {FILE} has changed since the rewrite was judged")
    start = time.monotonic()
    expected = observe("original", None)
    # One that does not come to its end has to be given up at some time.
    got = observe("rewrite", max(CHECK_LIMIT_S, TIMES_ORIGINAL * (time.monotonic() - start)))
    compared = 0
    for at, ours in enumerate(expected):
        if "unusable" in ours:
            continue
        theirs = (
            got[at] if at < len(got) else {"result": "the process ended, or took too long, on this input"}
        )
        for part in ("exception", "result", "arguments", "output"):
            if not is_same(ours.get(part), theirs.get(part)):
                print(f"DIFFERENT {part} on input {at + 1} of {len(expected)}:")
                print(f"  {shown(source_of(every_input()[at]))}")
                print(f"  original: {shown(ours.get('exception') or ours.get(part))}")
                print(f"  rewrite:  {shown(theirs.get('exception') or theirs.get(part))}")
                return 2
        compared += 1
    if not compared:
        raise SystemExit(stopped("not one input could be rebuilt, so nothing was compared"))
    print(f"no difference in {compared} inputs")
    return timed()


def every_input():
    """Return what is compared: the inputs to check on, then those that are timed."""
    return CHECKED + [make for size in TIMED.values() for make in size]


def source_of(make):
    """Return an input as it is written at the end of this file."""
    return inspect.getsource(make).strip().partition("lambda: ")[2].rstrip(",")


# --- the two versions ---------------------------------------------------------------------------------------


def read_file():
    """Return the text of the project's file."""
    try:
        with tokenize.open(FILE) as file:
            return file.read()
    except OSError as error:
        raise SystemExit(
            stopped(f"{FILE} cannot be read ({error.strerror}): run this from the project's root")
        )


def version(which):
    """Return the file's text with one of the two versions of the function in it."""
    text = read_file()
    path = find(ast.parse(text).body, NAME.split("."))
    if not path:
        raise SystemExit(stopped(f"{FILE} has no {NAME} any more"))
    lines = text.splitlines(keepends=True)
    first, last = first_line(path[-1]), path[-1].end_lineno
    lines[first - 1 : last] = [ORIGINAL if which == "original" else REWRITE]
    if which == "rewrite":
        lines.insert(first_line(path[0]) - 1, ABOVE)
    return "".join(lines)


def find(body, names):
    """Return the statements that lead to a definition, from the module's level down to itself."""
    for node in reversed(body):
        if getattr(node, "name", None) == names[0]:
            if len(names) == 1:
                return [node]
            inner = find(node.body, names[1:])
        else:
            # A definition may stand in a branch: if TYPE_CHECKING, try, with.
            parts = [getattr(node, part, []) for part in ("body", "orelse", "finalbody")]
            is_scope = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            inner = (
                [] if is_scope else find([n for part in parts if isinstance(part, list) for n in part], names)
            )
        if inner:
            return [node, *inner]
    return []


def first_line(node):
    """Return the line a statement begins on, its decorators included."""
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


class OneModule:
    """Makes one version the module that the rest of the project imports."""

    def __init__(self, text):
        self.text = text

    def find_spec(self, name, path=None, target=None):
        """Answer for the one module, by its real name."""
        if name != MODULE:
            return None
        is_package = os.path.basename(FILE) == "__init__.py"
        folders = [os.path.dirname(os.path.abspath(FILE))] if is_package else None
        return importlib.util.spec_from_file_location(
            name,
            os.path.abspath(FILE),
            loader=FromText(name, FILE, self.text),
            submodule_search_locations=folders,
        )


class FromText(importlib.machinery.SourceFileLoader):
    """Runs the text it was given in place of the file's."""

    def __init__(self, name, path, text):
        super().__init__(name, os.path.abspath(path))
        self.text = text

    def get_code(self, fullname):
        """Compile the text, so that no cached byte code of the file is used."""
        return compile(self.text, self.path, "exec", dont_inherit=True)


def load(which):
    """Return one version of the function, imported as the project would."""
    sys.path[:0] = [os.path.abspath(folder) for folder in FOLDERS]
    sys.meta_path.insert(0, OneModule(version(which)))
    found, owner = importlib.import_module(MODULE), None
    for part in NAME.split("."):
        owner = found if isinstance(found, type) else None
        found = inspect.getattr_static(found, part) if owner else getattr(found, part)
    if isinstance(found, classmethod):
        return found.__get__(None, owner)
    if isinstance(found, staticmethod):
        return found.__func__
    return found if callable(found) else getattr(found, "fget", None) or found.func


# --- the inputs are written with these ----------------------------------------------------------------------


def call(*args, **kwargs):
    """Stand for one call of the function."""
    return args, kwargs


def unpacked(*texts):
    """Stand for a call on literals that are too long to be read."""
    import base64
    import zlib

    args, kwargs = ast.literal_eval(zlib.decompress(base64.b85decode("".join(texts))).decode())
    return tuple(args), kwargs


@functools.lru_cache(maxsize=None)
def named(name):
    """Return what ``module:qualified.name`` stands for; without a module, in the function's own."""
    module, _, path = name.rpartition(":")
    found = importlib.import_module(module or MODULE)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def made(name, base=None, **fields):
    """Return an object of a class with these fields, past its constructor, as it was recorded."""
    cls = named(name)
    value = object.__new__(cls) if base is None else type(base).__new__(cls, base)
    if isinstance(value, (list, dict, set)):
        type(base).__init__(value, base)
    for field, content in fields.items():
        try:
            object.__setattr__(value, field, content)
        except AttributeError:
            vars(value)[field] = content
    return value


# --- behaviour ----------------------------------------------------------------------------------------------


def observe(which, limit_s):
    """Return what one version does on every input, seen in a process of its own."""
    command = [sys.executable, os.path.abspath(__file__), "--observe", which]
    try:
        # Sets are written out in one order in both processes.
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            timeout=limit_s,
            check=False,
        )
        said, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        said, status = late.stdout or b"", 0
    if status == 3:
        raise SystemExit(3)
    seen = [json.loads(line) for line in said.splitlines() if line.endswith(b"}")]
    if which == "original" and len(seen) < len(every_input()):
        raise SystemExit(stopped(f"the original did not get through its inputs (status {status})"))
    return seen


def observed(function, out):
    """Write what the function does on every input, one line of JSON each."""
    for make in every_input():
        try:
            args, kwargs = make()
        except Exception as error:
            out.write(json.dumps({"unusable": repr(error)}) + "\n")
            continue
        random.seed(0)
        seen, printed = {}, io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                seen["result"] = described(consumed(function(*args, **kwargs)))
            except BaseException as error:
                # What the interpreter says of its own errors follows from how the code is written.
                own_words = isinstance(error, (TypeError, AttributeError, RecursionError, NameError))
                seen["exception"] = [type(error).__name__, [] if own_words else described(error.args)]
        seen["arguments"] = described([list(args), kwargs])
        seen["output"] = printed.getvalue()
        out.write(json.dumps(seen) + "\n")
        out.flush()


def consumed(result):
    """Return what is in a result: coroutines are run to their end, generators drained up to a bound."""
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    if inspect.isasyncgen(result):
        return asyncio.run(drained(result))
    if inspect.isgenerator(result) or (hasattr(result, "__next__") and type(result).__module__ == "builtins"):
        return ["generator", list(itertools.islice(result, MOST_DRAINED))]
    return result


async def drained(result):
    """Return the items of an async generator, up to a bound."""
    items = []
    async for item in result:
        items.append(item)
        if len(items) >= MOST_DRAINED:
            break
    return items


def described(value, around=()):
    """Return a value as JSON that tells its exact type, deeply: 1 is not 1.0, -0.0 not 0.0, NaN is NaN."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}".replace("builtins.", "")
    if value is None or kind in ("bool", "str"):
        return value
    if isinstance(value, enum.Enum):
        return [kind, value.name]
    if isinstance(value, float):
        return {"float": float.__repr__(value), "type": kind}
    if isinstance(value, (int, bytes, bytearray, complex, str, range)):
        return [kind, repr(value)]
    if hasattr(value, "__qualname__"):
        return [kind, f"{getattr(value, '__module__', '')}.{value.__qualname__}"]
    if id(value) in around:
        return ["the value around it", len(around) - around.index(id(value))]
    around = (*around, id(value))
    if isinstance(value, BaseException):
        return [kind, [described(item, around) for item in value.args]]
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return [kind, str(value.dtype), list(getattr(value, "shape", ())), described(value.tolist(), around)]
    items = []
    if isinstance(value, dict):
        items = [[described(key, around), described(content, around)] for key, content in value.items()]
    elif isinstance(value, (set, frozenset)):
        items = sorted((described(item, around) for item in value), key=json.dumps)
    elif isinstance(value, (list, tuple, collections.deque)):
        items = [described(item, around) for item in value]
    fields = fields_of(value)
    if not fields and type(value).__module__ not in (MODULE, "builtins", "collections"):
        # What is written in C shows what it holds by its repr, or not at all.
        fields = {"repr": repr(value).partition(" at 0x")[0]}
    return [kind, items, [[name, described(fields[name], around)] for name in sorted(fields)]]


def fields_of(value):
    """Return the attributes an object holds, in its dictionary or in slots."""
    fields = dict(getattr(value, "__dict__", {}))
    for cls in type(value).__mro__:
        slots = getattr(cls, "__slots__", ())
        for slot in [slots] if isinstance(slots, str) else slots:
            if slot not in ("__dict__", "__weakref__") and hasattr(value, slot):
                fields[slot] = getattr(value, slot)
    return fields


def is_same(ours, theirs):
    """Say whether two descriptions are equal, floats within the tolerance the verdict allowed."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and "float" in ours and "float" in theirs:
        a, b = float(ours["float"]), float(theirs["float"])
        return ours == theirs or abs(a - b) <= TOLERANCE * max(abs(a), abs(b))
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(is_same, ours, theirs))
    return type(ours) is type(theirs) and ours == theirs


def shown(value):
    """Return something on one line of bounded length."""
    text = " ".join((value if isinstance(value, str) else json.dumps(value)).split())
    return text if len(text) <= 300 else text[:300] + "..."


# --- time ---------------------------------------------------------------------------------------------------


def timed():
    """Time both versions, print a line for each size, and return the exit status.

    A launch is three fresh processes: the original, the rewrite, and the original once more. Their blocks
    of calls take turns, in one order and then the other. Launches differ more than calls do, so the launch is
    what is counted: the interval is a t-interval over the launches' log ratios.
    """
    ratios = {size: [] for size in TIMED}
    controls = {size: [] for size in TIMED}
    before = {size: [] for size in TIMED}
    after = {size: [] for size in TIMED}
    for launch in range(LAUNCHES):
        with contextlib.ExitStack() as stack:
            workers = [stack.enter_context(Timer(which)) for which in ("original", "rewrite", "original")]
            for size in TIMED:
                # The first block warms up, and says how many calls make a block of some milliseconds.
                calls = [worker.calls(size) for worker in workers]
                calls[0] = calls[2] = min(calls[0], calls[2])
                rounds = []
                for turn in range(2):
                    order = [0, 1, 2] if (launch + turn) % 2 else [2, 1, 0]
                    took = dict((at, workers[at].block(size, calls[at])) for at in order)
                    rounds.append([took[at] for at in (0, 1, 2)])
                one, other, again = (statistics.fmean(math.log(r[at]) for r in rounds) for at in (0, 1, 2))
                ratios[size].append((one + again) / 2 - other)
                controls[size].append(one - again)
                before[size].append(math.exp((one + again) / 2))
                after[size].append(math.exp(other))
    print(f"{'elements':>10}  {'before':>10}  {'after':>10}  speedup ({CONFIDENCE:.0%} interval)")
    for size in TIMED:
        low, mean, high = interval(ratios[size])
        was, now = statistics.median(before[size]), statistics.median(after[size])
        print(f"{size:>10,}  {seconds(was):>10}  {seconds(now):>10}  {mean:.2f}x ({low:.2f}-{high:.2f})")
    size = max(TIMED)
    low, mean, high = interval(ratios[size])
    control_low, _, control_high = interval(controls[size])
    is_faster = low > 1 + MINIMUM_GAIN and low > max(control_high, 1 / control_low)
    word = "FASTER" if is_faster else "NOT PROVEN FASTER"
    print(
        f"{word}: {mean:.2f}x ({low:.2f}-{high:.2f}) over {LAUNCHES} launches; "
        f"the original against itself {control_low:.2f}-{control_high:.2f}"
    )
    return 0 if is_faster else 1


class Timer:
    """A process that holds one version and times blocks of calls."""

    def __init__(self, which):
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--time", which],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def calls(self, size):
        """Return how many calls make a block."""
        once = self.block(size, 1)
        few = max(1, min(1000, int(BLOCK_S / 4 / once)))
        wanted = BLOCK_S / self.block(size, few)
        # Inputs that have to be made for every call should not take much longer than the calls.
        return max(1, min(MOST_CALLS, math.ceil(wanted), int(MOST_MAKING_S / self.making_s)))

    def block(self, size, calls):
        """Return the seconds of one call, over a block of so many."""
        self.process.stdin.write(json.dumps([size, calls]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(stopped("a process that was timed ended"))
        elapsed, making = json.loads(answer)
        self.making_s = max(making, 1e-9) / calls
        return max(elapsed, 1e-9) / calls


def answer_timings(function, requests, out):
    """Time blocks of calls until nobody asks any more."""
    run = {"value": run_values, "coroutine": run_coroutines, "async generator": run_drained_async}.get(
        KIND, run_drained
    )
    at = 0
    for request in requests:
        size, count = json.loads(request)
        start = time.perf_counter()
        # Every call gets arguments of its own, of parts that nobody has looked at yet.
        calls = [renewed(TIMED[size][(at + n) % len(TIMED[size])]()) for n in range(count)]
        at += count
        making = time.perf_counter() - start
        random.seed(0)
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        results = run(function, calls)
        elapsed = time.perf_counter() - start
        gc.enable()
        # Letting go of the results is not timed.
        del results
        out.write(json.dumps([elapsed, making]) + "\n")
        out.flush()


def renewed(value):
    """Return an equal value with texts that are new: one that was looked up before is quicker to look up."""
    if type(value) in (str, bytes):
        return value[:1] + value[1:]
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(map(renewed, value))
    if type(value) is dict:
        return {renewed(key): renewed(item) for key, item in value.items()}
    return value


def run_values(function, calls):
    """Call, and keep the results."""
    return [function(*args, **kwargs) for args, kwargs in calls]


def run_drained(function, calls):
    """Call a generator function and take all it yields."""
    return [list(itertools.islice(function(*args, **kwargs), MOST_DRAINED)) for args, kwargs in calls]


def run_coroutines(function, calls):
    """Await all calls in one event loop."""

    async def every():
        return [await function(*args, **kwargs) for args, kwargs in calls]

    return asyncio.run(every())


def run_drained_async(function, calls):
    """Drain all async generators in one event loop."""

    async def every():
        return [await drained(function(*args, **kwargs)) for args, kwargs in calls]

    return asyncio.run(every())


def interval(logs):
    """Return low, mean and high of the ratios whose logarithms are given."""
    mean = statistics.fmean(logs)
    half = STUDENT_T * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean - half), math.exp(mean), math.exp(mean + half)


def seconds(value):
    """Return a duration with its unit."""
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def stopped(why):
    """Say why there is no answer; return the status for that."""
    print(f"cannot compare: {why}", file=sys.stderr)
    return 3


def work_for(task, which):
    """Do one process's part; what the function prints or reads goes nowhere."""
    out = os.fdopen(os.dup(1), "w")
    requests = os.fdopen(os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    function = load(which)
    if task == "--observe":
        observed(function, out)
    else:
        answer_timings(function, requests, out)


# inputs: begin
CHECKED = []
TIMED = {}
# inputs: end


if __name__ == "__main__":
    if len(sys.argv) == 3:
        work_for(*sys.argv[1:])
    else:
        sys.exit(main())
