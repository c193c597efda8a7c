"""What a model has worked out once becomes a recipe: for recipe members and hints, until it is disproved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from lessonbank.outcome import Outcome
from lessonbank.recipe import shipped_recipes
from paceline.engine import Change, Engine, Finished, Request
from paceline.engine.events import CandidateJudged, Event
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Replacement, Target
from paceline.team import RecipeMember, recipe_team
from paceline.workspace import Settings, load_settings
from tests.engine.scripted import ScriptedJudge, verdict
from tests.engine.test_strategies import Thinker

MODULE = """\
def total(values):
    print(values)
    return list(reversed(sorted(values)))


def others(rows):
    ranked = list(reversed(sorted(rows)))
    return ranked[:3]
"""
FASTER = {"reverse=True": verdict(Outcome.FASTER, 2.0)}
OTHERS_WRONG = {"ranked": verdict(Outcome.WRONG), **FASTER}

Open = Callable[..., Engine]


@pytest.fixture
def open_engine(tmp_path: Path, bank: Bank) -> Open:
    def opened(verdicts: dict[str, object], *members: object, settings: Settings | None = None) -> Engine:
        plain, _ = load_settings(tmp_path, trusted=True)
        return Engine(
            tmp_path,
            settings=settings or plain,
            trusted=True,
            bank=bank,
            members=[*recipe_team(shipped_recipes("python"), language="python"), *members],  # type: ignore[list-item]
            judge_of=lambda _target: ScriptedJudge(verdicts),  # type: ignore[arg-type]
        )

    return opened


def the(name: str, folder: Path) -> Target:
    file = folder / "sums.py"
    file.write_text(MODULE)
    return target_named(Snapshot.open(file, MODULE.encode()), name)


class Modeller(Thinker):
    """A model that has one idea, and says it in a whole function."""

    def __init__(self) -> None:
        super().__init__("qwen", ["sorted(values, reverse=True)"])

    async def propose(self, target: Target, turn: object) -> object:  # type: ignore[override]
        from dataclasses import replace

        candidate = await super().propose(target, turn)  # type: ignore[arg-type]
        assert candidate is not None
        definition = "def total(values):\n    print(values)\n    return sorted(values, reverse=True)\n"
        return replace(candidate, replacement=replace(candidate.replacement, definition=definition))


async def run(engine: Engine, target: Target) -> Sequence[Event]:
    return [event async for event in engine.optimize(Request(target=target, rounds=1))]


def proposed(events: Sequence[Event]) -> dict[str, str]:
    judged = [event.judged.candidate for event in events if isinstance(event, CandidateJudged)]
    return {one.replacement.definition: one.member for one in judged}


def hints(engine: Engine) -> list[str]:
    return [
        hint.title for hint in engine.hints(MODULE.partition("\n\n\n")[2], frozenset({"total", "others"}))
    ]


async def test_a_proven_change_serves_the_next_function_without_a_model(
    open_engine: Open, bank: Bank, tmp_path: Path
) -> None:
    engine = open_engine(FASTER, Modeller())
    assert hints(engine) == []
    await run(engine, the("total", tmp_path))

    [recipe] = bank.recipes("python")
    assert recipe.match == ("list(reversed(sorted($V1)))",)
    assert (recipe.category, recipe.explanation[:15]) == ("loops", "qwen learnt 1 f")
    [lesson] = [each for each in bank.lessons() if each.recipes]
    assert lesson.recipes == (recipe.id,)
    assert hints(engine) == [f"{recipe.title} (learnt here)"], "in this process at once"

    # Another session, with no model.
    later = open_engine(FASTER)
    assert hints(later) == [f"{recipe.title} (learnt here)"]
    events = await run(later, the("others", tmp_path))
    assert proposed(events) == {
        "def others(rows):\n    ranked = sorted(rows, reverse=True)\n    return ranked[:3]": "recipes/loops"
    }
    assert isinstance(events[-1], Finished)
    assert events[-1].status == "faster"


async def test_what_is_wrong_elsewhere_is_used_no_more(open_engine: Open, bank: Bank, tmp_path: Path) -> None:
    await run(open_engine(FASTER, Modeller()), the("total", tmp_path))
    engine = open_engine(OTHERS_WRONG)
    assert hints(engine) != []
    events = await run(engine, the("others", tmp_path))
    assert [e.judged.verdict.outcome for e in events if isinstance(e, CandidateJudged)] == [Outcome.WRONG]
    assert bank.recipes("python") == []
    assert hints(engine) == []
    # Nor does it come back when it is learnt once more.
    await run(open_engine(FASTER, Modeller()), the("total", tmp_path))
    assert bank.recipes("python") == []


@pytest.mark.parametrize("outcome", [Outcome.SLOWER, Outcome.NOT_PROVEN_FASTER, Outcome.TIMED_OUT])
async def test_what_does_not_help_elsewhere_may_help_again(
    outcome: Outcome, open_engine: Open, bank: Bank, tmp_path: Path
) -> None:
    await run(open_engine(FASTER, Modeller()), the("total", tmp_path))
    await run(open_engine({"ranked": verdict(outcome)}), the("others", tmp_path))
    assert len(bank.recipes("python")) == 1


async def test_a_small_gain_gives_candidates_and_no_hints(
    open_engine: Open, bank: Bank, tmp_path: Path
) -> None:
    await run(open_engine({"reverse": verdict(Outcome.FASTER, 1.2)}, Modeller()), the("total", tmp_path))
    later = open_engine(FASTER)
    assert hints(later) == []
    assert proposed(await run(later, the("others", tmp_path))) != {}


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.FASTER])
async def test_nothing_is_distilled_from_what_was_not_proven(
    outcome: Outcome, open_engine: Open, bank: Bank, tmp_path: Path
) -> None:
    await run(open_engine({"reverse": verdict(outcome)}, Modeller()), the("total", tmp_path))
    assert bank.recipes("python") == []


async def test_what_the_settings_turn_off_is_off(open_engine: Open, bank: Bank, tmp_path: Path) -> None:
    await run(open_engine(FASTER, Modeller()), the("total", tmp_path))
    [recipe] = bank.recipes("python")
    for disabled in (recipe.id, "loops"):
        settings, _ = load_settings(tmp_path, trusted=True, overrides=[{"hints": {"disabled": [disabled]}}])
        engine = open_engine(FASTER, settings=settings)
        assert hints(engine) == []
        assert proposed(await run(engine, the("others", tmp_path))) == {}


async def test_forgetting_a_lesson_forgets_its_recipe(open_engine: Open, bank: Bank, tmp_path: Path) -> None:
    engine = open_engine(FASTER, Modeller())
    await run(engine, the("total", tmp_path))
    [lesson] = [each for each in bank.lessons() if each.recipes]
    assert bank.forget(lesson.id)
    assert bank.recipes("python") == []


async def test_a_new_kind_of_change_gets_a_specialist(open_engine: Open, bank: Bank, tmp_path: Path) -> None:
    await run(open_engine(FASTER, Modeller()), the("total", tmp_path))
    [recipe] = bank.recipes("python")
    alone = Engine(
        tmp_path,
        settings=load_settings(tmp_path, trusted=True)[0],
        trusted=True,
        bank=bank,
        members=[RecipeMember(category="strings", recipes={})],
    )
    team = [member for member in alone.team() if isinstance(member, RecipeMember)]
    assert [(member.category, recipe.id in member.recipes) for member in team] == [
        ("strings", True),
        ("loops", True),
    ]


def test_what_a_record_says_is_not_believed(bank: Bank, tmp_path: Path) -> None:
    bank.remember_verdict("x", {})
    bank._cache.set("recipe/evil", {"record": {"id": "evil", "match": "$X"}})
    bank._cache.set("recipe/other", {"schema": 1, "record": 7})
    assert bank.recipes("python") == []
    assert sum(bool(re.search(r"recipe/(evil|other)", problem)) for problem in bank.problems()) == 2


async def test_what_a_person_teaches_serves_other_functions(
    open_engine: Open, bank: Bank, tmp_path: Path
) -> None:
    engine = open_engine(FASTER)
    definition = "def total(values):\n    print(values)\n    return sorted(values, reverse=True)\n"
    change = Change(
        target=the("total", tmp_path), replacement=Replacement(definition=definition), words="sort once"
    )
    taught = await engine.teach(change)
    assert taught.lesson is not None
    [recipe] = bank.recipes("python")
    assert taught.lesson.recipes == (recipe.id,)
    assert bank.get(taught.lesson.id) == taught.lesson
    assert hints(engine) == ["sort once (learnt here)"]
    events = await run(open_engine(FASTER), the("others", tmp_path))
    assert list(proposed(events).values()) == ["recipes/taught"]
