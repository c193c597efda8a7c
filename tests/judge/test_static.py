"""The static look alone: text in, a rejection or None out."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from paceline.judge.python.static import reject
from paceline.judge.verdict import Outcome
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Target
from paceline.syntax.targets import target_named

from .conftest import in_parts

MODULE = """
import os
import time
from collections import deque

LIMIT = 10

def helper(x):
    return x

def f(items, *, start=0):
    return sum(items, start)

def timed(items):
    before = time.perf_counter()
    return sum(items), time.perf_counter() - before

def grows(items, seen=[]):
    seen.extend(items)
    return seen
"""


def target(name: str = "f", module: str = MODULE) -> Target:
    return target_named(Snapshot.open(Path("work.py"), dedent(module).encode()), name)


def look(candidate: str, name: str = "f", module: str = MODULE) -> Outcome | None:
    found = reject(target(name, module), in_parts(dedent(candidate), name))
    return found.outcome if found else None


@pytest.mark.parametrize(
    "candidate",
    [
        "def f(items, *, start=0):\n    return start + sum(items)",
        "import heapq\ndef f(items, *, start=0):\n    return sum(heapq.nsmallest(3, items), start)",
        "def f(items, *, start=0):\n    memo = {}\n    memo[1] = 2\n    return sum(items, start)",
        "def _half(x):\n    return x / 2\n\ndef f(items, *, start=0):\n    return _half(2 * sum(items))",
        "_WORDS = frozenset({'a'})\ndef f(items, *, start=0):\n    return sum(x in _WORDS for x in items)",
        "import re\n_WORD = re.compile('a')\ndef f(items, *, start=0):\n    return len(_WORD.findall(items))",
        "from functools import lru_cache\ndef f(items, *, start=0):\n"
        "    @lru_cache(None)\n    def inner(x):\n        return x\n    return sum(map(inner, items), start)",
        "def f(items, *, start=0):\n    total = start\n    def add(x):\n        nonlocal total\n"
        "        total += x\n    for x in items:\n        add(x)\n    return total",
        "from io import StringIO\ndef f(items, *, start=0):\n    out = StringIO()\n    return out.getvalue()",
        "def f(items, *, start=0):\n    'Mentions __globals__ in words.'\n    return sum(items, start)",
        "def f(items, *, start=0):\n    os = items\n    os.append(1)\n    return os",
        "import numpy as np\ndef f(items, *, start=0):\n    return int(np.sum(items)) + start",
        "def f(items, *, start=0):\n    return sum([time for time in items], start)",
    ],
)
def test_ordinary_rewrites_pass(candidate: str) -> None:
    assert look(candidate) is None


@pytest.mark.parametrize(
    "candidate",
    [
        "import subprocess\ndef f(items, *, start=0):\n    return 1",
        "import requests\ndef f(items, *, start=0):\n    return 1",
        "import numpy.ctypeslib\ndef f(items, *, start=0):\n    return 1",
        "from math import *\ndef f(items, *, start=0):\n    return 1",
        "from math import floor as sum\ndef f(items, *, start=0):\n    return 1",
        "def f(items, *, start=0):\n    import threading\n    return 1",
        "def f(items, *, start=0):\n    return os.getpid()",
        "def f(items, *, start=0):\n    return [os for os in [1]] and os.getpid()",
        "def f(items, *, start=0):\n    return time.perf_counter()",
        "def f(items, *, start=0):\n    return eval('1')",
        "def f(items, *, start=0):\n    return (lambda e=exec: e)",
        "def f(items, *, start=0):\n    return __builtins__",
        "def f(items, *, start=0):\n    return f.__globals__",
        "def f(items, *, start=0):\n    return getattr(f, '__glo' + 'bals__')",
        "def f(items, *, start=0):\n    return getattr(f, '__globals__')",
        "def f(items, *, start=0):\n    return '{0.__class__}'.format(items)",
        "def f(items, *, start=0):\n    return (x for x in items).gi_frame",
        "def f(items, *, start=0):\n    f.known = 1\n    return 1",
        "def f(items, *, start=0):\n    helper.known = {}\n    return 1",
        "def f(items, *, start=0):\n    global LIMIT\n    LIMIT = 1\n    return 1",
        "def f(items, *, start=0):\n    deque.known = 1\n    return 1",
        "def f(items, *, start=0):\n    setattr(f, 'a', 1)\n    return 1",
        "_known = {}\ndef f(items, *, start=0):\n    return _known.setdefault(1, 2)",
        "_known = [0] * 10\ndef f(items, *, start=0):\n    return _known[0]",
        "_count = iter(range(9))\ndef f(items, *, start=0):\n    return next(_count)",
        "def _g(x, seen={}):\n    return seen\n\ndef f(items, *, start=0):\n    return _g(1)",
        "class _K:\n    seen = {}\n\ndef f(items, *, start=0):\n    return _K.seen",
        "class _K:\n    def __eq__(self, o):\n        return 1\n\ndef f(items, *, start=0):\n    return _K()",
        "def f(items, *, start=0):\n    class K:\n        __class__ = int\n    return K()",
        "def f(items, *, start=0):\n    return type('int', (), {})",
        "class _K(metaclass=abs):\n    pass\n\ndef f(items, *, start=0):\n    return _K",
        "def helper(x):\n    return 0\n\ndef f(items, *, start=0):\n    return helper(1)",
        "from functools import cache\n@cache\ndef f(items, *, start=0):\n    return 1",
        "from functools import lru_cache\n@lru_cache\ndef _g(x):\n    return 1\n"
        "def f(items, *, start=0):\n    return 1",
        "print('hello')\ndef f(items, *, start=0):\n    return 1",
        "def f(items, *, start=0):\n    return open('/etc/passwd').read()",
    ],
)
def test_what_could_bend_the_measurement_does_not_run(candidate: str) -> None:
    assert look(candidate) is Outcome.TAMPERED


@pytest.mark.parametrize(
    "candidate",
    [
        "def f(items, start=0):\n    return 1",
        "def f(items, *, start=1):\n    return 1",
        "def f(things, *, start=0):\n    return 1",
        "def f(items, *, start=0, more=None):\n    return 1",
        "async def f(items, *, start=0):\n    return 1",
        "def f(items, *, start=0):\n    yield 1",
    ],
)
def test_another_signature_is_another_function(candidate: str) -> None:
    assert look(candidate) is Outcome.WRONG


def test_text_that_does_not_parse_does_not_build() -> None:
    assert look("def f(items, *, start=0:\n    return 1") is Outcome.DOES_NOT_BUILD


def test_annotations_are_no_part_of_the_signature() -> None:
    assert look("def f(items: list[int], *, start: int = 0) -> int:\n    return sum(items, start)") is None


def test_what_the_original_does_is_allowed_and_nothing_more() -> None:
    same = "def timed(items):\n    t = time.perf_counter()\n    return sum(items), time.perf_counter() - t"
    more = "def timed(items):\n    return sum(items), time.process_time()"
    kept = "def grows(items, seen=[]):\n    seen += items\n    return seen"
    assert look(same, "timed") is None
    assert look(more, "timed") is Outcome.TAMPERED
    assert look(kept, "grows") is None


def test_a_decorator_of_the_original_stays() -> None:
    module = "from functools import cache\n\n@cache\ndef f(x):\n    return x * 2\n"
    assert look("@cache\ndef f(x):\n    return x + x", module=module) is None
    assert look("def f(x):\n    return x + x", module=module) is Outcome.TAMPERED
