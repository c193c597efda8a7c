from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from paceline.cli.places import snapshot_of
from paceline.engine.events import MemberFailed
from paceline.errors import IsolationUnavailable, WorkerFailed
from paceline.syntax import find_targets
from paceline.syntax.target import Replacement, Target
from paceline.team.exchange import Usage
from paceline.workspace import workspace_folder
from paceline.workspace.profiles import PROFILE, Profile, ProfiledFunction, keep_profile
from tests.cli.conftest import Ran
from tests.cli.scripted_engine import ScriptedEngine

Run = Callable[..., Ran]
Script = Callable[[ScriptedEngine], ScriptedEngine]

TOTAL = Replacement(
    definition='def total(prices: list[int]) -> int:\n    """Return the sum."""\n    return sum(prices)\n'
)
SIZE = Replacement(definition="def size(self, items: list[str]) -> int:\n    return len(items)\n")
BOTH = {"total": (TOTAL, 3.1), "Cart.size": (SIZE, 40.0)}


def test_json_has_exactly_the_fields_of_schema_1(workspace: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine(rewrites=BOTH))
    ran = run("optimize", "shop.py", "--json")
    assert (ran.status, ran.err) == (0, "")
    report = ran.json
    assert set(report) == {"schema", "targets", "lessons_banked", "elapsed_s"}
    assert report["schema"] == 1
    assert report["lessons_banked"] == 5
    total, size, outer = report["targets"]
    assert set(total) == {
        "name",
        "file",
        "start_line",
        "end_line",
        "language",
        "status",
        "reason",
        "suggestions",
        "rejected",
        "tokens",
    }
    assert (total["name"], total["file"], total["start_line"], total["end_line"]) == (
        "total",
        "shop.py",
        4,
        9,
    )
    assert [size["name"], outer["name"], outer["status"]] == ["Cart.size", "outer", "not-proven-faster"]
    (suggestion,) = total["suggestions"]
    assert set(suggestion) == {
        "title",
        "member",
        "outcome",
        "speedup",
        "low",
        "high",
        "confidence",
        "checks",
        "lessons",
        "replacement",
        "diff",
    }
    assert suggestion["outcome"] == "faster"
    assert suggestion["checks"] == {
        "inputs": 74,
        "sources": {"recorded": 12, "type-hints": 40, "edge": 22},
        "tests": 2,
    }
    assert suggestion["lessons"] == ["0123456789abcdef"]
    assert suggestion["replacement"] == TOTAL.definition
    assert "+    return sum(prices)" in suggestion["diff"]
    assert set(total["rejected"][0]) == {"member", "outcome", "reason"}


def test_what_models_cost_and_who_lost_a_turn(workspace: Path, run: Run, script: Script) -> None:
    tokens = Usage(prompt_tokens=1000, cached_tokens=700, completion_tokens=50)
    lost = MemberFailed(member="qwen", reason="nothing answers", consequence="it sits out the next round")
    script(ScriptedEngine(tokens=tokens, loses=lost))
    ran = run("optimize", "shop.py")
    assert "Models read 3,000 tokens (2,100 of them cached) and wrote 150." in ran.out
    assert ran.err.count("qwen lost its turn: nothing answers; it sits out the next round") == 1
    report = run("optimize", "shop.py", "--json").json
    assert report["targets"][0]["tokens"] == {
        "prompt_tokens": 1000,
        "cached_tokens": 700,
        "completion_tokens": 50,
        "is_estimated": False,
    }


