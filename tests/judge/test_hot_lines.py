"""Where an original spends its time: seen line by line, for those who are to rewrite it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from paceline.judge.python.hot_lines import LEAST_SHARE, read_hot_lines
from paceline.judge.python.worker.hot import HotLines
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target

MEMBERSHIP = """\
# A line in front.
class Shop:
    def known(self, skus: list[str], catalogue: list[str]):
        found = []
        for sku in skus:
            if sku in catalogue:
                found.append(sku)
        return found
"""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    file = tmp_path / "shop.py"
    file.write_text(MEMBERSHIP)
    return target_named(Snapshot.open(file, MEMBERSHIP.encode()), "Shop.known")


class TestWatching:
    """The tracer by itself, on functions of this file."""

    def seen(self, function: Any, *calls: tuple[Any, ...]) -> dict[int, int]:
        code = function.__code__
        watching = HotLines(code.co_filename, code.co_firstlineno, code.co_firstlineno + 12)
        for args in calls:
            watching.watch(lambda args=args: list(function(*args)))  # type: ignore[misc]
        found = watching.found()
        assert all(seconds >= 0 for _, seconds, _ in found)
        return {line - code.co_firstlineno: count for line, _, count in found}

    def test_lines_are_counted_over_all_calls(self) -> None:
        def doubled(values: list[int]) -> list[int]:
            found = []
            for value in values:
                found.append(2 * value)  # noqa: PERF401
            return found

        assert self.seen(doubled, ([1, 2, 3],), ([4],)) == {1: 2, 2: 6, 3: 4, 4: 2}

    def test_a_generator_goes_on_where_it_was(self) -> None:
        def evens(values: list[int]) -> Any:
            for value in values:
                if value % 2 == 0:
                    yield value

        assert self.seen(evens, ([1, 2, 4],)) == {1: 4, 2: 3, 3: 2}

    def test_what_a_line_calls_counts_for_the_line(self) -> None:
        def recursive(depth: int) -> list[int]:
            if depth == 0:
                return []
            return [depth, *recursive(depth - 1)]

        assert self.seen(recursive, (3,)) == {1: 4, 2: 1, 3: 3}

    def test_an_error_ends_the_watch_and_is_raised(self) -> None:
        import sys

        def fails() -> None:
            raise KeyError

        watching = HotLines(fails.__code__.co_filename, 1, 10_000)
        before = sys.gettrace()
        with pytest.raises(KeyError):
            watching.watch(fails)
        assert sys.gettrace() is before


@pytest.mark.slow
async def test_the_costly_line_is_the_hottest(judging: Any) -> None:
    async with judging(MEMBERSHIP, "Shop.known") as bench:
        hottest, *rest = await bench.judge.hot_lines()
    assert hottest.text == "if sku in catalogue:"
    assert hottest.line == 4
    assert hottest.executions > 1
    assert hottest.share > 0.5
    assert hottest.share + sum(one.share for one in rest) <= 1.0001
    assert all(one.share >= LEAST_SHARE for one in rest)


@pytest.mark.slow
async def test_nothing_is_seen_of_what_cannot_be_judged(judging: Any) -> None:
    async with judging("def f(connection):\n    return connection.execute('select 1')\n", "f") as bench:
        assert await bench.judge.hot_lines() == ()


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        {"calls": 1},
        {"calls": 1, "lines": [[3, "much", 1]]},
        {"calls": 1, "lines": [[3, 1.0]]},
        {"calls": 0, "lines": [[4, 1.0, 1]]},
        {"calls": 1, "lines": [[4, float("nan"), 1]]},
        {"calls": 1, "lines": [[4, float("inf"), 1]]},
        {"calls": float("inf"), "lines": []},
        {"calls": 1, "lines": [[1, 1.0, 1], [9, 1.0, 1], [-4, 1.0, 1]]},
        {"calls": 1, "lines": 7},
    ],
)
def test_what_a_worker_makes_up_counts_for_nothing(said: Any, target: Target) -> None:
    assert read_hot_lines(said, target) == ()


def test_few_lines_are_told_the_hottest_first(target: Target) -> None:
    lines = [[line, 2.0**-at, 10] for at, line in zip(itertools.count(), (6, 5, 4, 7, 8))]
    found = read_hot_lines({"calls": 2, "lines": lines}, target)
    assert [one.line for one in found] == [4, 3, 2, 5]
    assert found[0].text == "if sku in catalogue:"
    assert found[0].executions == 5.0
