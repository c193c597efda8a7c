"""``paceline dismissals``, and whole files from which functions are left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paceline.cli import main
from paceline.cli.left_out import left_out
from paceline.cli.places import places_in
from paceline.workspace import Dismissal, dismiss, read_dismissals

SOURCE = """\
def first():  # paceline: ignore
    return 1


def second():
    return 2


# paceline: ignore[sorting]
def third():
    return 3
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\nversion = '1'\n")
    (folder / "a.py").write_text(SOURCE)
    return folder


def test_they_are_listed_and_taken_back(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = [dismiss(root, Dismissal(recipe="membership-set")), dismiss(root, Dismissal())]
    assert main(["dismissals", "list", "--workspace", str(root / "a.py")]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].startswith(kept[0].id)
    assert listed[0].endswith("membership-set in this project")
    assert listed[1].endswith("everything in this project")
    assert main(["dismissals", "undo", kept[0].id, "--workspace", str(root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["taken_back"][0]["recipe"] == "membership-set"
    assert read_dismissals(root) == (kept[1],)
    assert main(["dismissals", "undo", "--all", "--workspace", str(root)]) == 0
    assert read_dismissals(root) == ()


def test_an_unknown_one_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = dismiss(root, Dismissal())
    assert main(["dismissals", "undo", "nonsense", "--workspace", str(root)]) == 2
    assert "no dismissal nonsense here" in capsys.readouterr().err
    assert read_dismissals(root) == (kept,)


def test_whole_files_leave_out_what_is_ignored_or_dismissed(root: Path) -> None:
    file = root / "a.py"
    assert [place.name for place in left_out(places_in(str(file)))] == ["first"]
    dismiss(root, Dismissal(file="a.py", function="second"))
    dismiss(root, Dismissal(file="a.py", function="third", recipe="sorting"))
    assert [place.name for place in left_out(places_in(str(file)))] == ["first", "second"]
    file.write_text(f"# paceline: ignore-file\n{SOURCE}")
    assert len(left_out(places_in(str(file)))) == 3


def test_a_run_on_a_whole_file_says_what_it_leaves_out(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "a.py").write_text(f"# paceline: ignore-file\n{SOURCE}")
    assert main(["optimize", str(root / "a.py"), "--json"]) == 0
    said = capsys.readouterr()
    assert "left out, by a comment or because they were dismissed: first, second, third" in said.err
    assert json.loads(said.out)["targets"] == []
