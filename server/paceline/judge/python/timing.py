"""Paired timing: fresh processes, interleaved blocks, a clock outside of them, an A/A control beside it.

A launch starts three processes on one processor: the original, the candidate, and the original once more.
Their blocks alternate, the candidate always between the two originals, in one order and then the other, so
that drift and the price of going first cancel. The launch is the unit of replication. After each round the
results of calls that are chosen only then are compared.

Where one call takes long, a launch does without the third process: the originals of different launches are
the control, the two sides take turns in going first, and a verdict takes two thirds of the time.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics as plain
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lessonbank.outcome import Outcome
from paceline.judge.processors import Processors
from paceline.judge.python import observations
from paceline.judge.python.check import Failure, load_failure
from paceline.judge.python.client import Worker, WorkerEnded, WorkerTimedOut
from paceline.judge.python.sizes import MOST_CALLS, Size
from paceline.judge.statistics import LOOKS, Look, look
from paceline.judge.stopwatch import Took
from paceline.judge.turn import timing_turn
from paceline.judge.verdict import Memory

_SAMPLED = 2
"""Calls of each round whose results are compared, chosen when the round is over."""
_SAMPLED_FIRST = 32
"""Of the first round of a launch at the headline size: working out so many only now would take its time."""
_REPEATS = 2
"""Times a round is run that something else on the machine disturbed."""
_DISTURBED_S = 0.0005
_DISTURBED_SHARE = 0.05
_BUSY_AFTERWARDS_S = 0.012
"""Working on for so long after a block is said to be done has no other purpose than to hide it."""
_FAR_BEYOND = 1.5
"""Times what the original's process takes to build arguments: more is no accident."""
_HELPED_S = 0.015
"""Of processes that have ended: the kernel tells it in ticks of 10 ms."""
_AFTERWARDS_S = 0.0002
"""What the sides may differ by in building arguments or giving results without being charged for it."""
_LATE = 10
_QUIET = 3
"""Involuntary context switches in a round of three blocks that are nothing unusual."""
_MUCH_QUICKER = 2.0
_SHORTEST_BLOCK_S = 0.003
"""A much quicker candidate is given more calls than the original, so that its blocks are not all overhead."""
_SLOW_CALL_S = 0.5
"""From here on a launch has no control process of its own."""
_TIMES_ORIGINAL = 30.0
_FLOOR_S = 2.0
_GRACE_S = 10.0
"""A long block is waited for twice as long as the original's takes, and this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What does not change from candidate to candidate of one target."""

    open_worker: Callable[[], Awaitable[Worker]]
    """Gives a fresh process for timing, which the caller then owns."""
    original: bytes
    sizes: tuple[Size, ...]
    """Smallest first; the last one is the headline."""
    pools: Callable[[int], Awaitable[Sequence[bytes]]]
    """Returns the inputs of a launch, one payload a size."""
    kind: str
    mutates: bool
    cache: Path
    confidence: float
    minimum_gain: float
    tolerance: float
    budget_s: float
    """Of one timing, waiting for the turn left out."""
    processors: Processors


@dataclass(slots=True, kw_only=True)
class Samples:
    """What the launches so far said about one size. Logarithms of ratios, seconds a call."""

    ratios: list[float] = field(default_factory=list)
    controls: list[float] = field(default_factory=list)
    original_s: list[float] = field(default_factory=list)
    candidate_s: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The outcome of one timing."""

    look: Look
    """At the headline size, when it stopped."""
    sizes: tuple[Samples, ...]
    launches: int
    memory: Memory | None
    ran_out: bool
    """The time budget ended it."""
    clock: str
    """``processor`` or ``wall``, see ``paceline.judge.stopwatch``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A timed call whose result was not the original's."""

    size: Size
    payload: bytes
    at: int
    difference: observations.Difference


