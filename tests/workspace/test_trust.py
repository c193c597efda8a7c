from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from paceline.errors import InvalidSettings
from paceline.workspace import allows_unsandboxed, distrust, is_trusted, paceline_home, trust, trust_problem


def test_nothing_is_trusted_at_first(root: Path) -> None:
    assert not is_trusted(root)
    assert not allows_unsandboxed(root)
    assert trust_problem() is None


def test_trust_is_given_and_taken(root: Path) -> None:
    trust(root)
    assert is_trusted(root)
    assert not allows_unsandboxed(root)
    distrust(root)
    assert not is_trusted(root)


def test_running_without_a_sandbox_is_a_word_of_its_own(root: Path) -> None:
    trust(root, unsandboxed=True)
    assert allows_unsandboxed(root)
    trust(root)
    assert not allows_unsandboxed(root)


def test_what_is_below_is_trusted_and_what_is_beside_is_not(root: Path) -> None:
    trust(root)
    assert is_trusted(root / "inner" / "project")
    assert not is_trusted(root.with_name("project-2"))
    assert not is_trusted(root.parent)


def test_the_nearest_word_counts(root: Path) -> None:
    trust(root, unsandboxed=True)
    distrust(root / "vendored")
    assert not is_trusted(root / "vendored" / "thing")
    assert is_trusted(root / "own")


@pytest.mark.parametrize("shared", ["home", "/"])
def test_a_shared_folder_passes_its_trust_to_nothing(home: Path, root: Path, shared: str) -> None:
    folder = home if shared == "home" else Path(shared)
    trust(folder)
    assert is_trusted(folder)
    assert not is_trusted(root)


def test_links_do_not_carry_trust(home: Path, root: Path) -> None:
    """What a link in a trusted folder points to is judged by where it is."""
    trust(root)
    (home / "elsewhere").mkdir()
    (root / "link").symlink_to(home / "elsewhere")
    assert not is_trusted(root / "link")


def test_a_repository_cannot_trust_itself(root: Path) -> None:
    trust(root / "other")
    for name in ("trust.json", ".paceline.toml", "pyproject.toml"):
        (root / name).write_bytes((paceline_home() / "trust.json").read_bytes())
    (root / ".paceline.toml").write_text("trusted = true\n")
    assert not is_trusted(root)


def test_the_file_is_the_owners_alone(root: Path) -> None:
    trust(root)
    files = list(paceline_home().iterdir())
    assert {file.name for file in files} == {"trust.json", "trust.lock"}
    assert stat.S_IMODE((paceline_home() / "trust.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"schema": 2, "folders": {}}',
        b'{"schema": 1}',
        b'{"schema": 1, "folders": {"/": true}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_trusts_nothing_and_is_reported(root: Path, content: bytes) -> None:
    trust(root)
    (paceline_home() / "trust.json").write_bytes(content)
    assert not is_trusted(root)
    problem = trust_problem()
    assert problem is not None
    assert "paceline trust" in str(problem)
    trust(root)
    assert is_trusted(root)
    assert trust_problem() is None
    assert (paceline_home() / "trust.unreadable.json").read_bytes() == content


def test_only_a_plain_yes_is_a_yes(root: Path) -> None:
    trust(root)
    record = {"schema": 1, "folders": {str(root): {"trusted": "yes", "unsandboxed": 1}}}
    (paceline_home() / "trust.json").write_text(json.dumps(record))
    assert not is_trusted(root)


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_file_that_others_can_write_trusts_nothing(root: Path) -> None:
    trust(root)
    (paceline_home() / "trust.json").chmod(0o666)
    assert not is_trusted(root)
    assert "somebody else" in str(trust_problem())


def test_a_data_folder_that_cannot_be_written_says_what_to_do(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(InvalidSettings, match="PACELINE_HOME"):
        trust(root)


def test_processes_at_once_lose_nothing(root: Path) -> None:
    code = """
import sys
from pathlib import Path
from paceline.workspace import trust
for number in range(10):
    trust(Path(sys.argv[1]) / f"{sys.argv[2]}-{number}")
"""
    words = [sys.executable, "-c", code, str(root)]
    running = [subprocess.Popen([*words, name]) for name in ("one", "two", "three")]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert all(is_trusted(root / f"{name}-{n}") for name in ("one", "two", "three") for n in range(10))
