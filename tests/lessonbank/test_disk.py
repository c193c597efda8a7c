"""What is planted in the folder neither runs nor takes the rest of the bank with it."""

from __future__ import annotations

import ast
import inspect
import io
import pickle
import sqlite3
from pathlib import Path

import diskcache
import pytest

from lessonbank import disk
from lessonbank.bank import DATABASE, Bank
from lessonbank.disk import JSONDisk
from lessonbank.errors import PickleRefused
from tests.lessonbank.records import lesson


class Bomb:
    """Unpickling it creates a file."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return io.open, (str(self.proof), "w")


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    return tmp_path / "it-ran"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Bank.open(tmp_path / "bank") as bank:
        bank.add(lesson())
    return tmp_path / "bank"


def plant(folder: Path, **columns: object) -> None:
    row = {
        "key": "lesson/planted",
        "raw": 1,
        "mode": 1,
        "filename": None,
        "value": None,
        "store_time": 0,
        **columns,
    }
    connection = sqlite3.connect(folder / DATABASE)
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    with connection:
        connection.execute(f"INSERT INTO Cache ({names}) VALUES ({marks})", tuple(row.values()))
    connection.close()


def use_everything(bank: Bank) -> None:
    assert bank.lessons() == [lesson()]
    assert bank.get("planted") is None
    assert bank.get(lesson().id) == lesson()
    bank.credits()
    bank.credit("planted")
    bank.verdicts_for("planted")
    bank.recall_verdict("planted")
    bank.pin("planted")
    bank.record_round([], language="python")
    assert bank.add(lesson("Another."))
    assert bank.forget(lesson("Another.").id)


def test_a_planted_pickle_is_reported_and_never_run(folder: Path, proof: Path) -> None:
    bomb = pickle.dumps(Bomb(proof))
    (folder / "bomb.val").write_bytes(bomb)
    plant(folder, mode=4, value=bomb)
    plant(folder, key="lesson/file", mode=4, filename="bomb.val")
    plant(folder, key="credit/planted", mode=4, value=bomb)
    plant(folder, key="verdict/planted:x", mode=4, value=bomb)
    plant(folder, key="tally/python", mode=4, value=bomb)
    plant(folder, key=bomb, raw=0, value="{}")
    with Bank.open(folder) as bank:
        use_everything(bank)
        # The tally was written anew; the other five are still there, untouched.
        problems = bank.problems()
    assert len(problems) == 5
    assert all("pickle" in problem for problem in problems)
    assert not proof.exists()


def test_the_planted_pickle_is_a_real_one(proof: Path) -> None:
    pickle.loads(pickle.dumps(Bomb(proof))).close()
    assert proof.exists()


def test_nothing_of_the_disk_reaches_the_code_that_pickles() -> None:
    # diskcache 5 names pickle in these methods of its Disk; each is overridden, and none calls its base.
    pickling = {
        name
        for name, method in vars(diskcache.Disk).items()
        if callable(method) and "pickle." in inspect.getsource(method)
    }
    assert pickling == {"put", "get", "store", "fetch"}
    assert pickling | {"remove"} <= vars(JSONDisk).keys()
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(disk))) if isinstance(node, ast.Attribute)]
    assert [node.attr for node in calls if isinstance(node.value, ast.Call)].count("__init__") == 1


@pytest.mark.parametrize(
    "planted",
    [
        {"mode": 3, "filename": "../../secret"},
        {"mode": 2, "filename": "/etc/hostname"},
        {"value": "{"},
        {"value": "[" * 100_000},
        {"value": "[1]"},
        {"value": "{}"},
        {"value": 3},
        {"value": b"bytes"},
        {"value": None},
        {"mode": 77},
    ],
    ids=str,
)
def test_a_record_that_cannot_be_read_is_set_aside(folder: Path, planted: dict[str, object]) -> None:
    plant(folder, **planted)
    with Bank.open(folder) as bank:
        use_everything(bank)
        problems = bank.problems()
        assert len(problems) == 1
        assert "lesson/planted" in problems[0]
        assert "set aside" in problems[0]
        assert bank.forget("planted")
        assert bank.problems() == []


def test_forgetting_a_planted_record_removes_no_file(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    plant(folder, mode=3, filename="../precious")
    with Bank.open(folder) as bank:
        assert bank.forget("planted")
    assert precious.read_text() == "kept"


def test_a_lesson_under_a_foreign_name_is_set_aside(folder: Path) -> None:
    plant(folder, value=disk.to_text(lesson("Mine.").to_json()))
    with Bank.open(folder) as bank:
        use_everything(bank)
        assert lesson("Mine.").id in bank.problems()[0]


def test_planted_settings_do_nothing(folder: Path, proof: Path) -> None:
    connection = sqlite3.connect(folder / DATABASE)
    settings = {
        "_disk": "x",
        "get": "x",
        "sqlite_temp_store_directory": "/",
        "sqlite_journal_mode": f"wal; ATTACH '{proof}' AS proof",
        "disk_pickle_protocol": b"\x80",
        "disk_nonsense": 1,
        "cull_limit": 10,
        "eviction_policy": "least-recently-stored",
        "size_limit": 1,
    }
    with connection:
        for item in settings.items():
            connection.execute("INSERT OR REPLACE INTO Settings VALUES (?, ?)", item)
    connection.close()
    with Bank.open(folder) as bank:
        use_everything(bank)
        for number in range(30):
            bank.add(lesson(f"Lesson {number}."))
        assert len(bank.lessons()) == 31
    assert not proof.exists()


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), float("nan"), {"a": b"x"}, {(1, 2): 3}], ids=lambda v: type(v).__name__
)
def test_only_what_json_can_say_is_written(folder: Path, value: object) -> None:
    with Bank.open(folder) as bank, pytest.raises(PickleRefused):
        bank.remember_verdict("target:x", {"value": value})


def test_the_disk_by_itself() -> None:
    mine = JSONDisk("unused")
    for value in ({"a": [1, None, "é\udc80"]}, "text", 3, True, None, b"\x00bytes"):
        size, mode, filename, kept = mine.store(value, False)
        assert (size, filename) == (0, None)
        assert mine.fetch(mode, filename, bytes(kept) if isinstance(value, bytes) else kept, False) == value
    assert mine.get(*mine.put("key")) == "key"
    with pytest.raises(PickleRefused):
        mine.put(("a", 1))
    with pytest.raises(PickleRefused):
        mine.get(b"\x80", False)
    with pytest.raises(PickleRefused):
        mine.store(io.BytesIO(b""), True)
