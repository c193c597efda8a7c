"""Edits are right wherever a change is, and small where it is expected."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from paceline.lsp.edits import Edit, edits_between
from paceline.syntax.target import Span

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"a\r\n", b"\n", b"\r", b"    c = 1\n", b"x"]), max_size=25)


def applied(text: bytes, edits: tuple[Edit, ...]) -> bytes:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


@given(LINES.map(b"".join), LINES.map(b"".join), st.data())
def test_edits_make_the_one_text_of_the_other(before: bytes, after: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    edits = edits_between(before, after, focus=Span(start, end))
    assert applied(before, edits) == after
    assert all(left.end <= right.start for left, right in pairwise(edits))


def test_an_import_and_a_function_far_below_are_two_small_edits() -> None:
    filler = b"".join(b"value_%d = %d\n" % (n, n) for n in range(5_000))
    function = b"def f(xs):\n    return 1\n"
    before = b"import os\n" + filler + function + filler
    after = b"import os\nimport re\n" + filler + function.replace(b"1", b"2") + filler
    start = 10 + len(filler)
    edits = edits_between(before, after, focus=Span(start, start + len(function)))
    assert edits == (
        Edit(10, 10, b"import re\n"),
        Edit(start + 11, start + len(function), b"    return 2\n"),
    )
