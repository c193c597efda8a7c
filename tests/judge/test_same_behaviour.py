"""What counts as the same behaviour: each pair differs in one respect, and the verdict has to name it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from paceline.judge.verdict import Outcome


class Pair(NamedTuple):
    name: str
    original: str
    candidate: str
    difference: str
    target: str = "f"


PAIRS = [
    Pair(
        "int for float",
        """
        def f(items: list[int]):
            return sum(items) / 1
        """,
        """
        def f(items: list[int]):
            return sum(items)
        """,
        "result",
    ),
    Pair(
        "bool for int",
        """
        def f(a: int):
            return 1 if a > 2 else 0
        """,
        """
        def f(a: int):
            return a > 2
        """,
        "result",
    ),
    Pair(
        "the sign of zero",
        """
        def f(a: int):
            return a * 0.0
        """,
        """
        def f(a: int):
            return 0.0
        """,
        "result",
    ),
    Pair(
        "the order of a dict",
        """
        def f(words: list[str]):
            return {word: len(word) for word in words}
        """,
        """
        def f(words: list[str]):
            return {word: len(word) for word in reversed(words)}
        """,
        "result",
    ),
    Pair(
        "tuple for list",
        """
        def f(items: list[int]):
            return [x + 1 for x in items]
        """,
        """
        def f(items: list[int]):
            return tuple(x + 1 for x in items)
        """,
        "result",
    ),
    Pair(
        "a copy for the argument itself",
        """
        def f(items: list[int]):
            return items
        """,
        """
        def f(items: list[int]):
            return items[:]
        """,
        "arguments",
    ),
    Pair(
        "rows that are one list",
        """
        def f(n: int):
            return [[0] * 2 for _ in range(abs(n) % 5 + 2)]
        """,
        """
        def f(n: int):
            return [[0] * 2] * (abs(n) % 5 + 2)
        """,
        "result",
    ),
    Pair(
        "an argument that is changed",
        """
        def f(items: list[int]):
            return sum(sorted(items))
        """,
        """
        def f(items: list[int]):
            items.sort()
            return sum(items)
        """,
        "arguments",
    ),
    Pair(
        "an argument that is no longer changed",
        """
        def f(items: list[int]):
            items.reverse()
            return len(items)
        """,
        """
        def f(items: list[int]):
            return len(items)
        """,
        "arguments",
    ),
    Pair(
        "another exception",
        """
        def f(items: list[int]):
            if not items:
                raise ValueError("nothing to do")
            return max(items)
        """,
        """
        def f(items: list[int]):
            return max(items)
        """,
        "exception",
    ),
    Pair(
        "an exception in other words",
        """
        def f(items: list[int]):
            if not items:
                raise ValueError("nothing to do")
            return max(items)
        """,
        """
        def f(items: list[int]):
            if not items:
                raise ValueError("no items")
            return max(items)
        """,
        "exception",
    ),
    Pair(
        "something printed",
        """
        def f(items: list[int]):
            return len(items)
        """,
        """
        def f(items: list[int]):
            print(len(items))
            return len(items)
        """,
        "output",
    ),
    Pair(
        "a log record lost",
        """
        import logging

        log = logging.getLogger("f")

        def f(items: list[int]):
            log.info("%d items", len(items))
            return len(items)
        """,
        """
        def f(items: list[int]):
            return len(items)
        """,
        "output",
    ),
    Pair(
        "a warning lost",
        """
        import warnings

        def f(items: list[int]):
            warnings.warn("old", DeprecationWarning)
            return len(items)
        """,
        """
        def f(items: list[int]):
            return len(items)
        """,
        "output",
    ),
    Pair(
        "a counter of the module no longer kept",
        """
        calls = {"n": 0}

        def f(items: list[int]):
            calls["n"] += 1
            return len(items)
        """,
        """
        def f(items: list[int]):
            return len(items)
        """,
        "state",
    ),
    Pair(
        "an iterator of another kind",
        """
        def f(items: list[int]):
            return map(abs, items)
        """,
        """
        def f(items: list[int]):
            return iter([abs(x) for x in items])
        """,
        "laziness",
    ),
    Pair(
        "what a generator gives back at its end",
        """
        def f(items: list[int]):
            yield from items
            return len(items)
        """,
        """
        def f(items: list[int]):
            yield from items
        """,
        "result",
    ),
    Pair(
        "what a coroutine gives back",
        """
        async def f(items: list[int]):
            return sorted(items)
        """,
        """
        async def f(items: list[int]):
            return sorted(items, reverse=True)
        """,
        "result",
    ),
    Pair(
        "a field of the object",
        """
        class Basket:
            def __init__(self, items: list[int]):
                self.items = items
                self.total = 0

            def count(self):
                self.total = sum(self.items)
                return len(self.items)
        """,
        """
        def count(self):
            return len(self.items)
        """,
        "arguments",
        "Basket.count",
    ),
    Pair(
        "NaN taken for a number",
        """
        def f(items: list[float]):
            return [x for x in items if x == x]
        """,
        """
        def f(items: list[float]):
            return list(items)
        """,
        "result",
    ),
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
async def test_a_difference_is_found_and_named(pair: Pair, judging) -> None:
    async with judging(pair.original, pair.target) as bench:
        verdict = await bench.ask(pair.candidate)
    assert verdict.outcome is Outcome.WRONG, verdict.reason
    shown = verdict.evidence.counterexample
    assert shown is not None
    assert shown.difference == pair.difference
    assert shown.expected != shown.got
    assert shown.call.startswith(pair.target + "(")


EQUIVALENT = [
    Pair(
        "sets come in any order",
        """
        def f(words: list[str]):
            out = set()
            for word in words:
                if word not in out:
                    out.add(word)
            return out
        """,
        """
        def f(words: list[str]):
            return set(words)
        """,
        "",
    ),
    Pair(
        "NaN equals NaN",
        """
        def f(items: list[float]):
            out = []
            for x in items:
                out.append(x)
            return out
        """,
        """
        def f(items: list[float]):
            return list(items)
        """,
        "",
    ),
    Pair(
        "the words of a type error are the interpreter's",
        """
        def f(items):
            total = 0
            for x in items:
                total = total + x
            return total
        """,
        """
        def f(items):
            return sum(items)
        """,
        "",
    ),
    Pair(
        "a mutated argument",
        """
        def f(items: list[int]):
            for at in range(len(items)):
                items[at] = items[at] * 2
        """,
        """
        def f(items: list[int]):
            items[:] = [x * 2 for x in items]
        """,
        "",
    ),
    Pair(
        "a generator",
        """
        def f(items: list[int]):
            for x in items:
                yield x + 1
        """,
        """
        def f(items: list[int]):
            yield from [x + 1 for x in items]
        """,
        "",
    ),
    Pair(
        "a coroutine",
        """
        async def f(items: list[int]):
            out = []
            for x in items:
                out.append(x)
            return out
        """,
        """
        async def f(items: list[int]):
            return list(items)
        """,
        "",
    ),
    Pair(
        "seeded random numbers",
        """
        import random

        def f(items: list[int]):
            return [random.random() + x for x in items]
        """,
        """
        def f(items: list[int]):
            return [random.random() + x for x in items]
        """,
        "",
    ),
]


@pytest.mark.parametrize("pair", EQUIVALENT, ids=lambda pair: pair.name)
async def test_no_difference_is_made_up(pair: Pair, judging) -> None:
    async with judging(pair.original, pair.target, max_verdict_s=0.1) as bench:
        verdict = await bench.ask(pair.candidate)
    assert verdict.outcome.is_behaviour_preserving, verdict.reason
    assert verdict.evidence.checks.inputs > 5