async def measure(
    plan: Plan,
    candidate: bytes,
    *,
    first_launch: int,
    on_start: Callable[[], None],
    on_launch: Callable[[str], None],
) -> Measured | Mismatch | Failure:
    """Time a candidate against the original until a look decides.

    ``on_start`` is called once the first processes are ready. ``first_launch`` numbers the launches, and with
    that their inputs: numbers that were not used before give inputs that were not used before.
    """
    samples = tuple(Samples() for _ in plan.sizes)
    memory: Memory | None = None
    spent = 0.0
    done = 0
    clock = "processor"
    found: Look | None = None
    for number, wanted in enumerate(LOOKS):
        numbers = range(first_launch + done, first_launch + wanted)
        pools = [await plan.pools(at) for at in numbers]
        async with timing_turn(plan.cache), AsyncExitStack() as stack:
            started = time.monotonic()
            launches = [
                await stack.enter_async_context(_Launch(plan, candidate, payloads)) for payloads in pools
            ]
            for at, launch in zip(numbers, launches, strict=True):
                await launch.bind(plan.processors.quietest(at))
            await asyncio.gather(*(launch.load() for launch in launches))
            on_start()
            for at, launch in zip(numbers, launches, strict=True):
                wrong: Mismatch | Failure | None = launch.failure
                if wrong is None and at == first_launch:
                    wrong = await launch.weigh()
                wrong = wrong or await launch.run(samples, reverse=at % 2 == 1)
                if wrong is not None:
                    return wrong
                if at == first_launch:
                    memory = launch.memory()
                changed = await launch.changed()
                if changed is not None:
                    return changed
                clock = clock if launch.is_sure else "wall"
                await launch.close()
                done += 1
                so_far = math.exp(plain.fmean(samples[-1].ratios))
                on_launch(f"launch {done}: {so_far:.2f}x at {plan.sizes[-1].label}")
                if spent + time.monotonic() - started > plan.budget_s and done >= LOOKS[0]:
                    break
            spent += time.monotonic() - started
        found = look(
            samples[-1].ratios,
            samples[-1].controls,
            number=number,
            confidence=plan.confidence,
            minimum_gain=plan.minimum_gain,
        )
        if found.decision != "undecided" or spent > plan.budget_s:
            break
    assert found is not None
    return Measured(
        look=found,
        sizes=samples,
        launches=done,
        memory=memory,
        ran_out=found.decision == "undecided" and done < LOOKS[-1],
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class _Round:
    """The seconds of a block of each, and how often something else on the machine got in between."""

    ours: float
    theirs: float
    control: float | None
    disturbance: int


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls in one block of each side."""

    ours: int
    theirs: int

    @property
    def stride(self) -> int:
        """How far apart the blocks of a launch start, so that no value comes twice."""
        return max(self.ours, self.theirs)


def _calls(size: Size, *, original_s: float, candidate_s: float) -> _Calls:
    """Return how many calls a block has, from what one took while the processes were warming up.

    As many for both, since what a block costs beside its calls would otherwise weigh more on one side. Only a
    much quicker candidate is given more, as far as there are values that it has not seen.
    """
    ours = max(1, min(MOST_CALLS, math.ceil(size.block_s / max(original_s, 1e-8))))
    if candidate_s > original_s / _MUCH_QUICKER:
        return _Calls(ours=ours, theirs=ours)
    wanted = math.ceil(_SHORTEST_BLOCK_S / max(candidate_s, 1e-8))
    affordable = size.distinct // (size.rounds + 1)
    return _Calls(ours=ours, theirs=max(ours, min(wanted, affordable)))


def _between_launches(seconds: Sequence[float]) -> list[float]:
    """Return the log ratios of each launch's original to that of the next, the last one's to the first."""
    return [math.log(one / other) for one, other in zip(seconds, [*seconds[1:], seconds[0]], strict=True)]


def _limit(size: Size) -> float:
    block_s = size.call_s * size.calls
    return max(_FLOOR_S, min(_TIMES_ORIGINAL * block_s, _GRACE_S + 2 * block_s))


def _much_slower(size: Size) -> Failure:
    return Failure(
        outcome=Outcome.SLOWER,
        reason=f"slower: timed calls took more than {_limit(size):.3g} s, "
        f"the original's {size.call_s * size.calls:.2g} s",
    )


class _Launch:
    """The processes of one launch, loaded and holding their inputs."""

    def __init__(self, plan: Plan, candidate: bytes, payloads: Sequence[bytes]) -> None:
        self._plan = plan
        self._candidate = candidate
        self._payloads = payloads
        self._stack = AsyncExitStack()
        self._grown: list[int | None] = []
        self.failure: Failure | None = None
        self.is_sure = True
        """Whether every block so far was timed by more than the wall clock."""

    async def __aenter__(self) -> _Launch:
        count = 3 if self._plan.sizes[-1].call_s < _SLOW_CALL_S else 2
        async with AsyncExitStack() as opening:
            self._workers = [
                await opening.enter_async_context(await self._plan.open_worker()) for _ in range(count)
            ]
            self._stack = opening.pop_all()
        self._ours, self._theirs = self._workers[:2]
        self._control = self._workers[2] if count == 3 else None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def bind(self, processor: int | None) -> None:
        """Keep all on one processor, so that no difference between two shows as one between them."""
        if processor is None:
            return
        try:
            await asyncio.gather(*(worker.bind(processor) for worker in self._workers))
        except (WorkerEnded, WorkerTimedOut) as error:
            self.failure = Failure(outcome=Outcome.CRASHED, reason=f"a timed process ended: {error}")

    async def load(self) -> None:
        """Load the two versions and hand over the inputs; ``failure`` says what went wrong."""
        plan = self._plan
        try:
            failures = await asyncio.gather(
                *(
                    load_failure(
                        worker, self._candidate if worker is self._theirs else plan.original, audit=False
                    )
                    for worker in self._workers
                )
            )
            self.failure = next((failure for failure in failures if failure is not None), None)
            if self.failure is None:
                await asyncio.gather(*(self._give_pools(worker) for worker in self._workers))
        except (WorkerEnded, WorkerTimedOut) as error:
            self.failure = Failure(outcome=Outcome.CRASHED, reason=f"a timed process ended: {error}")

    async def close(self) -> None:
        """End the processes."""
        await self._stack.aclose()

    async def run(self, samples: Sequence[Samples], *, reverse: bool) -> Mismatch | Failure | None:
        """Time every size once and add what was found to ``samples``."""
        size = self._plan.sizes[-1]
        try:
            for size, payload, kept in zip(self._plan.sizes, self._payloads, samples, strict=True):
                wrong = await self._time_size(size, payload, kept, reverse=reverse)
                if wrong is not None:
                    return wrong
        except WorkerTimedOut:
            return _much_slower(size)
        except WorkerEnded as error:
            if error.broke_protocol:
                return Failure(outcome=Outcome.TAMPERED, reason="it interfered with the worker's answers")
            return Failure(
                outcome=Outcome.CRASHED,
                reason=f"the process ended in a timed call: {error.how}",
                diagnostics=error.stderr or None,
            )
        return None

    async def weigh(self) -> Failure | None:
        """Watch the memory of one call of each at the headline size, the first one in its process.

        Where a call takes long, the timed ones are watched instead: see ``memory``.
        """
        size = self._plan.sizes[-1]
        try:
            if size.call_s < _SLOW_CALL_S:
                await self._prepare(size, 0, _Calls(ours=1, theirs=1))
            for worker in self._workers[:2]:
                worker.memory.start()
                if size.call_s < _SLOW_CALL_S:
                    done = await self._warm_up(worker, size)
                    if isinstance(done, Failure):
                        return done
                    self._grown.append(worker.memory.growth())
        except (WorkerEnded, WorkerTimedOut):
            # The same happens when it is timed, where it is told apart.
            return None
        return None

    def memory(self) -> Memory | None:
        """Return what was watched, None where the system does not tell."""
        grown = self._grown or [worker.memory.growth() for worker in self._workers[:2]]
        original, candidate = grown if len(grown) == 2 else (None, None)
        if original is None or candidate is None:
            return None
        return Memory(original=original, candidate=candidate)

    async def changed(self) -> Failure | None:
        """Return what the candidate changed in its process that the original did not."""
        ours, theirs = await asyncio.gather(
            *(worker.ask("changes", {}, limit_s=5) for worker in (self._ours, self._theirs))
        )
        helped_s = self._theirs.of_children() - self._ours.of_children()
        if helped_s > _HELPED_S:
            return Failure(
                outcome=Outcome.TAMPERED,
                reason=f"processes that it started worked for {helped_s * 1e3:.0f} ms of its timed calls",
            )
        if self._theirs.has_company() and not self._ours.has_company():
            return Failure(outcome=Outcome.TAMPERED, reason="processes that it started live on")
        only = [change for change in theirs.head["process"] if change not in ours.head["process"]]
        if not only:
            return None
        return Failure(outcome=Outcome.TAMPERED, reason=f"it changed the process: {only[0]}")

    async def _give_pools(self, worker: Worker) -> None:
        for size, payload in zip(self._plan.sizes, self._payloads, strict=True):
            await worker.ask("pool", {"label": size.label, "kind": self._plan.kind}, [payload], limit_s=20)

    async def _time_size(
        self, size: Size, payload: bytes, kept: Samples, *, reverse: bool
    ) -> Mismatch | Failure | None:
        calls = _Calls(ours=size.calls, theirs=size.calls)
        if size.call_s < 0.05:
            warming = max(1, size.calls // 4)
            await self._prepare(size, 0, _Calls(ours=warming, theirs=warming))
            warm: dict[Worker, float] = {}
            for worker in reversed(self._workers):
                inside = await self._warm_up(worker, size)
                if isinstance(inside, Failure):
                    return inside
                warm[worker] = inside / warming
            candidate_s = warm.pop(self._theirs)
            calls = _calls(size, original_s=min(warm.values()), candidate_s=candidate_s)
        ratios, controls, ours_s, theirs_s = [], [], [], []
        for number in range(size.rounds):
            block = await self._undisturbed(
                size, payload, calls, (number + 1) * calls.stride, reverse ^ bool(number % 2)
            )
            if not isinstance(block, _Round):
                return block
            ours, theirs = block.ours / calls.ours, block.theirs / calls.theirs
            again = ours if block.control is None else block.control / calls.ours
            ratios.append((math.log(ours) + math.log(again)) / 2 - math.log(theirs))
            controls.append(math.log(ours) - math.log(again))
            ours_s.append(math.sqrt(ours * again))
            theirs_s.append(theirs)
        kept.ratios.append(plain.fmean(ratios))
        kept.controls.append(plain.fmean(controls))
        kept.original_s.append(plain.fmean(ours_s))
        kept.candidate_s.append(plain.fmean(theirs_s))
        if self._control is None:
            kept.controls[:] = _between_launches(kept.original_s)
        return None

    async def _undisturbed(
        self, size: Size, payload: bytes, calls: _Calls, start: int, reverse: bool
    ) -> _Round | Mismatch | Failure:
        """Run a round and compare its results.

        By the wall clock alone a disturbed round is run again, and the least disturbed one kept. Where the
        kernel tells processor time, being disturbed costs next to nothing.
        """
        best: _Round | None = None
        for _ in range(_REPEATS):
            early_s = await self._prepare(size, start, calls)
            block = await self._round(size, reverse=reverse)
            if isinstance(block, Failure):
                return block
            late_s = await self._sampled(size, payload, calls, start)
            if not isinstance(late_s, float):
                return late_s
            block = replace(block, theirs=block.theirs + early_s + late_s)
            # Chosen by how much was disturbed and never by how long it took: that would bias the ratio.
            if best is None or block.disturbance < best.disturbance:
                best = block
            if best.disturbance <= _QUIET or self.is_sure:
                break
        assert best is not None
        return best

    async def _prepare(self, size: Size, start: int, calls: _Calls) -> float:
        """Have the arguments of the next block built.

        Return the seconds that the candidate's process took for it far beyond what the original's took: they
        are built by the same code from the same data, so this is work that was done ahead.
        """

        async def one(worker: Worker) -> Took:
            count = calls.theirs if worker is self._theirs else calls.ours
            distinct = count if self._plan.mutates else min(count, size.distinct)
            fields = {"label": size.label, "start": start, "count": count, "distinct": distinct}
            took, _ = await worker.timed("prepare", fields, limit_s=30)
            return took

        built = await asyncio.gather(*(one(worker) for worker in self._workers))
        usual_s = max(built[0].seconds, built[-1 if self._control else 0].seconds)
        usual_s *= calls.theirs / calls.ours
        is_ahead = built[1].seconds > _AFTERWARDS_S + _FAR_BEYOND * usual_s
        return built[1].seconds - usual_s if is_ahead and all(took.is_sure for took in built) else 0.0

    async def _warm_up(self, worker: Worker, size: Size) -> Failure | float:
        """Run the prepared block untimed; return roughly how many seconds it took."""
        limit_s = _limit(size)
        took, answer = await worker.timed("go", {"limit_s": limit_s}, limit_s=limit_s + 2)
        failure = self._unfinished(answer.head, worker, size)
        return took.seconds if failure is None else failure

    async def _round(self, size: Size, *, reverse: bool) -> _Round | Failure:
        """Run one block of each, the candidate's in the middle."""
        limit_s = _limit(size)
        blocks: dict[Worker, Took] = {}
        disturbance = 0
        for worker in reversed(self._workers) if reverse else self._workers:
            took, answer = await worker.timed("go", {"limit_s": limit_s}, limit_s=limit_s + 2)
            failure = self._unfinished(answer.head, worker, size)
            if failure is not None:
                return failure
            blocks[worker] = took
            inside = float(answer.head["wall"])
            disturbance += int(answer.head["switches"])
            if took.wall - inside > _DISTURBED_S + _DISTURBED_SHARE * took.wall:
                # The controller itself was late in reading the clock.
                disturbance += _LATE
        # All by one clock: where one of them is not alone in its sandbox, the wall's.
        is_sure = all(took.is_sure for took in blocks.values())
        seconds = {w: max(took.seconds if is_sure else took.wall, 1e-9) for w, took in blocks.items()}
        self.is_sure = self.is_sure and is_sure
        return _Round(
            ours=seconds[self._ours],
            theirs=seconds[self._theirs],
            control=None if self._control is None else seconds[self._control],
            disturbance=disturbance,
        )

    def _unfinished(self, head: Mapping[str, Any], worker: Worker, size: Size) -> Failure | None:
        whose = "the candidate" if worker is self._theirs else "the original"
        if head.get("timed_out") and worker is self._theirs:
            return _much_slower(size)
        if head.get("timed_out"):
            return Failure(
                outcome=Outcome.CANNOT_JUDGE,
                reason="timed calls of the original took far longer than they did before; try again",
            )
        if "failed" in head:
            return Failure(
                outcome=Outcome.WRONG if worker is self._theirs else Outcome.CANNOT_JUDGE,
                reason=f"{whose} raised {head.get('kind')} on a timed input",
                diagnostics=str(head["failed"]),
            )
        return None

    async def _sampled(
        self, size: Size, payload: bytes, calls: _Calls, start: int
    ) -> Mismatch | Failure | float:
        """Compare the results of a few calls of the round that just ran.

        Return the seconds that the candidate took for giving them beyond what the original took: work that
        was put off until somebody asks.
        """
        is_first = size is self._plan.sizes[-1] and start == calls.stride
        wanted, every = _SAMPLED_FIRST if is_first else _SAMPLED, range(min(calls.ours, calls.theirs))
        indices = sorted(random.SystemRandom().sample(every, min(wanted, len(every))))
        given = await asyncio.gather(*(worker.results(indices, limit_s=20) for worker in self._workers))
        seconds, answers = zip(*given, strict=True)
        ours, theirs, control = answers[0], answers[1], answers[-1 if self._control else 0]
        usual_s = max(seconds[0], seconds[-1 if self._control else 0])
        late_s = seconds[1] - usual_s
        if late_s > _BUSY_AFTERWARDS_S and late_s > 3 * usual_s:
            return Failure(
                outcome=Outcome.TAMPERED,
                reason=f"it went on working for {late_s * 1e3:.0f} ms after its last call had returned",
            )
        if len(theirs.attached) != len(indices):
            return Failure(outcome=Outcome.TAMPERED, reason="results of timed calls are missing")
        for at, mine, other, again in zip(
            indices, ours.attached, theirs.attached, control.attached, strict=True
        ):
            if mine != again or mine.startswith(b"unencodable"):
                continue
            different = observations.result_difference(mine, other, tolerance=self._plan.tolerance)
            if different is not None:
                return Mismatch(size=size, payload=payload, at=start + at, difference=different)
        return late_s if late_s > _AFTERWARDS_S else 0.0
