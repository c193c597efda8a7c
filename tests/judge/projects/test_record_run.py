"""``paceline record``: a person's own programs, run as always, and what was called in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import lessonbank
import paceline
from paceline.judge import PythonJudge
from paceline.judge.options import DefaultJudgeOptions, DefaultOptions, DefaultRecordingOptions
from paceline.judge.python.kept_recordings import Kept, kept_calls, listed
from paceline.judge.python.record_run import record_run
from paceline.judge.python.worker import codec, live
from paceline.judge.verdict import Checks
from tests.judge.projects.conftest import Project
from tests.judge.test_loading import interpreters

SHOP = '''
    import functools

    NOTHING = object()


    class Basket:
        def __init__(self, items):
            self.items = items

        def cheapest(self, least=0, *rest, **more):
            """The cheapest one."""
            cheapest = min((i for i in self.items if i >= least), default=None)
            self.items.append("seen")
            return cheapest

        @classmethod
        def of(cls, *items):
            return cls(list(items))

        @staticmethod
        def parse(text):
            return text.split(",")

        @property
        def size(self):
            return len(self.items)


    def depth(tree):
        return 1 + max((depth(t) for t in tree), default=0)


    @functools.lru_cache(maxsize=None)
    def square(n):
        return n * n


    async def later(n):
        return n


    def counted(n):
        yield from range(n)


    def defaulted(a, b=NOTHING, *, c=NOTHING):
        return a


    def raising(n):
        raise ValueError(n)
'''


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write({"pyproject.toml": "", "shop.py": SHOP})
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return project


def run(project: Project, *words: str, **options: Any) -> tuple[int, dict[str, list[str]]]:
    """Record a command; return its status and the calls of each function as a person would write them."""
    done = record_run(words, root=project.root, python=project.python, **options)
    return done.status, {f"{kept.file}::{kept.name}": shown(kept) for kept in done.new}


def shown(kept: Kept) -> list[str]:
    return [f"{codec.describe(call['args'])} {codec.describe(call['kwargs'])}" for call in kept.calls]


def as_typed(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the same words in a process of their own, recorded through the hook alone, and capture them."""
    program = dedent(
        """
        import sys
        from pathlib import Path
        sys.path[:0] = sys.argv[1].split(":")
        from paceline.judge.python.record_run import record_run
        root, *words = sys.argv[2:]
        sys.exit(record_run(words, root=Path(root), python=Path(sys.executable)).status)
        """
    )
    ours = f"{Path(paceline.__file__).parents[1]}:{Path(lessonbank.__file__).parents[1]}"
    return subprocess.run(
        [sys.executable, "-c", program, ours, str(project.root), *words],
        capture_output=True,
        text=True,
        input="what was typed",
        cwd=project.root,
        check=False,
    )


USES = """
    import asyncio
    import shop


    def local(rows):
        rows.clear()


    class Here:
        def method(self, n):
            return n


    if __name__ == "__main__":
        local([1, 2])
        Here().method(4)
        shop.Basket([3]).cheapest(2)
        shop.Basket([3, 1]).cheapest(0, 5, odd=6)
        shop.Basket.of(1, 2).size
        shop.Basket.parse("a,b")
        shop.depth([[], [[]]])
        shop.square(4) + shop.square(4)
        asyncio.run(shop.later(7))
        list(shop.counted(2))
        shop.defaulted(1)
        shop.defaulted(1, 2, c=3)
        try:
            shop.raising(9)
        except ValueError:
            pass
"""
CALLS = {
    "shop.py::Basket.cheapest": [
        "(Basket(items=[3]), 2) {}",
        "(Basket(items=[3, 1]), 0, 5) {'odd': 6}",
    ],
    "shop.py::Basket.of": ["(1, 2) {}"],
    "shop.py::Basket.parse": ["('a,b',) {}"],
    "shop.py::Basket.size": ["(Basket(items=[1, 2]),) {}"],
    "shop.py::counted": ["(2,) {}"],
    "shop.py::defaulted": ["(1,) {}", "(1, 2) {'c': 3}"],
    "shop.py::depth": ["([[], [[]]],) {}"],
    "shop.py::later": ["(7,) {}"],
    "shop.py::raising": ["(9,) {}"],
    "shop.py::square": ["(4,) {}"],
    "uses.py::Here.method": ["(Here(), 4) {}"],
    "uses.py::local": ["([1, 2],) {}"],
}


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: path.parts[-3])
def test_a_script_and_what_it_imports_are_recorded_before_each_call(python: Path, shop: Project) -> None:
    shop.python = python
    shop.write({"uses.py": USES})
    assert run(shop, "python", "uses.py") == (0, CALLS)


