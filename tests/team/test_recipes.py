"""Recipe members: what they propose, in which order, on what, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

from lessonbank.lesson import Lesson, LessonEvidence, Origin, Source
from lessonbank.outcome import Outcome
from lessonbank.recipe import shipped_recipes
from paceline.judge.verdict import Checks, Counterexample, Evidence, Verdict
from paceline.syntax import Snapshot, Target, find_targets, parse_replacement, splice
from paceline.team import Candidate, Judged, RecipeMember, Turn, recipe_team

REPEAT_BUYERS = '''\
from collections import Counter


def repeat_buyers(buyers, staff):
    """Return the buyers who came back."""
    found = []
    for buyer in buyers:
        if buyer in staff:
            continue
        if buyers.count(buyer) > 1:
            found.append(buyer)
    return found
'''
FIRST = Turn(round=0, lessons=(), bases=())


def target_of(source: str, name: str = "module.py") -> Target:
    return find_targets(Snapshot.open(Path(name), source.encode()))[0]


def member(category: str) -> RecipeMember:
    team = recipe_team(shipped_recipes("python"), language="python")
    return next(m for m in team if m.category == category)


async def propose(category: str, target: Target, turn: Turn = FIRST) -> Candidate:
    candidate = await member(category).propose(target, turn)
    assert candidate is not None
    return candidate


def judged(candidate: Candidate, outcome: Outcome = Outcome.FASTER, **evidence: object) -> Judged:
    return Judged(
        candidate=candidate,
        verdict=Verdict(outcome=outcome, reason="a reason", evidence=Evidence(**evidence)),  # type: ignore[arg-type]
    )


def lesson_of(candidate: Candidate, outcome: Outcome, *, target: Target) -> Lesson:
    return Lesson(
        text="a lesson",
        category=candidate.categories[-1],
        language="python",
        transformation=candidate.title,
        recipes=candidate.recipes,
        evidence=LessonEvidence(outcome=outcome, speedup=2.0),
        origin=Origin(source=Source.LEARNT, target_hash=target.hash),
    )


def test_the_team_is_one_specialist_a_category() -> None:
    team = recipe_team(shipped_recipes("python"), language="python")
    assert [m.category for m in team] == sorted({recipe.category for recipe in shipped_recipes("python")})
    assert len({m.name for m in team}) == len(team)
    assert recipe_team(shipped_recipes("python"), language="cobol") == ()


async def test_a_specialist_rewrites_its_own_kind_of_slow_spot_only() -> None:
    target = target_of(REPEAT_BUYERS)
    membership = await propose("membership", target)
    assert membership.categories == ("membership",)
    assert "set(staff)" in membership.replacement.definition
    assert "buyers.count(buyer)" in membership.replacement.definition
    assert membership.parent is None
    assert await member("queues").propose(target, FIRST) is None


async def test_in_a_later_round_a_specialist_builds_on_what_another_has_proven() -> None:
    target = target_of(REPEAT_BUYERS)
    first = await propose("membership", target)
    second = await propose("counting", target, Turn(round=1, lessons=(), bases=(judged(first),)))
    assert second.categories == ("membership", "counting")
    assert second.parent == first.hash
    assert second.title == f"{first.title}, then count once with Counter"
    text = splice(target, second.replacement).decode()
    assert "set(staff)" in text
    assert ".count(buyer)" not in text
    assert text.count("import Counter") == 1, "an import that is there is used as it is"


async def test_what_was_tried_is_not_proposed_again() -> None:
    target = target_of(REPEAT_BUYERS)
    first = await propose("membership", target)
    turn = Turn(round=0, lessons=(), bases=(), tried=frozenset({first.hash}))
    assert await member("membership").propose(target, turn) is None


async def test_the_same_recipes_in_another_order_are_nothing_new() -> None:
    target = target_of(REPEAT_BUYERS)
    one, other = await propose("membership", target), await propose("counting", target)
    combined = await propose("counting", target, Turn(round=1, lessons=(), bases=(judged(one),)))
    turn = Turn(
        round=1,
        lessons=(),
        bases=(judged(other),),
        tried=frozenset({one.hash, other.hash}),
        combined=frozenset({tuple(sorted(combined.recipes))}),
    )
    assert await member("membership").propose(target, turn) is None


async def test_a_lesson_with_a_chain_of_recipes_is_followed_at_once() -> None:
    target = target_of(REPEAT_BUYERS)
    first = await propose("membership", target)
    both = await propose("counting", target, Turn(round=1, lessons=(), bases=(judged(first),)))
    turn = Turn(round=0, lessons=(lesson_of(both, Outcome.FASTER, target=target),), bases=())
    for category in ("membership", "counting"):
        assert (await propose(category, target, turn)).hash == both.hash


async def test_a_lesson_that_it_failed_here_keeps_a_recipe_from_being_tried_first() -> None:
    target = target_of(REPEAT_BUYERS)
    first = await propose("membership", target)
    turn = Turn(round=0, lessons=(lesson_of(first, Outcome.WRONG, target=target),), bases=())
    again = await member("membership").propose(target, turn)
    assert again is None or again.recipes != first.recipes


async def test_several_places_of_one_kind_are_one_candidate_first() -> None:
    target = target_of(
        "def both(items, left, right):\n"
        "    found = []\n"
        "    for item in items:\n"
        "        if item in left:\n"
        "            found.append(item)\n"
        "        if item in right:\n"
        "            found.append(item)\n"
        "    return found\n"
    )
    everywhere = await propose("membership", target)
    assert everywhere.recipes == ("membership-in-set",)
    assert "set(left)" in everywhere.replacement.definition
    assert "set(right)" in everywhere.replacement.definition
    turn = Turn(round=0, lessons=(), bases=(), tried=frozenset({everywhere.hash}))
    one_place = await propose("membership", target, turn)
    assert ("set(left)" in one_place.replacement.definition) != (
        "set(right)" in one_place.replacement.definition
    )


async def test_every_outcome_but_cannot_judge_becomes_a_lesson() -> None:
    target = target_of(REPEAT_BUYERS)
    candidate = await propose("membership", target)
    for outcome in Outcome:
        lesson = await member("membership").reflect(judged(candidate, outcome))
        if outcome is Outcome.CANNOT_JUDGE:
            assert lesson is None
            continue
        assert lesson is not None
        assert lesson.evidence.outcome is outcome
        assert "repeat_buyers" in lesson.text
        assert lesson.recipes == candidate.recipes
        assert Lesson.from_json(lesson.to_json()) == lesson


async def test_a_wrong_verdicts_counterexample_is_in_the_lesson() -> None:
    candidate = await propose("membership", target_of(REPEAT_BUYERS))
    counterexample = Counterexample(
        call="repeat_buyers([[]], [])", expected="[]", got="TypeError", difference="exception"
    )
    evidence = {"counterexample": counterexample, "checks": Checks(inputs=7)}
    lesson = await member("membership").reflect(judged(candidate, Outcome.WRONG, **evidence))
    assert lesson is not None
    assert lesson.evidence.counterexample == "repeat_buyers([[]], [])"
    assert lesson.evidence.inputs == 7


async def test_proposals_are_replacements_that_a_person_could_have_pasted() -> None:
    target = target_of(REPEAT_BUYERS)
    candidate = await propose("counting", target)
    parts = candidate.replacement
    pasted = "\n".join([*parts.imports, parts.helpers, parts.definition])
    assert splice(target, parse_replacement(pasted, target)) == splice(target, parts)
