"""The project's own tests with a candidate in the target's place, in the sandbox."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from paceline.judge.python.check import Failure
from paceline.judge.python.project_tests import Passed, ProjectTests, abandon
from paceline.judge.python.recordings import Recorded
from paceline.judge.verdict import Outcome
from tests.judge.projects.conftest import Project
from tests.judge.test_loading import interpreters

WORK = """
    import dataclasses


    def total(prices):
        found = 0
        for price in prices:
            found += price
        return found


    def receipt(prices):
        return f"{total(prices)} in all"


    def other(n):
        return n + 1
"""
TESTS = """
    import pytest
    from work import other, receipt, total


    @pytest.fixture
    def prices():
        return [1, 2, 3]


    def test_total(prices):
        assert total(prices) == 6


    @pytest.mark.parametrize("n", [0, 1])
    def test_counts(n):
        assert total([1] * n) == n


    def test_through_another():
        assert receipt([2]) == "2 in all"


    def test_of_another():
        assert other(1) == 2
"""
FAILING = """
    def test_that_fails():
        assert total([]) == 1
"""
GOOD = WORK.replace(
    """
        found = 0
        for price in prices:
            found += price
        return found
""",
    """
        return sum(prices)
""",
)
REACHING = [
    "tests/test_work.py::test_total",
    "tests/test_work.py::test_counts[0]",
    "tests/test_work.py::test_counts[1]",
    "tests/test_work.py::test_through_another",
]


def with_body(body: str) -> str:
    return GOOD.replace("return sum(prices)", body)


@pytest.fixture
def shop(project: Project) -> Project:
    project.write({"work.py": WORK, "tests/test_work.py": TESTS})
    return project


async def test_the_tests_that_reach_the_target_run_and_pass(shop: Project) -> None:
    shop.write({"tests/test_work.py": TESTS + FAILING})
    target = shop.target("total")
    recorded = await shop.record(target)
    assert [test.id for test in recorded.reaching] == [*REACHING, "tests/test_work.py::test_that_fails"]
    assert {test.outcome for test in recorded.reaching[:-1]} == {"passed"}
    assert recorded.reaching[-1].outcome == "failed"
    tests = await shop.select(target, recorded)
    assert isinstance(tests, ProjectTests)
    passed = await shop.run(target, GOOD, tests)
    assert passed == Passed(
        tests=4,
        notes=("Not counted, for they fail with the original: tests/test_work.py::test_that_fails.",),
    )


async def test_what_a_shared_fixture_calls_reaches_every_test_that_has_it(shop: Project) -> None:
    shop.write(
        {
            "tests/test_work.py": """
                import pytest
                import work

                @pytest.fixture(scope="module")
                def summed():
                    return work.total([1, 2])

                @pytest.fixture
                def doubled(summed):
                    return 2 * summed

                def test_first(summed):
                    assert summed == 3

                def test_without():
                    assert work.other(1) == 2

                def test_second(doubled):
                    assert doubled == 6
            """
        }
    )
    recorded = await shop.record(shop.target("total"))
    assert [test.id.rpartition("::")[2] for test in recorded.reaching] == ["test_first", "test_second"]


async def test_nothing_of_the_workspace_changes_on_disk(shop: Project) -> None:
    before = {path: path.read_bytes() for path in shop.root.rglob("*") if path.is_file()}
    await shop.run(shop.target("total"), GOOD)
    assert {path: path.read_bytes() for path in shop.root.rglob("*") if path.is_file()} == before


async def test_a_test_that_fails_now_is_wrong_and_is_shown(shop: Project) -> None:
    failure = await shop.run(shop.target("total"), with_body("return sum(prices[:2])"))
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.WRONG
    assert "test_work.py::test_total fails with it" in failure.reason
    assert failure.counterexample is not None
    assert failure.counterexample.call == "pytest tests/test_work.py::test_total"
    assert "3 == 6" in failure.counterexample.got
    assert "def test_total(prices):" in (failure.diagnostics or "")


async def test_what_a_test_sees_beside_the_result_counts(shop: Project) -> None:
    shop.write(
        {
            "tests/test_work.py": """
            import inspect
            import work

            def test_signature():
                work.total([1])
                assert list(inspect.signature(work.total).parameters) == ["prices"]
        """
        }
    )
    failure = await shop.run(shop.target("total"), GOOD.replace("total(prices):", "total(prices, _sum=sum):"))
    assert isinstance(failure, Failure) and failure.outcome is Outcome.WRONG


async def test_a_test_that_goes_missing_is_wrong(shop: Project) -> None:
    # The test module cannot be imported any more: its tests do not fail, they are gone.
    failure = await shop.run(shop.target("total"), GOOD.replace("def other(n)", "def another(n)"))
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.WRONG
    assert "is missing with it" in failure.reason
    assert "cannot import name 'other'" in (failure.diagnostics or "")


async def test_a_test_that_is_not_steady_does_not_count_and_is_named(shop: Project) -> None:
    shop.write(
        {
            "tests/test_work.py": """
            import random
            import work

            def test_steady():
                assert work.total([1]) == 1

            def test_unsteady():
                assert work.total([1]) == 1 and random.random() < 0
        """
        }
    )
    target = shop.target("total")
    recorded = await shop.record(target)
    # As if it had passed when the calls were recorded.
    lucky = tuple(dataclasses.replace(test, outcome="passed") for test in recorded.reaching)
    tests = await shop.select(target, dataclasses.replace(recorded, reaching=lucky))
    assert isinstance(tests, ProjectTests)
    passed = await shop.run(target, GOOD, tests)
    assert isinstance(passed, Passed)
    assert passed.tests == 1
    assert "do not always pass with the original: tests/test_work.py::test_unsteady" in passed.notes[-1]


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        ("import os; os._exit(0)", Outcome.CRASHED, "left with status 0"),
        ("import os; os.kill(os.getpid(), 11)", Outcome.CRASHED, "signal 11"),
        ("raise SystemExit(0)", Outcome.WRONG, "fails with it"),
        (
            "import os, sys\n"
            "        for fd in range(3, 1024):\n"
            "            try:\n"
            '                os.write(fd, b\'\\\\0\\\\0\\\\0\\\\x12{"end": {"by": "pytest"}}\')\n'
            "            except OSError:\n"
            "                pass\n"
            "        os._exit(0)",
            Outcome.TAMPERED,
            "interfered with the results",
        ),
        (
            "import _pytest.runner as runner\n"
            "        runner.pytest_runtest_makereport = lambda item, call: None\n"
            "        return sum(prices)",
            Outcome.TAMPERED,
            "it changed what runs the project's tests: _pytest.runner.pytest_runtest_makereport",
        ),
        (
            "import _pytest.python as p\n"
            "        p.Function.runtest = lambda self: None\n"
            "        return sum(prices) + 1",
            Outcome.TAMPERED,
            "_pytest.python.Function.runtest",
        ),
        ("import pytest; pytest.exit('enough', 0)", Outcome.WRONG, "is missing with it"),
        ("import pytest; pytest.skip('no need')", Outcome.WRONG, "fails with it"),
    ],
    ids=["exit", "crash", "system exit", "result pipe", "report", "runtest", "pytest.exit", "skip"],
)
async def test_a_candidate_that_reaches_for_the_tests_does_not_pass(
    body: str, outcome: Outcome, words: str, shop: Project
) -> None:
    failure = await shop.run(shop.target("total"), with_body(body))
    assert isinstance(failure, Failure)
    assert failure.outcome is outcome, failure.reason
    assert words in failure.reason


async def test_a_candidate_that_does_not_end_times_out(shop: Project) -> None:
    target = shop.target("total")
    tests = await shop.select(target)
    assert isinstance(tests, ProjectTests)
    failure = await shop.run(target, with_body("while True: pass"), dataclasses.replace(tests, limit_s=12.0))
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.TIMED_OUT


async def test_tests_that_take_too_long_are_left_out_with_a_note(shop: Project) -> None:
    target = shop.target("total")
    recorded = await shop.record(target)
    slow = tuple(dataclasses.replace(test, seconds=20.0) for test in recorded.reaching)
    assert "tests.timeout_s is 30" in str(
        await shop.select(target, dataclasses.replace(recorded, reaching=slow))
    )
    mixed = (dataclasses.replace(recorded.reaching[0], seconds=20.0), *recorded.reaching[1:])
    tests = await shop.select(target, dataclasses.replace(recorded, reaching=mixed))
    assert isinstance(tests, ProjectTests)
    assert recorded.reaching[0] not in tests.tests and len(tests.tests) == 3
    assert "1 of the 4 tests that reach it were not run" in tests.notes[-1]


async def test_without_tests_that_reach_the_target_there_is_nothing_to_run(shop: Project) -> None:
    assert await shop.select(shop.target("total"), Recorded()) is None


async def test_a_package_under_src_with_async_tests_and_fixtures(project: Project) -> None:
    project.write({"pyproject.toml": "[tool.pytest.ini_options]\nasyncio_mode = 'auto'\n"})
    project.write(
        {
            "src/store/__init__.py": "from .pricing import Basket\n",
            "src/store/pricing.py": """
            class Basket:
                def __init__(self, items):
                    self.items = items

                def dearest(self):
                    return sorted(self.items)[-1]
        """,
            "tests/conftest.py": """
            import pathlib, sys
            import pytest
            sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "src"))

            @pytest.fixture(scope="module")
            def basket():
                from store import Basket
                return Basket([3, 1, 2])
        """,
            "tests/unit/test_basket.py": """
            from store import Basket

            async def test_dearest(basket):
                assert basket.dearest() == 3

            class TestEmpty:
                def test_raises(self):
                    import pytest
                    with pytest.raises(IndexError):
                        Basket([]).dearest()
        """,
        }
    )
    target = project.target("Basket.dearest", "src/store/pricing.py")
    recorded = await project.record(target)
    assert [(test.id, test.outcome) for test in recorded.reaching] == [
        ("tests/unit/test_basket.py::test_dearest", "passed"),
        ("tests/unit/test_basket.py::TestEmpty::test_raises", "passed"),
    ]
    assert recorded.suite.plugins, "pytest-asyncio runs the one that is async"
    module = "class Basket:\n    def __init__(self, items):\n        self.items = items\n\n"
    module += "    def dearest(self):\n"
    assert await project.run(target, module + "        return max(self.items[:])\n") != Passed(tests=2)
    good = module + "        return sorted(self.items, reverse=True)[0]\n"
    assert await project.run(target, good) == Passed(tests=2)


@pytest.fixture
def unittested(project: Project, bare_python: Path) -> Project:
    project.python = bare_python
    project.write(
        {
            "work.py": WORK,
            "tests.py": """
            import unittest
            from work import other, total


            class Totals(unittest.TestCase):
                def test_sum(self):
                    self.assertEqual(total([1, 2]), 3)

                def test_parts(self):
                    for n in range(3):
                        with self.subTest(n=n):
                            self.assertEqual(total([1] * n), n)

                def test_other(self):
                    self.assertEqual(other(1), 2)

                @unittest.expectedFailure
                def test_expected(self):
                    self.assertEqual(total([]), 1)


            class Prepared(unittest.TestCase):
                @classmethod
                def setUpClass(cls):
                    cls.total = total([5, 5])

                def test_it(self):
                    self.assertEqual(self.total, 10)

                def test_again(self):
                    self.assertEqual(self.total, 10)
        """,
            "checks/tests/shop_cases.py": """
            import unittest
            import work


            class Async(unittest.IsolatedAsyncioTestCase):
                async def test_empty(self):
                    self.assertEqual(work.total([]), 0)
        """,
        }
    )
    return project


async def test_unittest_runs_the_suites_where_there_is_no_pytest(unittested: Project) -> None:
    target = unittested.target("total")
    recorded = await unittested.record(target)
    assert recorded.suite.by == "unittest"
    assert {(test.id, test.outcome) for test in recorded.reaching} == {
        ("tests.Totals.test_sum", "passed"),
        ("tests.Totals.test_parts", "passed"),
        ("tests.Totals.test_expected", "skipped"),
        ("tests.Prepared.test_it", "passed"),
        ("tests.Prepared.test_again", "passed"),
        ("shop_cases.Async.test_empty", "passed"),
    }
    assert recorded.notes == ()
    assert len(recorded.calls) == 5
    tests = await unittested.select(target, recorded)
    assert isinstance(tests, ProjectTests)
    assert await unittested.run(target, GOOD, tests) == Passed(tests=5)
    failure = await unittested.run(target, with_body("return sum(prices) if prices else None"), tests)
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.WRONG
    assert "and 1 more fails with it" in failure.reason
    failure = await unittested.run(target, with_body("return min(sum(prices), 9)"), tests)
    assert isinstance(failure, Failure)
    assert "tests.Prepared" in failure.reason and "AssertionError: 9 != 10" in failure.counterexample.got


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: path.parts[-3])
async def test_on_every_interpreter(python: Path, project: Project) -> None:
    project.python = python
    project.write(
        {
            "work.py": WORK,
            "test_work.py": """
                import unittest
                from work import total

                class Totals(unittest.TestCase):
                    def test_sum(self):
                        self.assertEqual(total([1, 2]), 3)
            """,
        }
    )
    target = project.target("total")
    tests = await project.select(target)
    assert isinstance(tests, ProjectTests), tests
    assert await project.run(target, GOOD, tests) == Passed(tests=1)
    failure = await project.run(target, with_body("return sum(prices) + 1"), tests)
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.WRONG
    assert failure.counterexample is not None
    assert failure.counterexample.got == "AssertionError: 4 != 3"


async def test_a_candidate_that_reaches_for_unittest_does_not_pass(unittested: Project) -> None:
    failure = await unittested.run(
        unittested.target("total"),
        with_body(
            "import unittest\n        unittest.TestCase.assertEqual = lambda *a, **k: None\n        return 3"
        ),
    )
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.TAMPERED
    assert failure.reason.endswith("unittest.case.TestCase.assertEqual")


async def test_doctests_of_others_and_of_text_files_count(project: Project, bare_python: Path) -> None:
    project.python = bare_python
    project.write(
        {
            "work.py": '''
            def total(prices):
                """
                >>> total([1, 2])
                3
                """
                found = 0
                for price in prices:
                    found += price
                return found


            def receipt(prices):
                """
                >>> receipt([2.5])
                '2.5 in all'
                """
                return f"{total(prices)} in all"


            def other():
                """
                >>> other()
                """
        '''
        }
    )
    project.write({"docs/use/prices.rst": "Prices\n======\n\n>>> from work import total\n>>> total([])\n0\n"})
    project.write({"docs/else.rst": ">>> 1 + 1\n2\n"})
    project.write({"README.md": "Call total.\n\n    >>> from work import total\n    >>> total([7])\n    7\n"})
    target = project.target("total")
    recorded = await project.record(target)
    assert [(test.by, test.id) for test in recorded.reaching] == [
        ("doctest", "work.receipt"),
        ("doctest", "work.total"),
        ("doctest", "README.md"),
        ("doctest", "docs/use/prices.rst"),
    ]
    assert {test.outcome for test in recorded.reaching} == {"passed"}
    assert len(recorded.calls) == 4 and recorded.notes == ()
    text = target.module.decode()
    rewritten = text.replace("    found = 0\n    for price in prices:\n        found += price\n", "")
    good = rewritten.replace("return found", "return sum(prices)")
    assert await project.run(target, good) == Passed(tests=4)
    failure = await project.run(target, rewritten.replace("return found", "return int(sum(prices))"))
    assert isinstance(failure, Failure)
    assert failure.outcome is Outcome.WRONG
    assert failure.counterexample is not None
    assert failure.counterexample.call == "doctest work.receipt"


async def test_nothing_outlives_a_run_that_is_cancelled(shop: Project) -> None:
    tests = await shop.select(shop.target("total"))
    assert isinstance(tests, ProjectTests)
    starting = tests.begin()
    running = asyncio.create_task(
        tests.run(starting, original=b"", candidate=with_body("while True: pass").encode())
    )
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert _runners(shop) == []
    unwanted = tests.begin()
    await (await unwanted).answer(limit_s=20)
    assert _runners(shop), "pytest is loaded and waits"
    await abandon(unwanted)
    assert _runners(shop) == []


def _runners(project: Project) -> list[str]:
    found, cache = [], str(project.cache).encode()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith(b"/run_tests.py") and cache in word for word in words):
            found.append(str(entry))
    return found
