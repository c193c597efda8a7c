"""Scripts that show a verdict again: they are run here as a reviewer would run them."""

from __future__ import annotations

import ast
import collections
import datetime
import decimal
import fractions
import json
import math
import pathlib
import re
import subprocess
import sys
from collections import OrderedDict, defaultdict, deque
from pathlib import Path
from typing import Any

import pytest

from paceline.judge.python.script import Material, Timed, write_script
from paceline.judge.python.script.expressions import NotWritable, Writer, wrapped
from paceline.judge.python.worker import codec
from paceline.judge.verdict import Evidence, Outcome, Verdict
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement
from paceline.syntax.targets import target_named
from tests.judge.conftest import in_parts
from tests.judge.test_loading import interpreters

PROJECT = {
    "pkg/__init__.py": "from .work import Shelf, totals\n",
    "pkg/kinds.py": "import enum\n\n\nclass Kind(enum.Enum):\n    GOOD = 1\n    BAD = 2\n",
    "pkg/work.py": '''\
from dataclasses import dataclass

from .kinds import Kind


def totals(items: list[int]) -> list[int]:
    r"""Return what was \\summed up to each item."""
    found = []
    for at in range(len(items)):
        found.append(sum(items[: at + 1]))
    return found


@dataclass
class Book:
    title: str
    kind: Kind = Kind.GOOD


class Shelf:
    @staticmethod
    def titles(books: list[Book]):
        found = []
        for book in books:
            if book.title not in found:
                found.append(book.title)
        yield from found

    async def count(self, words: list[str]) -> dict[str, int]:
        return {word: words.count(word) for word in words}
''',
}

FASTER = """
from itertools import accumulate

def totals(items):
    return _summed(items)

def _summed(items):
    return list(accumulate(items))
"""
SAME = """
def totals(items: list[int]) -> list[int]:
    sums = []
    for at in range(len(items)):
        sums.append(sum(items[: at + 1]))
    return sums
"""
WRONG = """
from itertools import accumulate

def totals(items):
    return list(accumulate(items, initial=0))
"""
TITLES = """
@staticmethod
def titles(books):
    seen = set()
    for book in books:
        if book.title not in seen:
            seen.add(book.title)
            yield book.title
"""
TITLES_SORTED = """
@staticmethod
def titles(books):
    yield from sorted({book.title for book in books})
"""
COUNT = """
from collections import Counter

async def count(self, words):
    return dict(Counter(words))
"""
COUNT_ONE_MORE = "async def count(self, words):\n    return {word: words.count(word) + 1 for word in words}\n"


PRESERVING = {outcome for outcome in Outcome if outcome.is_behaviour_preserving}
"""What a rewrite that changes nothing is called depends on how busy the machine is."""


def oldest_and_newest() -> list[Path]:
    """The oldest and the newest interpreter that can be judged on here."""
    every = interpreters()
    return list(dict.fromkeys([every[0], every[-1]]))


async def script_for(judging, tmp_path: Path, name: str, candidate: str, expected: set[Outcome]) -> Path:
    """Judge a rewrite in the project and write the script beside it."""
    for file, text in PROJECT.items():
        path = tmp_path / "project" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    async with judging(PROJECT["pkg/work.py"], name, file="pkg/work.py") as bench:
        verdict = await bench.ask(candidate)
        assert verdict.outcome in expected, verdict.reason
        replacement = in_parts(candidate, name.rpartition(".")[2])
        material = await bench.judge.material(replacement)
        assert material is not None
        text = write_script(material, verdict)
        assert text == write_script(material, verdict)
    script = tmp_path / "project" / "compare.py"
    script.write_text(text)
    return script


def run(script: Path, python: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, script.name], cwd=script.parent, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
async def test_a_faster_rewrite_is_faster_again(judging, tmp_path: Path) -> None:
    script = await script_for(judging, tmp_path, "totals", FASTER, PRESERVING)
    text = script.read_text()
    assert "from itertools import accumulate\ndef _summed(items):" in text
    for python in oldest_and_newest():
        done = run(script, python)
        if done.returncode == 1:
            # A machine that is busy elsewhere can hide even a large gain.
            done = run(script, python)
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.search(r"no difference in \d+ inputs", done.stdout)
        assert "FASTER: " in done.stdout


@pytest.mark.slow
async def test_one_that_is_not_faster_is_not_faster_again(judging, tmp_path: Path) -> None:
    script = await script_for(judging, tmp_path, "totals", SAME, PRESERVING)
    done = run(script, Path(sys.executable))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NOT PROVEN FASTER: " in done.stdout


