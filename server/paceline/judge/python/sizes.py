"""Input sizes for timing, grown until the original takes long enough to be measured, and their inputs."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paceline.judge.python.check import Input
from paceline.judge.python.client import Worker, WorkerEnded, WorkerTimedOut

LADDER = (8, 32, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072)
"""Elements tried, smallest first."""

_LONG_ENOUGH_S = 0.001
"""A call of the original at the headline size, where it can be reached."""
_LONGEST_S = 0.4
_HEADLINE_BLOCK_S = 0.009
_BLOCK_S = 0.006
MOST_CALLS = 20_000
"""In one block."""
_MOST_DISTINCT = 96
_FEWEST_DISTINCT = 24
_LEAST_DISTINCT = 6
_LARGEST_POOL = 1_000_000
"""Bytes of the encoded inputs of one launch at one size."""
_LARGEST_INPUT = 1_000_000
"""Bytes of one encoded input."""
_LONGEST_MAKING_S = 0.006
"""What making one input may take. A linear function is slow enough only where its inputs are unwieldy."""
_POOL_S = 0.03
"""What making the inputs of one launch should take at the headline size, and half of it at any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size at which original and candidate are timed."""

    label: str
    elements: int
    call_s: float
    """What one call of the original took, roughly."""
    calls: int
    """Calls in one timed block of the original, from what one takes roughly."""
    block_s: float
    """What a block of the original should take."""
    rounds: int
    """Rounds of three blocks in one launch."""
    distinct: int
    """Inputs of different value in one launch."""
    given: bytes | None = None
    """The inputs themselves, where none can be grown."""


async def choose_sizes(worker: Worker, shape: bytes, *, seed: int) -> tuple[Size, ...]:
    """Return the sizes to time at, smallest first; the last one is the headline. None where nothing grows."""
    steps: list[_Step] = []
    largest = -1
    for elements in LADDER:
        try:
            made = await grow(
                worker, shape, seed=seed, elements=elements, count=3, tries=3, limit_s=_LONGEST_S
            )
        except (WorkerEnded, WorkerTimedOut):
            break
        if not made.seconds:
            break
        size = max(made.sizes)
        if size <= largest:
            # Growing has no effect on these parameters.
            break
        largest = size
        written = len(made.payload) // len(made.sizes)
        making_s = made.making_s / len(made.sizes)
        steps.append(_Step(elements, statistics.fmean(made.seconds), written, making_s))
        if steps[-1].call_s >= _LONG_ENOUGH_S or written * 3 > _LARGEST_INPUT or making_s > _LONGEST_MAKING_S:
            break
    if not steps:
        return ()
    places = sorted({0, _middle(steps), len(steps) - 1})
    labels = {1: ("large",), 2: ("small", "large"), 3: ("small", "medium", "large")}[len(places)]
    sizes = [
        _size(label, steps[place], headline=place == len(steps) - 1)
        for label, place in zip(labels, places, strict=True)
    ]
    return tuple(sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """Inputs a worker made."""

    payload: bytes
    """A JSON list of inputs, as the workers take it."""
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    """Of the calls of the original that were tried."""
    making_s: float
    """What making them took."""
    raised: int
    """How many inputs were left out because the original raised on them."""

    def inputs(self) -> list[Input]:
        """Return the inputs one by one."""
        return [{"source": "grown", **item} for item in json.loads(self.payload)]


async def grow(
    worker: Worker,
    shape: bytes,
    *,
    seed: int,
    elements: int,
    count: int,
    tries: int,
    limit_s: float,
    widely: bool = False,
) -> Grown:
    """Make inputs of about so many elements, and try the original on the first ``tries`` of them.

    They are like those that were seen of the function; ``widely`` asks for more variety. Raises WorkerEnded
    and WorkerTimedOut.
    """
    answer = await worker.ask(
        "grow",
        {
            "seed": seed,
            "elements": elements,
            "count": count,
            "try": tries,
            "limit_s": limit_s,
            "widely": widely,
        },
        [shape],
        limit_s=limit_s * max(1, tries) + 10,
    )
    return Grown(
        payload=answer.attached[0],
        sizes=tuple(answer.head.get("sizes", ())),
        seconds=tuple(answer.head.get("seconds", ())),
        making_s=float(answer.head.get("making", 0.0)),
        raised=int(answer.head.get("raised", 0)),
    )


async def pool(worker: Worker, shape: bytes | None, size: Size, *, seed: int, tried: bool) -> bytes:
    """Return the inputs of one launch at one size, encoded as the workers take them.

    ``tried`` says that the original raises on some grown inputs, so that each has to be tried first.
    """
    if size.given is not None or shape is None:
        return size.given or b"[]"
    made = await grow(
        worker,
        shape,
        seed=seed,
        elements=size.elements,
        count=size.distinct,
        tries=size.distinct if tried else 0,
        limit_s=max(1.0, 50 * size.call_s),
    )
    return made.payload


@dataclass(frozen=True, slots=True)
class _Step:
    """One rung of the ladder as it turned out."""

    elements: int
    call_s: float
    written: int
    """Bytes of one encoded input."""
    making_s: float


def _middle(steps: Sequence[_Step]) -> int:
    """Return the step whose time lies nearest to the geometric mean of the first and the last."""
    logs = [math.log(max(step.call_s, 1e-8)) for step in steps]
    return min(range(len(steps)), key=lambda at: abs(logs[at] - (logs[0] + logs[-1]) / 2))


def _size(label: str, step: _Step, *, headline: bool) -> Size:
    block = _HEADLINE_BLOCK_S if headline else _BLOCK_S
    calls = max(1, min(MOST_CALLS, math.ceil(block / max(step.call_s, 1e-7))))
    rounds = 2 if headline and step.call_s < 0.1 else 1
    # One more block than is timed, since the first warms up on values that are not seen again, and enough
    # for a much quicker candidate to be given more of them than the original.
    wanted = max((rounds + 1) * calls, _FEWEST_DISTINCT)
    making_s = _POOL_S if headline else _POOL_S / 2
    affordable = min(_LARGEST_POOL // max(1, step.written), int(making_s / max(step.making_s, 1e-7)))
    return Size(
        label=label,
        elements=step.elements,
        call_s=step.call_s,
        calls=calls,
        block_s=block,
        rounds=rounds,
        distinct=min(wanted, max(affordable, _LEAST_DISTINCT), _MOST_DISTINCT),
    )


def as_given(known: Sequence[tuple[Input, float]]) -> tuple[Size, ...]:
    """Return the one size to time at where inputs cannot be grown: those found, the longest-running of them.

    ``known`` are inputs the original returns on, with its seconds.
    """
    if not known:
        return ()
    longest = sorted(known, key=lambda pair: pair[1])[-_MOST_DISTINCT:]
    step = _Step(0, statistics.fmean(s for _, s in longest), 1, 0.0)
    size = _size("as given", step, headline=True)
    inputs = [{"args": i["args"], "kwargs": i["kwargs"]} for i, _ in longest]
    elements = max(int(i["size"]) for i, _ in longest)
    return (replace(size, elements=elements, distinct=len(inputs), given=json.dumps(inputs).encode()),)
