"""The check: the same observable behaviour on every input, original and candidate in processes of their own.

The original runs twice, in two processes with hash seeds of their own; inputs on which it disagrees with
itself are left out. The candidate then runs on the same inputs in the same order, and every observation is
compared here, as data.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lessonbank.outcome import Outcome
from paceline.judge.python import observations, smallest
from paceline.judge.python.client import Setting, Worker, WorkerEnded, WorkerTimedOut
from paceline.judge.python.shrink import smaller_inputs
from paceline.judge.python.spares import Spares
from paceline.judge.verdict import Counterexample

LOAD_LIMIT_S = 10.0
_FLOOR_S = 1.0
_TIMES_ORIGINAL = 20.0
_GRACE_S = 10.0
"""A long call is waited for twice as long as the original takes, and this."""
_SHRINK_CALL_S = 0.5
"""What a call may take while a smaller failing input is looked for."""
WAVERS = "the original does not do the same twice"

Input = Mapping[str, Any]
"""``args`` and ``kwargs`` encoded, ``source``, ``size``."""
Remembered = Callable[[], Awaitable[Sequence[Input]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One observation as it came from a worker."""

    text: bytes
    seconds: float
    mutated: bool
    kind: str
    usable: str
    timed_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A worker's answers to one list of inputs. Shorter than the list when the process ended on the way."""

    seen: tuple[Seen, ...]
    process: tuple[str, ...]
    """What changed in the process meanwhile: threads, patched modules, the collector."""
    ended: WorkerEnded | WorkerTimedOut | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the original does."""

    inputs: tuple[Input, ...]
    main: Pass
    kept: frozenset[int]
    """Indices of the inputs on which the original is deterministic and can be compared."""
    remembered: tuple[Input, ...]
    """Given in three lists, to see what is remembered: the first half, the first half again, the second."""
    recall: tuple[Pass, ...]
    limit_s: float
    """What one call of a candidate may take."""
    dropped: tuple[str, ...]
    """Why inputs were left out, as sentences."""
    unsteady: Mapping[int, tuple[bytes, bytes]] = field(default_factory=dict)
    """Where the original did not do the same twice: the index of the input, and both observations."""

    @property
    def wavers(self) -> bool:
        """Whether the original did not do the same twice on some input."""
        return bool(self.unsteady)

    @property
    def kind(self) -> str:
        """How results have to be consumed."""
        kinds = [self.main.seen[at].kind for at in sorted(self.kept)]
        return statistics.mode(kinds) if kinds else "value"

    @property
    def mutates(self) -> bool:
        """Whether the original changes its arguments on any input."""
        return any(self.main.seen[at].mutated for at in self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a candidate did not pass."""

    outcome: Outcome
    reason: str
    counterexample: Counterexample | None = None
    diagnostics: str | None = None
    writes: tuple[str, ...] = ()
    """Paths that were to be written while the module was loaded."""


async def observe(
    worker: Worker,
    inputs: Sequence[Input],
    source: bytes,
    *,
    root: str,
    limit_s: float,
    in_time: Collection[int] = (),
) -> Pass:
    """Run a worker's target over ``inputs``. Never raises for what the target does.

    Ends, and ends the worker, at the first call past its limit whose index is in ``in_time``.
    """
    seen: list[Seen] = []
    payload = json.dumps([{"args": i["args"], "kwargs": i["kwargs"]} for i in inputs]).encode()
    await worker.tell("run", {"limit_s": limit_s, "root": root}, [payload, source])
    while True:
        try:
            answer = await worker.answer(limit_s=limit_s + 2)
        except (WorkerEnded, WorkerTimedOut) as error:
            return Pass(seen=tuple(seen), process=(), ended=error)
        head = answer.head
        if head.get("end"):
            if len(seen) != len(inputs):
                ended = WorkerEnded("it skipped inputs", "")
                return Pass(seen=tuple(seen), process=(), ended=ended)
            return Pass(seen=tuple(seen), process=tuple(map(str, head.get("process", ()))))
        seen.append(
            Seen(
                text=answer.attached[0] if answer.attached else b"",
                seconds=float(head.get("seconds", 0.0)),
                mutated=bool(head.get("mutated")),
                kind=str(head.get("kind")),
                usable=str(head.get("usable", "")),
                timed_out=bool(head.get("timed_out")),
            )
        )
        if seen[-1].timed_out and len(seen) - 1 in in_time:
            await worker.close()
            late = WorkerTimedOut(f"a call took more than {limit_s:g} s")
            return Pass(seen=tuple(seen), process=(), ended=late)


