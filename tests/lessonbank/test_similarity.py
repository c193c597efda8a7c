from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbank.similarity import cosine, feature_similarity, terms, text_similarity

vectors = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9))


@given(vectors, vectors)
def test_the_laws_of_a_cosine(left: dict[str, int], right: dict[str, int]) -> None:
    likeness = feature_similarity(left, right)
    assert 0 <= likeness <= 1
    assert likeness == pytest.approx(feature_similarity(right, left))
    if any(left.values()):
        assert feature_similarity(left, left) == pytest.approx(1)
    assert feature_similarity(left, {}) == 0


def test_a_cosine_by_hand() -> None:
    assert cosine({"a": 1.0, "b": 1.0}, {"a": 1.0, "c": 1.0}) == pytest.approx(0.5)


def test_names_are_read_as_words() -> None:
    assert terms("readLines") == terms("read_lines") == terms("Read LINES")
    assert terms("HTTPServer2 x") == terms("http server")
    assert "größe" in "".join(terms("größe")) or terms("größe")


def test_a_lesson_on_membership_is_nearer_to_membership() -> None:
    lesson = "Use a set for membership tests inside a loop."
    near = "def f(items, seen):\n    for item in items:\n        if item in seen_set_membership: pass\n"
    far = "def g(text):\n    return ','.join(text)\n"
    assert text_similarity(lesson, near) > text_similarity(lesson, far)
