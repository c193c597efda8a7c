"""Originals that do not do the same twice: made to, or told why not, with the one thing to do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from paceline.judge.python import static
from paceline.judge.python.worker import clock as worker_clock
from paceline.judge.verdict import Checks, Outcome, Verdict
from tests.judge.test_loading import interpreters

CAUSES = {
    "the order of a set": (
        "def f(words: list[str]):\n    return list(set(words))\n",
        "the order of a set decides what it does",
        "sort where the order matters",
    ),
    "a set and a clock": (
        "import time\n\ndef f(words: list[str]):\n    return time.time(), list(set(words))\n",
        "the order of a set decides",
        "sort where the order matters",
    ),
    "a random identifier": (
        "import uuid\n\ndef f(items: list[int]):\n    return str(uuid.uuid4()), items\n",
        "it draws from the system's randomness (uuid4)",
        "pass what is drawn in as an argument",
    ),
    "random bytes": (
        "import os\n\ndef f(items: list[int]):\n    return os.urandom(4), items\n",
        "it draws from the system's randomness (urandom)",
        "pass what is drawn in as an argument",
    ),
    "an address": (
        "class Thing:\n    pass\n\ndef f(items: list[int]):\n    return [repr(Thing()), *items]\n",
        "a memory address shows in what it gives back",
        "leave it out",
    ),
    "an identity": (
        "def f(items: list[int]):\n    return id(items)\n",
        "it depends on where objects lie in memory (id)",
        "use something of the object's value instead",
    ),
    "waiting": (
        "import time\n\ndef f(n: int):\n    end = time.monotonic() + 0.001\n    n = 0\n"
        "    while time.monotonic() < end:\n        n += 1\n    return n\n",
        "it waits for a clock to go on",
        "pass the time in as an argument",
    ),
}


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
async def test_the_cause_is_named_with_what_to_do(cause: tuple[str, str, str], judging) -> None:
    module, words, do = cause
    async with judging(module, "f") as bench:
        prepared = await bench.judge.prepare()
    assert isinstance(prepared, Verdict)
    assert prepared.outcome is Outcome.CANNOT_JUDGE
    assert words in prepared.reason
    assert prepared.reason.endswith(f"; {do}")


async def test_inputs_on_which_a_set_decides_are_left_out_and_told(judging) -> None:
    module = (
        "def f(words: list[str]):\n"
        "    if 2 <= len(words) <= 4:\n"
        "        return list(set(words))\n"
        "    return sorted(words)\n"
    )
    async with judging(module, "f") as bench:
        prepared = await bench.judge.prepare()
        wrong = await bench.ask(module.replace("sorted(words)", "list(words)"))
    assert isinstance(prepared, Checks)
    assert any("inputs left out: the order of a set decides" in note for note in prepared.notes)
    assert wrong.outcome is Outcome.WRONG


CLOCKED = "import time\n\ndef f(items: list[int]):\n    return time.time(), sum(items)\n"


async def test_a_standing_clock_is_told(judging) -> None:
    async with judging(CLOCKED, "f") as bench:
        prepared = await bench.judge.prepare()
    assert isinstance(prepared, Checks)
    assert prepared.notes[0] == "Judged with a clock that stands still, because the original reads it."


async def test_a_standing_clock_can_still_not_be_patched(judging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "reject", lambda target, replacement: None)
    patch = "time.time = lambda: 1_704_164_645.25"
    patching = CLOCKED.partition("\n\n")[2].replace("return", f"{patch}\n    return")
    async with judging(CLOCKED, "f") as bench:
        verdict = await bench.ask(patching)
    assert verdict.outcome is Outcome.TAMPERED, verdict.reason
    assert "time.time was patched" in verdict.reason


async def test_a_function_that_never_ends_while_the_clock_stands_is_ended(judging) -> None:
    endless = "def f(items: list[int]):\n    while time.time():\n        pass\n"
    async with judging(CLOCKED, "f", max_check_s=2.0) as bench:
        verdict = await bench.ask(endless)
    assert verdict.outcome is Outcome.TIMED_OUT, verdict.reason


PROGRAM = """
import asyncio, sys, time
sys.path.insert(0, sys.argv[1])
real = time.perf_counter
import clock
clock.freeze()
import datetime as dt
from datetime import date, datetime
for name in ("time", "time_ns", "monotonic", "perf_counter", "process_time_ns"):
    assert getattr(time, name)() == getattr(time, name)(), name
assert time.time() == clock.SECONDS and time.time_ns() == int(clock.SECONDS * 10**9)
assert time.gmtime() == time.gmtime(clock.SECONDS) and time.ctime() == time.ctime(clock.SECONDS)
assert time.strftime("%Y %H:%M:%S") == time.strftime("%Y %H:%M:%S", time.localtime())
now = datetime.now()
assert now is not None and datetime.now() == now and datetime.today() == now and date.today() == now.date()
assert datetime.now(dt.timezone.utc).timestamp() == clock.SECONDS == now.timestamp()
made = datetime(2020, 1, 2)
assert isinstance(made, datetime) and isinstance(made, date) and issubclass(datetime, date)
assert type(made) is type(now) is type(made + dt.timedelta(1)) is not datetime
assert not isinstance(date(2020, 1, 2), datetime) and isinstance(datetime.strptime("2020", "%Y"), datetime)
assert datetime.fromisoformat("2020-01-02").isoformat() == "2020-01-02T00:00:00"
class Mine(datetime):
    def week(self):
        return self.isocalendar()[1]
assert type(Mine(2020, 1, 2)) is Mine and Mine(2020, 1, 2).week() == 1 and type(Mine.now()) is Mine
clock.spare_what_waits()
start = real()
asyncio.run(asyncio.sleep(0.01))
time.sleep(0.001)
assert real() > start
print("stands")
"""


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: path.parts[-3])
def test_the_clock_stands_on_every_interpreter(python: Path) -> None:
    folder = Path(worker_clock.__file__).parent
    # The folder holds modules with the names of others, as it does where the worker stands.
    ran = subprocess.run(
        [python, "-c", PROGRAM, folder], capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.stdout == "stands\n", ran.stderr
