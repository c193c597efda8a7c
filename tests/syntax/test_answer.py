"""What assistants and people paste, and what is read out of it. The answers stand in a data file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paceline.errors import InvalidReplacement
from paceline.syntax import Snapshot, splice, target_named
from paceline.syntax.answer import read_answer
from paceline.syntax.target import Target

DATA = tomllib.loads((Path(__file__).parent / "fixtures" / "answers.toml").read_text("utf-8"))
ANSWERS: list[dict[str, Any]] = DATA["answer"]
REFUSED: list[dict[str, Any]] = DATA["refused"]


def target_of(entry: dict[str, Any]) -> Target:
    return target_named(
        Snapshot.open(Path("shop.py"), DATA["module"].lstrip()), entry.get("target", "unique")
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("answer", ANSWERS, ids=[answer["name"] for answer in ANSWERS])
def test_the_rewrite_is_found(answer: dict[str, Any], newline: str) -> None:
    target = target_of(answer)
    found = read_answer(answer["text"].replace("\n", newline), target)
    assert found.replacement.definition.strip() == answer["definition"].strip()
    assert list(found.replacement.imports) == answer.get("imports", [])
    assert found.replacement.helpers.strip() == answer.get("helpers", "").strip()
    said = "\n".join(found.notes)
    assert len(found.notes) == len(answer.get("notes", [])), said
    assert all(words in said for words in answer.get("notes", []))
    compile(splice(target, found.replacement), "shop.py", "exec")


@pytest.mark.parametrize("refused", REFUSED, ids=[refused["says"][0] for refused in REFUSED])
def test_what_is_no_rewrite_is_refused_with_the_reason(refused: dict[str, Any]) -> None:
    with pytest.raises(InvalidReplacement) as caught:
        read_answer(refused["text"], target_of(refused))
    for words in refused["says"]:
        assert words in str(caught.value)


PIECES = (
    """
```python¶|```¶|~~~¶|>>> |... |def unique(items, limit=10):¶|    return items¶
class Shop:¶|@x¶|prose (like this¶
+|-|@@ |import os¶|'''|"|\\|    |unique = 1¶|é
""".strip()
    .replace("\n", "|")
    .split("|")
)
ODD = ["\n", "\t", "\x00", "\ud800", "\u00a0"]


def _text(pieces: list[str]) -> str:
    return "".join(pieces).replace("¶", "\n")


@given(st.lists(st.sampled_from(PIECES + ODD), max_size=30).map(_text))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_answer(text, target_of({}))
    except InvalidReplacement as error:
        assert str(error)
    else:
        assert "def unique(items, limit=10)" in found.replacement.definition
