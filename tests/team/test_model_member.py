"""Model members, alone and in the engine: the models and the judge are scripted, the wire is real."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lessonbank.bank import Bank
from lessonbank.outcome import Outcome
from paceline.engine import Engine, Finished, Request
from paceline.engine.events import (
    CandidateJudged,
    CandidateProposed,
    CandidateRepeated,
    Event,
    LessonBanked,
    MemberFailed,
    ModelAsked,
    RoundStarted,
)
from paceline.errors import AnswerUnusable, EndpointRefused, PromptTooLong
from paceline.judge.verdict import Counterexample, Evidence, Verdict
from paceline.syntax.target import Target
from paceline.team.exchange import Exchange
from paceline.team.member import Candidate, Judged, Turn
from paceline.team.models import ModelMember, configured, model_team, presets
from paceline.team.models.endpoint import Endpoint
from paceline.workspace import ModelSettings, load_settings, schema
from tests.engine.scripted import ScriptedJudge, ScriptedMember, verdict
from tests.team.scripted_endpoint import (
    Asked,
    Reply,
    ScriptedEndpoint,
    disconnects_after,
    endless,
    fails,
    hangs,
    keeps_alive,
    says,
    sends,
    stalls_after,
)

FIRST = Turn(round=0, lessons=(), bases=())
LESSON = '{"lesson": "Let builtins loop: they pay on long lists.", "category": "builtins"}'


def rewrite(body: str, title: str = "let a builtin loop") -> str:
    return f"Change: {title}\n```python\ndef total(values):\n    {body}\n```"


def settings(server: ScriptedEndpoint | None = None, **changes: Any) -> ModelSettings:
    base_url = server.base_url if server is not None else "http://127.0.0.1:9/v1"
    return replace(ModelSettings(name="qwen", base_url=base_url, model="coder"), **changes)


def member(server: ScriptedEndpoint, **changes: Any) -> ModelMember:
    said = settings(server, **changes)
    endpoint = Endpoint(said.base_url, concurrency=said.concurrency, backoff_s=0.001)
    return ModelMember(settings=said, endpoint=endpoint)


def is_about_a_verdict(asked: Asked) -> bool:
    return "that was judged" in asked.prompt


def model(
    *bodies: str, lesson: str = LESSON, usage: dict[str, int] | None = None
) -> Callable[[Asked], Reply]:
    """A model that proposes these bodies one after the other, the last again and again."""
    left = list(bodies)

    def choose(asked: Asked) -> Reply:
        if is_about_a_verdict(asked):
            return says(lesson, usage=usage)
        return says(rewrite(left.pop(0) if len(left) > 1 else left[0]), usage=usage)

    return choose


def _shared(one: str, other: str) -> int:
    """Characters that two texts begin with alike."""
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return number
    return min(len(one), len(other))


def judged(target: Target, found: Verdict) -> Judged:
    from paceline.syntax.target import Replacement

    candidate = Candidate(
        member="qwen",
        target=target,
        replacement=Replacement(definition="def total(values):\n    return 7\n"),
        hash="abc",
        title="return a constant",
    )
    return Judged(candidate=candidate, verdict=found)


class TestAlone:
    """One member, one server."""

    async def test_a_rewrite_becomes_a_candidate(self, target: Target) -> None:
        async with ScriptedEndpoint([says(rewrite("return sum(map(scaled, values))"))]) as server:
            candidate = await member(server).propose(target, FIRST)
        assert candidate is not None
        assert (candidate.member, candidate.title) == ("qwen", "let a builtin loop")
        assert "sum(map(scaled, values))" in candidate.replacement.definition
        assert candidate.recipes == ()

    async def test_a_model_that_boasts_gets_no_title_for_it(self, target: Target) -> None:
        async with ScriptedEndpoint([says(rewrite("return 7", "now 5000x faster, proven"))]) as server:
            candidate = await member(server).propose(target, FIRST)
        assert candidate is not None
        assert candidate.title == "as qwen rewrote it"

    async def test_the_function_as_it_was_is_no_candidate(self, target: Target) -> None:
        async with ScriptedEndpoint([says(f"```python\n{target.source}# as it was\n```")]) as server:
            assert await member(server).propose(target, FIRST) is None

    async def test_it_is_asked_as_its_settings_say(self, target: Target) -> None:
        async with ScriptedEndpoint([says(rewrite("return 7"))]) as server:
            said = {"temperature": 0.7, "top_p": 0.5, "max_tokens": 333}
            await member(server, **said).propose(target, FIRST)
        body = server.asked[0].body
        assert {name: body[name] for name in said} == said
        assert "response_format" not in body

    async def test_a_lesson_has_the_models_words_and_the_judges_evidence(self, target: Target) -> None:
        boast = '{"lesson": "This is 5000x faster for everybody.", "category": "builtins"}'
        async with ScriptedEndpoint([says(boast)]) as server:
            lesson = await member(server).reflect(judged(target, verdict(Outcome.SLOWER, 0.5)))
        assert lesson is not None
        assert lesson.category == "builtins"
        assert (lesson.evidence.outcome, lesson.evidence.speedup) == (Outcome.SLOWER, 0.5)
        assert lesson.origin.member == "qwen"
        schema = server.asked[0].body["response_format"]["json_schema"]["schema"]
        assert set(schema["required"]) == {"lesson", "category"}
        assert json.loads(boast)["category"] in schema["properties"]["category"]["enum"]

    async def test_nothing_is_asked_where_nothing_was_judged(self, target: Target) -> None:
        async with ScriptedEndpoint([says(LESSON)]) as server:
            assert await member(server).reflect(judged(target, verdict(Outcome.CANNOT_JUDGE))) is None
        assert server.asked == []

    async def test_the_evidence_reaches_the_model(self, target: Target) -> None:
        found = Counterexample(call="total([])", expected="0", got="7", difference="result")
        wrong = Verdict(outcome=Outcome.WRONG, reason="no", evidence=Evidence(counterexample=found))
        built = Verdict(
            outcome=Outcome.DOES_NOT_BUILD,
            reason="no",
            evidence=Evidence(diagnostics="NameError: name 'np' is not defined"),
        )
        async with ScriptedEndpoint([says(LESSON)]) as server:
            for one in (wrong, built):
                await member(server).reflect(judged(target, one))
        assert "total([])" in server.asked[0].prompt
        assert "NameError: name 'np' is not defined" in server.asked[1].prompt

    async def test_the_servers_context_is_heeded(self, target: Target) -> None:
        async with ScriptedEndpoint([says("no")], models={"coder": {"max_model_len": 300}}) as server:
            with pytest.raises(PromptTooLong):
                await member(server).propose(target, FIRST)
        assert server.asked == []

    async def test_the_servers_count_is_better_than_the_estimate(self, target: Target) -> None:
        models = {"coder": {"max_model_len": 1120}}
        reply = says(rewrite("return 7"))
        async with ScriptedEndpoint([reply], models=models) as server:
            with pytest.raises(PromptTooLong):
                await member(server).propose(target, FIRST)
        async with ScriptedEndpoint([reply], models=models, characters_a_token=6) as server:
            assert await member(server).propose(target, FIRST) is not None

    async def test_exchanges_are_told_with_what_they_cost(self, target: Target) -> None:
        heard: list[Exchange] = []
        usage = {"prompt_tokens": 500, "completion_tokens": 50}
        async with ScriptedEndpoint([says(rewrite("return 7"), usage=usage), says("no")]) as server:
            listening = member(server).heard_by(heard.append)
            await listening.propose(target, FIRST)
            with pytest.raises(AnswerUnusable):
                await listening.propose(target, FIRST)
        assert [(one.purpose, bool(one.failure)) for one in heard] == [("propose", False), ("propose", True)]
        assert heard[0].answer is not None
        assert heard[0].answer.usage.prompt_tokens == 500
        assert target.source.strip() in heard[0].messages[-1].content


class TestTeam:
    """Settings become members."""

    def test_members_of_one_server_share_its_places(self) -> None:
        team = model_team(
            [
                settings(name="a", concurrency=3),
                settings(name="b", concurrency=1),
                settings(name="c", base_url="http://127.0.0.1:10/v1"),
            ]
        )
        assert team[0].endpoint is team[1].endpoint
        assert team[0].endpoint is not team[2].endpoint

    def test_presets_are_teams_that_settings_could_say(self) -> None:
        assert set(presets()) | {""} == set(schema()["team.preset"].choices)
        paper = {one.model for one in presets()["paper"].members}
        assert paper == {
            "deepseek-ai/deepseek-coder-7b-instruct-v1.5",
            "Qwen/Qwen2.5-Coder-7B-Instruct",
            "Qwen/Qwen2.5-Coder-14B-Instruct",
        }
        assert {(one.temperature, one.top_p) for one in presets()["paper"].members} == {(0.2, 0.95)}
        for preset in presets().values():
            assert all(one.base_url.startswith("http://127.0.0.1:") for one in preset.members)
            assert all(one.model.partition(":")[0] in preset.needs for one in preset.members)

    def test_own_members_add_to_a_preset_or_replace_its(self, tmp_path: Path) -> None:
        (tmp_path / ".paceline.toml").write_text(
            '[team]\npreset = "laptop"\n'
            '[[team.members]]\nname = "qwen-3b"\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "mine"\n'
            '[[team.members]]\nname = "more"\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "mine"\n'
        )
        team, problems = load_settings(tmp_path, trusted=True)
        assert not problems
        members = configured(team.team)
        assert [(one.name, one.model) for one in members] == [
            ("qwen-7b", "qwen2.5-coder:7b"),
            ("qwen-3b", "mine"),
            ("more", "mine"),
        ]

    async def test_the_engine_opens_them_beside_the_recipes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
        one = {"base_url": "http://127.0.0.1:9/v1", "model": "coder"}
        for recipes in (True, False):
            team = {"team": {"recipes": recipes, "members": [one]}}
            found, problems = load_settings(tmp_path, trusted=True, overrides=[team])
            assert not problems
            async with Engine.open(tmp_path, settings=found, trusted=True) as engine:
                names = [each.name for each in engine.members]
            assert names[-1] == "coder"
            assert (len(names) > 1) == recipes

    async def test_nobody_is_said_to_be_there_where_nobody_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
        found, _ = load_settings(tmp_path, trusted=True, overrides=[{"team": {"recipes": False}}])
        async with Engine.open(tmp_path, settings=found, trusted=True) as engine:
            assert any("no member" in note for note in engine.notes)


@pytest.fixture
def make_engine(tmp_path: Path) -> Callable[..., Engine]:
    found, _ = load_settings(tmp_path, trusted=True)

    def make(members: list[Any], judge: ScriptedJudge, **changes: Any) -> Engine:
        return Engine(
            tmp_path,
            settings=replace(found, **changes),
            trusted=True,
            bank=Bank.open(tmp_path / "bank"),
            members=members,
            judge_of=lambda _target: judge,
        )

    return make


async def events_of(engine: Engine, target: Target, **limits: Any) -> list[Event]:
    return [event async for event in engine.optimize(Request(target=target, **limits))]


def end_of(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


FASTER = {"sum(": verdict(Outcome.FASTER, 3.0), "": verdict(Outcome.WRONG)}


class TestInTheEngine:
    """The whole loop over the wire."""

    async def test_what_a_model_proposes_is_judged_suggested_and_learnt_from(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        usage = {"prompt_tokens": 100, "completion_tokens": 10}
        choose = model("return 0", "return sum(map(scaled, values))", usage=usage)
        async with ScriptedEndpoint(choose=choose) as server:
            engine = make_engine([member(server)], ScriptedJudge(FASTER))
            events = await events_of(engine, target, rounds=2)
        end = end_of(events)
        assert end.status == "faster"
        assert end.suggestions[0].title == "3.0x faster (2.7-3.3): let a builtin loop"
        assert [j.verdict.outcome for j in end.rejected] == [Outcome.WRONG]
        banked = [event.lesson for event in events if isinstance(event, LessonBanked)]
        assert {lesson.evidence.outcome for lesson in banked} == {Outcome.WRONG, Outcome.FASTER}
        assert all(lesson.text == "Let builtins loop: they pay on long lists." for lesson in banked)
        proposals = [asked for asked in server.asked if not is_about_a_verdict(asked)]
        assert "# Lessons" not in proposals[0].prompt
        assert "[breaks equivalence, on this very function] Let builtins loop" in proposals[1].prompt
        assert (end.tokens.prompt_tokens, end.tokens.completion_tokens) == (400, 40)
        assert len([event for event in events if isinstance(event, ModelAsked)]) == 4

    async def test_a_slow_model_keeps_nobody_waiting(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint([stalls_after("Change")]) as server:
            members = [member(server), ScriptedMember("quick", ["return sum(values)"])]
            engine = make_engine(members, ScriptedJudge(FASTER))
            stream = engine.optimize(Request(target=target))
            async for event in stream:
                if isinstance(event, CandidateJudged):
                    break
            assert event.judged.verdict.outcome is Outcome.FASTER
            await server.until(lambda: len(server.asked) == 1)
            await stream.aclose()
            # Ending the run is heard by the server, which then stops generating.
            await server.until(lambda: len(server.hung_up) == 1)
        assert [task for task in asyncio.all_tasks() if "run " in task.get_name()] == []

    async def test_cancelling_while_it_reflects_hangs_up_too(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        def choose(asked: Asked) -> Reply:
            return stalls_after("{") if is_about_a_verdict(asked) else says(rewrite("return sum(values)"))

        async with ScriptedEndpoint(choose=choose) as server:
            engine = make_engine([member(server)], ScriptedJudge(FASTER))

            async def read() -> None:
                async for _ in engine.optimize(Request(target=target)):
                    pass

            reading = asyncio.create_task(read())
            await server.until(lambda: any(map(is_about_a_verdict, server.asked)))
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            await server.until(lambda: len(server.hung_up) == 1)

    async def test_the_budget_ends_an_answer_that_does_not_come(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint([stalls_after("Change")]) as server:
            engine = make_engine([member(server)], ScriptedJudge(FASTER))
            events = await events_of(engine, target, budget_s=0.5)
            await server.until(lambda: len(server.hung_up) == 1)
        assert end_of(events).reason == "the budget is used up"
        (lost,) = [event for event in events if isinstance(event, MemberFailed)]
        assert "budget" in lost.reason

    async def test_a_lesson_that_does_not_come_in_time_is_made_of_the_verdict(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        def choose(asked: Asked) -> Reply:
            return hangs() if is_about_a_verdict(asked) else says(rewrite("return sum(values)"))

        async with ScriptedEndpoint(choose=choose) as server:
            engine = make_engine([member(server)], ScriptedJudge(FASTER))
            events = await events_of(engine, target, budget_s=1.0)
        (banked,) = [event.lesson for event in events if isinstance(event, LessonBanked)]
        assert "3.0x faster" in banked.text
        assert end_of(events).status == "faster"

    async def test_what_was_judged_before_is_not_judged_again(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint(choose=model("return 0")) as server:
            judge = ScriptedJudge(FASTER)
            events = await events_of(make_engine([member(server)], judge), target)
            repeated = [event.known for event in events if isinstance(event, CandidateRepeated)]
            assert repeated == ["wrong", "wrong"]
            again = ScriptedJudge(FASTER)
            events = await events_of(make_engine([member(server)], again), target)
        assert (len(judge.judged), again.judged) == (1, [])
        known = [event.known for event in events if isinstance(event, CandidateRepeated)]
        assert known == ["known from an earlier run"] * 2

    async def test_most_of_what_a_model_reads_it_has_read_before(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        """What an engine's prefix cache could serve over four rounds, in characters."""
        bodies = [f"return sum(values) + {number} - {number}" for number in range(4)]
        answers = {body: verdict(Outcome.FASTER, 2.0 + n) for n, body in enumerate(bodies)}
        async with ScriptedEndpoint(choose=model(*bodies)) as server:
            engine = make_engine([member(server)], ScriptedJudge(answers))
            await events_of(engine, target, rounds=4)
        read = ["\0".join(one["content"] for one in asked.body["messages"]) for asked in server.asked]
        assert len(read) == 8
        cached = sum(
            max((_shared(prompt, earlier) for earlier in read[:number]), default=0)
            for number, prompt in enumerate(read)
        )
        assert cached / sum(map(len, read)) > 0.5

    async def test_a_bad_answer_is_not_the_end(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        replies = iter([says("Sure!"), says(rewrite("return 0")), says(rewrite("return sum(values)"))])

        def choose(asked: Asked) -> Reply:
            return says(LESSON) if is_about_a_verdict(asked) else next(replies, says("I am done."))

        async with ScriptedEndpoint(choose=choose) as server:
            events = await events_of(make_engine([member(server)], ScriptedJudge(FASTER)), target)
        end = end_of(events)
        assert end.status == "faster"
        assert end.reason.endswith("the rounds are used up")

    async def test_what_a_model_found_once_is_there_again_in_the_next_run(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint(choose=model("return sum(values)")) as server:
            await events_of(make_engine([member(server)], ScriptedJudge(FASTER)), target)
        answers = {"sum(": verdict(Outcome.FASTER, 2.5)}
        async with ScriptedEndpoint([says("I have no idea.")]) as server:
            for team in ([member(server)], [ScriptedMember("another", [])]):
                judge = ScriptedJudge(answers)
                engine = make_engine(team, judge)
                events = await events_of(engine, target)
                assert judge.judged == ["def total(values):\n    return sum(values)"]
                (suggestion,) = end_of(events).suggestions
                assert suggestion.title == "2.5x faster (2.2-2.8): let a builtin loop"
                assert suggestion.judged.candidate.member == "qwen"
                # One lesson, with the evidence measured last.
                (lesson,) = engine.bank.lessons()
                assert lesson.text == json.loads(LESSON)["lesson"]
                assert lesson.evidence.speedup == 2.5

    async def test_what_a_record_holds_is_not_believed(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint(choose=model("return sum(values)")) as server:
            engine = make_engine([member(server)], ScriptedJudge(FASTER))
            await events_of(engine, target)
        ((key, record),) = engine.bank.verdicts_for(target.hash).items()
        for wrong in (
            "x",
            {"definition": 3},
            {**record["rewrite"], "definition": "def total(v):\n    evil()\n"},
        ):
            engine.bank.remember_verdict(key, {**record, "rewrite": wrong})
            judge = ScriptedJudge(FASTER)
            await events_of(make_engine([ScriptedMember("another", [])], judge), target)
            assert judge.judged == []

    async def test_a_function_that_cannot_be_judged_stops_the_models(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint([stalls_after("Change")]) as server:
            judge = ScriptedJudge({}, unjudgeable=verdict(Outcome.CANNOT_JUDGE))
            events = await events_of(make_engine([member(server)], judge), target)
        assert end_of(events).status == "cannot-judge"
        assert not any(isinstance(event, CandidateProposed) for event in events)


FAILURES: dict[str, tuple[Reply, str]] = {
    "busy": (fails(429), "EndpointBroken"),
    "broken": (fails(500), "EndpointBroken"),
    "locked": (fails(401), "EndpointRefused"),
    "another model": (fails(404), "EndpointRefused"),
    "hanging": (hangs(), "AnswerTimedOut"),
    "alive": (keeps_alive(), "AnswerTimedOut"),
    "stalling": (stalls_after("Change: "), "AnswerTimedOut"),
    "endless": (endless(), "AnswerTooLong"),
    "huge": (says("x" * 20_000, pieces=5000), "AnswerTooLong"),
    "leaving": (disconnects_after("Change: "), "AnswerIncomplete"),
    "truncating": (
        says("```python\ndef total(values):\n    x = 1", finish_reason="length"),
        "AnswerIncomplete",
    ),
    "garbled": (sends(b"<html>\n"), "AnswerUnusable"),
    "empty": (says(""), "AnswerUnusable"),
    "chatting": (says("I am sorry, I cannot do that."), "AnswerUnusable"),
    "thinking": (says("<think>hm"), "AnswerUnusable"),
    "not building": (says("```python\ndef total(values:\n```"), "AnswerUnusable"),
    "renaming": (says("```python\ndef other(a, b):\n    return 0\n```"), "AnswerUnusable"),
}


class TestFailures:
    """A member that fails costs its own turn, visibly, and what fails again and again is left alone."""

    @pytest.mark.parametrize("name", FAILURES)
    async def test_the_rest_of_the_team_goes_on(
        self, make_engine: Callable[..., Engine], target: Target, name: str
    ) -> None:
        reply, kind = FAILURES[name]
        async with ScriptedEndpoint([reply]) as server:
            members = [
                member(server, timeout=1.0, max_tokens=64, first_token_timeout=0.5),
                ScriptedMember("quick", ["return sum(values)"]),
            ]
            events = await events_of(make_engine(members, ScriptedJudge(FASTER)), target, rounds=1)
        (lost,) = [event for event in events if isinstance(event, MemberFailed)]
        assert (lost.member, lost.kind) == ("qwen", kind)
        assert lost.words.startswith("qwen lost its turn: ")
        assert end_of(events).status == "faster"

    async def test_nobody_there(self, make_engine: Callable[..., Engine], target: Target) -> None:
        async with ScriptedEndpoint() as server:
            alone = member(server)
        events = await events_of(make_engine([alone], ScriptedJudge(FASTER)), target)
        lost, again = [event for event in events if isinstance(event, MemberFailed)]
        assert again.consequence == "it sits out the next round"
        assert lost.kind == "EndpointUnreachable"
        assert "start the model's server" in lost.reason
        assert end_of(events).reason == "no member has a rewrite to offer"

    async def test_what_is_refused_once_is_not_asked_again_in_this_run(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint([fails(401)]) as server:
            quick = ScriptedMember("quick", ["return sum(values)", "return sum(values) + 0"])
            engine = make_engine([member(server), quick], ScriptedJudge(FASTER))
            events = await events_of(engine, target)
            assert len(server.asked) == 1
            await events_of(engine, target)
            assert len(server.asked) == 2
        (lost,) = [event for event in events if isinstance(event, MemberFailed)]
        assert lost.consequence == "it sits out the rest of this run"
        rounds = [event.selected for event in events if isinstance(event, RoundStarted)]
        assert ["qwen" in selected for selected in rounds] == [True, False]

    async def test_who_fails_again_and_again_sits_out(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        answers = {f"sum(values) + {n}": verdict(Outcome.FASTER, 2.0 + n) for n in range(9)}
        async with ScriptedEndpoint([says("")]) as server:
            quick = ScriptedMember("quick", [f"return sum(values) + {n}" for n in range(9)])
            engine = make_engine([member(server), quick], ScriptedJudge(answers))
            events = await events_of(engine, target, rounds=8)
        rounds = [event.selected for event in events if isinstance(event, RoundStarted)]
        assert ["qwen" in selected for selected in rounds] == [True, True, False, True, *[False] * 4]
        lost = [event.consequence for event in events if isinstance(event, MemberFailed)]
        assert lost == ["", "it sits out the next round", "it sits out the rest of this run"]
        assert len(server.asked) == 3

    async def test_lessons_are_not_blamed_for_a_server_that_is_down(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint([fails(500)]) as server:
            quick = ScriptedMember("quick", ["return sum(values)", "return sum(values) + 0"])
            engine = make_engine([member(server), quick], ScriptedJudge(FASTER))
            await events_of(engine, target, rounds=2)
            assert engine.bank.tally("python").turns == 2

    async def test_a_failed_reflection_loses_no_verdict(
        self, make_engine: Callable[..., Engine], target: Target
    ) -> None:
        async with ScriptedEndpoint(choose=model("return sum(values)", lesson="{}")) as server:
            events = await events_of(make_engine([member(server)], ScriptedJudge(FASTER)), target, rounds=1)
        (lost,) = [event for event in events if isinstance(event, MemberFailed)]
        assert "no lesson" in lost.reason
        (banked,) = [event.lesson for event in events if isinstance(event, LessonBanked)]
        assert banked.evidence.outcome is Outcome.FASTER

    async def test_a_key_that_is_missing_is_named(
        self, make_engine: Callable[..., Engine], target: Target, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CODER_KEY", raising=False)
        (locked,) = model_team([settings(api_key_env="CODER_KEY")])
        with pytest.raises(EndpointRefused, match="CODER_KEY"):
            await locked.propose(target, FIRST)
