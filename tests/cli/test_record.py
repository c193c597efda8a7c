"""``paceline record`` as a person types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Ran


@pytest.fixture
def script(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (workspace / "work.py").write_text(
        "import sys, shop\n\nif __name__ == '__main__':\n"
        "    print(shop.total([1, 2]))\n    shop.Cart().size(['a'])\n    sys.exit(5)\n"
    )
    return workspace / "work.py"


def test_runs_the_command_and_lists_and_forgets_what_was_called(script: Path, run) -> None:
    ran: Ran = run("record", "--", "python", "work.py")
    assert ran.status == 5
    assert "paceline: note: recorded 2 different calls of 2 functions" in ran.err

    listed = run("record", "--list")
    assert listed.status == 0
    assert listed.out.splitlines()[0].startswith("shop.py::Cart.size  1 call, the last on ")
    assert [each["name"] for each in run("record", "--list", "--json").json["functions"]] == [
        "Cart.size",
        "total",
    ]
    assert run("record", "--forget", "--function", "shop.py::total", "--json").json["forgotten"] == 1
    assert run("record", "--forget").out == "Forgotten: the recorded calls of 1 function\n"
    assert "Nothing is recorded" in run("record", "--list").out


def test_the_command_keeps_its_own_options(script: Path, run) -> None:
    assert run("record", "--function", "shop.py::total", "python", "work.py", "--list", "--json").status == 5
    assert [each["name"] for each in run("record", "--list", "--json").json["functions"]] == ["total"]


def test_what_changed_is_dropped_with_a_note(script: Path, workspace: Path, run) -> None:
    run("record", "--", "python", "work.py")
    shop = workspace / "shop.py"
    shop.write_text(shop.read_text().replace("prices: list[int]", "prices: list[int], tax: int"))
    assert "shop.py::total were dropped: its parameters have changed" in run("record", "--list").err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "paceline record -- python script.py"),
        (["--", "no-such-program"], "no-such-program: no such command"),
        (["--", "work.py"], "paceline record -- python work.py"),
        (["--list", "python", "work.py"], "stand alone"),
        (["--list", "--forget"], "stand alone"),
        (["--function", "shop.py", "python", "work.py"], "name the function too"),
        (["--function", "shop.py::totl", "python", "work.py"], "totl"),
        (["--forget", "--function", "/elsewhere/x.py::f"], "is not in the workspace"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_runs(
    script: Path, run, words: list[str], message: str
) -> None:
    ran = run("record", *words)
    assert ran.status == 2
    assert message in ran.err


def test_help_says_where_it_runs_and_what_of_secrets(run) -> None:
    text = " ".join(run("record", "--help").out.split())
    assert "OUTSIDE the sandbox" in text
    assert "may hold secrets" in text


def test_no_trust_is_asked_for_or_given(script: Path, workspace: Path, run) -> None:
    from paceline.workspace import is_trusted

    run("record", "--", sys.executable, "work.py")
    assert not is_trusted(workspace)


def test_a_pipe_goes_through(script: Path, workspace: Path, home: Path) -> None:
    (workspace / "double.py").write_text("import sys\nsys.stdout.write(sys.stdin.read() * 2)\n")
    done = subprocess.run(
        [sys.executable, "-m", "paceline", "record", "--", "python", "double.py"],
        input=b"\x00\xff\n",
        capture_output=True,
        cwd=workspace,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"\x00\xff\n" * 2)
