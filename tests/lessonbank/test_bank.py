from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from lessonbank.bank import DATABASE, Bank
from lessonbank.credit import Credit, Showing, Tally
from lessonbank.errors import BankUnavailable
from lessonbank.outcome import Outcome
from tests.lessonbank.records import lesson


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank.open(tmp_path / "home" / "bank")


def test_lessons_are_found_again_when_the_bank_is_opened_again(tmp_path: Path) -> None:
    first, second = lesson("One."), lesson("Two.", language="c", category="loops")
    with Bank.open(tmp_path) as bank:
        assert bank.add(first)
        assert bank.add(second)
    with Bank.open(tmp_path) as bank:
        assert bank.lessons() == [first, second]
        assert bank.lessons(language="c") == bank.lessons(category="loops") == [second]
        assert bank.lessons(language="c", category="membership") == []
        assert bank.get(first.id) == first
        assert bank.get("unknown") is None
        assert bank.problems() == []


def test_a_lesson_learnt_again_is_one_lesson_with_the_latest_evidence(bank: Bank) -> None:
    assert bank.add(lesson(speedup=2.0))
    assert not bank.add(lesson(speedup=3.0))
    assert [found.evidence.speedup for found in bank.lessons()] == [3.0]


def test_learning_again_keeps_what_a_newer_version_wrote(bank: Bank) -> None:
    bank.add(replace(lesson(), unknown={"mood": "good", "evidence": {"energy_j": 1}}))
    bank.add(lesson(speedup=3.0))
    assert bank.lessons()[0].unknown == {"mood": "good", "evidence": {"energy_j": 1}}


def test_forgetting_takes_the_credit_along(bank: Bank) -> None:
    bank.add(lesson())
    assert bank.pin(lesson().id)
    assert bank.forget(lesson().id)
    assert not bank.forget(lesson().id)
    assert bank.lessons() == []
    bank.add(lesson())
    assert not bank.credit(lesson().id).pinned


def test_where_it_was_learnt_stands_beside_a_lesson_and_never_in_it(bank: Bank) -> None:
    bank.add(lesson(), place="secret/plans/a.py")
    assert bank.places() == {lesson().id: "secret/plans/a.py"}
    assert bank.lessons() == [lesson()]
    assert "secret" not in json.dumps([one.to_json() for one in bank.lessons()])
    bank.add(lesson(speedup=3.0))
    assert bank.places() == {lesson().id: "secret/plans/a.py"}, "nothing is known to be otherwise"
    bank.add(lesson(), place="moved.py")
    assert bank.places() == {lesson().id: "moved.py"}
    assert bank.forget(lesson().id)
    assert bank.places() == {}


def test_lessons_from_before_places_were_kept_have_none(bank: Bank) -> None:
    bank.add(lesson())
    bank._cache.set("place/of-another", ["no object"])
    assert bank.places() == {}
    [problem] = bank.problems()
    assert "place/of-another" in problem


def test_pinning(bank: Bank) -> None:
    bank.add(lesson())
    assert bank.pin(lesson().id)
    assert bank.credit(lesson().id) == bank.credits()[lesson().id] == Credit(pinned=True)
    assert bank.pin(lesson().id, False)
    assert not bank.credit(lesson().id).pinned
    assert not bank.pin("unknown")
    assert bank.credit("unknown") == Credit()


def test_a_round_is_credited_by_the_published_rule(bank: Bank) -> None:
    strong, weak = lesson("Strong.", speedup=5.0), lesson("Weak.", speedup=1.2)
    bank.add(strong)
    bank.add(weak)
    both = (strong.id, weak.id)
    bank.record_round(
        [
            Showing(lessons=both, outcome=Outcome.FASTER, speedup=3.0, context="membership"),
            Showing(lessons=both, outcome=Outcome.WRONG, context="loops"),
            Showing(lessons=(weak.id,), outcome=Outcome.NOT_PROVEN_FASTER, speedup=1.0, context="loops"),
            Showing(lessons=(), outcome=Outcome.FASTER, speedup=2.0),
            Showing(lessons=both, outcome=None),
        ],
        language="python",
    )
    first, second = bank.credit(strong.id), bank.credit(weak.id)
    assert (first.shown, first.helped, first.hurt) == (2, 1, 1)
    assert first.factor == pytest.approx(0.9)
    assert first.contexts == {"membership": (1, 1), "loops": (1, 0)}
    assert (second.shown, second.helped, second.hurt) == (3, 1, 1)
    assert second.factor == pytest.approx((1.1 + 0.9 + 0.9) / 3)
    assert first.last_shown is not None
    assert bank.tally("python") == Tally(turns=4, faster=2)
    assert bank.tally("c") == Tally()


