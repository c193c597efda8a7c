"""Recordings on disk: what is believed of them, what is dropped, and how large they get."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from paceline.judge.python import kept_recordings, own_command
from paceline.judge.python.kept_recordings import (
    drop_stale,
    forget,
    keep_session,
    kept_calls,
    listed,
)
from paceline.workspace import workspace_folder
from tests.judge.projects.conftest import Project

MODULE = """
    class Shop:
        def total(self, prices, *, tax=0):
            return sum(prices)


    def total(prices):
        return sum(prices)
"""
SIGNATURES = {"Shop.total": "(self, prices, *, tax=)", "total": "(prices)"}


@pytest.fixture
def shop(project: Project) -> Project:
    project.write({"pyproject.toml": "", "work.py": MODULE})
    return project


def call(value: Any) -> dict[str, Any]:
    return {"args": ["T", [value]], "kwargs": ["D", [], []]}


def line(value: Any, name: str = "total", file: str = "work.py", **more: Any) -> dict[str, Any]:
    signature = SIGNATURES.get(name, "()")
    return {"file": file, "name": name, "signature": signature, "call": call(value), **more}


def keep(project: Project, *lines: Any) -> None:
    """Keep a session that wrote these lines: objects as JSON, text as it is."""
    session = project.root.parent / "session"
    session.mkdir(exist_ok=True)
    written = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    (session / "1-a.jsonl").write_text("".join(each + "\n" for each in written))
    keep_session(project.root, session)


def files(project: Project) -> list[Path]:
    return sorted((workspace_folder(project.root) / "recorded").glob("*.json"))


def test_recordings_are_kept_by_file_name_and_signature(shop: Project) -> None:
    keep(shop, line(1), line(2), line(1), line("x", "Shop.total"))
    assert [(kept.name, len(kept.calls)) for kept in listed(shop.root)] == [("Shop.total", 1), ("total", 2)]
    assert kept_calls(shop.root, shop.target("total")) == ((call(1), call(2)), ())
    assert kept_calls(shop.root, shop.target("Shop.total")) == ((call("x"),), ())


def test_calls_of_a_function_whose_parameters_changed_are_dropped_with_a_note(shop: Project) -> None:
    keep(shop, line(1))
    shop.write({"work.py": MODULE.replace("def total(prices)", "def total(prices, currency)")})
    calls, notes = kept_calls(shop.root, shop.target("total"))
    assert calls == ()
    assert notes == ("Recorded calls of total were dropped: its parameters have changed since.",)
    assert files(shop) == []
    assert kept_calls(shop.root, shop.target("total")) == ((), ())


@pytest.mark.parametrize(
    "change",
    [
        ("return sum(prices)", "return sum(prices[:])"),
        ("def total(prices)", "def total(prices: list) -> int"),
    ],
    ids=["body", "annotations"],
)
def test_calls_still_fit_when_only_something_else_changed(shop: Project, change: tuple[str, str]) -> None:
    keep(shop, line(1))
    shop.write({"work.py": MODULE.replace(*change)})
    assert kept_calls(shop.root, shop.target("total")) == ((call(1),), ())


def test_what_is_gone_is_dropped_with_a_note_each(shop: Project) -> None:
    keep(shop, line(1), line(1, "gone"), line(1, "total", "away.py"), line(1, "Shop.total"))
    shop.write({"work.py": MODULE.replace("tax=0", "tax")})
    assert sorted(drop_stale(shop.root)) == [
        "Recorded calls of away.py::total were dropped: it is no longer there.",
        "Recorded calls of work.py::Shop.total were dropped: its parameters have changed.",
        "Recorded calls of work.py::gone were dropped: it is no longer there.",
    ]
    assert [kept.name for kept in listed(shop.root)] == ["total"]


def test_a_file_that_cannot_be_read_now_loses_nothing(shop: Project) -> None:
    keep(shop, line(1))
    shop.write({"work.py": "def total(:\n"})
    assert drop_stale(shop.root) == []
    assert len(listed(shop.root)) == 1


def test_forgetting(shop: Project) -> None:
    keep(shop, line(1), line(1, "Shop.total"), line(1, "other", "away.py"))
    assert forget(shop.root, "work.py", "total") == 1
    assert [kept.name for kept in listed(shop.root)] == ["other", "Shop.total"]
    assert forget(shop.root, "work.py") == 1
    files(shop)[0].write_text("{")
    assert forget(shop.root) == 1
    assert files(shop) == []


def test_what_programs_write_into_a_session_is_only_data(shop: Project) -> None:
    keep(
        shop,
        "",
        "{",
        "[" * 100_000,
        "[1]",
        '"text"',
        "null",
        {"file": "work.py"},
        line(1, file="/etc/passwd"),
        line(1, file="../other/work.py"),
        line(1, name=3),  # type: ignore[arg-type]
        line(1, name="n" * 5_000),
        line(1, call=[1]),
        line(1, call={"args": "x", "kwargs": {}}),
        line(1, call={"args": ["T", [1]]}),
        line(5),
    )
    assert kept_calls(shop.root, shop.target("total")) == ((call(5),), ())
    assert [kept.file for kept in listed(shop.root)] == ["work.py"]


def test_links_and_pipes_in_a_session_are_not_read(shop: Project) -> None:
    session = shop.root.parent / "session"
    session.mkdir()
    elsewhere = shop.root.parent / "elsewhere.jsonl"
    elsewhere.write_text(json.dumps(line(1)) + "\n")
    (session / "2-b.jsonl").symlink_to(elsewhere)
    os.mkfifo(session / "3-c.jsonl")
    assert keep_session(shop.root, session) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 50_000,
        b"[]",
        b"3",
        b'{"schema": 1}',
        b'{"schema": 2, "file": "work.py", "name": "total", "signature": "", "when": "", "calls": [],'
        b' "problems": []}',
        b'{"schema": 1, "file": 3, "name": "total", "signature": "", "when": "", "calls": [],'
        b' "problems": []}',
        b'{"schema": 1, "file": "work.py", "name": "total", "signature": "(prices)", "when": "", "calls": 7,'
        b' "problems": []}',
    ],
)
def test_a_recording_that_was_tampered_with_is_not_used(shop: Project, content: bytes) -> None:
    keep(shop, line(1))
    files(shop)[0].write_bytes(content)
    calls, notes = kept_calls(shop.root, shop.target("total"))
    assert calls == ()
    assert notes == ("Recorded calls of total could not be read; record them again.",)
    assert listed(shop.root) == []
    keep(shop, line(2))
    assert kept_calls(shop.root, shop.target("total")) == ((call(2),), ())


def test_a_huge_recording_is_not_even_read(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(shop, line(1))
    (place,) = files(shop)
    with place.open("r+b") as file:
        file.truncate(8_000_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    monkeypatch.setattr(kept_recordings, "_signatures", lambda source, name: frozenset({"(prices)"}))
    assert kept_recordings._read(place) is None


def test_calls_of_the_wrong_form_are_left_out_of_a_recording(shop: Project) -> None:
    keep(shop, line(1))
    (place,) = files(shop)
    record = json.loads(place.read_text())
    record["calls"] = [1, None, {"args": 1}, {"args": [], "kwargs": []}, *record["calls"]]
    place.write_text(json.dumps(record))
    assert kept_calls(shop.root, shop.target("total"))[0] == ({"args": [], "kwargs": []}, call(1))


async def test_values_that_decode_to_nothing_sensible_are_no_input(shop: Project) -> None:
    from paceline.judge import PythonJudge
    from paceline.judge.options import DefaultJudgeOptions, DefaultOptions, DefaultRecordingOptions
    from paceline.judge.verdict import Checks

    nasty = [
        {"args": [], "kwargs": []},
        {"args": ["T", 7], "kwargs": ["D", [], []]},
        {"args": ["obj", "os", "system", {}], "kwargs": ["D", [], []]},
        {"args": ["t", [["fn", "os", "nothing"]]], "kwargs": ["D", [], []]},
        {"args": ["t", [["ref", 99]]], "kwargs": ["D", [], []]},
        {"args": ["t", [["partial", ["fn", "os", "_exit"], ["T", [3]], ["D", [], []]]]], "kwargs": 1},
    ]
    keep(shop, line(1, call={"args": ["t", [["L", [1, 2]]]], "kwargs": ["D", [], []]}))
    (place,) = files(shop)
    record = json.loads(place.read_text())
    place.write_text(json.dumps({**record, "calls": nasty + record["calls"]}))
    judge = PythonJudge(
        shop.target("total"),
        root=shop.root,
        python=shop.python,
        settings=DefaultOptions(judge=DefaultJudgeOptions(), tests=DefaultRecordingOptions(enable=False)),
        isolation=shop.isolation,
        cache=shop.cache,
    )
    try:
        checks = await judge.prepare()
    finally:
        await judge.close()
    assert isinstance(checks, Checks), checks
    assert checks.sources["recorded"] == 1


def test_there_is_an_end_to_what_is_kept(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(shop, *(line(n) for n in range(1_000)))
    (kept,) = listed(shop.root)
    assert kept.calls == tuple(call(n) for n in range(1_000 - kept_recordings.MOST_CALLS, 1_000))

    keep(shop, *(line(str(n) * 200_000) for n in range(10)), line("last"))
    (kept,) = listed(shop.root)
    assert kept.calls[-1] == call("last") and 5 <= len(kept.calls) <= 11
    assert files(shop)[0].stat().st_size < 1.1 * kept_recordings.MOST_BYTES

    monkeypatch.setattr(kept_recordings, "MOST_FUNCTIONS", 2)
    keep(shop, line(1, "Shop.total"))
    keep(shop, line(1, "third"))
    assert len(files(shop)) == 2

    monkeypatch.setattr(own_command, "_LARGEST_SESSION", 1_000)
    forget(shop.root)
    keep(shop, *(line(n) for n in range(100)))
    assert len(listed(shop.root)[0].calls) < 20
