"""The simulated team: members do what they know or are told in the prompt, and say what they did."""

from __future__ import annotations

import ast
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from lessonbank.outcome import Outcome
from paceline.cli.bench_team.simulation import Cast, SimulatedMember, SimulatedServer, cast
from paceline.cli.bench_team.simulation.playing import answer
from paceline.cli.bench_team.simulation.reading import read_prompt
from paceline.errors import EndpointRefused
from paceline.team.exchange import Answer, Message, Usage
from paceline.team.models.answers import read_lesson, read_rewrite
from paceline.team.models.endpoint import Asked, Endpoint
from tests.cli.bench_team.prompts import asked_to_propose, asked_to_reflect, chained, judged, lesson
from tests.engine.scripted import verdict

SET = "known_set"
COUNTER = "Counter(words)"
TOTAL = "weights_result"

TOLD_OF_COUNTER = lesson("What helped: count once with Counter. It reads the list once.")


def careful(name: str) -> SimulatedMember:
    """A member that makes no mistakes and does all it can think of."""
    member = cast().member(name)
    assert member is not None
    return replace(member, errors=0.0, diligence=1.0)


def said(member: SimulatedMember, prompt: str, seed: int = 1) -> str:
    return answer(member, read_prompt(prompt), cast().recipes, random.Random(seed))


def whole(text: str) -> Answer:
    return Answer(text=text, usage=Usage())


