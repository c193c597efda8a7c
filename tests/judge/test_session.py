"""The judge as its callers meet it: real processes, real timing. No test asks how long anything took."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from paceline.judge.python import session as session_module
from paceline.judge.verdict import Checks, Outcome, Verdict

DEDUPE = """
    def dedupe(items):
        seen = []
        for item in items:
            if item not in seen:
                seen.append(item)
        return seen
"""
QUICK_DEDUPE = """
    def dedupe(items):
        return list(dict.fromkeys(items))
"""


@pytest.mark.slow
async def test_a_true_gain_is_proven_with_its_evidence(judging) -> None:
    async with judging(DEDUPE, "dedupe") as bench:
        verdict = await bench.ask(QUICK_DEDUPE)
    assert verdict.outcome is Outcome.FASTER, verdict.reason
    timing = verdict.evidence.timing
    assert timing is not None
    assert timing.confirmed
    assert timing.launches >= 6
    assert 2 < timing.low <= timing.speedup <= timing.high
    assert timing.low > timing.control_high
    assert [size.label for size in timing.sizes][-1] == "large"
    assert all(len(size.ratios) == len(size.control) >= 3 for size in timing.sizes)
    # Only the size that the verdict rests on is timed again for the confirmation.
    assert len(timing.sizes[-1].ratios) == timing.launches
    assert timing.sizes[-1].elements > timing.sizes[0].elements
    assert timing.memory is not None
    assert timing.bootstrap_low is not None
    assert timing.clock == ("processor" if sys.platform == "linux" else "wall")
    assert 2 < timing.bootstrap_low <= timing.speedup
    checks = verdict.evidence.checks
    assert checks.inputs >= 20
    assert checks.sources["fresh"] > 0
    assert sum(checks.sources.values()) == checks.inputs
    assert verdict.evidence.isolation
    assert verdict.elapsed_s > 0
    assert list(dict.fromkeys(bench.stages)) == ["static", "build", "check", "time", "confirm"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (DEDUPE, "dedupe"),
        ("def area(width: int, height: int):\n    return width * height\n", "area"),
        ("def words(text: str):\n    return [w.upper() for w in text.split() if w]\n", "words"),
    ],
    ids=["dedupe", "area", "words"],
)
async def test_the_same_function_is_never_faster_than_itself(module: str, name: str, judging) -> None:
    async with judging(module, name) as bench:
        verdict = await bench.ask(bench.target.source)
    assert verdict.outcome in {Outcome.NOT_PROVEN_FASTER, Outcome.SLOWER}, verdict.reason


@pytest.mark.slow
async def test_a_slower_rewrite_is_called_slower(judging) -> None:
    async with judging(QUICK_DEDUPE, "dedupe") as bench:
        verdict = await bench.ask(DEDUPE)
    assert verdict.outcome is Outcome.SLOWER, verdict.reason
    assert verdict.low < 1


MUTANTS = {
    "off by one": "def runs(items: list[int]):\n    return sum(a < b for a, b in zip(items[1:], items[2:]))",
    "wrong comparison": "def runs(items: list[int]):\n"
    "    return sum(a <= b for a, b in zip(items, items[1:]))",
    "empty forgotten": "def runs(items: list[int]):\n"
    "    return sum(a < b for a, b in zip(items, items[1:])) or 1",
    "float": "def runs(items: list[int]):\n    return 0.0 + sum(a < b for a, b in zip(items, items[1:]))",
    "duplicates": "def runs(items: list[int]):\n    s = sorted(set(items))\n    return max(0, len(s) - 1)",
    "negatives": "def runs(items: list[int]):\n"
    "    return sum(abs(a) < abs(b) for a, b in zip(items, items[1:]))",
    "huge": "def runs(items: list[int]):\n"
    "    return sum((a & 0xFFFF) < (b & 0xFFFF) for a, b in zip(items, items[1:]))",
}


async def test_no_mutant_passes(judging) -> None:
    module = """
        def runs(items: list[int]):
            count = 0
            for at in range(len(items) - 1):
                if items[at] < items[at + 1]:
                    count += 1
            return count
    """
    async with judging(module, "runs") as bench:
        outcomes = {name: (await bench.ask(text)).outcome for name, text in MUTANTS.items()}
    assert outcomes == dict.fromkeys(MUTANTS, Outcome.WRONG)


@pytest.mark.parametrize(
    ("module", "name", "lost"),
    [
        (
            "def names(query: str):\n    return [p.replace('+', ' ') for p in query.split('&')]\n",
            "names",
            "'+', ' '",
        ),
        (
            "def safe(text):\n    return text.replace('<', '&lt;').replace('>', '&gt;')\n",
            "safe",
            "'>', '&gt;'",
        ),
        (
            "def amounts(lines: list[str]):\n    return [line.replace('%', '').strip() for line in lines]\n",
            "amounts",
            "'%', ''",
        ),
    ],
    ids=["query", "markup", "amounts"],
)
async def test_a_replacement_that_is_lost_is_seen(module: str, name: str, lost: str, judging) -> None:
    """No other line is reached by a text with the sign in it, and still there has to be one."""
    async with judging(module, name) as bench:
        verdict = await bench.ask(module.replace(f".replace({lost})", ""))
    assert verdict.outcome is Outcome.WRONG, verdict.reason


async def test_the_counterexample_is_small(judging) -> None:
    async with judging(DEDUPE, "dedupe") as bench:
        verdict = await bench.ask("def dedupe(items):\n    return sorted(set(items))\n")
    shown = verdict.evidence.counterexample
    assert shown is not None
    assert shown.call.count(",") == 1
    assert shown.expected != shown.got


@pytest.mark.parametrize(
    ("candidate", "outcome", "words"),
    [
        ("def dedupe(items):\n    return list(items", Outcome.DOES_NOT_BUILD, "line 2"),
        ("_N = int('x')\n\ndef dedupe(items):\n    return items", Outcome.DOES_NOT_BUILD, "ValueError"),
        ("def dedupe(items):\n    return undefined_name", Outcome.WRONG, "exception"),
        ("def dedupe(items):\n    while True:\n        pass", Outcome.TIMED_OUT, "more than"),
        ("def dedupe(items):\n    return bytearray(1 << 60)", Outcome.WRONG, "exception"),
    ],
)
async def test_each_failure_has_its_own_name(
    candidate: str, outcome: Outcome, words: str, judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with judging(DEDUPE, "dedupe") as bench:
        verdict = await bench.ask(candidate)
    assert verdict.outcome is outcome, verdict.reason
    assert words in verdict.reason


async def test_a_crash_is_told_with_what_the_interpreter_said(
    judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module.static, "reject", lambda target, replacement: None)
    async with judging(DEDUPE, "dedupe") as bench:
        verdict = await bench.ask("import ctypes\n\ndef dedupe(items):\n    return ctypes.string_at(0)\n")
    assert verdict.outcome is Outcome.CRASHED
    assert verdict.evidence.counterexample is not None
    assert "Segmentation fault" in (verdict.evidence.diagnostics or "")


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        (
            "import random\n\ndef f(items: list[int]):\n    return random.SystemRandom().random()\n",
            "f",
            "does not do the same twice",
        ),
        ("import nowhere_to_be_found\n\ndef f(x: int):\n    return x\n", "f", "nowhere_to_be_found"),
        (
            "def outer():\n    def f(x):\n        return x\n    return 1\n",
            "outer.<locals>.f",
            "no input of outer",
        ),
        (
            "def f(connection):\n    return connection.execute('x').fetchall()[0].name\n",
            "f",
            "test that calls it",
        ),
    ],
)
async def test_what_cannot_be_judged_says_why_and_what_to_do(
    module: str, name: str, words: str, judging
) -> None:
    async with judging(module, name) as bench:
        prepared = await bench.judge.prepare()
        assert isinstance(prepared, Verdict)
        assert prepared.outcome is Outcome.CANNOT_JUDGE
        assert words in prepared.reason
        again = await bench.ask(bench.target.source)
    assert again.outcome is Outcome.CANNOT_JUDGE


async def test_preparing_says_what_was_found(judging) -> None:
    module = """
        def f(items):
            '''
            >>> f([3, 1])
            [1, 3]
            '''
            return sorted(items)

        def g():
            return f([5, 4, 9])
    """
    async with judging(module, "f") as bench:
        prepared = await bench.judge.prepare()
    assert isinstance(prepared, Checks)
    assert {"doctest", "call-site", "edge"} <= set(prepared.sources)
    assert sum(prepared.sources.values()) == prepared.inputs


async def test_an_interpreter_that_is_too_old_is_named(judging, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho too old >&2\nexit 1\n")
    python.chmod(0o755)
    async with judging(DEDUPE, "dedupe", python=python) as bench:
        verdict = await bench.ask(QUICK_DEDUPE)
    assert verdict.outcome is Outcome.CANNOT_JUDGE
    assert str(python) in verdict.reason


async def test_recorded_calls_are_inputs(judging) -> None:
    recorded = [{"args": ["t", [["L", ["a", "b", "a"]]]], "kwargs": ["D", [], []]}]
    async with judging(DEDUPE, "dedupe", recorded=recorded) as bench:
        prepared = await bench.judge.prepare()
    assert isinstance(prepared, Checks)
    assert prepared.sources["recorded"] == 1


async def test_floats_may_differ_within_a_stated_tolerance(judging) -> None:
    module = "def f(items: list[float]):\n    return [x * 0.1 + x * 0.2 for x in items]\n"
    candidate = "def f(items: list[float]):\n    return [x * (0.1 + 0.2) for x in items]\n"
    async with judging(module, "f") as bench:
        strict = await bench.ask(candidate)
    async with judging(module, "f", float_tolerance=1e-9, max_verdict_s=0.1) as bench:
        tolerant = await bench.ask(candidate)
    assert strict.outcome is Outcome.WRONG
    assert tolerant.outcome.is_behaviour_preserving
    assert tolerant.evidence.tolerance == 1e-9


async def test_nothing_outlives_a_cancelled_verdict(judging, worker_cache: Path) -> None:
    async with judging(DEDUPE, "dedupe") as bench:
        await bench.judge.prepare()
        asking = asyncio.create_task(bench.ask(QUICK_DEDUPE))
        await bench.reached("time")
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await bench.judge.close()
    assert _workers(worker_cache) == []


def _workers(cache: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith(b"/serve.py") and bytes(cache) in word for word in words):
            found.append(str(entry))
    return found