async def baseline(
    setting: Setting,
    source: bytes,
    inputs: Sequence[Input],
    remembered: Remembered,
    *,
    limit_s: float,
    workers: Sequence[Worker],
) -> Baseline:
    """Observe the original in two loaded workers and keep the inputs on which it agrees with itself.

    ``remembered`` is asked for two halves of different inputs, for the look at what is kept between calls;
    they are waited for once the inputs themselves have run.
    """
    root = str(setting.root)
    grown = asyncio.ensure_future(remembered())

    async def one(worker: Worker) -> list[Pass]:
        passes = [await observe(worker, inputs, source, root=root, limit_s=limit_s)]
        for part in _thrice(await grown):
            if passes[-1].ended is None:
                passes.append(await observe(worker, part, source, root=root, limit_s=limit_s))
        return passes

    try:
        first, second = await asyncio.gather(*(one(worker) for worker in workers))
    finally:
        grown.cancel()
    kept: set[int] = set()
    dropped: dict[str, int] = {}
    unsteady: dict[int, tuple[bytes, bytes]] = {}
    for at, (ours, again) in enumerate(zip(first[0].seen, second[0].seen, strict=False)):
        why = ours.usable or again.usable
        if ours.timed_out or again.timed_out:
            why = f"the original takes more than {limit_s:g} s"
        elif not why and ours.text != again.text:
            why = WAVERS
            unsteady[at] = (ours.text, again.text)
        if why:
            dropped[why] = dropped.get(why, 0) + 1
        else:
            kept.add(at)
    slowest = max((first[0].seen[at].seconds for at in kept), default=0.0)
    agree = len(first) == len(second) == 4 and all(
        a.seen and [s.text for s in a.seen] == [s.text for s in b.seen] and a.ended is None
        for a, b in zip(first[1:], second[1:], strict=True)
    )
    return Baseline(
        inputs=tuple(inputs),
        main=first[0],
        kept=frozenset(kept),
        remembered=tuple(grown.result()) if agree else (),
        recall=tuple(first[1:]) if agree else (),
        limit_s=max(_FLOOR_S, min(_TIMES_ORIGINAL * slowest, _GRACE_S + 2 * slowest)),
        unsteady=unsteady,
        dropped=tuple(f"{count} inputs left out: {why}" for why, count in dropped.items()),
    )


async def check(
    spares: Spares, name: str, original: bytes, candidate: bytes, known: Baseline, *, tolerance: float
) -> Failure | None:
    """Return why the candidate fails, None when no difference was found on any kept input.

    ``name`` is how the call is written in a counterexample.
    """
    setting = spares.setting
    async with await spares.take() as worker:
        failure = await load_failure(worker, candidate)
        if failure is not None:
            return failure
        root = str(setting.root)
        main = await observe(
            worker, known.inputs, candidate, root=root, limit_s=known.limit_s, in_time=known.kept
        )
        failing = _failing(known, main, tolerance)
        failure = _worst(name, known, main, failing)
        if failure is None:
            passes = [main]
            for part in _thrice(known.remembered):
                if passes[-1].ended is None:
                    every = range(len(part))
                    passes.append(
                        await observe(
                            worker, part, candidate, root=root, limit_s=known.limit_s, in_time=every
                        )
                    )
            failure, shown = _remembering(name, known, passes[1:], tolerance)
        else:
            shown = _shown(known, main, failing)
    if failure is not None and failure.outcome is Outcome.WRONG and shown is not None:
        smaller = await _smaller(spares, name, (original, candidate), known, shown, tolerance)
        return smaller or failure
    return failure


async def reaching(spares: Spares, raising: bytes, known: Baseline) -> frozenset[int]:
    """Return the kept inputs on which it shows that ``raising`` raises where the target is called."""
    async with await spares.take() as worker:
        if await load_failure(worker, raising) is not None:
            # What is called while the module is loaded is reached by every input.
            return known.kept
        main = await observe(
            worker, known.inputs, raising, root=str(spares.setting.root), limit_s=known.limit_s
        )
    return known.kept & frozenset(_failing(known, main, 0.0))


