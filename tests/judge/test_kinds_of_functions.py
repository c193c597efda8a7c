"""Every kind of function can be judged: a rewrite that does the same passes, one that almost does is caught.

The kinds stand in ``fixtures/kinds/``, one file each: the module, and rewrites that are the same or wrong.
"""

from __future__ import annotations

import functools
import gc
import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from paceline.judge.python.worker.turns import Pool, Turns
from paceline.judge.sandbox import Isolation
from paceline.judge.verdict import Outcome
from tests.judge.test_loading import interpreters

KINDS = sorted((Path(__file__).parent / "fixtures" / "kinds").glob("*.py"))
_PART = re.compile(r"^# --- (.*)$", re.MULTILINE)


class Rewrite(NamedTuple):
    difference: str
    """What the counterexample has to say differs; empty for a rewrite that does the same."""
    code: str


class Kind(NamedTuple):
    target: str
    module: str
    rewrites: list[Rewrite]


def read(path: Path) -> Kind:
    """Read ``# target: NAME``, perhaps ``# needs: bubblewrap``, the module, then the rewrites by heading."""
    head, *parts = _PART.split(path.read_text())
    target = re.search(r"^# target: (.*)$", head, re.MULTILINE)
    assert target is not None, path
    rewrites = [
        Rewrite(label.partition(": ")[2], code) for label, code in zip(parts[::2], parts[1::2], strict=True)
    ]
    return Kind(target[1], head, rewrites)


ON = {path.parts[-3]: path for path in interpreters() if "3.9" in path.parts[-3] or "3.13" in path.parts[-3]}
"""The oldest interpreter and a new one, beside the one that runs the tests."""


@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.stem)
async def test_the_same_passes_and_the_wrong_is_caught(path: Path, judging, isolation) -> None:
    _skip_without_what_it_needs(path, isolation)
    await _judge_all(read(path), judging, None)


@pytest.mark.slow
@pytest.mark.parametrize("python", ON.values(), ids=ON)
@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.stem)
async def test_on_other_interpreters(path: Path, python: Path, judging, isolation) -> None:
    _skip_without_what_it_needs(path, isolation)
    await _judge_all(read(path), judging, python)


def _skip_without_what_it_needs(path: Path, isolation: Isolation) -> None:
    if "# needs: bubblewrap\n" in path.read_text() and isolation is not Isolation.BUBBLEWRAP:
        pytest.skip("only bubblewrap gives a copy of the workspace to write to")


async def _judge_all(kind: Kind, judging, python: Path | None) -> None:
    found = {}
    async with judging(kind.module, kind.target, python=python, max_verdict_s=0.1) as bench:
        for rewrite in kind.rewrites:
            verdict = await bench.ask(rewrite.code)
            shown = verdict.evidence.counterexample
            if not rewrite.difference:
                good = verdict.outcome.is_behaviour_preserving
            else:
                good = verdict.outcome is Outcome.WRONG and shown is not None
                good = good and shown is not None and shown.difference == rewrite.difference
            if not good:
                found[rewrite.code] = (verdict.outcome, verdict.reason, shown)
    assert not found


def test_every_kind_has_both() -> None:
    for path in KINDS:
        rewrites = read(path).rewrites
        assert any(not rewrite.difference for rewrite in rewrites), path
        assert any(rewrite.difference for rewrite in rewrites), path


NESTED = """
    def outer(items: list[int]):
        def weight(x):
            total = 0
            for y in items:
                total += x == y
            return total

        def never(x):
            return x

        if items == [1, 2, 3] * 1000:
            return never(items)
        return [weight(x) for x in items if x > 0]
"""


async def test_a_nested_function_is_judged_through_the_one_around_it(judging) -> None:
    async with judging(NESTED, "outer.<locals>.weight", max_verdict_s=0.1) as bench:
        verdict = await bench.ask("def weight(x):\n    return sum(x == y for y in items)\n")
    assert verdict.outcome.is_behaviour_preserving, verdict.reason
    assert verdict.evidence.checks.notes[0] == "Judged through `outer`: the speedup is that of `outer`."
    # Inputs without a positive number never get to it, and prove nothing.
    assert 5 < verdict.evidence.checks.inputs < 55


async def test_a_nested_function_that_nothing_reaches_is_not_judged(judging) -> None:
    async with judging(NESTED, "outer.<locals>.never") as bench:
        verdict = await bench.ask("def never(x):\n    return None\n")
    assert verdict.outcome is Outcome.CANNOT_JUDGE
    assert verdict.reason.startswith("no input of outer gets to outer.<locals>.never: add a test")


def test_a_timed_call_meets_no_answer_in_the_original_s_own_cache() -> None:
    computed = []

    @functools.cache
    def f(n: int) -> int:
        computed.append(n)
        return n + 1

    inputs = [{"args": ["T", [n]], "kwargs": ["D", [], []]} for n in range(5)]
    timed = Turns(f, "value", __name__)
    for start in (0, 2):
        timed.prepare(Pool(json.dumps(inputs).encode()), start, 12, 5, 1)
        try:
            timed.go()
        finally:
            gc.enable()
    assert len(computed) == 24
