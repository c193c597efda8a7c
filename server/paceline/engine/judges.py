"""What a run needs of a judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from paceline.judge.verdict import Checks, Verdict
from paceline.syntax.target import HotLine, Replacement


class Judge(Protocol):
    """One per target; implemented once for each language family."""

    async def prepare(self) -> Checks | Verdict:
        """Find inputs and run the original on them. A verdict means that nothing can be judged."""
        ...

    async def judge(self, replacement: Replacement, *, on_stage: Callable[[str, str], None]) -> Verdict:
        """Judge one rewrite. Calls ``on_stage(stage, detail)`` as it goes along."""
        ...

    async def close(self) -> None:
        """End every process."""
        ...


@runtime_checkable
class Profiling(Protocol):
    """A judge that can say where its original spends its time."""

    async def hot_lines(self) -> tuple[HotLine, ...]:
        """Return the lines that take most of the time, the hottest first; nothing where it cannot see."""
        ...