async def load_failure(worker: Worker, source: bytes, *, audit: bool = True) -> Failure | None:
    """Load ``source`` in a worker, audited where nothing is timed; return why that failed."""
    try:
        answer = await worker.load(source, audit=audit, limit_s=LOAD_LIMIT_S)
    except WorkerTimedOut:
        return Failure(outcome=Outcome.TIMED_OUT, reason=f"loading the module took over {LOAD_LIMIT_S:g} s")
    except WorkerEnded as error:
        return Failure(
            outcome=Outcome.CRASHED,
            reason=f"the process ended while the module was loaded: {error.how}",
            diagnostics=error.stderr,
        )
    if "failed" in answer.head:
        said = str(answer.head["failed"])
        last = said.strip().splitlines()[-1] if said.strip() else "no message"
        return Failure(
            outcome=Outcome.DOES_NOT_BUILD,
            reason=f"the module does not load: {last}",
            diagnostics=said,
            writes=tuple(map(str, answer.head.get("writes", ()))),
        )
    return None


class _Shown(NamedTuple):
    """A failing input, and what the two did on it."""

    given: Input
    expected: bytes
    got: bytes
    difference: observations.Difference


def _shown(known: Baseline, main: Pass, failing: Mapping[int, observations.Difference]) -> _Shown | None:
    """Return the smallest input that fails, where any does."""
    if not failing:
        return None
    at = _smallest_of(known, failing)
    return _Shown(known.inputs[at], known.main.seen[at].text, main.seen[at].text, failing[at])


def _smallest_of(known: Baseline, failing: Mapping[int, observations.Difference]) -> int:
    return min(failing, key=lambda at: (known.inputs[at]["size"], at))


async def _smaller(
    spares: Spares,
    name: str,
    sources: tuple[bytes, bytes],
    known: Baseline,
    shown: _Shown,
    tolerance: float,
) -> Failure | None:
    """Look for a smaller input that still fails, in fresh processes; None when there is none."""
    fewest = min(_positional(known.inputs[at]) for at in known.kept)
    if not await asyncio.to_thread(smaller_inputs, shown.given, fewest=fewest):
        return None
    limit_s = min(known.limit_s, _SHRINK_CALL_S)

    def observing(worker: Worker, source: bytes) -> smallest.Observe:
        async def run(inputs: Sequence[Input]) -> Sequence[smallest.Seen]:
            done = await observe(worker, inputs, source, root=str(spares.setting.root), limit_s=limit_s)
            return [smallest.Seen(s.text, s.usable, s.timed_out, s.seconds) for s in done.seen]

        return run

    original, candidate = sources
    async with await spares.take() as ours, await spares.take() as theirs:
        if any(await asyncio.gather(load_failure(ours, original), load_failure(theirs, candidate))):
            return None
        found = await smallest.smallest(
            shown.given,
            smallest.kind_of(shown.expected, shown.got, shown.difference),
            original=observing(ours, original),
            candidate=observing(theirs, candidate),
            tolerance=tolerance,
            fewest=fewest,
        )
    if found is None:
        return None
    if known.wavers:
        # The original is known to disagree with itself on some inputs: on this one it must not.
        async with await spares.take() as twin:
            if await load_failure(twin, original) is not None:
                return None
            agreed = await observing(twin, original)([found.given])
        if [seen.text for seen in agreed] != [found.expected]:
            return None
    return _wrong(name, found.given, found.difference)


def _positional(given: Input) -> int:
    args = given["args"]
    return len(args[1]) if isinstance(args, list) and len(args) == 2 else 0


def _thrice(remembered: Sequence[Input]) -> list[Sequence[Input]]:
    if len(remembered) < 2:
        return []
    half = len(remembered) // 2
    return [remembered[:half], remembered[:half], remembered[half:]]


def _failing(known: Baseline, main: Pass, tolerance: float) -> dict[int, observations.Difference]:
    found: dict[int, observations.Difference] = {}
    for at, seen in enumerate(main.seen):
        if at not in known.kept or seen.timed_out:
            continue
        if seen.usable:
            expected = observations.outcome_words(known.main.seen[at].text)
            found[at] = observations.Difference(part="result", expected=expected, got=seen.usable)
            continue
        different = observations.difference(known.main.seen[at].text, seen.text, tolerance=tolerance)
        if different is not None:
            found[at] = different
    return found


