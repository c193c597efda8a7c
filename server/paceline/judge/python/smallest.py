"""The look for the smallest failing input: smaller ones are tried on original and candidate until none fails.

Only inputs are taken that show the same kind of difference, on which the original ends in the same way (so
that what no caller would pass is not taken for a counterexample), and on which it agrees with itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from paceline.judge.python import observations
from paceline.judge.python.shrink import smaller_inputs

LOOKING_S = 1.0
_MOST_TRIES = 1200
_BATCH = 40
_BATCH_S = 0.15
"""What one batch may take, judged by what the last one took."""

Input = Mapping[str, Any]


class Seen(NamedTuple):
    """What became of one try: the observation, or why it tells nothing."""

    text: bytes
    usable: str
    timed_out: bool
    seconds: float


Observe = Callable[[Sequence[Input]], Awaitable[Sequence[Seen]]]
"""Runs inputs in one process. Fewer answers than inputs mean that the process has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """An input on which the two differ, and how."""

    given: Input
    difference: observations.Difference
    expected: bytes
    """The original's observation."""


class Kind(NamedTuple):
    """What has to stay the same for a smaller input to show the same bug."""

    part: str
    original_raises: str
    candidate_raises: str


async def smallest(
    given: Input,
    kind: Kind,
    *,
    original: Observe,
    candidate: Observe,
    tolerance: float,
    fewest: int | None = None,
    seconds: float = LOOKING_S,
) -> Failing | None:
    """Return the smallest input found that fails in the same way, None where nothing smaller does.

    Ends after ``seconds``, or so many tries, with what it has.
    """
    best: Failing | None = None
    end = time.monotonic() + seconds
    tries = 0
    call_s = _BATCH_S / _BATCH
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds + _BATCH_S):
            waiting = await _smaller(given, fewest)
            while waiting and tries < _MOST_TRIES and time.monotonic() < end:
                count = max(2, min(_BATCH, int(_BATCH_S / max(call_s, 1e-9))))
                batch, waiting = waiting[:count], waiting[count:]
                tries += len(batch)
                expected, got = await asyncio.gather(original(batch), candidate(batch))
                call_s = max((seen.seconds for seen in (*expected, *got)), default=0.0)
                found = _first(batch, expected, got, kind, tolerance)
                if found is not None:
                    best = found
                    waiting = await _smaller(found.given, fewest)
                elif len(expected) < len(batch) or len(got) < len(batch):
                    break
    return best


def kind_of(expected: bytes, got: bytes, different: observations.Difference) -> Kind:
    """Return what a smaller input has to show too."""
    return Kind(different.part, observations.raised(expected), observations.raised(got))


async def _smaller(given: Input, fewest: int | None) -> list[dict[str, Any]]:
    # A language server runs beside this: making the variants of a large input takes a while.
    return await asyncio.to_thread(smaller_inputs, given, fewest=fewest)


def _first(
    batch: Sequence[Input], expected: Sequence[Seen], got: Sequence[Seen], kind: Kind, tolerance: float
) -> Failing | None:
    """Return the first of a batch that fails in the same way: the batch is sorted, smallest first."""
    for given, ours, theirs in zip(batch, expected, got, strict=False):
        if ours.usable or ours.timed_out or theirs.usable or theirs.timed_out:
            continue
        different = observations.difference(ours.text, theirs.text, tolerance=tolerance)
        if different is not None and kind_of(ours.text, theirs.text, different) == kind:
            return Failing(given=given, difference=different, expected=ours.text)
    return None
