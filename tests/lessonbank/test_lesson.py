from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbank import lesson as lesson_module
from lessonbank.errors import UnreadableLesson
from lessonbank.lesson import SCHEMA, Lesson
from lessonbank.outcome import Outcome
from tests.lessonbank.records import lesson

texts = st.text(max_size=20)
ratios = st.none() | st.floats(min_value=0, max_value=1e6)


@given(
    texts,
    st.sampled_from(Outcome),
    ratios,
    st.lists(texts, max_size=3),
    st.dictionaries(texts, st.integers()),
)
def test_a_lesson_survives_being_written_as_json(
    text: str, outcome: Outcome, speedup: float | None, recipes: list[str], features: dict[str, int]
) -> None:
    before = lesson(text, outcome=outcome, speedup=speedup, recipes=tuple(recipes), features=features)
    assert Lesson.from_json(json.loads(json.dumps(before.to_json()))) == before


def test_what_a_newer_version_wrote_is_kept() -> None:
    record: dict[str, Any] = {**lesson().to_json(), "schema": SCHEMA + 1, "mood": ["good"]}
    record["evidence"]["energy_j"] = 3.5
    record["origin"]["branch"] = "main"
    read = Lesson.from_json(record)
    assert read.text == lesson().text
    assert read.to_json() == record
    assert replace(read, text="Other.").to_json()["mood"] == ["good"]


def test_an_older_record_is_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    record = lesson().to_json()
    record["words"] = record.pop("text")
    migrations = {SCHEMA: lambda old: {**old, "text": old["words"], "schema": SCHEMA + 1}}
    monkeypatch.setattr(lesson_module, "MIGRATIONS", migrations)
    monkeypatch.setattr(lesson_module, "SCHEMA", SCHEMA + 1)
    assert Lesson.from_json(record).text == lesson().text


def test_numbers_without_json_become_null() -> None:
    record = lesson(speedup=float("inf")).to_json()
    assert json.loads(json.dumps(record, allow_nan=False))["evidence"]["speedup"] is None


def test_any_mapping_will_do() -> None:
    given_ = replace(lesson(), features=MappingProxyType({"loop": 1}))
    assert Lesson.from_json(given_.to_json()).features == {"loop": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"schema": None},
        {"schema": 0},
        {"schema": True},
        {"text": None},
        {"category": 3},
        {"evidence": {}},
        {"evidence": None},
        {"evidence": {"outcome": "splendid"}},
        {"evidence": {"outcome": "faster", "speedup": "fast"}},
        {"evidence": {"outcome": "faster", "speedup": float("nan")}},
        {"evidence": {"outcome": "faster", "inputs": "many"}},
        {"origin": {"source": "nowhere"}},
        {"origin": {"source": "learnt", "before": 7}},
        {"recipes": "abc"},
        {"features": {"loop": "x"}},
        {"features": [1]},
        {"created": 5},
    ],
)
def test_what_is_no_lesson_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableLesson):
        Lesson.from_json({**lesson().to_json(), **change})
    with pytest.raises(UnreadableLesson, match="JSON object"):
        Lesson.from_json([change])


def test_the_id_is_of_what_was_learnt_not_of_what_was_measured() -> None:
    assert lesson(speedup=2.0).id == lesson(speedup=3.0, created="later").id
    assert lesson("a").id != lesson("b").id
    assert lesson("a", recipes=("r",)).id == lesson("b", recipes=("r",)).id
    assert lesson(outcome=Outcome.WRONG).id != lesson().id
    assert lesson(target_hash="a").id != lesson(target_hash="b").id
