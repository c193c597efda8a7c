"""Dismissals: kept in the data folder, shared by every process, taken back, never a reason to fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from paceline.errors import InvalidSettings
from paceline.workspace import Dismissal, dismiss, read_dismissals, take_back, workspace_folder

HERE = {"file": "shop/a.py", "function": "total"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_what_was_dismissed_is_read_again_and_the_workspace_is_left_alone(root: Path) -> None:
    first = dismiss(root, Dismissal(**HERE, recipe="membership-set", title="use a set"))
    second = dismiss(root, Dismissal(category="sorting"))
    assert read_dismissals(root) == (first, second)
    assert first.words == "use a set in shop/a.py::total"
    assert second.words == "the category sorting in this project"
    assert list(root.iterdir()) == []


def test_the_latest_or_those_named_are_taken_back(root: Path) -> None:
    kept = [dismiss(root, Dismissal(recipe=name)) for name in ("a", "b", "c")]
    assert take_back(root) == (kept[2],)
    assert take_back(root, [kept[0].id, "unknown"]) == (kept[0],)
    assert read_dismissals(root) == (kept[1],)
    assert take_back(root) == (kept[1],)
    assert take_back(root) == ()


@pytest.mark.parametrize(
    ("dismissal", "covered"),
    [
        (Dismissal(), True),
        (Dismissal(recipe="r"), True),
        (Dismissal(category="c"), True),
        (Dismissal(**HERE), True),
        (Dismissal(**HERE, recipe="r"), True),
        (Dismissal(recipe="other"), False),
        (Dismissal(file="shop/b.py", function="total"), False),
        (Dismissal(**HERE, candidate="x"), False),
    ],
)
def test_what_is_empty_is_meant_in_general(dismissal: Dismissal, covered: bool) -> None:
    assert dismissal.covers(**HERE, recipe="r", category="c") is covered


@pytest.mark.parametrize("text", ["", "{", "[]", '{"dismissals": [5]}', '{"dismissals": null}', "\0"])
def test_a_damaged_file_says_nothing_and_is_kept_aside(root: Path, text: str) -> None:
    file = workspace_folder(root) / "dismissals.json"
    file.write_text(text)
    assert read_dismissals(root) == ()
    new = dismiss(root, Dismissal(recipe="r"))
    assert read_dismissals(root) == (new,)
    assert file.with_suffix(".unreadable.json").read_text() == text


def test_what_a_newer_version_wrote_is_read_as_far_as_it_is_known(root: Path) -> None:
    file = workspace_folder(root) / "dismissals.json"
    file.write_text('{"schema": 9, "dismissals": [{"recipe": "r", "colour": "red", "at": 5}]}')
    assert read_dismissals(root) == (Dismissal(recipe="r"),)


def test_several_processes_lose_nothing(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from paceline.workspace import Dismissal, dismiss\n"
        "for n in range(20): dismiss(Path(sys.argv[1]), Dismissal(recipe=f'{sys.argv[2]}-{n}'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(root), name]) for name in "abc"]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert {one.recipe for one in read_dismissals(root)} == {
        f"{name}-{n}" for name in "abc" for n in range(20)
    }


def test_a_full_disk_is_said_and_costs_nothing_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = dismiss(root, Dismissal(recipe="r"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InvalidSettings, match="No space left on device"):
        dismiss(root, Dismissal(recipe="other"))
    assert read_dismissals(root) == (kept,)
    assert [one.name for one in workspace_folder(root).iterdir() if one.name.startswith(".dis")] == []