class TestSkills:
    """What a member can do."""

    @pytest.mark.parametrize(("name", "mark"), [("ada", SET), ("ben", COUNTER), ("cleo", TOTAL)])
    def test_a_member_does_what_it_knows_and_nothing_else(self, tmp_path: Path, name: str, mark: str) -> None:
        prompt = asked_to_propose(chained("weighted_shares", tmp_path))
        for seed in range(5):
            text = said(careful(name), prompt, seed)
            assert [one for one in (SET, COUNTER, TOTAL) if one in text] == [mark]

    def test_every_chain_takes_more_than_any_member_knows(self) -> None:
        from paceline.cli.bench_team.tasks import tasks_named

        categories = {recipe.id: recipe.category for recipe in cast().recipes}
        for task in tasks_named(["chains"]):
            needed = {categories[name] for name in task.chain}
            assert all(not needed <= member.skills for member in cast().members), task.name

    def test_no_two_members_know_the_same(self) -> None:
        skills = [skill for member in cast().members for skill in member.skills]
        assert len(skills) == len(set(skills))
        assert set(skills) == {recipe.category for recipe in cast().recipes}

    def test_its_answer_is_one_that_a_member_of_the_team_can_read(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        found = read_rewrite(whole(said(careful("ben"), asked_to_propose(target))), target)
        assert found.title == "count once with Counter"
        assert found.replacement.imports == ("from collections import Counter",)
        assert "# count once with Counter" in found.replacement.definition


class TestLessons:
    """Knowledge comes from the prompt's words, and from nowhere else."""

    def test_what_a_lesson_tells_of_is_done_by_who_does_not_know_it(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        text = said(careful("ada"), asked_to_propose(target, [TOLD_OF_COUNTER]))
        assert SET in text
        assert COUNTER in text
        assert TOTAL not in text

    def test_other_words_for_the_same_thing_tell_it_nothing(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        vague = lesson("What helped: tallying everything beforehand.")
        assert COUNTER not in said(careful("ada"), asked_to_propose(target, [vague]))

    @pytest.mark.parametrize("outcome", [Outcome.WRONG, Outcome.DOES_NOT_BUILD, Outcome.CRASHED])
    def test_a_lesson_of_what_did_not_work_teaches_no_skill(self, tmp_path: Path, outcome: Outcome) -> None:
        target = chained("weighted_shares", tmp_path)
        failed = lesson("It was: count once with Counter.", outcome)
        assert COUNTER not in said(careful("ada"), asked_to_propose(target, [failed]))

    def test_what_gained_nothing_comes_last(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        doubted = lesson("This alone does not pay: count once with Counter.", Outcome.NOT_PROVEN_FASTER)
        hasty = replace(careful("ada"), diligence=0.0)
        for seed in range(5):
            text = said(hasty, asked_to_propose(target, [doubted]), seed)
            assert SET in text
            assert COUNTER not in text
        assert COUNTER in said(careful("ada"), asked_to_propose(target, [doubted]))

    @pytest.mark.parametrize("outcome", [Outcome.FASTER, Outcome.NOT_PROVEN_FASTER, Outcome.WRONG])
    def test_a_lesson_is_the_json_that_was_asked_for(self, tmp_path: Path, outcome: Outcome) -> None:
        target = chained("weighted_shares", tmp_path)
        rewrite = read_rewrite(whole(said(careful("ben"), asked_to_propose(target))), target)
        text = said(careful("ben"), asked_to_reflect(target, rewrite.replacement.definition, outcome))
        assert set(json.loads(text)) == {"lesson", "category"}
        learnt = read_lesson(whole(text), categories=["counting"])
        assert learnt.category == "counting"
        assert ("count once with Counter" in learnt.text) is (outcome is not Outcome.WRONG)

    def test_one_member_s_lesson_is_another_s_skill(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        rewrite = read_rewrite(whole(said(careful("ben"), asked_to_propose(target))), target)
        text = said(careful("ben"), asked_to_reflect(target, rewrite.replacement.definition, Outcome.FASTER))
        learnt = read_lesson(whole(text), categories=["counting"])
        assert COUNTER in said(careful("cleo"), asked_to_propose(target, [lesson(learnt.text)]))


class TestRewritesOfOthers:
    """What a member builds on."""

    def best(self, tmp_path: Path) -> str:
        return said(careful("ben"), asked_to_propose(chained("weighted_shares", tmp_path)))

    def test_it_builds_on_the_best_that_is_shown(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        rewrite = read_rewrite(whole(self.best(tmp_path)), target).replacement
        proven = judged(target, rewrite.definition, verdict(Outcome.FASTER, 2.0), imports=rewrite.imports)
        text = said(careful("ada"), asked_to_propose(target, best=proven))
        assert SET in text
        assert COUNTER in text
        assert "Change: count once with Counter, then use a set for membership" in text
        assert "from collections import Counter" in text

    def test_without_one_it_begins_with_the_function(self, tmp_path: Path) -> None:
        assert COUNTER not in said(careful("ada"), asked_to_propose(chained("weighted_shares", tmp_path)))

    def test_answers_without_a_verdict_may_be_built_on_or_not(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        rewrite = read_rewrite(whole(self.best(tmp_path)), target).replacement
        other = judged(target, rewrite.definition, verdict(Outcome.FASTER, 2.0), imports=rewrite.imports)
        prompt = asked_to_propose(target, answers=[other])
        built = [COUNTER in said(careful("ada"), prompt, seed) for seed in range(20)]
        assert {True, False} == set(built)

    @pytest.mark.parametrize("outcome", [Outcome.FASTER, Outcome.WRONG])
    def test_its_own_last_attempt_is_built_on_where_it_was_faster(
        self, tmp_path: Path, outcome: Outcome
    ) -> None:
        target = chained("weighted_shares", tmp_path)
        rewrite = read_rewrite(whole(self.best(tmp_path)), target).replacement
        own = judged(target, rewrite.definition, verdict(outcome, 2.0), imports=rewrite.imports)
        text = said(careful("ada"), asked_to_propose(target, own=own))
        assert (COUNTER in text) is (outcome is Outcome.FASTER)

    def test_it_looks_first_where_it_is_asked_to(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        hasty = replace(careful("ada"), diligence=0.0)
        prompt = asked_to_propose(target, [TOLD_OF_COUNTER], focus="counting")
        assert all(COUNTER in said(hasty, prompt, seed) for seed in range(5))


class TestMistakes:
    """A member errs as often as its profile says, in every way there is."""

    def test_every_kind_of_mistake_is_made(self, tmp_path: Path) -> None:
        target = chained("weighted_shares", tmp_path)
        prompt = asked_to_propose(target)
        right = said(careful("ada"), prompt)
        clumsy = replace(careful("ada"), errors=1.0)
        texts = {said(clumsy, prompt, seed) for seed in range(20)}
        prose = {text for text in texts if "```" not in text}
        code = {text.partition("```python\n")[2].partition("```")[0] for text in texts - prose}
        unbuildable = {text for text in code if not builds(text)}
        assert prose
        assert unbuildable
        assert code - unbuildable, "a slip builds"
        assert right.partition("```python\n")[2].partition("```")[0] not in code

    def test_as_often_as_the_profile_says(self, tmp_path: Path) -> None:
        prompt = asked_to_propose(chained("weighted_shares", tmp_path))
        right = said(careful("ada"), prompt)
        member = replace(careful("ada"), errors=0.3)
        wrong = sum(said(member, prompt, seed) != right for seed in range(100))
        assert 20 <= wrong <= 40


class TestWire:
    """It is asked as any model's server is."""

    async def test_it_lists_its_members_and_streams_with_usage(self, tmp_path: Path) -> None:
        prompt = asked_to_propose(chained("weighted_shares", tmp_path))
        async with SimulatedServer(cast(), seed=1) as server:
            endpoint = Endpoint(server.base_url)
            assert list(await endpoint.models()) == ["ada", "ben", "cleo"]
            assert await endpoint.context_length("ada") > 0
            found = await endpoint.ask(asking("ada", prompt))
        assert found.text.startswith(("Change: ", "`"))
        assert found.usage.completion_tokens > 0
        assert found.usage.prompt_tokens > len(prompt) / 4
        assert not found.usage.is_estimated

    async def test_equal_seeds_answer_alike_and_others_do_not(self, tmp_path: Path) -> None:
        prompt = asked_to_propose(chained("weighted_shares", tmp_path), [TOLD_OF_COUNTER])

        async def answers(seed: int) -> list[str]:
            async with SimulatedServer(cast(), seed=seed) as server:
                endpoint = Endpoint(server.base_url)
                return [(await endpoint.ask(asking("ada", prompt))).text for _ in range(6)]

        assert await answers(1) == await answers(1)
        assert await answers(1) != await answers(2)

    @pytest.mark.parametrize("model", ["zoe", "ada"])
    async def test_what_it_cannot_answer_is_refused(self, model: str) -> None:
        async with SimulatedServer(cast(), seed=1) as server:
            with pytest.raises(EndpointRefused, match="404" if model == "zoe" else "400"):
                await Endpoint(server.base_url).ask(asking(model, "Hello!"))

    async def test_a_cast_of_one(self) -> None:
        alone = Cast(members=(careful("ada"),), recipes=cast().recipes)
        async with SimulatedServer(alone, seed=1) as server:
            assert list(await Endpoint(server.base_url).models()) == ["ada"]


def builds(text: str) -> bool:
    try:
        compile(text, "answer", "exec")
    except SyntaxError:
        return False
    return bool(ast.parse(text).body)


def asking(model: str, prompt: str) -> Asked:
    return Asked(
        model=model,
        messages=(Message("system", "You make functions faster."), Message("user", prompt)),
        temperature=0.2,
        top_p=0.95,
        max_tokens=2048,
        timeout_s=20.0,
        first_token_s=20.0,
    )
