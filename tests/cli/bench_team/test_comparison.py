"""The comparison: its rows and figures, what is written, what is gone on with."""

from __future__ import annotations

import io
import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from paceline.cli.bench_team.arms import Arm, arms, strategies
from paceline.cli.bench_team.comparison import Comparison
from paceline.cli.bench_team.exchange import claims
from paceline.cli.bench_team.figures import bootstrap, rows
from paceline.cli.bench_team.page import page
from paceline.cli.bench_team.plot import write_plot
from paceline.cli.bench_team.report import earlier_trials, write_json
from paceline.cli.bench_team.tasks import Task, tasks_named
from paceline.cli.bench_team.trial import Trial
from paceline.errors import InvalidSettings, UnusableRequest
from paceline.judge.sandbox import Isolation
from paceline.team.exchange import Usage
from paceline.workspace import Settings, TeamSettings
from tests.cli.conftest import Ran

MEMBERS = ("ada", "ben")


def trial(arm: str, task: str, seed: int, proven: float | None = None, **more: object) -> Trial:
    values = {
        "is_correct": True,
        "measured": proven if proven is not None else 0.9,
        "is_solved": proven is not None and proven > 5,
        "winner": "a change" if proven else "",
        "steps": 3 if proven else 0,
        "candidates": 6,
        "tokens": Usage(prompt_tokens=900, completion_tokens=100),
        "judge_s": 12.0,
        **more,
    }
    return Trial(arm=arm, task=task, seed=seed, proven=proven, **values)  # type: ignore[arg-type]


def compared(*trials: Trial, keeps_bank: bool = False, simulated: bool = True) -> Comparison:
    return Comparison(
        arms=arms(["best-of-n", "lessonl@0", "lessonl"], lessons=4, members=MEMBERS),
        tasks=tasks_named(["chains:places", "chains:relative"]),
        seeds=(1, 2),
        members=MEMBERS,
        rounds=4,
        keeps_bank=keeps_bank,
        is_simulated=simulated,
        machine={"processor": "abacus"},
        trials=list(trials),
    )


def measured() -> Comparison:
    return compared(
        *(
            trial(arm, task, seed, proven)
            for arm, proven in (("best-of-n", 1.5), ("lessonl@0", None), ("lessonl", 8.0))
            for task in ("chains:places", "chains:relative")
            for seed in (1, 2)
        )
    )


def printed(found: Comparison) -> str:
    console = Console(width=140, record=True, file=io.StringIO())
    for part in page(found):
        console.print(part)
    return console.export_text()


class TestArms:
    """What is asked for by name."""

    def test_names_numbers_of_lessons_and_members(self) -> None:
        found = arms(["paceline", "lessonl@0", "single", "single:ben"], lessons=4, members=MEMBERS)
        assert [(a.name, a.strategy, a.lessons, a.member) for a in found] == [
            ("paceline", "paceline", 4, ""),
            ("lessonl@0", "lessonl", 0, ""),
            ("single:ada", "single", 4, "ada"),
            ("single:ben", "single", 4, "ben"),
        ]

    def test_a_rule_of_selection_can_be_compared_with_another(self) -> None:
        found = arms(["paceline=lessonl", "paceline=paceline@2", "paceline"], lessons=4, members=MEMBERS)
        team = Settings(selection="lessonl")
        assert [(a.name, a.lessons, a.settings(team, candidates=1).selection) for a in found] == [
            ("paceline=lessonl", 4, "lessonl"),
            ("paceline=paceline@2", 2, "paceline"),
            ("paceline", 4, "lessonl"),
        ]

    @pytest.mark.parametrize(
        "name",
        ["magic", "lessonl@many", "single:zoe", "", "paceline=", "paceline=luck", "lessonl=paceline"],
    )
    def test_what_is_none_is_told(self, name: str) -> None:
        with pytest.raises(InvalidSettings):
            arms([name], lessons=4, members=MEMBERS)

    @pytest.mark.parametrize("strategy", strategies())
    def test_every_strategy_of_the_settings_can_be_compared(self, strategy: str) -> None:
        (first, *_) = arms([strategy], lessons=2, members=MEMBERS)
        chosen = first.settings(Settings(team=TeamSettings(recipes=False)), candidates=12)
        assert chosen.team.strategy == strategy
        assert (chosen.lessons, chosen.max_candidates) == (2, 12)
        assert chosen.team.lead == ("ada" if strategy == "single" else "")


