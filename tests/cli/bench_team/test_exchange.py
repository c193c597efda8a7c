"""What the simulation is for: with lessons the team does what no member does alone, without them not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from paceline.cli.bench_team.arms import Arm, arms
from paceline.cli.bench_team.simulation import SimulatedServer, cast
from paceline.cli.bench_team.tasks import Task, tasks_named
from paceline.cli.bench_team.trial import Setup, Trial, try_task
from paceline.syntax.target import Target
from paceline.workspace import Settings, TeamSettings
from tests.cli.bench_team.quick_judge import QuickJudge

MEMBERS = tuple(member.name for member in cast().members)
SETTINGS = Settings(
    rounds=4,
    team=TeamSettings(
        recipes=False, members=tuple(m.settings("http://127.0.0.1/v1") for m in cast().members)
    ),
)


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(settings=SETTINGS, folder=tmp_path, is_simulated=True, judge_of=QuickJudge)


def task_named(name: str) -> Task:
    (task,) = tasks_named([name])
    return task


def arm_named(name: str) -> Arm:
    (arm,) = arms([name], lessons=4, members=MEMBERS)
    return arm


async def tried(
    setup: Setup, arm: str, *, seeds: Sequence[int], task: str = "chains:weighted_shares"
) -> list[Trial]:
    return [await try_task(arm_named(arm), task_named(task), seed, setup=setup) for seed in seeds]


class TestExchange:
    """The judge here is a quick one, so that every figure follows from the seeds."""

    @pytest.mark.parametrize("arm", ["lessonl", "paceline"])
    async def test_with_lessons_the_team_solves_the_chain(self, setup: Setup, arm: str) -> None:
        trials = await tried(setup, arm, seeds=[1, 2])
        assert [trial.is_solved for trial in trials] == [True, True]
        assert all(trial.is_correct for trial in trials)

    @pytest.mark.parametrize("member", MEMBERS)
    async def test_no_member_solves_it_alone_with_as_many_turns(self, setup: Setup, member: str) -> None:
        for trial in await tried(setup, f"single:{member}", seeds=[1]):
            assert trial.is_solved is False
            assert trial.proven is None or trial.proven < 2
            assert trial.candidates + trial.turns_lost <= 12

    @pytest.mark.parametrize("arm", ["best-of-n", "lessonl@0", "reflexion"])
    async def test_nor_does_the_team_without_exchange(self, setup: Setup, arm: str) -> None:
        trials = await tried(setup, arm, seeds=[1])
        assert [trial.is_solved for trial in trials] == [False]
        assert all(trial.is_correct for trial in trials)

    async def test_equal_seeds_give_equal_runs(self, setup: Setup) -> None:
        one, again = [(await tried(setup, "best-of-n", seeds=[1]))[0] for _ in range(2)]
        assert one.outcomes == again.outcomes
        assert one.proven == again.proven

    async def test_lessons_outlive_the_problem_where_the_bank_is_kept(self, setup: Setup) -> None:
        paceline, second = arm_named("paceline"), task_named("chains:quantiles")
        with Bank.ephemeral() as bank:
            first = await try_task(paceline, task_named("chains:weighted_shares"), 1, setup=setup, bank=bank)
            kept = await try_task(paceline, second, 1, setup=setup, bank=bank)
            taught = {lesson.origin.target for lesson in bank.lessons()}
        anew = await try_task(paceline, second, 1, setup=setup)
        assert (first.recalled, anew.recalled) == (0, 0)
        assert kept.recalled > 0
        assert taught == {"weighted_shares", "quantiles"}


class TestCounts:
    """What a trial says of a run."""

    async def test_a_team_that_is_configured_is_run_the_same_way(self, tmp_path: Path) -> None:
        async with SimulatedServer(cast(), seed=1) as server:
            members = tuple(member.settings(server.base_url) for member in cast().members[:2])
            settings = Settings(rounds=1, team=TeamSettings(recipes=False, members=members))
            setup = Setup(settings=settings, folder=tmp_path, is_simulated=False, judge_of=QuickJudge)
            (trial,) = await tried(setup, "best-of-n", seeds=[1])
        assert trial.candidates + trial.turns_lost == 2
        assert trial.by in {"ada", "ben"}

    async def test_turns_tokens_and_verdicts_are_counted(self, setup: Setup) -> None:
        (trial,) = await tried(setup, "lessonl", seeds=[1])
        assert trial.rounds == 4
        assert sum(trial.outcomes.values()) == trial.candidates > 0
        assert trial.tokens.prompt_tokens > trial.tokens.completion_tokens > 0
        assert trial.model_s > 0
        assert 0 < trial.steps <= trial.candidates
        assert trial.by in MEMBERS

    async def test_a_winner_that_is_not_found_faster_again_counts_as_none(self, tmp_path: Path) -> None:
        made: list[QuickJudge] = []

        def judge_of(target: Target) -> QuickJudge:
            made.append(QuickJudge(target, finds_all_equal=bool(made)))
            return made[-1]

        setup = Setup(settings=SETTINGS, folder=tmp_path, is_simulated=True, judge_of=judge_of)
        (trial,) = await tried(setup, "best-of-n", seeds=[1])
        assert trial.winner
        assert trial.proven is None
        assert trial.is_solved is False
        assert [judge.closed for judge in made] == [True, True]


@pytest.mark.slow
async def test_the_same_with_the_real_judge(tmp_path: Path) -> None:
    setup = Setup(settings=SETTINGS, folder=tmp_path, is_simulated=True)
    (together,) = await tried(setup, "paceline", seeds=[1], task="chains:relative")
    (apart,) = await tried(setup, "best-of-n", seeds=[1], task="chains:relative")
    assert together.is_solved
    assert apart.is_solved is False
    assert apart.is_correct