def test_verdicts_are_found_by_key_and_by_target(bank: Bank) -> None:
    record = {"outcome": "wrong", "reason": "é\udc80"}
    bank.remember_verdict("aa:1", record)
    bank.remember_verdict("aa:2", {})
    bank.remember_verdict("aab:3", {"outcome": "faster"})
    assert bank.recall_verdict("aa:1") == record
    assert bank.recall_verdict("aa:9") is None
    assert bank.verdicts_for("aa") == {"aa:1": record, "aa:2": {}}
    assert bank.verdicts_for("a") == {}
    bank.remember_verdict("aa:1", {"outcome": "faster"})
    assert bank.recall_verdict("aa:1") == {"outcome": "faster"}


def test_an_ephemeral_bank_is_gone_when_it_is_closed() -> None:
    with Bank.ephemeral() as bank:
        bank.add(lesson())
        assert bank.lessons() == [lesson()]
        folder = bank.folder
    assert not folder.exists()
    left = Bank.ephemeral()
    folder = left.folder
    del left
    assert not folder.exists()


def test_several_threads_use_one_bank(bank: Bank) -> None:
    def work(number: int) -> None:
        for step in range(10):
            bank.add(lesson(f"{number} {step}"))
            turn = Showing(lessons=("shared",), outcome=Outcome.FASTER, speedup=1.0)
            bank.record_round([turn], language="python")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bank.lessons()) == 40
    assert bank.credit("shared").shown == bank.tally("python").turns == 40


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    folder.mkdir(mode=0o755)
    with Bank.open(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_bank_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BankUnavailable, match=r"file.*PACELINE_HOME"):
        Bank.open(tmp_path / "file" / "bank")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / DATABASE).write_bytes(b"no database" * 100)
    with pytest.raises(BankUnavailable, match=f"damaged: move {DATABASE}"):
        Bank.open(damaged)


def test_a_path_that_would_be_expanded_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BankUnavailable, match="PACELINE_HOME"):
        Bank.open(tmp_path / "$HOME" / "bank")
    assert not (tmp_path / "$HOME").exists()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners are POSIX")
def test_another_users_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(BankUnavailable, match="another user"):
        Bank.open(tmp_path)


def test_a_full_disk_is_said_and_what_is_banked_stays(bank: Bank) -> None:
    bank.add(lesson("Kept."))
    connection = bank._cache._con
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(BankUnavailable, match="make room"):
        bank.add(lesson("x" * 100_000))
    connection.execute("PRAGMA max_page_count = 1000000")
    assert bank.lessons() == [lesson("Kept.")]
    assert bank.add(lesson("After."))


def test_a_read_only_bank_is_said_and_can_be_read(bank: Bank) -> None:
    bank.add(lesson())
    bank._cache._con.execute("PRAGMA query_only = ON")
    for write in (
        lambda: bank.add(lesson("New.")),
        lambda: bank.record_round([], language="python"),
        lambda: bank.remember_verdict("a:b", {}),
        lambda: bank.forget(lesson().id),
    ):
        with pytest.raises(BankUnavailable, match="writable for you"):
            write()
    assert bank.lessons() == [lesson()]


def test_a_writer_that_never_ends_does_not_hold_us_for_good(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.add(lesson())
    bank._cache._con.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(bank.folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BankUnavailable, match="another process"):
        bank.add(lesson("New."))
    assert bank.lessons() == [lesson()]
    other.execute("ROLLBACK")
    assert bank.add(lesson("New."))


def test_a_folder_that_vanishes_is_said(tmp_path: Path) -> None:
    bank = Bank.open(tmp_path / "bank")
    bank.close()
    (tmp_path / "bank").rename(tmp_path / "elsewhere")
    with pytest.raises(BankUnavailable):
        bank.lessons()
    with pytest.raises(BankUnavailable):
        bank.add(lesson())
