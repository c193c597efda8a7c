"""The loop: rounds, repeats, failing members, plateau, budget, cancelling, and what a second run knows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lessonbank.outcome import Outcome
from paceline.engine import Engine, Finished, Request
from paceline.engine.events import (
    CandidateJudged,
    CandidateProposed,
    CandidateRepeated,
    Event,
    LessonBanked,
    MemberFailed,
    RoundStarted,
    SuggestionProven,
)
from paceline.syntax.target import Target
from tests.engine.scripted import ScriptedJudge, ScriptedMember, verdict

MakeEngine = Callable[..., Engine]


async def events_of(engine: Engine, target: Target, **limits: float) -> list[Event]:
    return [event async for event in engine.optimize(Request(target=target, **limits))]  # type: ignore[arg-type]


def finished(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


async def test_suggestions_are_ranked_by_the_lower_bound_and_streamed(
    make_engine: MakeEngine, target: Target
) -> None:
    judge = ScriptedJudge(
        {
            "sum(": verdict(Outcome.FASTER, 3.0),
            "fsum": verdict(Outcome.FASTER, 2.0),
            "0": verdict(Outcome.WRONG),
        }
    )
    members = [
        ScriptedMember("exact", ["return math.fsum(values)"]),
        ScriptedMember("builtin", ["return sum(values)"]),
        ScriptedMember("zero", ["return 0"]),
    ]
    judge.answers = {"fsum": judge.answers["fsum"], "sum(": judge.answers["sum("], "0": judge.answers["0"]}
    events = await events_of(make_engine(members, judge), target)
    end = finished(events)
    assert end.status == "faster"
    assert [s.judged.candidate.member for s in end.suggestions] == ["builtin", "exact"]
    assert end.suggestions[0].title == "3.0x faster (2.7-3.3): use return sum(values)"
    assert b"return sum(values)" in end.suggestions[0].patched
    assert [j.verdict.outcome for j in end.rejected] == [Outcome.WRONG]
    first_proven = next(i for i, e in enumerate(events) if isinstance(e, SuggestionProven))
    assert first_proven < max(i for i, e in enumerate(events) if isinstance(e, CandidateJudged))
    assert judge.closed


async def test_later_rounds_build_on_what_was_proven_until_a_plateau(
    make_engine: MakeEngine, target: Target
) -> None:
    judge = ScriptedJudge(
        {
            "first": verdict(Outcome.FASTER, 2.0),
            "second": verdict(Outcome.FASTER, 4.0),
            "third": verdict(Outcome.FASTER, 4.0),
        }
    )
    member = ScriptedMember("m", ["return first", "return second", "return third", "return never"])
    end = finished(await events_of(make_engine([member], judge), target, rounds=10))
    assert [turn.round for turn in member.turns] == [0, 1, 2]
    assert member.turns[0].bases == ()
    assert member.turns[1].bases[0].candidate.title == "use return first"
    assert member.turns[2].bases[0].candidate.title == "use return second"
    assert "no improvement" in end.reason


async def test_the_same_rewrite_from_two_members_is_judged_once(
    make_engine: MakeEngine, target: Target
) -> None:
    judge = ScriptedJudge({"sum": verdict(Outcome.FASTER, 2.0)})
    members = [
        ScriptedMember("a", ["return sum(values)"]),
        ScriptedMember("b", ["return  sum(values)  # same"]),
    ]
    events = await events_of(make_engine(members, judge), target)
    assert len(judge.judged) == 1
    assert [e.known for e in events if isinstance(e, CandidateRepeated)] == ["also proposed by a"]


async def test_a_failing_member_costs_its_turn_only(make_engine: MakeEngine, target: Target) -> None:
    judge = ScriptedJudge({"sum": verdict(Outcome.FASTER, 2.0)})
    members = [ScriptedMember("broken", ["raise"]), ScriptedMember("fine", ["return sum(values)"])]
    events = await events_of(make_engine(members, judge), target)
    assert finished(events).status == "faster"
    assert any(isinstance(e, MemberFailed) and "the model is gone" in e.reason for e in events)


async def test_nothing_to_offer_starts_no_judge(make_engine: MakeEngine, target: Target) -> None:
    judge = ScriptedJudge({})
    end = finished(await events_of(make_engine([ScriptedMember("m", [])], judge), target))
    assert (end.status, end.rounds) == ("not-proven-faster", 0)
    assert end.reason == "no member has a rewrite to offer"


async def test_cannot_judge_says_why(make_engine: MakeEngine, target: Target) -> None:
    unjudgeable = verdict(Outcome.CANNOT_JUDGE)
    judge = ScriptedJudge({}, unjudgeable=unjudgeable)
    end = finished(await events_of(make_engine([ScriptedMember("m", ["return 1"])], judge), target))
    assert (end.status, end.reason, end.verdict) == ("cannot-judge", unjudgeable.reason, unjudgeable)


async def test_budget_of_no_time_judges_nothing_and_says_so(make_engine: MakeEngine, target: Target) -> None:
    judge = ScriptedJudge({"sum": verdict(Outcome.FASTER, 2.0)})
    end = finished(
        await events_of(make_engine([ScriptedMember("m", ["return sum(values)"])], judge), target, budget_s=0)
    )
    assert judge.judged == []
    assert end.reason == "the budget is used up"


async def test_closing_the_stream_ends_the_judge(make_engine: MakeEngine, target: Target) -> None:
    judge = ScriptedJudge({}, hangs=True)
    stream = make_engine([ScriptedMember("m", ["return 1"])], judge).optimize(Request(target=target))
    async for event in stream:
        if isinstance(event, CandidateProposed):
            break
    await stream.aclose()  # type: ignore[attr-defined]
    assert judge.closed
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_second_run_tries_the_winner_first_and_skips_what_failed(
    make_engine: MakeEngine, target: Target
) -> None:
    answers = {
        "wrong": verdict(Outcome.WRONG),
        "good": verdict(Outcome.FASTER, 2.0),
        "best": verdict(Outcome.FASTER, 5.0),
    }
    bodies = [["return wrong"], ["return good"], ["return best"]]
    first, second = ScriptedJudge(answers), ScriptedJudge(answers)

    await events_of(
        make_engine([ScriptedMember(str(i), list(b)) for i, b in enumerate(bodies)], first), target
    )
    members = [ScriptedMember(str(i), list(b)) for i, b in enumerate(bodies)]
    events = await events_of(make_engine(members, second), target)

    assert len(first.judged) == 3
    assert second.judged == ["def total(values):\n    return best\n"]
    shown = next(e for e in events if isinstance(e, RoundStarted)).selected["0"]
    assert {lesson.origin.target_hash for lesson in shown} == {target.hash}
    assert finished(events).suggestions[0].judged.verdict.evidence.timing is not None


async def test_lessons_are_banked_before_the_next_event_and_counted(
    make_engine: MakeEngine, target: Target
) -> None:
    judge = ScriptedJudge({"sum": verdict(Outcome.FASTER, 2.0)})
    engine = make_engine([ScriptedMember("m", ["return sum(values)"])], judge)
    async for event in engine.optimize(Request(target=target)):
        if isinstance(event, LessonBanked):
            assert engine.bank.get(event.lesson.id) == event.lesson
            assert engine.bank.places() == {event.lesson.id: "sums.py"}
            assert event.is_new
            assert event.lesson.text.startswith("Use return sum(values) made `total` 2.0x faster")
        if isinstance(event, Finished):
            assert event.lessons_banked == 1


async def test_shown_lessons_are_credited(make_engine: MakeEngine, target: Target) -> None:
    judge = ScriptedJudge({"good": verdict(Outcome.FASTER, 2.0), "better": verdict(Outcome.FASTER, 4.0)})
    engine = make_engine([ScriptedMember("m", ["return good", "return better"])], judge)
    await events_of(engine, target)
    lesson = next(x for x in engine.bank.lessons() if "good" in x.transformation)
    credit = engine.bank.credit(lesson.id)
    assert (credit.shown, credit.helped) == (1, 1)
    assert credit.factor > 1.0


async def test_a_failing_worker_costs_one_candidate(make_engine: MakeEngine, target: Target) -> None:
    judge = ScriptedJudge({"sum": verdict(Outcome.FASTER, 2.0)}, breaks_on="broken")
    members = [ScriptedMember("a", ["return broken"]), ScriptedMember("b", ["return sum(values)"])]
    end = finished(await events_of(make_engine(members, judge), target))
    assert end.status == "faster"
    assert [j.verdict.outcome for j in end.rejected] == [Outcome.CANNOT_JUDGE]
    assert sum("broken" in text for text in judge.judged) == 2, "it is tried once more before it is given up"


async def test_while_nothing_is_proven_rounds_build_on_what_looks_faster(
    make_engine: MakeEngine, target: Target
) -> None:
    judge = ScriptedJudge(
        {"first": verdict(Outcome.NOT_PROVEN_FASTER, 1.04), "second": verdict(Outcome.FASTER, 4.0)}
    )
    member = ScriptedMember("m", ["return first", "return second"])
    end = finished(await events_of(make_engine([member], judge), target))
    assert [base.candidate.title for base in member.turns[1].bases] == ["use return first"]
    assert end.status == "faster"
