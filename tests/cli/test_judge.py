from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from paceline.judge.verdict import Outcome, Verdict
from tests.cli.conftest import Ran
from tests.cli.scripted_engine import ScriptedEngine, faster, wrong

Run = Callable[..., Ran]
Script = Callable[[ScriptedEngine], ScriptedEngine]

FIELDS = {
    "schema",
    "outcome",
    "reason",
    "speedup",
    "low",
    "high",
    "confidence",
    "sizes",
    "checks",
    "counterexample",
    "elapsed_s",
}


@pytest.fixture
def candidate(workspace: Path) -> Path:
    file = workspace / "candidate.py"
    file.write_text("def total(prices: list[int]) -> int:\n    return sum(prices)\n")
    return file


def test_json_of_a_faster_candidate(candidate: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine(verdict=faster(3.0)))
    ran = run("judge", "shop.py::total", "--candidate", str(candidate), "--json")
    assert (ran.status, ran.err) == (0, "")
    assert set(ran.json) == FIELDS
    assert ran.json["outcome"] == "faster"
    assert ran.json["counterexample"] is None
    assert [size["elements"] for size in ran.json["sizes"]] == [10, 1000]
    assert set(ran.json["sizes"][0]) == {
        "label",
        "elements",
        "speedup",
        "low",
        "high",
        "original_s",
        "candidate_s",
    }


def test_json_of_a_wrong_candidate(candidate: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine(verdict=wrong()))
    ran = run("judge", "shop.py::total", "--candidate", str(candidate), "--json")
    assert ran.status == 0
    assert set(ran.json) == FIELDS
    assert ran.json["counterexample"] == {
        "call": "total([1, 1])",
        "expected": "2",
        "got": "1",
        "difference": "result",
    }
    assert ran.json["speedup"] is None
    assert ran.json["sizes"] == []


def test_a_person_reads_the_verdict_and_what_it_rests_on(candidate: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine(verdict=faster(3.0)))
    out = run("judge", "shop.py::total", "--candidate", str(candidate)).out
    assert out.startswith("faster  shop.py::total")
    for words in (
        "95% confidence interval",
        "over 5 launches",
        "no difference in 74 inputs",
        "isolation: bubblewrap",
    ):
        assert words in " ".join(out.split())
    script(ScriptedEngine(verdict=wrong()))
    out = run("judge", "shop.py::total", "--candidate", str(candidate)).out
    assert "total([1, 1])" in out
    assert "no difference" not in out


def test_cannot_judge_is_an_answer(candidate: Path, run: Run, script: Script) -> None:
    reason = "No input was found: add a test that calls total."
    script(ScriptedEngine(verdict=Verdict(outcome=Outcome.CANNOT_JUDGE, reason=reason)))
    ran = run("judge", "shop.py::total", "--candidate", str(candidate))
    assert ran.status == 0
    assert reason in ran.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"def total(prices):\n    return sum(prices\n", "candidate.py:2: does not parse"),
        (b"x = 1\ndef total(prices) return 1\n", "candidate.py:2: does not parse"),
        (b"def total(prices):\n    return '\xff'\n", "candidate.py:2: is not UTF-8"),
        (b"I would use a set.\n", "the text has to hold total as whole, valid Python"),
        (b"def other(costs):\n    return sum(costs)\n", "total"),
        (b"", "total"),
    ],
)
def test_a_candidate_that_is_no_replacement_names_the_file(
    candidate: Path, run: Run, script: Script, content: bytes, words: str
) -> None:
    script(ScriptedEngine())
    candidate.write_bytes(content)
    ran = run("judge", "shop.py::total", "--candidate", str(candidate), "--json")
    assert (ran.status, ran.out) == (2, "")
    assert "candidate.py" in ran.err
    assert words in ran.err
    assert ran.err.count("\n") == 1


def test_unusable_requests(candidate: Path, run: Run, script: Script) -> None:
    script(ScriptedEngine())
    assert run("judge", "shop.py::total", "--candidate", "nowhere.py").status == 2
    without_name = run("judge", "shop.py", "--candidate", str(candidate))
    assert without_name.status == 2
    assert "shop.py::function" in without_name.err
    assert run("judge", "shop.py::total").status == 2


ANSWER = """Sure! Here is a faster version:

```python
def total_fast(prices: list[int]) -> int:
    return sum(prices)
```

Hope this helps.
"""


def test_an_answer_may_be_pasted_as_it_is(
    workspace: Path, run: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = script(ScriptedEngine(verdict=faster(3.0)))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ANSWER.replace("\n", "\r\n").encode())))
    ran = run("judge", "shop.py::total", "--candidate", "-", "--json")
    assert ran.status == 0
    assert ran.json["outcome"] == "faster"
    assert ran.err == "paceline: note: total_fast was taken to be total: its parameters are the same\n"
    assert engine.judged[0].definition.startswith("def total(prices: list[int]) -> int:")


def test_a_script_is_written_beside_the_verdict(
    workspace: Path, candidate: Path, run: Run, script: Script
) -> None:
    script(ScriptedEngine(verdict=faster(3.0), text="print('again')\n"))
    ran = run("judge", "shop.py::total", "--candidate", str(candidate), "--script", "again.py", "--json")
    assert ran.status == 0
    assert ran.json["outcome"] == "faster"
    assert "wrote again.py" in ran.err
    assert (workspace / "again.py").read_text() == "print('again')\n"


def test_where_no_script_can_be_written_it_is_said(
    workspace: Path, candidate: Path, run: Run, script: Script
) -> None:
    script(ScriptedEngine(verdict=Verdict(outcome=Outcome.TAMPERED, reason="it looks at its caller")))
    asked = ("judge", "shop.py::total", "--candidate", str(candidate), "--script")
    ran = run(*asked, "again.py")
    assert ran.status == 0
    assert "again.py: not written" in ran.err
    assert not (workspace / "again.py").exists()
    script(ScriptedEngine(verdict=faster(3.0), text='"""Again.\n\nWritten by Paceline 0.\n"""\n'))
    assert run(*asked, "nowhere/again.py").status == 2
    assert run(*asked, "again.py").status == 0
    assert run(*asked, "again.py").status == 0


def test_a_script_does_not_take_the_place_of_another_file(
    workspace: Path, candidate: Path, run: Run, script: Script
) -> None:
    engine = script(ScriptedEngine(verdict=faster(3.0), text="x"))
    before = (workspace / "shop.py").read_text()
    ran = run("judge", "shop.py::total", "--candidate", str(candidate), "--script", "shop.py")
    assert ran.status == 2
    assert "shop.py: is there already" in ran.err
    assert (workspace / "shop.py").read_text() == before
    assert not engine.judged
