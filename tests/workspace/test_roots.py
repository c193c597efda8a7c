from __future__ import annotations

import stat
from pathlib import Path

import pytest

from paceline.errors import InvalidSettings
from paceline.workspace import (
    cache_folder,
    find_root,
    paceline_home,
    place_in,
    workspace_folder,
    workspace_key,
)
from paceline.workspace.roots import MARKERS


@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_makes_a_root(root: Path, marker: str) -> None:
    (root / marker).touch()
    (root / "package" / "deep").mkdir(parents=True)
    assert find_root(root / "package" / "deep" / "module.py") == root
    assert find_root(root / "package") == root
    assert find_root(root) == root


def test_a_file_has_a_place_below_its_root_and_nowhere_else(root: Path) -> None:
    (root / "project" / "src").mkdir(parents=True)
    (root / "link").symlink_to(root / "project")
    (root / "project" / "out.py").symlink_to(root / "elsewhere.py")
    assert place_in(root / "project", root / "project" / "src" / "a.py") == "src/a.py"
    assert place_in(root / "project", root / "link" / "src" / "a.py") == "src/a.py"
    assert place_in(root / "project", root / "elsewhere.py") == ""
    assert place_in(root / "project", root / "project" / "out.py") == ""


def test_the_nearest_marker_counts(root: Path) -> None:
    (root / ".git").mkdir()
    (root / "member").mkdir()
    (root / "member" / "pyproject.toml").touch()
    assert find_root(root / "member" / "module.py") == root / "member"


def test_without_a_marker_the_folder_is_the_root(root: Path) -> None:
    assert find_root(root / "module.py") == root


def test_a_home_under_version_control_is_not_everybodys_root(home: Path, root: Path) -> None:
    (home / ".git").mkdir()
    assert find_root(root / "module.py") == root
    assert find_root(home / "script.py") == home


def test_links_are_resolved(home: Path, root: Path) -> None:
    (root / "pyproject.toml").touch()
    (home / "link").symlink_to(root)
    assert find_root(home / "link" / "module.py") == root


def test_the_data_folders_are_the_owners_alone(home: Path, root: Path) -> None:
    for folder in (paceline_home(), workspace_folder(root), cache_folder()):
        assert folder.is_relative_to(home / "data")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_users_data_folder_is_the_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACELINE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "xdg"))
    assert paceline_home().name == "paceline"
    assert home in paceline_home().parents


def test_a_relative_data_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACELINE_HOME", "data")
    with pytest.raises(InvalidSettings, match="absolute"):
        paceline_home()


def test_a_data_folder_that_cannot_be_made_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("PACELINE_HOME", str(home / "file" / "data"))
    with pytest.raises(InvalidSettings, match="PACELINE_HOME"):
        paceline_home()


def test_keys_are_unique_and_readable(root: Path, home: Path) -> None:
    other = home / "other" / "project"
    assert workspace_key(root) != workspace_key(other)
    assert workspace_key(root).startswith("project-")
    assert "/" not in workspace_key(home / "näme with/../öther name")
    assert workspace_key(Path("/")).startswith("root-")