@pytest.mark.parametrize(
    "words",
    [
        ("python", "-m", "uses"),
        ("python", "-c", "import runpy; runpy.run_module('uses', run_name='__main__')"),
    ],
    ids=["-m", "-c"],
)
def test_other_ways_to_run_it_record_the_same(words: tuple[str, ...], shop: Project) -> None:
    shop.write({"uses.py": USES})
    assert run(shop, *words) == (0, CALLS)


def test_only_the_functions_that_were_named(shop: Project) -> None:
    shop.write({"uses.py": USES})
    _, found = run(shop, "python", "uses.py", functions=[("shop.py", "Basket.of"), ("uses.py", "local")])
    assert list(found) == ["shop.py::Basket.of", "uses.py::local"]


def test_tests_are_run_by_pytest_and_are_not_recorded_themselves(shop: Project) -> None:
    shop.write(
        {
            "test_shop.py": """
                import shop

                def helper(n):
                    return shop.square(n)

                def test_it():
                    assert helper(3) == 9

                def test_other():
                    assert shop.depth([]) == 2
            """
        }
    )
    status, found = run(shop, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert status == 1
    assert found == {"shop.py::depth": ["([],) {}"], "shop.py::square": ["(3,) {}"]}


def test_processes_that_it_starts_are_recorded_as_well(shop: Project) -> None:
    shop.write(
        {
            "many.py": """
                import multiprocessing, os, subprocess, sys
                import shop

                if __name__ == "__main__":
                    for how in ("fork", "spawn"):
                        with multiprocessing.get_context(how).Pool(1) as pool:
                            assert pool.map(shop.square, [len(how)]) == [len(how) ** 2]
                    subprocess.run([sys.executable, "-c", "import shop; shop.square(6)"], check=True)
                    if not os.fork():
                        shop.square(7)
                        os._exit(0)
                    os.wait()
            """
        }
    )
    status, found = run(shop, "python", "many.py")
    assert status == 0
    assert sorted(found["shop.py::square"]) == ["(4,) {}", "(5,) {}", "(6,) {}", "(7,) {}"]


def test_input_output_arguments_and_status_are_the_commands_own(shop: Project) -> None:
    shop.write(
        {
            "echo.py": """
                import sys
                import shop

                def main(words):
                    print(words, sys.stdin.read(), sys.path[0] == __file__.rpartition("/")[0], __name__)
                    print("aside", file=sys.stderr)
                    return 7

                sys.exit(main(sys.argv))
            """
        }
    )
    alone = subprocess.run(
        [sys.executable, "echo.py", "-x", "--list"],
        capture_output=True,
        text=True,
        input="what was typed",
        cwd=shop.root,
        check=False,
    )
    recorded = as_typed(shop, "python", "echo.py", "-x", "--list")
    assert recorded.stdout == alone.stdout == "['echo.py', '-x', '--list'] what was typed True __main__\n"
    assert recorded.stderr == alone.stderr == "aside\n"
    assert recorded.returncode == alone.returncode == 7


def test_functions_are_what_they_were(shop: Project) -> None:
    looks = """
        import asyncio, inspect, pickle, traceback
        import shop

        print(inspect.signature(shop.Basket.cheapest), inspect.getfullargspec(shop.Basket.cheapest).varargs)
        print(inspect.isgeneratorfunction(shop.counted), asyncio.iscoroutinefunction(shop.later))
        code = shop.depth.__code__
        print(shop.Basket.cheapest.__doc__, code.co_firstlineno, code.co_varnames)
        print(pickle.loads(pickle.dumps(shop.depth)) is shop.depth, inspect.getsource(shop.raising))

        def deep(n):
            return 0 if not n else 1 + deep(n - 1)

        print(deep(900))
        shop.raising(5)
    """
    shop.write({"looks.py": looks})
    alone = subprocess.run(
        [sys.executable, "looks.py"], capture_output=True, text=True, cwd=shop.root, check=False
    )
    recorded = as_typed(shop, "python", "looks.py")
    assert recorded.stdout == alone.stdout
    assert alone.stderr.endswith("ValueError: 5\n")
    assert recorded.stderr == alone.stderr, "a traceback shows no more than it did"
    assert recorded.returncode == alone.returncode == 1


def test_nothing_is_written_into_the_workspace(shop: Project) -> None:
    shop.write({"uses.py": USES})
    before = sorted(shop.root.rglob("*"))
    run(shop, "python", "uses.py")
    assert [path for path in sorted(shop.root.rglob("*")) if path not in before] == []


def test_what_is_kept_can_be_read_by_its_owner_alone(shop: Project, home: Path) -> None:
    shop.write({"uses.py": USES})
    run(shop, "python", "uses.py")
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "lock"]
    assert len(files) == len(CALLS), "nothing of the session is left"
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o077 for path in folders if path.name == "recorded"} == {0}


