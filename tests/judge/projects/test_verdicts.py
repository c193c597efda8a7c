"""A whole verdict in a project that has tests: what they add to it, and what they take."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from paceline.judge import PythonJudge
from paceline.judge.options import DefaultJudgeOptions, DefaultOptions, DefaultRecordingOptions
from paceline.judge.verdict import Outcome
from tests.judge.conftest import Bench
from tests.judge.projects.conftest import Project

WORK = """
    RATE = 2


    def charged(amounts):
        charged = []
        for amount in amounts:
            if amount * RATE not in charged:
                charged.append(amount * RATE)
        return charged
"""
TESTS = """
    import work

    def test_charged():
        assert work.charged([3, 1, 3]) == [6, 2]

    def test_other_rate(monkeypatch):
        monkeypatch.setattr(work, "RATE", 5)
        assert work.charged([1]) == [5]
"""


@asynccontextmanager
async def bench(project: Project, *, enable: bool = True) -> AsyncIterator[Bench]:
    project.write({"work.py": WORK, "test_work.py": TESTS})
    target = project.target("charged")
    judge = PythonJudge(
        target,
        root=project.root,
        python=project.python,
        settings=DefaultOptions(
            judge=DefaultJudgeOptions(max_verdict_s=0.1), tests=DefaultRecordingOptions(enable=enable)
        ),
        isolation=project.isolation,
        cache=project.cache,
    )
    try:
        yield Bench(judge, target)
    finally:
        await judge.close()


async def test_a_rewrite_that_only_the_projects_tests_see_through_is_wrong(project: Project) -> None:
    async with bench(project) as asked:
        verdict = await asked.ask(
            "def charged(amounts):\n    return list(dict.fromkeys(amount * 2 for amount in amounts))\n"
        )
    assert verdict.outcome is Outcome.WRONG
    assert verdict.reason == "the project's test test_work.py::test_other_rate fails with it"
    assert verdict.evidence.counterexample is not None
    assert verdict.evidence.counterexample.got == "assert [2] == [5]"
    assert asked.stages == ["static", "build", "check", "tests"]


GOOD = "def charged(amounts):\n    rate = RATE\n    return list(dict.fromkeys(a * rate for a in amounts))\n"


@pytest.mark.slow
async def test_tests_that_pass_are_counted_in_the_evidence(project: Project) -> None:
    async with bench(project) as asked:
        verdict = await asked.ask(GOOD)
        again = await asked.ask(GOOD)
    assert verdict.outcome.is_behaviour_preserving, verdict.reason
    assert verdict.evidence.checks.tests == again.evidence.checks.tests == 2
    assert verdict.evidence.checks.sources["recorded"] == 2
    assert asked.stages.index("check") < asked.stages.index("tests") < asked.stages.index("time")


@pytest.mark.slow
async def test_where_tests_are_not_to_be_run_none_is(project: Project) -> None:
    async with bench(project, enable=False) as asked:
        verdict = await asked.ask(GOOD)
    assert verdict.outcome.is_behaviour_preserving, verdict.reason
    assert verdict.evidence.checks.tests == 0
    assert "tests" not in asked.stages