async def test_a_wrong_one_differs_on_every_interpreter(judging, tmp_path: Path) -> None:
    script = await script_for(judging, tmp_path, "totals", WRONG, {Outcome.WRONG})
    for python in oldest_and_newest():
        done = run(script, python)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "DIFFERENT result on input" in done.stdout
        assert "call([" in done.stdout
    # Whatever else happens to the file, the script still knows both versions.
    file = script.parent / "pkg" / "work.py"
    before = file.read_text()
    file.write_text(before.replace("    found = []\n", "    found = []  # changed\n"))
    changed = run(script, Path(sys.executable))
    assert changed.returncode == 2
    assert "has changed since" in changed.stdout
    file.write_text(before.replace("def totals", "def other"))
    gone = run(script, Path(sys.executable))
    assert gone.returncode == 3
    assert "has no totals any more" in gone.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "candidate", "statuses"),
    [
        ("Shelf.titles", TITLES, {0, 1}),
        ("Shelf.titles", TITLES_SORTED, {2}),
        ("Shelf.count", COUNT, {0, 1}),
        ("Shelf.count", COUNT_ONE_MORE, {2}),
    ],
    ids=["generator", "wrong generator", "coroutine", "wrong coroutine"],
)
async def test_methods_generators_and_coroutines(
    name: str, candidate: str, statuses: set[int], judging, tmp_path: Path
) -> None:
    expected = {Outcome.WRONG} if 2 in statuses else PRESERVING
    script = await script_for(judging, tmp_path, name, candidate, expected)
    done = run(script, interpreters()[0])
    assert done.returncode in statuses, done.stdout + done.stderr


# --- what is written

VALUES: list[Any] = [
    None, True, 0, -7, 2**70, 1.5, -0.0, math.inf, "a'\"\n", "\ud800", b"\x00'", bytearray(b"x"), 1 + 2j,
    [], [1, [2.0, "x"]], (), (1,), (1, (2,)), set(), {3, 1}, frozenset(), frozenset({"a"}), {}, {1: [2]},
    {"b": 1, "a": None}, range(3), slice(1, None), ..., OrderedDict([(1, 2)]), defaultdict(list, {1: [2]}),
    deque([1, "x"], maxlen=4), collections.Counter({"a": 2}), decimal.Decimal("1.10"),
    fractions.Fraction(1, 3), datetime.date(2024, 2, 29),
    datetime.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC),
    datetime.time(1, 2),
    datetime.timedelta(days=-1), pathlib.PurePosixPath("a/b"), re.compile(r"\d+", re.I),
    re.compile(b"x"), len, int, Outcome.FASTER,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_an_expression_makes_the_value_that_was_encoded(value: Any) -> None:
    encoded = codec.encode((value,))
    writer = Writer()
    code = writer.call(encoded, codec.encode({"key": value}))
    scope: dict[str, Any] = {module: __import__(module) for module in writer.modules}
    exec(_helpers(), scope)
    args, kwargs = eval(wrapped(code, "    "), scope)
    assert codec.text(codec.encode(args)) == codec.text(encoded)
    assert codec.text(codec.encode(kwargs["key"])) == codec.text(codec.encode(value))
    if writer.is_literal:
        ast.literal_eval(code.removeprefix("call(").removesuffix(")").partition(", key=")[0] or "None")


@pytest.mark.parametrize(
    "encoded",
    [
        ["fn", "os; import os", "system"],
        ["obj", ".", "X()", {}],
        ["obj", ".", "X", {"a b)": 1, "name": 2}],
        ["enum", "a.b", "C\n", "x"],
        ["path", "Evil", "x"],
        ["ref", 0],
        ["never heard of"],
        [],
        {"a": 1},
        ["l", 3],
        ["I", "zz"],
        ["c", ["ref", 0], 1],
    ],
)
def test_what_is_no_value_is_not_written(encoded: Any) -> None:
    """The encodings come from a process in which a rewrite has run."""
    with pytest.raises(NotWritable):
        Writer().call(["t", [encoded]], ["D", [], []])


