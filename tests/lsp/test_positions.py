"""Offsets and positions are two names for one place, in every encoding and with every line ending."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from paceline.lsp.positions import Encoding, Lines, decode, encode, to_offset, to_position

PIECES = st.sampled_from(
    [
        "a",
        "def f():",
        "é",
        "😀",
        "\n",
        "\r\n",
        "\r",
        "\u2028",
        "\x85",
        "\f",
        "\ud83d",
        "\t",
        "",
        "漢字",
        "x = 1",
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)
ENCODINGS = st.sampled_from(list(Encoding))


def boundaries(lines: Lines) -> list[int]:
    """Every offset between two characters that is not inside a line's terminator."""
    return [
        at
        for at in range(len(lines.text) + 1)
        if (at == len(lines.text) or lines.text[at] & 0xC0 != 0x80)
        and at <= lines.content_end(lines.line_of(at))
    ]


@given(TEXTS, ENCODINGS)
def test_an_offset_survives_the_way_through_a_position(text: str, encoding: Encoding) -> None:
    lines = Lines.of(encode(text))
    for offset in boundaries(lines):
        assert to_offset(lines, to_position(lines, offset, encoding), encoding) == offset


@given(TEXTS, ENCODINGS)
def test_positions_are_in_the_order_of_their_offsets(text: str, encoding: Encoding) -> None:
    lines = Lines.of(encode(text))
    positions = [to_position(lines, offset, encoding) for offset in boundaries(lines)]
    assert positions == sorted(positions, key=lambda one: (one.line, one.character))
    assert len({(one.line, one.character) for one in positions}) == len(positions)


@given(TEXTS, ENCODINGS, st.integers(0, 40), st.integers(0, 40))
def test_any_position_is_some_offset(text: str, encoding: Encoding, line: int, character: int) -> None:
    lines = Lines.of(encode(text))
    offset = to_offset(lines, types.Position(line, character), encoding)
    assert offset in boundaries(lines)


@given(TEXTS, TEXTS, st.data())
def test_edited_lines_are_those_of_the_edited_text(text: str, new: str, data: st.DataObject) -> None:
    lines = Lines.of(encode(text))
    start = data.draw(st.integers(0, len(lines.text)))
    end = data.draw(st.integers(start, len(lines.text)))
    edited = lines.edited(start, end, encode(new))
    assert edited == Lines.of(lines.text[:start] + encode(new) + lines.text[end:])


@given(TEXTS)
def test_text_from_json_survives_our_bytes(text: str) -> None:
    # Two halves of a surrogate pair that meet are one character for everyone but Python.
    assert decode(encode(text)) == text


@pytest.mark.parametrize(
    ("encoding", "character"), [(Encoding.UTF8, 9), (Encoding.UTF16, 7), (Encoding.UTF32, 6)]
)
def test_an_emoji_counts_as_the_encoding_says(encoding: Encoding, character: int) -> None:
    lines = Lines.of('x = "😀"'.encode())
    assert to_position(lines, 9, encoding) == types.Position(0, character)
    assert to_offset(lines, types.Position(0, character), encoding) == 9


def test_lines_end_where_editors_end_them() -> None:
    assert len(Lines.of("a\u2028b\x85c\fd\x1ce".encode()).starts) == 1
    assert Lines.of(b"a\r\nb\rc\nd").starts == (0, 3, 5, 7)


def test_a_position_inside_a_character_means_its_start() -> None:
    lines = Lines.of("😀x".encode())
    assert to_offset(lines, types.Position(0, 1), Encoding.UTF16) == 0
    assert to_offset(lines, types.Position(0, 2), Encoding.UTF8) == 0
