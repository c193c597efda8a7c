"""The clock on another process: what it counts, and what it leaves out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from paceline.judge.processors import Processors
from paceline.judge.stopwatch import Stopwatch, Took

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own books are Linux's")

_SERVANT = """
import sys, threading, time
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""

Ask = Callable[[str], Took]


@contextmanager
def watched(code: str) -> Iterator[tuple[subprocess.Popen[str], Stopwatch]]:
    """Run a Python program as the only child of a shell, as a worker is the only one of its sandbox."""
    with subprocess.Popen(
        ["/bin/sh", "-c", '"$@"; true', "sh", sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as shell:
        assert shell.stdin is not None and shell.stdout is not None
        assert shell.stdout.readline() == "ready\n"
        children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()
        yield shell, Stopwatch(int(children[0]), shell.pid)
        shell.stdin.close()


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Have another process run a statement; return what the stopwatch says it took."""
    with watched(_SERVANT) as (servant, watch):

        def run(statement: str) -> Took:
            watch.start()
            servant.stdin.write(statement + "\n")
            servant.stdin.flush()
            assert servant.stdout.readline() == "done\n"
            return watch.took(time.perf_counter())

        yield run


def busy(seconds: float) -> str:
    return f"t = time.process_time(); all(time.process_time() - t < {seconds} for _ in iter(int, 1))"


def test_what_was_computed_counts(ask: Ask) -> None:
    took = ask(busy(0.1))
    assert took.is_sure
    assert took.seconds == pytest.approx(0.1, rel=0.2)


def test_sleep_of_its_own_counts(ask: Ask) -> None:
    assert ask("time.sleep(0.1)").seconds >= 0.09


def test_work_of_another_thread_counts(ask: Ask) -> None:
    work = f"other = threading.Thread(target=lambda: exec({busy(0.1)!r}, globals()))"
    assert ask(f"{work}; other.start(); other.join()").seconds >= 0.09


def test_where_another_process_may_do_the_work_the_wall_counts(ask: Ask) -> None:
    ask("import os; child = os.fork() or time.sleep(0.2) or os._exit(0)")
    took = ask("time.sleep(0.1)")
    assert not took.is_sure
    assert took.seconds == took.wall >= 0.09


def test_what_ended_children_have_used_is_known() -> None:
    code = _SERVANT.replace("exec(line)", "exec(line, globals())")
    with watched(code) as (servant, watch):
        work = "t = time.process_time(); all(time.process_time() - t < 0.1 for _ in iter(int, 1))"
        servant.stdin.write(f"import os; os.waitpid(os.fork() or (exec({work!r}), os._exit(0)), 0)\n")
        servant.stdin.flush()
        servant.stdout.readline()
        assert watch.of_children() == pytest.approx(0.1, abs=0.05)
        assert not watch.has_company()


def test_waiting_for_the_processor_does_not_count(ask: Ask) -> None:
    """Eight busy processes on the same processor make the wall time much longer, and only that."""
    processor = min(os.sched_getaffinity(0))
    loop = f"import os; os.sched_setaffinity(0, {{{processor}}})\nwhile True: pass"
    rivals = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(8)]
    try:
        ask(f"__import__('os').sched_setaffinity(0, {{{processor}}})")
        took = ask(busy(0.1))
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
    assert took.seconds < took.wall / 2
    assert took.seconds == pytest.approx(0.1, rel=0.5)


def test_a_process_that_cannot_be_seen_is_timed_by_the_wall() -> None:
    watch = Stopwatch(None, None)
    watch.start()
    took = watch.took(time.perf_counter() + 1.0)
    assert not took.is_sure
    assert took.seconds == pytest.approx(1.0, abs=0.5)


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
        "print('ready', flush=True)\n"
        "sys.stdin.readline(); print('done', flush=True)\n"
        "while time.process_time() < 0.2: pass\n"
        "print('really', flush=True); sys.stdin.readline()\n"
    )
    with watched(code) as (liar, watch):
        watch.start()
        liar.stdin.write("go\n")
        liar.stdin.flush()
        liar.stdout.readline()
        watch.took(time.perf_counter())
        liar.stdout.readline()
        assert 0.05 < (watch.used_since() or 0.0) < 0.25