def test_secrets_are_masked_before_they_are_written(shop: Project, home: Path) -> None:
    shop.write(
        {
            "secrets_used.py": """
                class Client:
                    def __init__(self):
                        self.api_key = "hunter2-key"

                    def get(self, url, password, *, headers):
                        return url

                def login(name, config, *tokens):
                    return name

                headers = {"Authorization": "hunter2-bearer", "Accept": "b"}
                Client().get("/a", "hunter2-password", headers=headers)
                login("me", {"db": {"passwd": ["hunter2-nested"]}}, "hunter2-token")
            """
        }
    )
    _, found = run(shop, "python", "secrets_used.py")
    assert found == {
        "secrets_used.py::Client.get": [
            "(Client(api_key='***********'), '/a', '****************') "
            "{'headers': {'Authorization': '**************', 'Accept': 'b'}}"
        ],
        "secrets_used.py::login": ["('me', {'db': {'passwd': ['**************']}}, '*************') {}"],
    }
    assert not any(b"hunter2" in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_the_first_calls_and_one_in_a_thousand_are_noted_recursion_left_out(shop: Project) -> None:
    shop.write(
        {
            "much.py": """
                def fib(n):
                    return n if n < 2 else fib(n - 1) + fib(n - 2)

                def often(n):
                    return n

                fib(15)
                fib(9)
                for n in range(3_000):
                    often(n)
            """
        }
    )
    status, found = run(shop, "python", "much.py")
    assert status == 0
    # Beyond the first calls one in a thousand is looked at, and what is inside a call is not written.
    assert found["much.py::fib"] == ["(15,) {}", "(9,) {}"]
    wanted = [*range(live.FIRST), *range(live.FIRST + live.ONE_IN - 1, 3_000, live.ONE_IN)]
    assert found["much.py::often"] == [f"({n},) {{}}" for n in wanted]


def test_what_cannot_be_recorded_is_said_and_harms_nothing(shop: Project) -> None:
    shop.write(
        {
            "odd.py": """
                class Sly:
                    def __getattribute__(self, name):
                        raise RuntimeError(name)

                def take(value):
                    return None

                def njit(function):
                    return function

                @njit
                def compiled(n):
                    return n

                take(open(__file__))
                take(x for x in [])
                take(list(range(1_000_000)))
                take("x" * 900_000)
                take(Sly())
                take(1)
                compiled(2)
                print("fine")
            """
        }
    )
    done = record_run(["python", "odd.py"], root=shop.root, python=shop.python)
    assert done.status == 0
    assert "odd.py::compiled" not in {f"{kept.file}::{kept.name}" for kept in done.new}
    kept = next(kept for kept in done.new if kept.name == "take")
    assert "(1,) {}" in shown(kept) and len(kept.calls) <= 2
    assert any("an open file" in problem for problem in kept.problems)
    assert any("too large" in problem for problem in kept.problems)


def test_the_persons_own_start_up_file_is_run(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(
        {
            "own/sitecustomize.py": "import builtins\nbuiltins.OWN = __file__\n",
            "uses_own.py": """
                import shop, sitecustomize, sys
                assert OWN == sitecustomize.__file__ and OWN.endswith("own/sitecustomize.py")
                assert not [entry for entry in sys.path if entry.endswith("startup")]
                shop.square(2)
            """,
        }
    )
    monkeypatch.setenv("PYTHONPATH", str(shop.root / "own"))
    assert run(shop, "python", "uses_own.py") == (0, {"shop.py::square": ["(2,) {}"]})


def test_a_syntax_error_is_told_as_python_tells_it(shop: Project) -> None:
    shop.write({"broken.py": "def f(:\n    pass\n", "uses_broken.py": "import broken\n"})
    alone = subprocess.run(
        [sys.executable, "uses_broken.py"], capture_output=True, text=True, cwd=shop.root, check=False
    )
    recorded = as_typed(shop, "python", "uses_broken.py")
    assert recorded.stderr == alone.stderr
    assert "SyntaxError" in alone.stderr


def test_a_signal_that_ends_the_command_is_its_status(shop: Project) -> None:
    assert run(shop, "sh", "-c", "kill -9 $$") == (137, {})


def test_a_python_that_reads_no_environment_just_runs(shop: Project) -> None:
    assert run(shop, "python", "-I", "-c", "import sys; sys.exit(3)") == (3, {})


def test_later_recordings_are_added(shop: Project) -> None:
    for n in (1, 2, 1):
        run(shop, "python", "-c", f"import shop; shop.square({n})")
    (kept,) = listed(shop.root)
    assert shown(kept) == ["(2,) {}", "(1,) {}"], "each once, the newest last"
    assert kept_calls(shop.root, shop.target("square", "shop.py")) == (kept.calls, ())


async def test_recorded_calls_are_what_the_judge_tries_first(shop: Project) -> None:
    shop.write(
        {
            "uses.py": """
                import shop

                class Node:
                    def __init__(self, *below):
                        self.below = below

                def leaves(node):
                    return sum(map(leaves, node.below)) or 1

                if __name__ == "__main__":
                    leaves(Node(Node(), Node(Node())))
            """
        }
    )
    run(shop, "python", "uses.py")
    judge = PythonJudge(
        shop.target("leaves", "uses.py"),
        root=shop.root,
        python=shop.python,
        settings=DefaultOptions(judge=DefaultJudgeOptions(), tests=DefaultRecordingOptions(enable=False)),
        isolation=shop.isolation,
        cache=shop.cache,
    )
    try:
        checks = await judge.prepare()
    finally:
        await judge.close()
    assert isinstance(checks, Checks), checks
    assert checks.sources["recorded"] == 1


def test_the_hook_survives_an_order_that_is_none(shop: Project) -> None:
    startup = Path(live.__file__).parents[1] / "startup"
    for order in ("not json", "{}", "[]", '{"root": 3, "into": 4}'):
        done = subprocess.run(
            [sys.executable, "-c", "import shop; print(shop.square(3))"],
            env={**os.environ, "PYTHONPATH": str(startup), live.VARIABLE: order},
            capture_output=True,
            text=True,
            cwd=shop.root,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("9\n", "")
