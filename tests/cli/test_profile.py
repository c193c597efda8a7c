"""``paceline profile`` as a person types it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from paceline.workspace import is_trusted, workspace_folder
from paceline.workspace.profiles import PROFILE
from tests.cli.conftest import Ran

Run = Callable[..., Ran]

WORK = '''\
"""Work."""
import time


def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def slow(rows, seconds):
    spin_until = time.process_time() + seconds
    while time.process_time() < spin_until:
        pass
    seen = []
    for row in rows:
        if row not in seen:
            seen.append(row)
    return seen


if __name__ == "__main__":
    slow([1, 2, 1], 0.5)
    spin(0.2)
    raise SystemExit(5)
'''


@pytest.fixture
def script(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (workspace / "work.py").write_text(WORK)
    return workspace / "work.py"


def test_runs_the_command_and_lists_and_forgets_what_was_hot(script: Path, workspace: Path, run: Run) -> None:
    ran = run("profile", "--", "python", "work.py")
    assert ran.status == 5
    assert "of processor time: 2 hot functions" in ran.err
    assert "the run was short" in ran.err
    assert not is_trusted(workspace)

    listed = run("profile", "--list")
    assert listed.status == 0
    rows = [line for line in listed.out.splitlines() if "work.py::" in line]
    assert "work.py::slow" in rows[0]
    assert "remove duplicates" in rows[0]
    assert "work.py::spin" in rows[1]

    profile = run("profile", "--list", "--json").json["profile"]
    slow, spin = profile["functions"]
    assert (slow["file"], slow["name"], slow["stale"]) == ("work.py", "slow", False)
    # Of what the two spent: the start of the interpreter takes what it takes on this machine.
    assert slow["own"] / (slow["own"] + spin["own"]) == pytest.approx(5 / 7, abs=0.1)
    assert slow["hints"]
    assert spin["hints"] == []

    assert run("profile", "--forget", "--json").json["forgotten"] is True
    assert run("profile", "--list", "--json").json["profile"] is None
    assert "Nothing is profiled" in run("profile", "--list").out
    assert "Nothing is profiled" in run("profile", "--forget").out


def test_what_changed_since_is_shown_as_stale_and_layout_is_no_change(script: Path, run: Run) -> None:
    run("profile", "--", "python", "work.py")
    script.write_text(
        "# moved\n" + WORK.replace("spin_until", "until").replace("        pass", "        pass  # on")
    )
    functions = run("profile", "--list", "--json").json["profile"]["functions"]
    assert [(one["name"], one["stale"]) for one in functions] == [("slow", True), ("spin", False)]
    assert "changed since it was profiled" in run("profile", "--list").out.replace("\n", " ")
    script.unlink()
    assert all(one["stale"] for one in run("profile", "--list", "--json").json["profile"]["functions"])


def test_a_file_that_cannot_be_read_is_said_and_nothing_else_is_lost(
    script: Path, workspace: Path, run: Run
) -> None:
    (workspace_folder(workspace) / PROFILE).write_text("{]")
    ran = run("profile", "--list")
    assert ran.status == 0
    assert "cannot be read" in ran.err
    assert run("profile", "--", "python", "work.py").status == 5
    assert run("profile", "--list").err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "paceline profile -- python script.py"),
        (["--", "no-such-program"], "no-such-program: no such command"),
        (["--", "work.py"], "paceline profile -- python work.py"),
        (["--list", "python", "work.py"], "stand alone"),
        (["--list", "--forget"], "stand alone"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_runs(
    script: Path, run: Run, words: list[str], message: str
) -> None:
    ran = run("profile", *words)
    assert ran.status == 2
    assert message in ran.err


def test_a_command_without_python_is_said_to_have_none(script: Path, run: Run) -> None:
    ran = run("profile", "--", "true")
    assert ran.status == 0
    assert "nothing was profiled" in ran.err


def test_a_pipe_goes_through(script: Path, workspace: Path, home: Path) -> None:
    (workspace / "double.py").write_text("import sys\nsys.stdout.write(sys.stdin.read() * 2)\n")
    done = subprocess.run(
        [sys.executable, "-m", "paceline", "profile", "--", "python", "double.py"],
        input=b"\x00\xff\n",
        capture_output=True,
        cwd=workspace,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"\x00\xff\n" * 2)
