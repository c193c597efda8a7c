"""Timed turns: arguments rebuilt beforehand, nothing but the calls between "go" and "done".

The clock that counts is the controller's. What this process measures (its own wall and processor time) is
only held against it.
"""

from __future__ import annotations

import gc
import json
import resource
import time
import typing
from typing import Any, Callable, Dict, List, Sequence, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import codec, consuming, observe
else:
    import codec
    import consuming
    import observe

_perf = time.perf_counter
_cpu = time.process_time
_usage = resource.getrusage
_SELF = resource.RUSAGE_SELF
_disable = gc.disable
_freeze = gc.freeze

Call = Tuple[Any, Dict[str, Any]]
Results = List[Any]


class Pool:
    """The inputs of one size, as sent by the controller."""

    def __init__(self, payload: bytes) -> None:
        self._inputs: List[Any] = json.loads(payload)

    def build(self, start: int, count: int, distinct: int, home: str) -> List[Call]:
        """Return ``count`` calls: fresh objects for the first ``distinct``, then those once more."""
        inputs = self._inputs
        size = len(inputs)
        calls: List[Call] = []
        for at in range(start, start + min(count, distinct)):
            memo = codec.Memo(home)
            encoded = inputs[at % size]
            args = codec.decode(encoded["args"], memo=memo)
            calls.append((args, codec.decode(encoded["kwargs"], memo=memo)))
        whole, rest = divmod(count, len(calls))
        return calls * whole + calls[:rest]


class Turns:
    """Runs blocks of calls and keeps their results until the next block is prepared."""

    def __init__(self, function: Callable[..., Any], kind: str, home: str) -> None:
        self._function = function
        self._kind = kind
        self._home = home
        self._calls: List[Call] = []
        self._results: Results = []
        self._distinct = 1
        self._forget = getattr(function, "cache_clear", None)
        """Empties the cache of an original (and so of its rewrite) that keeps one: hits tell nothing."""

    def prepare(self, pool: Pool, start: int, count: int, distinct: int, seed: int) -> None:
        """Build the arguments of the next block. Outside the timed region."""
        self._results = []
        self._calls = []
        self._calls = pool.build(start, count, distinct, self._home)
        self._distinct = max(1, distinct)
        if self._forget is not None:
            self._forget()
        observe.seed_random(seed)

    def go(self) -> Dict[str, float]:
        """Run the block. Raises what a call raises."""
        _disable()
        run = _RUNNERS.get(self._kind, _run_values)
        if self._kind == "value" and not any(kwargs for _, kwargs in self._calls):
            run = _run_plain
        switches = _usage(_SELF).ru_nivcsw
        cpu = _cpu()
        start = _perf()
        if self._forget is None:
            self._results = run(self._function, self._calls)
        else:
            self._results = self._forgetting(run, self._forget)
        wall = _perf() - start
        now = _cpu()
        # How often something else took the processor away says more than the coarse processor clock.
        switches = _usage(_SELF).ru_nivcsw - switches
        return {"wall": wall, "cpu": now - cpu, "done_cpu": now, "switches": switches}

    def _forgetting(self, run: Callable[..., Results], forget: Callable[[], Any]) -> Results:
        """Run the block so that no call meets what an equal one has left in the cache."""
        results: Results = []
        for start in range(0, len(self._calls), self._distinct):
            results += run(self._function, self._calls[start : start + self._distinct])
            forget()
        return results

    def results(self, indices: Sequence[int]) -> List[str]:
        """Return the result and the arguments afterwards of some calls of the last block, as texts."""
        found = []
        for at in indices:
            memo = codec.Memo(self._home)
            args, kwargs = self._calls[at]
            parts = [self._results[at], list(args), dict(kwargs)]
            try:
                found.append(codec.text([codec.encode(part, memo=memo) for part in parts]))
            except codec.Unencodable as error:
                found.append(f"unencodable: {error}")
        return found

    def idle_cpu(self, since: float) -> float:
        """Return the seconds of processor time used since a block said it was done."""
        return _cpu() - since


def _run_plain(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    results: Results = []
    keep = results.append
    for args, _ in calls:
        keep(function(*args))
    return results


def _run_values(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    results: Results = []
    keep = results.append
    for args, kwargs in calls:
        keep(function(*args, **kwargs))
    return results


def _run_drained(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    from itertools import islice

    most = consuming.MOST_DRAINED
    return [list(islice(function(*args, **kwargs), most)) for args, kwargs in calls]


def _run_coroutines(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    import asyncio

    async def all_of_them() -> Results:
        return [await function(*args, **kwargs) for args, kwargs in calls]

    return asyncio.run(all_of_them())


def _run_async_generators(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    import asyncio

    async def drained(args: Any, kwargs: Dict[str, Any]) -> List[Any]:
        items: List[Any] = []
        async for item in function(*args, **kwargs):
            items.append(item)
            if len(items) >= consuming.MOST_DRAINED:
                break
        return items

    async def all_of_them() -> Results:
        return [await drained(args, kwargs) for args, kwargs in calls]

    return asyncio.run(all_of_them())


def _run_managers(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    results: Results = []
    keep = results.append
    for args, kwargs in calls:
        with function(*args, **kwargs) as inside:
            keep(inside)
    return results


def _run_async_managers(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    import asyncio

    async def all_of_them() -> Results:
        results: Results = []
        for args, kwargs in calls:
            async with function(*args, **kwargs) as inside:
                results.append(inside)
        return results

    return asyncio.run(all_of_them())


def _run_makers(function: Callable[..., Any], calls: Sequence[Call]) -> Results:
    # Making a function and never calling it would hide where the work has gone.
    return [consuming.called(function(*args, **kwargs))[0] for args, kwargs in calls]


_RUNNERS = {
    "generator": _run_drained,
    "iterator": _run_drained,
    "coroutine": _run_coroutines,
    "async generator": _run_async_generators,
    "context manager": _run_managers,
    "async context manager": _run_async_managers,
    "function": _run_makers,
}
