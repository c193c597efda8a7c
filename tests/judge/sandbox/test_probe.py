"""Finding out what isolates, and saying so when nothing does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from paceline.errors import IsolationUnavailable
from paceline.judge.sandbox import Isolation, available_isolation, bubblewrap, probe, require_isolation

from .conftest import HERE


@pytest.fixture(autouse=True)
def probed_afresh() -> object:
    available_isolation.cache_clear()
    yield
    available_isolation.cache_clear()


def test_the_strongest_that_works_is_chosen() -> None:
    assert available_isolation() is (HERE[0] if HERE else Isolation.LIMITS)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is probed")
def test_what_is_installed_but_does_not_work_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "find", lambda: Path("/bin/false"))
    assert available_isolation() is not Isolation.BUBBLEWRAP


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is probed")
def test_what_does_not_isolate_is_not_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bubblewrap that runs the program but hides nothing."""
    open_door = tmp_path / "bwrap"
    open_door.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    open_door.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "find", lambda: open_door)
    assert not probe._holds(Isolation.BUBBLEWRAP)


def test_without_isolation_consent_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_holds", lambda isolation: False)
    with pytest.raises(IsolationUnavailable, match=r"paceline trust --unsandboxed /some/where"):
        require_isolation(False, root=Path("/some/where"))
    assert require_isolation(True) is Isolation.LIMITS


def test_macos_has_limits_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert available_isolation() is Isolation.LIMITS
    with pytest.raises(IsolationUnavailable, match="macOS"):
        require_isolation(False)


def test_windows_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(IsolationUnavailable, match="Windows Subsystem for Linux"):
        require_isolation(True)
