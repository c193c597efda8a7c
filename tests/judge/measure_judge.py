"""How often the judge says faster where nothing is, how often it finds what is there, and how long it takes.

    python -m tests.judge.measure_judge [COMPARISONS]

Prints one line a function: the same function against itself, and against rewrites of known gain.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from paceline.judge import PythonJudge
from paceline.judge.options import DefaultOptions, DefaultRecordingOptions
from paceline.judge.sandbox import require_isolation
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement
from paceline.syntax.targets import target_named

FUNCTIONS = {
    "quadratic": """def f(items: list[int]):
    seen = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen
""",
    "text": """def f(text: str):
    out = ""
    for word in text.split():
        out = out + word.capitalize() + " "
    return out
""",
    "numbers": """def f(n: int):
    total = 0
    for i in range(abs(n) % 2000):
        total += i * i % 7
    return total
""",
    "dict": """def f(words: list[str]):
    found = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found
""",
}
WORK = """def f(items: list[int]):
    total = 0
    for _ in range({rounds}):
        for item in items:
            total += item
    return total // {rounds}
"""
GAINS = {"2x": (20, 10), "1.25x": (20, 16), "1.11x": (20, 18), "slower 0.8x": (16, 20)}


async def outcomes(original: str, candidate: str, times: int) -> tuple[Counter[str], list[float]]:
    """Judge the pair so many times, each with inputs and processes of its own."""
    counted: Counter[str] = Counter()
    seconds: list[float] = []
    for seed in range(1, times + 1):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "work.py"
            path.write_text(original)
            target = target_named(Snapshot.open(path, original.encode()), "f")
            judge = PythonJudge(
                target,
                root=path.parent,
                python=Path(sys.executable),
                settings=DefaultOptions(tests=DefaultRecordingOptions(enable=False)),
                isolation=require_isolation(allow_unsandboxed=True),
                seed=seed,
            )
            try:
                await judge.prepare()
                verdict = await judge.judge(Replacement(definition=candidate))
            finally:
                await judge.close()
        counted[verdict.outcome.value] += 1
        seconds.append(verdict.elapsed_s)
    return counted, seconds


def shown(name: str, counted: Counter[str], seconds: list[float]) -> str:
    """Return one line of the report."""
    return f"{name:>12}: {dict(counted)}, median {statistics.median(seconds):.2f} s a verdict"


async def main() -> None:
    """Run every comparison and print what came of it."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print("the same function against itself")
    for name, source in FUNCTIONS.items():
        print(shown(name, *await outcomes(source, source, times)), flush=True)
    print("rewrites of known gain")
    for name, (before, after) in GAINS.items():
        slow = WORK.format(rounds=before)
        quick = WORK.format(rounds=after)
        print(shown(name, *await outcomes(slow, quick, times)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
