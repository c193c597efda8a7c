"""The clock on another process: what it counts, and what it leaves out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from paceline.judge.processors import Processors
from paceline.judge.stopwatch import Stopwatch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own books are Linux's")

_SERVANT = """
import sys, threading, time
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""

Ask = Callable[[str], tuple[float, float]]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Have another process run a statement; return what the stopwatch and the wall clock say it took."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVANT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as servant:
        assert servant.stdin is not None and servant.stdout is not None
        servant.stdout.readline()
        watch = Stopwatch(servant.pid)
        assert watch.sees_processor

        def run(statement: str) -> tuple[float, float]:
            watch.start()
            started = time.perf_counter()
            servant.stdin.write(statement + "\n")
            servant.stdin.flush()
            assert servant.stdout.readline() == "done\n"
            ended = time.perf_counter()
            return watch.seconds(ended), ended - started

        yield run
        servant.stdin.close()


def busy(seconds: float) -> str:
    return f"t = time.process_time(); all(time.process_time() - t < {seconds} for _ in iter(int, 1))"


def test_what_was_computed_counts(ask: Ask) -> None:
    seconds, _ = ask(busy(0.1))
    assert seconds == pytest.approx(0.1, rel=0.2)


def test_sleep_of_its_own_counts(ask: Ask) -> None:
    seconds, _ = ask("time.sleep(0.1)")
    assert seconds >= 0.09


def test_work_of_another_thread_counts(ask: Ask) -> None:
    work = f"other = threading.Thread(target=lambda: exec({busy(0.1)!r}, globals()))"
    seconds, _ = ask(f"{work}; other.start(); other.join()")
    assert seconds >= 0.09


def test_waiting_for_the_processor_does_not_count(ask: Ask) -> None:
    """Eight busy processes on the same processor make the wall time much longer, and only that."""
    processor = min(os.sched_getaffinity(0))
    loop = f"import os; os.sched_setaffinity(0, {{{processor}}})\nwhile True: pass"
    rivals = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(8)]
    try:
        ask(f"__import__('os').sched_setaffinity(0, {{{processor}}})")
        seconds, wall = ask(busy(0.1))
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
    assert seconds < wall / 2
    assert seconds == pytest.approx(0.1, rel=0.5)


def test_a_process_that_cannot_be_seen_is_timed_by_the_wall() -> None:
    watch = Stopwatch(None)
    watch.start()
    assert not watch.sees_processor
    assert watch.seconds(time.perf_counter() + 1.0) == pytest.approx(1.0, abs=0.5)


def test_launches_take_turns_on_processors_that_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1}, raising=False)
    looks = iter([{0: (0, 0), 1: (0, 0)}, {0: (5, 100), 1: (9, 100)}, {0: (9, 200), 1: (11, 200)}])
    monkeypatch.setattr("paceline.judge.processors._busy", lambda: next(looks))
    processors = Processors()
    assert [processors.quietest(0), processors.quietest(1)] == [0, 1]


def test_a_busy_processor_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1}, raising=False)
    looks = iter([{0: (0, 0), 1: (0, 0)}, {0: (95, 100), 1: (9, 100)}, {0: (190, 200), 1: (11, 200)}])
    monkeypatch.setattr("paceline.judge.processors._busy", lambda: next(looks))
    processors = Processors()
    assert [processors.quietest(0), processors.quietest(1)] == [1, 1]


def test_what_is_computed_after_the_answer_is_counted_apart() -> None:
    code = (
        "import sys, time\n"
        "sys.stdin.readline(); print('done', flush=True)\n"
        "while time.process_time() < 0.2: pass\n"
        "print('really', flush=True); sys.stdin.readline()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as liar:
        assert liar.stdin is not None and liar.stdout is not None
        watch = Stopwatch(liar.pid)
        watch.start()
        liar.stdin.write("go\n")
        liar.stdin.flush()
        liar.stdout.readline()
        watch.seconds(time.perf_counter())
        liar.stdout.readline()
        assert 0.05 < (watch.used_since() or 0.0) < 0.25
        liar.stdin.close()
