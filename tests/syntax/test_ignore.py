"""``paceline: ignore`` comments: where they count, what they name, and that strings are no comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from paceline.syntax import Snapshot, find_targets
from paceline.syntax.ignore import Ignored, ignored_at, ignored_in

ALL = Ignored(everything=True)
NAMED = Ignored(names=frozenset({"membership-set", "sorting"}))
BODY = "    return sorted(items)\n"


def ignored(source: str, name: str = "total") -> Ignored:
    snapshot = Snapshot.open(Path("a.py"), source.encode())
    [target] = [one for one in find_targets(snapshot) if one.name == name]
    return ignored_at(target)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"def total(items):  # paceline: ignore\n{BODY}", ALL),
        (f"def total(items):  # paceline:ignore  because it is read often\n{BODY}", ALL),
        (f"# paceline: ignore\ndef total(items):\n{BODY}", ALL),
        (f"# paceline: ignore[membership-set, sorting]\n@cache\ndef total(items):\n{BODY}", NAMED),
        (f"@cache  # paceline: ignore[membership-set sorting]\ndef total(items):\n{BODY}", NAMED),
        (f"@cache\n# paceline: ignore\ndef total(items):\n{BODY}", ALL),
        (f"def total(  # paceline: ignore\n    items,\n):\n{BODY}", ALL),
        (f"# paceline: ignore[sorting]\ndef total(x):  # paceline: ignore[membership-set]\n{BODY}", NAMED),
        (f"# paceline: ignore-file\n\ndef total(items):\n{BODY}", ALL),
        (f"def total(items):\n{BODY}\n# paceline: ignore-file[membership-set, sorting]\n", NAMED),
        ("\ufeff# paceline: ignore-file\r\n\r\ndef total(items):\r\n    return 1\r\n", ALL),
        (f"def total(items):\n{BODY}", Ignored()),
        (f"x = 1  # paceline: ignore\ndef total(items):\n{BODY}", Ignored()),
        (f"x = 1  # paceline: ignore-file\ndef total(items):\n{BODY}", Ignored()),
        (f"# paceline: ignore\n\ndef total(items):\n{BODY}", Ignored()),
        (f"# paceline: ignored\ndef total(items):\n{BODY}", Ignored()),
        (f'def total(items="# paceline: ignore"):\n{BODY}', Ignored()),
        (f'"""\n# paceline: ignore-file\n"""\ndef total(items):\n{BODY}', Ignored()),
        (f"def total(items):\n    # paceline: ignore\n{BODY}", Ignored()),
    ],
)  # fmt: skip
def test_what_comments_turn_off(source: str, expected: Ignored) -> None:
    assert ignored(source) == expected


def test_a_comment_is_about_its_own_function() -> None:
    method = "class A:\n    def total(self):\n        return 1\n"
    source = f"def first():  # paceline: ignore\n{BODY}\ndef total(items):\n{BODY}\n{method}"
    assert ignored(source, "first") == ALL
    assert ignored(source) == Ignored()
    assert ignored(source, "A.total") == Ignored()


def test_a_recipe_is_covered_by_its_name_and_by_its_category() -> None:
    assert NAMED.covers(recipe="membership-set", category="membership")
    assert NAMED.covers(recipe="sorted-min", category="sorting")
    assert not NAMED.covers(recipe="string-join", category="strings")
    assert ALL.covers(recipe="string-join", category="strings")


def test_a_file_that_does_not_parse_is_heeded_as_far_as_it_does() -> None:
    assert ignored_in(Snapshot.open(Path("a.py"), b"# paceline: ignore-file\ndef f(:\n")) == ALL
