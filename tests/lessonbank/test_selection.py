from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessonbank.bank import Bank
from lessonbank.credit import Showing
from lessonbank.lesson import Lesson
from lessonbank.outcome import Outcome
from lessonbank.recipe import shipped_recipes
from lessonbank.selection import Rule, lessons_of_recipes, select
from tests.lessonbank.records import lesson

LOOPS = {"loop": 2, "loop:2": 1, "op:in": 1}
TEXT = "def f(rows):\n    for row in rows:\n        if row in seen: pass\n"


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank.ephemeral() as bank:
        yield bank


def chosen(bank: Bank, k: int = 4, rule: Rule = "lessonl", **more: object) -> list[Lesson]:
    given_ = {"target_features": LOOPS, "target_text": TEXT, "target_hash": "here", **more}
    return select(bank, language="python", k=k, rule=rule, **given_)  # type: ignore[arg-type]


def bank_all(bank: Bank, *lessons: Lesson) -> None:
    for each in lessons:
        bank.add(each)


def test_a_small_bank_is_shown_whole(bank: Bank) -> None:
    bank_all(bank, lesson("a", speedup=1.0), lesson("b", speedup=None, outcome=Outcome.WRONG))
    bank_all(bank, lesson("c", language="c"))
    assert [each.text for each in chosen(bank)] == ["a", "b"]


def test_the_published_rule_takes_half_by_effect_and_half_by_likeness(bank: Bank) -> None:
    fast = [lesson(f"unrelated prose {n}", speedup=float(n)) for n in range(2, 7)]
    near = [lesson("rows row seen in for", speedup=1.0), lesson("row", speedup=None, outcome=Outcome.WRONG)]
    bank_all(bank, *fast, *near)
    found = chosen(bank, k=4)
    assert [each.evidence.speedup for each in found[:2]] == [6.0, 5.0]
    assert {each.text for each in found[2:]} == {near[0].text, near[1].text}
    # Of an odd number the greater half goes by effect.
    assert [each.evidence.speedup for each in chosen(bank, k=3)[:2]] == [6.0, 5.0]


def test_the_published_rule_shows_no_weak_lesson_for_its_effect(bank: Bank) -> None:
    strong = lesson("unrelated", speedup=1.2)
    weak = [lesson(f"unrelated {n}", speedup=1.05) for n in range(3)]
    near = [lesson(f"rows row seen {n}", speedup=1.0) for n in range(3)]
    bank_all(bank, strong, *weak, *near)
    found = chosen(bank, k=4)
    assert found[0] == strong
    assert {each.id for each in found[1:]} == {each.id for each in near}
    # Beaten down by its factor, the strong one is weak as well: 1.2 x 0.9 < 1.1.
    bank.record_round([Showing(lessons=(strong.id,), outcome=Outcome.SLOWER, speedup=0.5)], language="python")
    assert strong not in chosen(bank, k=3)


def test_the_factor_reorders(bank: Bank) -> None:
    first, second = lesson("one", speedup=3.0), lesson("two", speedup=2.9)
    bank_all(bank, first, second, *(lesson(f"other {n}", speedup=1.0) for n in range(5)))
    assert chosen(bank, k=2)[0] == first
    shown = Showing(lessons=(first.id,), outcome=Outcome.FASTER, speedup=2.0)
    bank.record_round([shown], language="python")
    assert chosen(bank, k=2)[0] == second


def test_ours_puts_pins_first_then_warnings_then_what_to_try(bank: Bank) -> None:
    pinned = lesson("pinned", speedup=1.0, target_hash="elsewhere")
    failed = [
        lesson(f"failed {n}", outcome=Outcome.WRONG, speedup=None, target_hash="here", created=str(n))
        for n in range(5)
    ]
    tried = lesson("worked", speedup=3.0, target_hash="here", features=LOOPS)
    bank_all(bank, pinned, *failed, tried, *(lesson(f"other {n}") for n in range(5)))
    bank.pin(pinned.id)
    found = chosen(bank, rule="paceline", k=4)
    assert found[0] == pinned
    assert found[1:3] == [failed[4], failed[3]]
    assert found[3].evidence.outcome is Outcome.FASTER


def test_ours_prefers_what_helped_on_alike_functions(bank: Bank) -> None:
    helpful = lesson("rows row seen", features=LOOPS, target_hash="a")
    useless = lesson("rows row seen too", features=LOOPS, target_hash="b")
    foreign = lesson("unrelated prose", features={"call:join": 3}, target_hash="c")
    bank_all(bank, helpful, useless, foreign)
    for _ in range(20):
        bank.record_round(
            [
                Showing(lessons=(helpful.id,), outcome=Outcome.FASTER, speedup=2.0),
                Showing(lessons=(useless.id,), outcome=Outcome.WRONG),
                Showing(lessons=(foreign.id,), outcome=Outcome.FASTER, speedup=2.0),
            ],
            language="python",
        )
    assert chosen(bank, rule="paceline", k=1) == [helpful]


def test_ours_gives_an_untried_lesson_its_turns(bank: Bank) -> None:
    known, untried = lesson("known", features=LOOPS), lesson("untried", features=LOOPS)
    bank_all(bank, known, untried)
    turn = Showing(lessons=(known.id,), outcome=Outcome.FASTER, speedup=2.0)
    miss = Showing(lessons=(known.id,), outcome=Outcome.SLOWER)
    bank.record_round([turn, turn, turn, miss, miss], language="python")
    first = {chosen(bank, rule="paceline", k=1, seed=seed)[0].text for seed in range(30)}
    assert first == {"known", "untried"}
    by_member = {chosen(bank, rule="paceline", k=1, member=str(name))[0].text for name in range(30)}
    assert by_member == first


def test_shipped_recipes_are_ranked_with_what_was_learnt(bank: Bank) -> None:
    shipped = lessons_of_recipes(shipped_recipes("python"))
    bank.add(lesson(features=LOOPS, target_hash="here", speedup=9.0))
    for rule in ("lessonl", "paceline"):
        found = chosen(bank, rule=rule, k=5, shipped=shipped)  # type: ignore[arg-type]
        assert len(found) == min(5, 1 + len(shipped))
        assert lesson(target_hash="here").id in {each.id for each in found}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lessons=st.lists(
        st.builds(
            lesson,
            st.text(max_size=8),
            outcome=st.sampled_from(Outcome),
            speedup=st.none() | st.floats(0, 50),
            target_hash=st.sampled_from(["here", "there"]),
            features=st.dictionaries(st.sampled_from(["loop", "op:in"]), st.integers(0, 3)),
        ),
        max_size=8,
    ),
    pins=st.sets(st.integers(0, 7)),
    k=st.integers(0, 6),
    rule=st.sampled_from(["lessonl", "paceline"]),
)
def test_the_laws_of_selection(lessons: list[Lesson], pins: set[int], k: int, rule: Rule) -> None:
    with Bank.ephemeral() as bank:
        bank_all(bank, *lessons)
        for index in pins & set(range(len(lessons))):
            bank.pin(lessons[index].id)
        found = chosen(bank, rule=rule, k=k)
        assert len(found) == min(k, len(bank.lessons()))
        assert len({each.id for each in found}) == len(found)
        assert chosen(bank, rule=rule, k=k) == found
        if rule == "lessonl" and len(bank.lessons()) > k:
            effects = [each.evidence.speedup or 0.0 for each in bank.lessons()]
            strong = sum(effect >= 1.1 for effect in effects)
            best = sorted(effects, reverse=True)[: min(math.ceil(k / 2), strong)]
            assert [each.evidence.speedup for each in found[: len(best)]] == best
