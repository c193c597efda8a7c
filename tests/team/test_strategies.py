"""Who proposes in a round and what they are shown, by strategy: everybody gets equally many turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from lessonbank.bank import Bank
from lessonbank.credit import Showing
from lessonbank.lesson import Lesson, Origin, Source
from lessonbank.outcome import Outcome
from paceline.judge.verdict import Verdict
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged, Member
from paceline.team.strategies import STRATEGIES, Assigned, Situation, Taken
from paceline.workspace import schema
from tests.engine.scripted import ScriptedMember, verdict
from tests.lessonbank.records import lesson

MODELS = tuple(ScriptedMember(name, [], deliberates=True) for name in ("ann", "ben", "cat"))
RECIPES = tuple(ScriptedMember(name, []) for name in ("recipes/a", "recipes/b"))


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank.ephemeral() as bank:
        yield bank


@pytest.fixture
def start(target: Target, bank: Bank) -> Situation:
    """The first round of three models."""
    return Situation(target=target, round=0, team=MODELS, members=MODELS, bank=bank, k=4, rule="paceline")


def assign(name: str, situation: Situation) -> tuple[Assigned, ...]:
    return STRATEGIES[name].assign(situation)


def names(assigned: tuple[Assigned, ...]) -> list[str]:
    return [one.member.name for one in assigned]


def attempt(target: Target, member: str, body: str, found: Verdict) -> Judged:
    replacement = Replacement(definition=f"def total(values):\n    return {body}\n")
    return Judged(
        candidate=Candidate(member=member, target=target, replacement=replacement, hash=body, title=body),
        verdict=found,
    )


def after(situation: Situation, *attempts: Judged, round_number: int = 0) -> Situation:
    """The next round, after these attempts of the one before."""
    members: dict[str, Member] = {member.name: member for member in situation.team}
    turn = replace(situation.turn(), round=round_number)
    taken = tuple(
        Taken(assigned=Assigned(member=members[j.candidate.member], turn=turn), judged=j) for j in attempts
    )
    return replace(situation, round=round_number + 1, taken=(*situation.taken, *taken))


def own(member: str, text: str) -> Lesson:
    return replace(lesson(text), origin=Origin(source=Source.LEARNT, member=member))


def proved(bank: Bank, member: str, *, faster: int, of: int, category: str = "") -> None:
    """Tell the bank how a member fared in so many turns."""
    outcomes = [Outcome.FASTER] * faster + [Outcome.WRONG] * (of - faster)
    turns = [Showing(lessons=(), outcome=o, context=member, category=category) for o in outcomes]
    bank.record_round(turns, language="python")


def test_every_strategy_can_be_chosen() -> None:
    assert set(schema()["team.strategy"].choices) == set(STRATEGIES)


@pytest.mark.parametrize("name", STRATEGIES)
def test_all_get_as_many_turns_as_there_are_members(name: str, start: Situation) -> None:
    later = after(start, *(attempt(start.target, m.name, m.name, verdict(Outcome.WRONG)) for m in MODELS))
    assert len(assign(name, start)) == len(assign(name, later)) == len(MODELS)
    assert all(one.turn.round == 1 for one in assign(name, later))


@pytest.mark.parametrize("name", STRATEGIES)
def test_nothing_is_known_at_the_beginning(name: str, start: Situation) -> None:
    for one in assign(name, start):
        assert (one.turn.lessons, one.turn.bases, one.turn.attempts, one.turn.focus) == ((), (), (), "")


@pytest.mark.parametrize("name", STRATEGIES)
def test_those_who_sit_out_are_not_asked(name: str, start: Situation) -> None:
    assert "ann" not in names(assign(name, replace(start, members=MODELS[1:])))


@pytest.mark.parametrize("name", STRATEGIES)
def test_with_nobody_there_is_no_turn(name: str, start: Situation) -> None:
    assert assign(name, replace(start, members=())) == ()
    assert assign(name, replace(start, members=(), team=())) == ()


class TestBestOfN:
    """Attempts that know nothing of each other."""

    def test_nothing_is_ever_shown(self, start: Situation, target: Target, bank: Bank) -> None:
        bank.add(lesson("a"))
        found = attempt(target, "ann", "sum(values)", verdict(Outcome.FASTER, 2.0))
        for one in assign("best-of-n", replace(after(start, found), proven=(found,))):
            assert (one.turn.lessons, one.turn.bases, one.turn.attempts) == ((), (), ())
            assert one.turn.tried == start.tried


class TestSingle:
    """One alone takes the turns of all."""

    def test_the_first_model_plays_alone(self, start: Situation) -> None:
        team = (*RECIPES, *MODELS)
        assert names(assign("single", replace(start, team=team, members=team))) == ["ann"] * 3

    def test_the_lead_can_be_named(self, start: Situation) -> None:
        assert names(assign("single", replace(start, lead="cat"))) == ["cat"] * 3

    def test_without_models_a_recipe_member_does(self, start: Situation) -> None:
        found = assign("single", replace(start, team=RECIPES, members=RECIPES))
        assert names(found) == ["recipes/a"] * 2

    def test_when_the_lead_sits_out_nobody_takes_its_place(self, start: Situation) -> None:
        assert assign("single", replace(start, members=MODELS[1:])) == ()


class TestReflexion:
    """Each learns from its own."""

    def test_the_last_attempt_of_ones_own_is_shown_with_its_verdict(
        self, start: Situation, target: Target
    ) -> None:
        first = after(
            start,
            attempt(target, "ann", "1", verdict(Outcome.WRONG)),
            attempt(target, "ben", "2", verdict(Outcome.FASTER, 2.0)),
        )
        second = after(first, attempt(target, "ann", "3", verdict(Outcome.SLOWER, 0.5)), round_number=1)
        shown = {one.member.name: one.turn.attempts for one in assign("reflexion", second)}
        assert [(a.candidate.title, a.verdict.outcome) for a in shown["ann"] if a.verdict] == [
            ("3", Outcome.SLOWER)
        ]
        assert [a.candidate.title for a in shown["ben"]] == ["2"]
        assert shown["cat"] == ()

    def test_only_ones_own_lessons_are_shown_the_latest_first(self, start: Situation, bank: Bank) -> None:
        for text in ("a", "b", "c"):
            bank.add(own("ann", text))
        bank.add(own("ben", "d"))
        shown = {one.member.name: one.turn.lessons for one in assign("reflexion", replace(start, k=2))}
        assert [each.text for each in shown["ann"]] == ["c", "b"]
        assert [each.text for each in shown["ben"]] == ["d"]
        assert shown["cat"] == ()


class TestMixtureOfAgents:
    """Each layer sees the one before."""

    def test_all_answers_of_the_round_before_are_shown_once_and_without_verdicts(
        self, start: Situation, target: Target
    ) -> None:
        first = after(start, attempt(target, "ann", "old", verdict(Outcome.FASTER, 2.0)))
        second = after(
            first,
            attempt(target, "ann", "1", verdict(Outcome.WRONG)),
            attempt(target, "ben", "2", verdict(Outcome.FASTER, 2.0)),
            attempt(target, "cat", "1", verdict(Outcome.WRONG)),
            round_number=1,
        )
        for one in assign("moa", second):
            assert [(a.candidate.title, a.verdict) for a in one.turn.attempts] == [("1", None), ("2", None)]
            assert (one.turn.lessons, one.turn.bases) == ((), ())


class TestPaceline:
    """Ours: lessons of one's own, something to build on, and turns where they pay."""

    def later(self, start: Situation, *members: str) -> Situation:
        """A round after one in which these members had their turns."""
        attempts = (attempt(start.target, name, name, verdict(Outcome.WRONG)) for name in members)
        return after(start, *attempts)

    def test_the_lesson_that_is_known_to_help_here_comes_first(self, start: Situation, bank: Bank) -> None:
        known = lesson("what won", target_hash=start.target.hash)
        bank.add(known)
        for number in range(6):
            bank.add(lesson(f"other {number}"))
        for one in assign("paceline", replace(start, known=known)):
            assert one.turn.lessons[0] == known
            assert len({each.id for each in one.turn.lessons}) == start.k

    def test_models_are_shown_different_lessons(self, start: Situation, bank: Bank) -> None:
        for number in range(12):
            bank.add(lesson(f"a set {number}"))
        shown = {tuple(x.id for x in one.turn.lessons) for one in assign("paceline", start)}
        assert len(shown) == len(MODELS)

    def test_by_the_published_rule_all_are_shown_the_same(self, start: Situation, bank: Bank) -> None:
        for number in range(12):
            bank.add(lesson(f"a set {number}"))
        shown = {
            tuple(x.id for x in one.turn.lessons)
            for one in assign("paceline", replace(start, rule="lessonl"))
        }
        assert len(shown) == 1

    def test_models_build_on_different_things_and_recipe_members_on_all(
        self, start: Situation, target: Target
    ) -> None:
        best, next_best, third = (
            attempt(target, "ann", str(n), verdict(Outcome.FASTER, float(n))) for n in (9, 8, 7)
        )
        team = (*RECIPES, *MODELS)
        later = self.later(start, "ann", "ben", "cat")
        found = assign(
            "paceline", replace(later, team=team, members=team, proven=(best, next_best, third), k=0)
        )
        assert [one.turn.bases for one in found] == [
            (best, next_best),
            (best, next_best),
            (best,),
            (next_best,),
            (),
        ]

    def test_a_model_alone_begins_with_the_best_and_starts_anew_in_its_turn(
        self, start: Situation, target: Target
    ) -> None:
        best = attempt(target, "ann", "9", verdict(Outcome.FASTER, 9.0))
        alone = replace(start, members=MODELS[:1], team=MODELS[:1], proven=(best,))
        shown = [assign("paceline", replace(alone, round=number))[0].turn.bases for number in (1, 2, 3)]
        assert shown == [(best,), (), (best,)]

    def test_more_turns_go_to_those_who_prove_more_and_some_to_everybody(
        self, start: Situation, bank: Bank
    ) -> None:
        proved(bank, "ann", faster=28, of=30)
        proved(bank, "ben", faster=1, of=30)
        proved(bank, "cat", faster=1, of=30)
        turns: Counter[str] = Counter()
        situation, had = start, [("ann", "ben", "cat")]
        for number in range(1, 41):
            situation = replace(self.later(start, *had[-1]), seed=number)
            had.append(tuple(names(assign("paceline", situation))))
            turns.update(had[-1])
        assert turns["ann"] > turns["ben"] + turns["cat"]
        for one, two in pairwise(had):
            assert {"ann", "ben", "cat"} <= {*one, *two}, "a model goes without a turn for two rounds"

    def test_without_a_record_all_have_their_turns(self, start: Situation) -> None:
        turns: Counter[str] = Counter()
        for number in range(60):
            turns.update(
                names(assign("paceline", replace(self.later(start, "ann", "ben", "cat"), seed=number)))
            )
        assert min(turns.values()) > 30

    def test_what_helped_on_functions_like_this_one_is_looked_for_first(
        self, start: Situation, bank: Bank
    ) -> None:
        target = start.target
        like = lesson("loops", category="loops", features=dict(target.features), target_hash=target.hash)
        bank.add(like)
        bank.add(lesson("zzz", category="strings", features={"call:zzz": 9}))
        bank.add(lesson("x", category="queues", outcome=Outcome.WRONG, target_hash=target.hash))
        for member in ("ann", "ben", "cat"):
            proved(bank, member, faster=0, of=20)
            proved(bank, member, faster=9, of=10, category="loops")
        found = assign("paceline", self.later(start, "ann", "ben", "cat"))
        assert "loops" in {one.turn.focus for one in found}
        assert {one.turn.focus for one in found} <= {"", "loops"}

    def test_recipe_members_that_prove_more_come_first(self, start: Situation, bank: Bank) -> None:
        proved(bank, "recipes/b", faster=5, of=6)
        situation = replace(start, team=RECIPES, members=RECIPES)
        assert names(assign("paceline", situation)) == ["recipes/b", "recipes/a"]

    def test_equal_banks_and_seeds_draw_alike(self, start: Situation, bank: Bank) -> None:
        for number in range(12):
            bank.add(lesson(f"a set {number}"))
        later = self.later(start, "ann", "ben", "cat")
        assert assign("paceline", later) == assign("paceline", later)
        assert assign("paceline", later) != assign("paceline", replace(later, seed=7))