def test_nothing_that_is_written_breaks_out_of_where_it_stands(tmp_path: Path) -> None:
    module = "def f(x):\n    return '''a''' + \"\"\"b\"\"\" + '\\\\'\n"
    target = target_named(Snapshot.open(tmp_path / "work.py", module.encode()), "f")
    replacement = Replacement(definition="def f(x):\n    return 'a' + \"b\" + '\\\\' + '\\u2028'\n")
    from paceline.syntax import splice

    value = "'''\"\"\"\n# inputs: begin\n{reason}\\"
    inputs = {"args": codec.encode((value,)), "kwargs": codec.encode({}), "source": "edge", "size": 1}
    material = Material(
        target=target,
        called=target,
        replacement=replacement,
        candidate=splice(target, replacement),
        root=tmp_path,
        checked=(inputs,),
        timed=(Timed(elements=1, payload=json.dumps([inputs]).encode()),),
        kind="value",
        mutates=False,
        minimum_gain=0.05,
        confidence=0.95,
        python="",
    )
    verdict = Verdict(
        outcome=Outcome.WRONG,
        reason='bad """\nimport os\n\x00\ud800\\',
        evidence=Evidence(environment={"cores": "2"}),
    )
    tree = ast.parse(write_script(material, verdict))
    assert isinstance(tree.body[0], ast.Expr)
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import) and n.names[0].name == "evil"]
    named = {
        n.targets[0].id: n.value
        for n in tree.body
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
    }
    scope: dict[str, Any] = {"call": lambda *args, **kwargs: args}
    for name in ("ORIGINAL", "REWRITE", "CHECKED"):
        scope[name] = eval(compile(ast.Expression(named[name]), "", "eval"), scope)
    assert scope["ORIGINAL"] == module
    assert scope["REWRITE"] == replacement.definition
    assert scope["CHECKED"][0]() == (value,)


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "__import__('os')._exit(0)", "raise KeyError(x)"],
    ids=["endless", "gone", "raises"],
)
def test_a_rewrite_that_does_not_come_to_its_end_differs(body: str, tmp_path: Path) -> None:
    module = "def f(x):\n    return x\n"
    (tmp_path / "work.py").write_text(module)
    target = target_named(Snapshot.open(tmp_path / "work.py", module.encode()), "f")
    replacement = Replacement(definition=f"def f(x):\n    if x > 1:\n        {body}\n    return x\n")
    from paceline.syntax import splice

    inputs = [{"args": codec.encode((n,)), "kwargs": codec.encode({})} for n in range(4)]
    material = Material(
        target=target,
        called=target,
        replacement=replacement,
        candidate=splice(target, replacement),
        root=tmp_path,
        checked=tuple(inputs),
        timed=(),
        kind="value",
        mutates=False,
        minimum_gain=0.05,
        confidence=0.95,
        python="",
    )
    text = write_script(material, Verdict(outcome=Outcome.TIMED_OUT, reason="it takes long"))
    (tmp_path / "compare.py").write_text(text.replace("CHECK_LIMIT_S = 20\n", "CHECK_LIMIT_S = 1\n"))
    done = run(tmp_path / "compare.py", Path(sys.executable))
    assert done.returncode == 2, done.stdout + done.stderr
    assert "on input 3 of 4" in done.stdout
    assert "call(2)" in done.stdout


def test_long_inputs_are_packed_and_few(tmp_path: Path) -> None:
    module = "def f(x):\n    return x\n"
    target = target_named(Snapshot.open(tmp_path / "work.py", module.encode()), "f")
    long = [
        {"args": codec.encode(([n * k for n in range(4000)],)), "kwargs": codec.encode({})} for k in range(9)
    ]
    material = Material(
        target=target,
        called=target,
        replacement=Replacement(definition=module),
        candidate=target.module,
        root=tmp_path,
        checked=(),
        timed=(Timed(elements=4000, payload=json.dumps(long).encode()),),
        kind="value",
        mutates=False,
        minimum_gain=0.05,
        confidence=0.95,
        python="",
    )
    text = write_script(material, Verdict(outcome=Outcome.FASTER, reason=""))
    assert len(text) < 60_000
    scope: dict[str, Any] = {"__name__": "script"}
    exec(compile(text, "script", "exec"), scope)
    assert scope["TIMED"][4000][1]() == ((list(range(4000)),), {})


def _helpers() -> str:
    """The script's own functions that inputs are written with."""
    path = Path(__file__).parents[2] / "server" / "paceline" / "judge" / "python" / "script" / "harness.py"
    tree = ast.parse(path.read_text())
    wanted = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in {"call", "named", "made"}]
    return "import functools\nimport importlib\nMODULE = 'collections'\n" + "\n".join(
        map(ast.unparse, wanted)
    )