class TestFigures:
    """A row for each arm."""

    def test_the_clamped_mean_counts_failures_as_one_and_the_plain_one_counts_what_was_timed(self) -> None:
        found = [
            trial("lessonl", "a", 1, 4.0),
            trial("lessonl", "b", 1, None, measured=0.5),
            trial("lessonl", "c", 1, None, measured=None, is_correct=False),
        ]
        (row,) = rows(found, ["lessonl"])
        assert row.clamped.value == pytest.approx(4 ** (1 / 3))
        assert row.plain is not None
        assert row.plain.value == pytest.approx(math.sqrt(4 * 0.5))
        assert row.counted == 2
        assert row.correct.value == pytest.approx(2 / 3)
        assert row.twice.value == pytest.approx(1 / 3)
        assert row.tokens.value == 1000

    def test_one_seed_has_no_interval(self) -> None:
        (row,) = rows([trial("lessonl", "a", 1, 4.0)], ["lessonl"])
        assert (row.clamped.low, row.clamped.high) == (None, None)

    def test_the_interval_is_over_seeds_and_the_same_each_time(self) -> None:
        one, again = bootstrap([0.0, 0.5, 1.0, 0.5]), bootstrap([0.0, 0.5, 1.0, 0.5])
        assert one == again
        assert one.low is not None
        assert one.high is not None
        assert 0.0 <= one.low < one.value < one.high <= 1.0
        assert bootstrap([0.5] * 5).low == bootstrap([0.5] * 5).high == 0.5

    def test_a_seed_that_was_broken_off_does_not_count_beside_whole_ones(self) -> None:
        found = [
            trial("lessonl", "a", 1, 4.0),
            trial("lessonl", "b", 1, 4.0),
            trial("lessonl", "a", 2, 100.0),
        ]
        (row,) = rows(found, ["lessonl"])
        assert (row.seeds, row.clamped.value) == (1, pytest.approx(4.0))

    def test_what_cannot_be_judged_is_left_out(self) -> None:
        found = [trial("lessonl", "a", 1, 4.0), trial("lessonl", "b", 1, problem="no inputs")]
        (row,) = rows(found, ["lessonl"])
        assert row.trials == 1


class TestClaims:
    """What the simulation shows follows from what was measured."""

    def test_met_and_not_met(self) -> None:
        found = measured()
        told = {
            c.what.partition(":")[0]: c.is_met
            for c in claims(rows(found.trials, [a.name for a in found.arms]), found.arms)
        }
        assert told == {"lessonl": True, "best-of-n": True, "lessonl@0": True}

    def test_a_team_that_solves_without_lessons_belies_it(self) -> None:
        found = measured()
        found.add(trial("lessonl@0", "chains:places", 1, 9.0))
        told = list(claims(rows(found.trials, ["lessonl@0"]), found.arms))
        assert [(one.is_met, one.measured) for one in told] == [(False, "25% solved")]


class TestPage:
    """What a person sees."""

    def test_every_title_with_figures_of_a_simulation_says_so(self) -> None:
        text = " ".join(printed(measured()).split())
        for title in (
            "Strategies at equal numbers of turns",
            "What a task cost, on average",
            "What passed from member to member",
        ):
            assert f"{title} (simulated team: members that are played, not models)" in text
        assert "ada, ben (simulated team: members that are played, not models)" in text
        assert (
            "It shows that the loop passes knowledge on, and nothing about how much real models gain." in text
        )

    def test_a_real_team_is_not_called_simulated(self) -> None:
        assert "simulated" not in printed(replace_simulated(measured()))

    def test_what_was_measured_is_shown_when_interrupted(self) -> None:
        found = compared(trial("lessonl", "chains:places", 1, 8.0))
        found.interrupted = True
        text = printed(found)
        assert "8.00x" in text
        assert "Interrupted" in text

    def test_nothing_measured_yet(self) -> None:
        assert "0 runs" in printed(compared())


