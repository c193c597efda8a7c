from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from paceline.workspace import allows_unsandboxed, is_trusted
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


def test_trust_is_given_and_taken_back(workspace: Path, run: Run) -> None:
    assert not is_trusted(workspace)
    ran = run("trust", str(workspace))
    assert ran.status == 0
    assert str(workspace) in ran.out
    assert is_trusted(workspace)
    assert not allows_unsandboxed(workspace)
    assert run("trust", "--revoke").status == 0
    assert not is_trusted(workspace)


def test_running_without_a_sandbox_is_a_word_of_its_own(workspace: Path, run: Run) -> None:
    assert run("trust", "--unsandboxed").status == 0
    assert allows_unsandboxed(workspace)


def test_unusable_requests(workspace: Path, run: Run) -> None:
    assert run("trust", "nowhere").status == 2
    assert run("trust", "shop.py").status == 2
    assert run("trust", "--revoke", "--unsandboxed").status == 2
