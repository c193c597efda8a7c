"""What is counted, what it is held against, and when the benchmark fails."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from lessonbank.outcome import Outcome
from paceline.cli import bench
from paceline.cli import bench_judge as run_module
from paceline.cli.bench_judge.asking import Answer
from paceline.cli.bench_judge.attempts import Made
from paceline.cli.bench_judge.bounds import lower_bound, upper_bound
from paceline.cli.bench_judge.findings import Findings, bars
from paceline.cli.bench_judge.mutants import Judged
from paceline.cli.bench_judge.mutation import Mutant


def answer(outcome: Outcome, *, part: str = "same", seconds: float = 1.0, loaded: bool = False) -> Answer:
    return Answer(
        part=part, function="f", outcome=outcome, reason="why", stage="time", seconds=seconds,
        loaded=loaded, call_s=0.001,
    )  # fmt: skip


def mutant(outcome: Outcome, equivalent: str = "") -> Judged:
    made = Mutant(function="f", operator="and-or", line=1, change="a -> b", definition="def f(): pass")
    return Judged(mutant=made, answer=answer(outcome, part="mutants"), equivalent=equivalent)


def failed(found: Findings) -> list[str]:
    return [bar.what for bar in bars(found) if bar.is_safety and bar.is_met is False]


@pytest.mark.parametrize(
    ("hits", "trials", "expected"),
    # 1 - 0.05 ** (1 / n) where there are no hits; the others from a table of the beta distribution.
    [
        (0, 1000, 0.0029912),
        (0, 10, 0.2588656),
        (1, 10, 0.3941633),
        (5, 100, 0.1022532),
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(hits: int, trials: int, expected: float) -> None:
    assert upper_bound(hits, trials) == pytest.approx(expected, rel=1e-4)
    if trials:
        assert lower_bound(trials - hits, trials) == pytest.approx(1 - expected, rel=1e-4)


def test_nothing_fails_where_the_judge_is_right() -> None:
    found = Findings(machine={})
    found.same.answers += [answer(Outcome.NOT_PROVEN_FASTER), answer(Outcome.SLOWER, loaded=True)]
    found.mutants.judged += [mutant(Outcome.WRONG), mutant(Outcome.NOT_PROVEN_FASTER)]
    assert failed(found) == []


def test_one_false_faster_fails() -> None:
    found = Findings(machine={})
    found.same.answers += [answer(Outcome.FASTER)] + [answer(Outcome.NOT_PROVEN_FASTER)] * 998
    assert failed(found) == ["the same function called faster, no load"]
    found.same.answers.append(answer(Outcome.NOT_PROVEN_FASTER))
    assert failed(found) == []


def test_a_mutant_called_faster_fails_unless_it_is_reviewed() -> None:
    found = Findings(machine={})
    found.mutants.judged += [mutant(Outcome.WRONG), mutant(Outcome.FASTER, equivalent="It is the same.")]
    assert failed(found) == []
    found.mutants.judged.append(mutant(Outcome.FASTER))
    assert failed(found) == ["mutants called faster"]


def test_a_reviewed_mutant_that_was_caught_counts_as_caught() -> None:
    found = Findings(machine={})
    found.mutants.judged.append(mutant(Outcome.WRONG, equivalent="Somebody was wrong."))
    assert len(found.mutants.caught) == 1
    assert found.mutants.equivalent == []


def test_harm_fails_whatever_the_outcome() -> None:
    found = Findings(machine={})
    made = Made(name="n", says="s", guarded=True, outcome=Outcome.TAMPERED, reason="", is_right=True)
    found.escapes.append(made)
    assert failed(found) == []
    found.escapes.append(replace(made, harm=("a file was left",)))
    assert failed(found) == ["escapes stopped, with the static look and without it"]


def test_functions_that_cannot_be_judged_are_no_silent_gap() -> None:
    found = Findings(machine={})
    found.same.answers.append(answer(Outcome.NOT_PROVEN_FASTER))
    found.same.unjudged["f"] = "no input was found"
    assert [
        bar.measured for bar in bars(found) if "cannot be judged" in bar.what and bar.is_met is False
    ] == ["1"]


def test_speeds_are_those_of_functions_of_about_a_millisecond() -> None:
    found = Findings(machine={})
    found.same.answers += [answer(Outcome.NOT_PROVEN_FASTER), answer(Outcome.SLOWER, loaded=True)]
    assert found.speeds() == {Outcome.NOT_PROVEN_FASTER: [1.0]}


def test_an_interrupted_run_prints_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(found: Findings, *_: object) -> None:
        found.mutants.judged.append(mutant(Outcome.WRONG))
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "_measure", interrupted)
    result = CliRunner().invoke(bench.command, ["judge", "--quick"], standalone_mode=False)
    assert result.return_value == 130
    assert "caught: wrong" in result.stdout
    assert "Interrupted" in result.stdout


def test_the_exit_status_is_that_of_the_bars_of_safety(monkeypatch: pytest.MonkeyPatch) -> None:
    async def bad(found: Findings, *_: object) -> None:
        found.mutants.judged.append(mutant(Outcome.FASTER))

    monkeypatch.setattr(run_module, "_measure", bad)
    result = CliRunner().invoke(bench.command, ["judge", "--json"], standalone_mode=False)
    assert result.return_value == 1
    said = json.loads(result.stdout)
    assert said["schema"] == 1
    assert said["mutants"]["judged"][0]["answer"]["outcome"] == "faster"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_short_form_runs_and_nothing_fails() -> None:
    result = CliRunner().invoke(bench.command, ["judge", "--quick", "--json"], standalone_mode=False)
    said = json.loads(result.stdout)
    assert [bar["what"] for bar in said["bars"] if bar["is_safety"] and not bar["is_met"]] == []
    assert result.return_value == 0
    assert len(said["mutants"]["judged"]) >= 20
    assert {made["guarded"] for made in said["escapes"]} == {True, False}
    assert said["planted"]["calibrations"]