class TestFiles:
    """JSON and picture."""

    def test_json_says_what_it_is_and_is_gone_on_with(self, tmp_path: Path) -> None:
        file, found = tmp_path / "team.json", measured()
        write_json(found, file)
        said = json.loads(file.read_text())
        assert (said["schema"], said["simulated"], said["machine"]) == (1, True, {"processor": "abacus"})
        assert [arm["arm"] for arm in said["arms"]] == ["best-of-n", "lessonl@0", "lessonl"]
        assert earlier_trials(file, compared()) == found.trials
        assert list(tmp_path.iterdir()) == [file]

    def test_what_is_there_is_not_measured_again(self) -> None:
        found = compared(trial("lessonl", "chains:places", 1, 8.0))
        left = [(arm.name, seed, [t.name for t in tasks]) for arm, seed, tasks in found.sequences()]
        assert len(left) == 11
        assert ("lessonl", 1, ["chains:places"]) not in left
        assert ("lessonl", 1, ["chains:relative"]) in left

    def test_tasks_that_share_a_bank_are_made_again_together(self) -> None:
        found = compared(trial("lessonl", "chains:places", 1, 8.0), keeps_bank=True)
        left = [(arm.name, seed, len(tasks)) for arm, seed, tasks in found.sequences()]
        assert left == [(arm, seed, 2) for seed in (1, 2) for arm in ("best-of-n", "lessonl@0", "lessonl")]

    def test_a_trial_that_is_made_again_takes_the_place_of_the_first(self) -> None:
        found = compared(trial("lessonl", "chains:places", 1, 8.0))
        found.add(trial("lessonl", "chains:places", 1, 9.0))
        assert [one.proven for one in found.trials] == [9.0]

    def test_there_is_nothing_to_go_on_with_yet(self, tmp_path: Path) -> None:
        assert earlier_trials(tmp_path / "none.json", compared()) == []

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 99}', '{"schema": 1, "setup": 3}'])
    def test_what_is_no_report_is_refused(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "team.json"
        file.write_text(text)
        with pytest.raises(UnusableRequest, match=r"team\.json"):
            earlier_trials(file, compared())

    def test_a_report_of_another_team_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "team.json"
        write_json(replace_simulated(measured()), file)
        with pytest.raises(UnusableRequest, match="another team"):
            earlier_trials(file, compared())

    def test_the_picture_is_whole_and_says_that_it_is_a_simulation(self, tmp_path: Path) -> None:
        file = tmp_path / "team.svg"
        write_plot(measured(), file)
        text = " ".join(ET.fromstring(file.read_text()).itertext())
        assert "simulated team, not models" in text
        assert all(name in text for name in ("best-of-n", "lessonl@0", "lessonl"))
        write_plot(replace_simulated(measured()), file)
        assert "simulated" not in file.read_text()

    def test_no_picture_of_nothing(self, tmp_path: Path) -> None:
        write_plot(compared(), tmp_path / "team.svg")
        assert list(tmp_path.iterdir()) == []


class TestCommand:
    """What the command line takes."""

    def test_resume_needs_a_file(self, run: Callable[..., Ran]) -> None:
        ran = run("bench", "team", "--simulated", "--resume")
        assert ran.status == 2
        assert "--json" in ran.err

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--strategies", "magic"), "no strategy"),
            (("--strategies", ""), "no strategy is named"),
            (("--tasks", "chains:magic"), "no task chains:magic"),
        ],
    )
    def test_what_is_not_there_is_told_before_anything_runs(
        self, run: Callable[..., Ran], arguments: tuple[str, str], told: str
    ) -> None:
        ran = run("bench", "team", "--simulated", *arguments)
        assert ran.status == 2
        assert told in ran.err

    def test_a_team_without_members(self, run: Callable[..., Ran], workspace: Path) -> None:
        (workspace / ".paceline.toml").write_text("[team]\nrecipes = false\n")
        ran = run("bench", "team")
        assert ran.status == 2
        assert "--simulated" in ran.err

    @pytest.mark.parametrize("option", ["--json", "--plot"])
    def test_a_file_that_cannot_be_written_is_told_before_anything_runs(
        self, run: Callable[..., Ran], tmp_path: Path, option: str
    ) -> None:
        ran = run("bench", "team", "--simulated", option, str(tmp_path / "nowhere" / "file"))
        assert ran.status == 2
        assert "nowhere" in ran.err

    def test_what_was_measured_before_is_not_written_over(
        self, run: Callable[..., Ran], tmp_path: Path
    ) -> None:
        (tmp_path / "team.json").write_text("hours of work")
        ran = run("bench", "team", "--simulated", "--json", str(tmp_path / "team.json"))
        assert ran.status == 2
        assert "--resume" in ran.err
        assert (tmp_path / "team.json").read_text() == "hours of work"

    def test_interrupted_and_gone_on_with(
        self, run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: list[tuple[str, str, int]] = []
        ends_after = 3

        async def try_task(arm: Arm, task: Task, seed: int, **_: object) -> Trial:
            if len(made) == ends_after:
                raise KeyboardInterrupt
            made.append((arm.name, task.name, seed))
            return trial(arm.name, task.name, seed, 8.0)

        monkeypatch.setattr("paceline.cli.bench_team.try_task", try_task)
        monkeypatch.setattr("paceline.cli.bench_team.require_isolation", lambda **_: Isolation.BUBBLEWRAP)
        file, plot = tmp_path / "team.json", tmp_path / "team.svg"
        asked = (
            "bench", "team", "--simulated", "--strategies", "lessonl,best-of-n", "--seeds", "2",
            "--tasks", "chains:places,chains:relative", "--json", str(file), "--plot", str(plot), "--resume",
        )  # fmt: skip
        ran = run(*asked)
        assert ran.status == 130
        assert "Interrupted" in ran.out
        assert "8.00x" in ran.out
        assert len(json.loads(file.read_text())["trials"]) == 3
        assert plot.exists()
        ends_after = 100
        assert run(*asked).status == 0
        assert len(made) == len(set(made)) == 8
        assert json.loads(file.read_text())["interrupted"] is False


def replace_simulated(found: Comparison) -> Comparison:
    return replace(found, is_simulated=False)
