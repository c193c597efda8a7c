"""The hot lines of an original: evidence for members that write rewrites, never for a verdict."""

from __future__ import annotations

from paceline.judge.python.check import load_failure
from paceline.judge.python.client import Worker
from paceline.syntax.target import HotLine, Target

MOST_LINES = 6
LEAST_SHARE = 0.05
_BUDGET_S = 0.3
_LIMIT_S = 3.0
"""A call that is traced takes many times as long."""
_CALLS = 20


async def hot_lines(worker: Worker, target: Target, *, inputs: bytes, kind: str) -> tuple[HotLine, ...]:
    """Return the lines that take most of the time, the hottest first. Raises WorkerEnded and WorkerTimedOut.

    The worker is new, and of no other use afterwards.
    """
    if await load_failure(worker, target.module) is not None:
        return ()
    answer = await worker.ask(
        "hot",
        {
            "file": str(target.file.absolute()),
            "first": target.start_line,
            "last": target.end_line,
            "kind": kind,
            "calls": _CALLS,
            "budget_s": _BUDGET_S,
            "limit_s": _LIMIT_S,
        },
        [inputs],
        limit_s=_LIMIT_S + 2,
    )
    return read_hot_lines(answer.head, target)


def read_hot_lines(said: object, target: Target) -> tuple[HotLine, ...]:
    """Read what a worker says of hot lines; whatever is not in its form counts as nothing."""
    source = target.source.splitlines()
    try:
        assert isinstance(said, dict)
        calls = int(said["calls"])
        lines = [(int(line), float(spent), int(count)) for line, spent, count in said["lines"]]
    except (AssertionError, KeyError, TypeError, ValueError, OverflowError):
        return ()
    lines = [
        (line - target.start_line + 1, spent, count)
        for line, spent, count in lines
        if target.start_line <= line <= target.end_line and spent >= 0 and count >= 0
    ]
    lines = [one for one in lines if 0 < one[0] <= len(source)]
    whole = sum(spent for _, spent, _ in lines)
    if calls < 1 or not 0 < whole < float("inf"):
        return ()
    hottest = sorted(lines, key=lambda one: one[1], reverse=True)
    return tuple(
        HotLine(line=line, text=source[line - 1].strip(), share=spent / whole, executions=count / calls)
        for line, spent, count in hottest[:MOST_LINES]
        if spent / whole >= LEAST_SHARE
    )
