"""The kept profile: read again, believed entry by entry, never a reason to fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from paceline.workspace import workspace_folder
from paceline.workspace.profiles import (
    PROFILE,
    Profile,
    ProfiledFunction,
    forget_profile,
    keep_profile,
    read_profile,
)

TOTAL = ProfiledFunction(file="shop/a.py", name="total", hash="ab12", own_s=2.5, whole_s=4.0)
SIZE = ProfiledFunction(file="shop/a.py", name="Cart.size", hash="cd34", own_s=0.1, whole_s=10.0)
PROFILE_KEPT = Profile(when="2026-11-28T01:00:00+00:00", seconds=10.0, unseen_s=1.0, functions=(TOTAL, SIZE))


def write(root: Path, text: str) -> Path:
    file = workspace_folder(root) / PROFILE
    file.write_text(text)
    return file


def test_what_was_kept_is_read_again_and_the_workspace_is_left_alone(root: Path) -> None:
    assert read_profile(root) == (None, ())
    keep_profile(root, PROFILE_KEPT)
    assert read_profile(root) == (PROFILE_KEPT, ())
    assert list(root.iterdir()) == []
    file = workspace_folder(root) / PROFILE
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == [PROFILE]


def test_the_latest_takes_the_place_of_the_one_before_and_is_forgotten(root: Path) -> None:
    keep_profile(root, PROFILE_KEPT)
    later = Profile(when="later", seconds=1.0, unseen_s=0.0, functions=())
    keep_profile(root, later)
    assert read_profile(root) == (later, ())
    assert forget_profile(root)
    assert not forget_profile(root)
    assert read_profile(root) == (None, ())


def test_hot_is_what_has_a_share_to_itself_that_was_seen_often_enough() -> None:
    assert [PROFILE_KEPT.is_hot(one) for one in (TOTAL, SIZE)] == [True, False]
    seldom = ProfiledFunction(file="a.py", name="f", hash="00", own_s=0.02, whole_s=0.02)
    assert not Profile(when="", seconds=0.1, unseen_s=0.0, functions=(seldom,)).is_hot(seldom)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "\0",
        "[" * 100_000,
        '{"schema": 2, "seconds": 1.0, "functions": []}',
        '{"schema": 1, "seconds": 0, "functions": []}',
        '{"schema": 1, "seconds": -1, "functions": []}',
        '{"schema": 1, "seconds": NaN, "functions": []}',
        '{"schema": 1, "seconds": 1e300, "functions": []}',
        '{"schema": 1, "seconds": 1.0, "functions": null}',
        " " * 2_000_000,
    ],
    ids=range(13),
)
def test_a_damaged_file_is_said_to_be_one_and_stays(root: Path, text: str) -> None:
    file = write(root, text)
    profile, notes = read_profile(root)
    assert profile is None
    assert "cannot be read" in notes[0]
    assert str(file) in notes[0]
    assert file.read_text() == text
    assert forget_profile(root)


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../elsewhere.py"},
        {"file": "shop/../../elsewhere.py"},
        {"file": "/etc/passwd"},
        {"file": ""},
        {"file": 5},
        {"file": "a" * 10_000},
        {"name": None},
        {"name": "total\x1b[31m"},
        {"hash": []},
        {"own_s": float("nan")},
        {"own_s": float("inf")},
        {"own_s": -1},
        {"own_s": True},
        {"own_s": 5.0},
        {"own_s": 10**400},
        {"whole_s": 11},
        {"whole_s": "4"},
    ],
    ids=str,
)
def test_a_damaged_entry_costs_itself_alone(root: Path, change: dict[str, Any]) -> None:
    keep_profile(root, PROFILE_KEPT)
    record = json.loads((workspace_folder(root) / PROFILE).read_text())
    record["functions"][0].update(change)
    record["functions"].append("no entry")
    write(root, json.dumps(record))
    profile, notes = read_profile(root)
    assert profile is not None
    assert profile.functions == (SIZE,)
    assert "2 of 3 entries" in notes[0]
