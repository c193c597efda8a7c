"""The memory of another process, watched from outside it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from paceline.judge.memory import PeakMemory
from paceline.judge.verdict import Memory

MIB = 1024 * 1024

_SERVANT = """
import sys
block = bytearray(60 << 20)
del block
print("ready", flush=True)
sys.stdin.readline()
block = bytearray(30 << 20)
del block
print("done", flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own books are Linux's")
def test_the_peak_counts_from_when_it_was_asked_for() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SERVANT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as servant:
        assert servant.stdin is not None and servant.stdout is not None
        servant.stdout.readline()
        memory = PeakMemory(servant.pid)
        memory.start()
        servant.stdin.write("\n")
        servant.stdin.flush()
        servant.stdout.readline()
        growth = memory.growth()
        servant.stdin.write("\n")
    assert growth is not None
    assert 28 * MIB <= growth <= 40 * MIB


def test_a_process_that_cannot_be_seen_has_no_memory() -> None:
    memory = PeakMemory(None)
    memory.start()
    assert memory.growth() is None


@pytest.mark.parametrize(
    ("original", "candidate", "much"),
    [
        (0, 0, False),
        (0, 900_000, False),
        (0, 3 * MIB, True),
        (10 * MIB, 20 * MIB, False),
        (MIB, 9 * MIB, True),
    ],
)
def test_what_the_allocator_does_is_no_difference(original: int, candidate: int, much: bool) -> None:
    assert Memory(original=original, candidate=candidate).is_much_more is much


@pytest.mark.slow
async def test_a_rewrite_that_takes_much_more_memory_is_seen_to(judging) -> None:
    # Some ten times what is asked for, however many of them this machine makes in the time of a sample.
    module = """
    def f(n: int) -> int:
        total = 0
        for i in range(n):
            total += len(str(i) * 400)
        return total
    """
    async with judging(module, "f", minimum_gain=0.01) as bench:
        verdict = await bench.ask(
            "def f(n: int) -> int:\n    return sum(map(len, [str(i) * 400 for i in range(n)]))\n"
        )
    timing = verdict.evidence.timing
    assert timing is not None and timing.memory is not None
    assert timing.memory.is_much_more
