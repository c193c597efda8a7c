"""Several processes write at once, some of them are killed: nothing is lost, nothing is torn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from lessonbank.lesson import Lesson

# Prints the number of each step when it is on disk, and goes on until its input ends.
WRITER = """
import os, sys
from pathlib import Path
from lessonbank.bank import Bank
from lessonbank.credit import Showing
from lessonbank.outcome import Outcome
from tests.lessonbank.records import lesson

name, steps = sys.argv[2], int(sys.argv[3])
with Bank.open(Path(sys.argv[1])) as bank:
    for step in range(steps):
        bank.add(lesson(f"{name} {step} " + "x" * 5000))
        turn = Showing(lessons=("shared", name), outcome=Outcome.FASTER, speedup=2.0)
        bank.record_round([turn], language="python")
        bank.remember_verdict(f"target:{name}{step}", {"step": step})
        os.write(1, f"{step}\\n".encode())
"""


def writer(folder: Path, name: str, steps: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(folder), name, str(steps)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )


def done(output: bytes) -> int:
    """How many steps a writer said were on disk; a last line cut short by the kill does not count."""
    return output.count(b"\n")


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_writers_that_are_killed_lose_nothing_they_said_they_had_kept(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    victims = [writer(folder, f"victim{number}", 100_000) for number in range(2)]
    steady = writer(folder, "steady", 40)
    outputs = {}
    for number, victim in enumerate(victims):
        assert victim.stdout is not None
        # Kill it in the middle of its work: as soon as it has finished a number of steps.
        seen = b"".join(victim.stdout.readline() for _ in range(15 + 10 * number))
        victim.send_signal(signal.SIGKILL)
        outputs[f"victim{number}"] = seen + victim.stdout.read()
        victim.wait(timeout=30)
        victim.stdout.close()
    outputs["steady"], _ = steady.communicate(timeout=60)
    assert steady.returncode == 0

    with Bank.open(folder) as bank:
        assert bank.problems() == []
        lessons, credits_of = bank.lessons(), bank.credits()
        shown = 0
        for name, output in outputs.items():
            kept = [step_of(lesson) for lesson in lessons if lesson.text.startswith(f"{name} ")]
            # The step that the kill interrupted may be on disk, as a whole, or not.
            assert done(output) <= len(kept) <= done(output) + 1
            assert kept == list(range(len(kept)))
            assert done(output) <= credits_of[name].shown <= done(output) + 1
            assert {f"target:{name}{step}" for step in range(done(output))} <= bank.verdicts_for(
                "target"
            ).keys()
            shown += credits_of[name].shown
        assert credits_of["shared"].shown == bank.tally("python").turns == shown
        assert done(outputs["steady"]) == 40


def test_many_processes_open_one_new_bank_at_once(tmp_path: Path) -> None:
    writers = [writer(tmp_path / "bank", f"writer{number}", 5) for number in range(6)]
    for each in writers:
        output, _ = each.communicate(timeout=60)
        assert each.returncode == 0
        assert done(output) == 5
    with Bank.open(tmp_path / "bank") as bank:
        assert len(bank.lessons()) == 30
        assert bank.credit("shared").shown == 30


def step_of(lesson: Lesson) -> int:
    return int(lesson.text.split()[1])