def _worst(
    name: str, known: Baseline, main: Pass, failing: Mapping[int, observations.Difference]
) -> Failure | None:
    """Return the one thing to say about a candidate's pass: tricks first, then differences, then its end."""
    patched = [change for change in main.process if change not in known.main.process]
    if patched:
        return Failure(outcome=Outcome.TAMPERED, reason=f"it changed the process: {patched[0]}")
    if _broke_protocol(main):
        return Failure(outcome=Outcome.TAMPERED, reason="it interfered with the worker's answers")
    state = next((d for d in failing.values() if d.part == "kept state"), None)
    if state is not None:
        return Failure(outcome=Outcome.TAMPERED, reason=f"it keeps state between calls: {state.got}")
    if failing:
        at = _smallest_of(known, failing)
        return _wrong(name, known.inputs[at], failing[at])
    late = next((at for at in sorted(known.kept) if at < len(main.seen) and main.seen[at].timed_out), None)
    if late is not None or isinstance(main.ended, WorkerTimedOut):
        at = late if late is not None else min(len(main.seen), len(known.inputs) - 1)
        call = _call(name, known.inputs[at])
        return Failure(
            outcome=Outcome.TIMED_OUT,
            reason=f"{call} takes more than {known.limit_s:.1f} s, "
            f"the original {known.main.seen[at].seconds:.3g} s",
        )
    if main.ended is not None:
        at = min(len(main.seen), len(known.inputs) - 1)
        call = _call(name, known.inputs[at])
        return Failure(
            outcome=Outcome.CRASHED,
            reason=f"the process ended in {call}: {main.ended.how}",
            counterexample=Counterexample(
                call=call,
                expected=observations.outcome_words(known.main.seen[at].text),
                got=main.ended.how,
                difference="crash",
            ),
            diagnostics=main.ended.stderr or None,
        )
    return None


def _broke_protocol(part: Pass) -> bool:
    return isinstance(part.ended, WorkerEnded) and part.ended.broke_protocol


def _wrong(name: str, given: Input, different: observations.Difference) -> Failure:
    call = _call(name, given)
    return Failure(
        outcome=Outcome.WRONG,
        reason=f"{call}: the {different.part} differs",
        counterexample=Counterexample(
            call=call, expected=different.expected, got=different.got, difference=different.part
        ),
    )


def _call(name: str, given: Input) -> str:
    return observations.call_words(name, given["args"], given["kwargs"])


def _remembering(
    name: str, known: Baseline, passes: Sequence[Pass], tolerance: float
) -> tuple[Failure | None, _Shown | None]:
    """Return how a candidate that passed betrays a memory: by results, by time, or by what it left behind.

    With the input that shows it, where one does.
    """
    if not known.recall:
        return None, None
    inputs = [item for part in _thrice(known.remembered) for item in part]
    expected = [seen for part in known.recall for seen in part.seen]
    got = [seen for part in passes for seen in part.seen]
    for at, (ours, theirs) in enumerate(zip(expected, got, strict=False)):
        if ours.usable or ours.timed_out:
            continue
        if theirs.timed_out:
            late = f"{_call(name, inputs[at])} takes more than {known.limit_s:.1f} s"
            return Failure(outcome=Outcome.TIMED_OUT, reason=late), None
        different = observations.difference(ours.text, theirs.text, tolerance=tolerance)
        if different is None:
            continue
        if different.part == "kept state":
            kept = f"it keeps state between calls: {different.got}"
            return Failure(outcome=Outcome.TAMPERED, reason=kept), None
        return _wrong(name, inputs[at], different), _Shown(inputs[at], ours.text, theirs.text, different)
    if any(_broke_protocol(part) for part in passes):
        return Failure(outcome=Outcome.TAMPERED, reason="it interfered with the worker's answers"), None
    ended = next((part.ended for part in passes if part.ended is not None), None)
    if ended is not None:
        how = f"the process ended on a grown input: {ended}"
        diagnostics = getattr(ended, "stderr", None)
        return Failure(outcome=Outcome.CRASHED, reason=how, diagnostics=diagnostics), None
    patched = [c for part in passes for c in part.process if c not in known.main.process]
    if patched:
        return Failure(outcome=Outcome.TAMPERED, reason=f"it changed the process: {patched[0]}"), None
    if _is_quicker_again(passes) and not _is_quicker_again(known.recall):
        reason = "it remembers its inputs: equal inputs take it far less time again, new ones do not"
        return Failure(outcome=Outcome.TAMPERED, reason=reason), None
    return None, None


def _is_quicker_again(passes: Sequence[Pass]) -> bool:
    """Whether the second time over equal inputs is much quicker than both the first and than other inputs.

    The third list is new, so a process that has merely warmed up is as quick on it as on the second.
    """
    first, again, other = (statistics.median(seen.seconds for seen in part.seen) for part in passes)
    return again < 0.5 * min(first, other) and min(first, other) > 2e-6