def test_a_person_reads_evidence_diff_and_refusals_within_80_columns(
    workspace: Path, run: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    script(ScriptedEngine(rewrites=BOTH))
    ran = run("optimize", "shop.py")
    assert ran.status == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "\x1b" not in ran.out
    for words in (
        "3.1x faster (2.9-3.3): use a set for [membership]",
        "no difference in 74 inputs: 12 recorded, 40 from type hints, 22 edge cases;\n",
        "     2 project tests pass\n",
        "by recipes/membership: membership-set",
        "+    return sum(prices)",
        "-    result = 0",
        "wrong, The result differs for total([1, 1]).",
        "2 of 3 functions proven faster",
        "95% confidence interval",
        "Nothing was written",
    ):
        assert words in ran.out
    assert (workspace / "shop.py").read_text().count("result = 0") == 1


def test_limits_reach_the_engine(workspace: Path, run: Run, script: Script) -> None:
    engine = script(ScriptedEngine())
    run("optimize", "shop.py::total", "--json", "--rounds", "2", "--budget", "7.5")
    (request,) = engine.requests
    assert (request.rounds, request.budget_s) == (2, 7.5)
    assert engine.closed


def test_a_method_is_named_with_its_class(workspace: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine())
    ran = run("optimize", "shop.py::Cart.size", "--json")
    assert [target["name"] for target in ran.json["targets"]] == ["Cart.size"]


def test_a_folder_stands_for_its_files_without_tests(workspace: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine())
    (workspace / "pkg").mkdir()
    # What an editor leaves beside a file that it has open, and what would keep a reader waiting.
    (workspace / "pkg" / ".#a.py").symlink_to("me@host.1234:5678")
    (workspace / "pkg" / "gone.py").symlink_to("nowhere.py")
    os.mkfifo(workspace / "pkg" / "pipe.py")
    for name in (
        "pkg/a.py",
        "pkg/.a.py",
        "pkg/test_a.py",
        "tests/helpers.py",
        ".venv/lib.py",
        "pkg/conftest.py",
        "pkg/notes.txt",
    ):
        file = workspace / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("def f(x):\n    return x\n")
    ran = run("optimize", str(workspace), "--json")
    files = {Path(target["file"]).relative_to(workspace).as_posix() for target in ran.json["targets"]}
    assert files == {"shop.py", "pkg/a.py"}


def profiled(workspace: Path, *names: str, file: str = "shop.py") -> None:
    """Keep a profile in which the functions are hot, the first the hottest."""
    targets = {target.name: target for target in find_targets(snapshot_of(workspace / file))}
    functions = [
        ProfiledFunction(
            file=file, name=name, hash=targets[name].hash, own_s=3.0 - number, whole_s=3.0 - number
        )
        for number, name in enumerate(names)
    ]
    profile = Profile(
        when="2026-11-28T01:00:00+00:00", seconds=10.0, unseen_s=0.0, functions=tuple(functions)
    )
    keep_profile(workspace, profile)


def test_the_hottest_of_the_profile_are_worked_on_in_their_order(
    workspace: Path, run: Run, script: Script
) -> None:
    script(ScriptedEngine(rewrites=BOTH))
    profiled(workspace, "Cart.size", "outer", "total")

    def worked_on(*words: str) -> list[str]:
        ran = run("optimize", *words, "--json")
        assert ran.status == 0, ran.err
        return [target["name"] for target in ran.json["targets"]]

    assert worked_on("--hottest", "2") == ["Cart.size", "outer"]
    assert worked_on("shop.py", "--hottest", "9") == ["Cart.size", "outer", "total"]
    shop = workspace / "shop.py"
    # A comment keeps one away; one that was changed since was not profiled.
    shop.write_text(
        shop.read_text()
        .replace("def outer():", "def outer():  # paceline: ignore")
        .replace("count += 1", "count = count + 1")
    )
    assert worked_on("--hottest", "2") == ["total"]


def test_without_a_profile_that_serves_it_is_said_what_to_do(workspace: Path, run: Run) -> None:
    ran = run("optimize", "--hottest", "3")
    assert (ran.status, ran.out) == (2, "")
    assert "no profile is kept" in ran.err
    assert "paceline profile -- python script.py" in ran.err
    profiled(workspace, "total")
    (workspace / "empty").mkdir()
    ran = run("optimize", "empty", "--hottest", "3")
    assert ran.status == 2
    assert "empty: no function in it is hot in the profile of 2026-11-28" in ran.err
    (workspace_folder(workspace) / PROFILE).write_text("{")
    ran = run("optimize", "--hottest", "3")
    assert ran.status == 2
    assert "cannot be read: take another" in ran.err
    assert "leave --hottest away" in run("optimize", "shop.py::total", "--hottest", "3").err
    assert "name what to optimize" in run("optimize").err


def test_functions_of_one_name_are_all_worked_on(workspace: Path, run: Run, script: Script) -> None:
    (workspace / "twice.py").write_text(
        "if 1:\n    def f(a):\n        return a\nelse:\n    def f(b):\n        return b\n"
    )
    script(ScriptedEngine())
    ran = run("optimize", "twice.py", "--json")
    assert [target["start_line"] for target in ran.json["targets"]] == [2, 5]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_write_keeps_every_byte_outside_the_functions(
    workspace: Path, run: Run, script: Script, newline: bytes, mark: bytes
) -> None:
    file = workspace / "shop.py"
    before = mark + file.read_bytes().replace(b'"""A module."""', '"""Préis  \t"""   # odd'.encode()).replace(
        b"\n", newline
    )
    file.write_bytes(before)
    file.chmod(0o750)
    script(ScriptedEngine(rewrites=BOTH))
    ran = run("optimize", "shop.py", "--write")
    assert ran.status == 0
    expected = (
        before.replace(
            newline.join(
                [
                    b"    result = 0",
                    b"    for price in prices:",
                    b"        result = result + price",
                    b"    return result",
                ]
            ),
            b"    return sum(prices)",
        )
    ).replace(
        newline.join(
            [
                b"        count = 0",
                b"        for _ in items:",
                b"            count += 1",
                b"        return count",
            ]
        ),
        b"        return len(items)",
    )
    assert file.read_bytes() == expected
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert sorted(entry.name for entry in workspace.iterdir()) == ["pyproject.toml", "shop.py"]


def test_write_goes_through_a_symbolic_link(workspace: Path, run: Run, script: Script) -> None:
    (workspace / "link.py").symlink_to("shop.py")
    script(ScriptedEngine(rewrites=BOTH))
    assert run("optimize", "link.py::total", "--write", "--json").status == 0
    assert (workspace / "link.py").is_symlink()
    assert "return sum(prices)" in (workspace / "shop.py").read_text()


def test_write_refuses_a_file_that_is_read_only(workspace: Path, run: Run, script: Script) -> None:
    file = workspace / "shop.py"
    before = file.read_bytes()
    file.chmod(0o444)
    script(ScriptedEngine(rewrites=BOTH))
    ran = run("optimize", "shop.py::total", "--write", "--json")
    assert ran.status == 2
    assert "shop.py:4: not written: it is read-only; check the file's permissions" in ran.err
    assert file.read_bytes() == before


def test_write_refuses_a_file_that_changed_meanwhile(workspace: Path, run: Run, script: Script) -> None:
    file = workspace / "shop.py"

    def edit(target: Target) -> None:
        if target.name == "total":
            file.write_text("# mine\n" + file.read_text())

    script(ScriptedEngine(rewrites=BOTH, before_finishing=edit))
    ran = run("optimize", "shop.py", "--write", "--json")
    assert ran.status == 2
    assert "shop.py:4: not written, the file changed while total was being judged; run again" in ran.err
    text = file.read_text()
    assert text.startswith("# mine\n")
    assert "result = 0" in text
    # The others were found anew in the changed file, and judged there.
    assert "return len(items)" in text
    assert len(ran.json["targets"]) == 3


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("shpo.py", "shpo.py: no such file or folder; did you mean shop.py?"),
        ("shop.py::totl", "total"),
        ("shop.py::", "function's name is missing"),
        (".::total", "is a folder"),
        ("notes.txt", "notes.txt"),
        ("empty.py", "empty.py: there is no function in it"),
        ("pipe.py", "pipe.py: cannot be read: it is no regular file"),
        ("gone.py", "gone.py: no such file or folder\n"),
        ("", "name a file or a folder"),
    ],
)
def test_unusable_requests_say_what_to_do(
    workspace: Path, run: Run, script: Script, request_: str, words: str
) -> None:
    (workspace / "notes.txt").write_text("hello")
    (workspace / "empty.py").write_text("x = 1\n")
    (workspace / "gone.py").symlink_to("nowhere.py")
    os.mkfifo(workspace / "pipe.py")
    script(ScriptedEngine())
    ran = run("optimize", request_, "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("paceline: error: ")
    assert ran.err.count("\n") == 1
    assert words in ran.err


def test_options_out_of_range_are_unusable(workspace: Path, run: Run) -> None:
    assert run("optimize", "shop.py", "--rounds", "0").status == 2
    assert run("optimize", "shop.py", "--budget", "-1").status == 2
    assert run("optimize").status == 2
    assert run("optimise", "shop.py").status == 2


def test_a_failure_of_ours_is_one_line_and_a_log_file(
    workspace: Path, home: Path, run: Run, script: Script
) -> None:
    script(ScriptedEngine(fails_with=ZeroDivisionError("no luck\nat all")))
    ran = run("optimize", "shop.py", "--json")
    assert (ran.status, ran.out) == (1, "")
    assert "ZeroDivisionError: no luck at all" in ran.err
    assert ran.err.count("\n") == 1
    (log,) = (home / "log").iterdir()
    assert str(log) in ran.err
    assert "Traceback" in log.read_text()
    if os.name == "posix":
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_failures_with_a_message_need_no_log(workspace: Path, home: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine(fails_with=ExceptionGroup("group", [IsolationUnavailable("no sandbox here")])))
    ran = run("optimize", "shop.py", "--json")
    assert (ran.status, ran.out, ran.err) == (1, "", "paceline: error: no sandbox here\n")
    assert not (home / "log").exists()


def test_a_worker_that_failed_costs_its_own_function_only(workspace: Path, run: Run, script: Script) -> None:
    error = ExceptionGroup("group", [WorkerFailed("the worker fell silent")])
    script(ScriptedEngine(rewrites=BOTH, fails_with=error, fails_on=("total",)))
    ran = run("optimize", "shop.py", "--json")
    assert (ran.status, ran.err) == (1, "paceline: error: shop.py:4: the worker fell silent\n")
    assert [(each["name"], each["status"]) for each in ran.json["targets"]] == [
        ("total", "cannot-judge"),
        ("Cart.size", "faster"),
        ("outer", "not-proven-faster"),
    ]


def test_notes_of_the_engine_are_warnings(workspace: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine(notes=("lessons of this session will not be kept",)))
    ran = run("optimize", "shop.py", "--json")
    assert ran.err == "paceline: warning: lessons of this session will not be kept\n"
    assert ran.json["schema"] == 1


def test_unreadable_settings_are_unusable(workspace: Path, run: Run) -> None:
    (workspace / ".paceline.toml").write_text("rounds = = 4\n")
    ran = run("optimize", "shop.py", "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ".paceline.toml" in ran.err
