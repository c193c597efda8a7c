"""The original of one judge: its inputs, its behaviour, its sizes, and the processes that run it.

Found out once, used for every candidate. Guards the finder (the one process in which inputs are made), the
spares, and whatever else of the original is running.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paceline.errors import InvalidReplacement, TargetNotFound, WorkerFailed
from paceline.judge.options import Options
from paceline.judge.python import traits
from paceline.judge.python.check import Baseline, Input, Remembered, baseline, load_failure, reaching
from paceline.judge.python.client import Setting, Worker, WorkerEnded, WorkerTimedOut, environment
from paceline.judge.python.enclosing import outermost, that_only_raises
from paceline.judge.python.hot_lines import hot_lines
from paceline.judge.python.installed import install_worker
from paceline.judge.python.kept_recordings import kept_calls
from paceline.judge.python.literals import literal_calls
from paceline.judge.python.packages import imported_packages
from paceline.judge.python.project_tests import ProjectTests, select
from paceline.judge.python.recordings import Recorded, record_calls
from paceline.judge.python.sizes import Size, as_given, choose_sizes, grow, pool
from paceline.judge.python.spares import Spares
from paceline.judge.python.wavering import steadied
from paceline.judge.python.writing import setting_for_writing
from paceline.judge.sandbox import Isolation, Limits, python_grants
from paceline.judge.statistics import LOOKS
from paceline.judge.verdict import Checks
from paceline.syntax.splice import splice
from paceline.syntax.target import HotLine, Target

Recorder = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]

_INPUTS = 60
_FIND_S = 3.0
CALL_LIMIT_S = 2.0
"""Of a call of the original, where calls are not known to be slow."""
_PATIENCE_S = 30.0
"""For running the original to its end where no call of it is quick."""
_SLOW_S = 1.0
"""A call so long is not made again only to see what is kept between calls."""
_REMEMBERED = 20
_LONG_ENOUGH_TO_REMEMBER_S = 20e-6
_MOST_ELEMENTS = 1024
"""Of inputs that are checked, in whatever numbers: comparing longer ones takes longer than it tells."""
_MOST_WIDE = 40
"""Elements up to which fresh inputs are made with more variety than was seen."""
SPARES = 3 * LOOKS[0] + 1
"""Processes that a check and a timing need up to its first look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What candidates are held against."""

    setting: Setting
    known: Baseline
    spares: Spares
    finder: Worker
    """Makes inputs."""
    shape: bytes | None
    """What inputs are grown from, None where none can be."""
    sizes: tuple[Size, ...]
    checks: Checks
    tests: ProjectTests | None
    """Of the project, those that reach the target."""


@dataclass(frozen=True, slots=True)
class Cannot:
    """Why nothing can be judged, with the one thing to do about it."""

    reason: str
    diagnostics: str | None = None


class Original:
    """What a judge knows of its original. ``close`` ends every process that it has started."""

    def __init__(
        self,
        target: Target,
        *,
        root: Path,
        python: Path,
        settings: Options,
        isolation: Isolation,
        recorder: Recorder | None,
        cache: Path,
        seed: int,
    ) -> None:
        self._target = target
        self.called = target
        """What is called: the target, or the function at module level that holds it."""
        self._root = root
        self._python = python
        self._settings = settings
        self._isolation = isolation
        self._recorder = recorder
        self._cache = cache
        self._seed = seed
        self._preparing: asyncio.Task[Prepared | Cannot] | None = None
        self._confirming: asyncio.Task[Baseline | None] | None = None
        self._pooling: asyncio.Task[None] | None = None
        self._workers: set[Worker] = set()
        self._spares: Spares | None = None
        self._finder_turn = asyncio.Lock()
        self._pools: dict[int, tuple[bytes, ...]] = {}
        self._raises_on_grown = False

    async def prepared(self) -> Prepared | Cannot:
        """Find inputs and run the original on them, once."""
        if self._preparing is None:
            self._preparing = asyncio.create_task(self._prepare(), name=f"prepare {self._target.name}")
        return await asyncio.shield(self._preparing)

    def get_ready_to_confirm(self, prepared: Prepared) -> None:
        """Make, beside the first check, what every candidate's confirmation will need."""
        if self._confirming is None:
            self._confirming = asyncio.create_task(self._make_fresh_baseline(prepared))

    async def fresh_baseline(self, prepared: Prepared) -> Baseline | None:
        """Return the original's behaviour on inputs that no check has used, made once and kept."""
        self.get_ready_to_confirm(prepared)
        assert self._confirming is not None
        return await asyncio.shield(self._confirming)

    async def launch_pools(self, prepared: Prepared, sizes: tuple[Size, ...], launch: int) -> Sequence[bytes]:
        """Return the inputs of one launch; every candidate's launch of the same number gets the same ones."""
        async with self._finder_turn:
            if launch not in self._pools:
                seed = self._seed + 15_485_863 * (launch + 1)
                self._pools[launch] = tuple(
                    [
                        await pool(
                            prepared.finder,
                            prepared.shape,
                            size,
                            seed=seed + at,
                            tried=self._raises_on_grown,
                        )
                        for at, size in enumerate(sizes)
                    ]
                )
        return self._pools[launch]

    def tries_inputs_first(self) -> bool:
        """Have every input tried before it is timed, from now on; return whether that is new.

        Some grown inputs may be beyond what the original takes.
        """
        if self._raises_on_grown:
            return False
        self._raises_on_grown = True
        self._pools.clear()
        return True

    async def observed(self, prepared: Prepared, inputs: Sequence[Input], *, limit_s: float) -> Baseline:
        """Observe the original on further inputs, in two new processes."""
        return await self._observed(prepared.spares, inputs, _nothing, limit_s=limit_s)

    async def hot_lines(self, prepared: Prepared) -> tuple[HotLine, ...]:
        """Return where the target's time goes at its largest size; nothing where that cannot be seen."""
        if not prepared.sizes:
            return ()
        *_, inputs = await self.launch_pools(prepared, prepared.sizes, 0)
        worker = await self._worker(prepared.spares)
        try:
            return await hot_lines(worker, self._target, inputs=inputs, kind=prepared.known.kind)
        except (WorkerEnded, WorkerTimedOut):
            return ()
        finally:
            await worker.close()
            self._workers.discard(worker)

    async def close(self) -> None:
        """End every process."""
        tasks = [t for t in (self._preparing, self._confirming, self._pooling) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._spares is not None:
            await self._spares.close()
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._workers.clear()

    async def _prepare(self) -> Prepared | Cannot:
        try:
            target = self.called = outermost(self._target)
            folder = await install_worker(
                self._python, self._cache, root=self._root, isolation=self._isolation
            )
        except TargetNotFound as error:
            return Cannot(f"{error}; ask again for the file as it is now")
        except (WorkerFailed, OSError) as error:
            return Cannot(f"the interpreter cannot be used: {error}")
        setting = Setting(
            python=self._python,
            folder=folder,
            grants=python_grants(self._python, self._root, [folder], environment=environment()),
            limits=Limits(memory_bytes=self._settings.judge.memory_mb * 1024 * 1024, cpu_s=600),
            isolation=self._isolation,
            file=target.file.absolute(),
            root=self._root,
            name=target.name,
            seed=self._seed,
            sends=traits.uses_what_is_sent(target.source),
        )
        recording = asyncio.ensure_future(self._recorded(folder))
        try:
            return await self._with_processes(setting, imported_packages(target.module), recording)
        except (WorkerEnded, WorkerTimedOut) as error:
            return Cannot(
                f"the original ended its process while inputs were looked for: {error}",
                diagnostics=getattr(error, "stderr", None),
            )
        finally:
            recording.cancel()

    async def _with_processes(
        self, setting: Setting, packages: Sequence[str], recording: asyncio.Future[Recorded]
    ) -> Prepared | Cannot:
        """Start the processes of the original, then find its inputs."""
        module = self._target.module
        spares = self._spares = Spares(setting, packages)
        spares.fill(SPARES)
        workers = [await self._finder(setting), await self._worker(spares), await self._worker(spares)]
        failures = await asyncio.gather(*(load_failure(worker, module) for worker in workers))
        failure = next((f for f in failures if f is not None), None)
        if failure is not None:
            writing = await self._for_writing(setting, failure.writes)
            if writing is None or isinstance(writing, str):
                return Cannot(f"the original: {failure.reason}", diagnostics=failure.diagnostics)
            await asyncio.gather(*(worker.close() for worker in workers), spares.close())
            return await self._with_processes(writing, (), recording)
        finder, *twins = workers
        return await self._with_inputs(setting, spares, finder, twins, recording)

    async def _for_writing(self, setting: Setting, paths: Sequence[str]) -> Setting | str | None:
        """Return the setting that an original needs which writes to ``paths``, where it is not this one."""
        if setting.files:
            return None
        return await asyncio.to_thread(setting_for_writing, setting, paths)

    async def _with_inputs(
        self,
        setting: Setting,
        spares: Spares,
        finder: Worker,
        twins: Sequence[Worker],
        recording: asyncio.Future[Recorded],
    ) -> Prepared | Cannot:
        target = self.called
        recorded = await recording
        given = {
            "source": target.module.decode("utf-8-sig", "replace"),
            "name": target.name,
            "recorded": list(recorded.calls),
            "literals": await asyncio.to_thread(literal_calls, target),
        }
        answer = await finder.ask(
            "inputs",
            {
                "seed": self._seed,
                "limit": _INPUTS,
                "budget_s": _FIND_S,
                "limit_s": CALL_LIMIT_S,
                "patience_s": _PATIENCE_S,
            },
            [json.dumps(given).encode()],
            limit_s=_FIND_S * 3 + 10 + _PATIENCE_S,
        )
        writing = await self._for_writing(setting, answer.head.get("writes", ()))
        if isinstance(writing, str):
            return Cannot(writing)
        if writing is not None:
            await asyncio.gather(finder.close(), *(twin.close() for twin in twins), spares.close())
            return await self._with_processes(writing, (), recording)
        found = json.loads(answer.attached[0])
        inputs: list[Input] = found["inputs"]
        if not inputs:
            return Cannot(found["reason"] or "no input was found on which the original runs")
        shape = json.dumps(found["shape"]).encode() if found["shape"] is not None else None
        sizing = asyncio.ensure_future(self._sizes(finder, shape))
        slowest_s = float(found["slowest_s"])
        again = inputs[: _REMEMBERED if slowest_s < 0.1 * _SLOW_S else 2 if slowest_s < _SLOW_S else 0]
        try:
            known = await baseline(
                setting,
                target.module,
                inputs,
                functools.partial(self._remembered, finder, shape, sizing, again),
                limit_s=max(2 * CALL_LIMIT_S, 4 * slowest_s),
                workers=twins,
            )
            sizes = await sizing
        finally:
            sizing.cancel()
        for twin in twins:
            await twin.close()
            self._workers.discard(twin)
        through: tuple[str, ...] = ()
        if known.wavers:

            async def anew(setting: Setting) -> Baseline:
                nonlocal spares
                # Packages that are imported ahead would take hold of the clock that goes on.
                await spares.close()
                spares = self._spares = Spares(setting, ())
                remembered = functools.partial(self._remembered, finder, shape, sizing, inputs)
                return await self._observed(spares, inputs, remembered, limit_s=2 * CALL_LIMIT_S)

            setting, known, through, cannot = await steadied(setting, target.module, known, anew)
            if cannot:
                return Cannot(cannot)
        if not known.kept:
            why = known.dropped[0].partition(": ")[2] if known.dropped else "the original's process ended"
            return Cannot(
                f"no input is left to compare on: {why}; make the function depend on its arguments alone"
            )
        if target is not self._target:
            known = await self._reaching(spares, known)
            if not known.kept:
                inner = self._target.name
                return Cannot(
                    f"no input of {target.name} gets to {inner}: add a test whose calls of {target.name} do"
                )
            through = (
                *through,
                f"Judged through `{target.name}`: the speedup is that of `{target.name}`.",
            )
        if not sizes:
            returned = [
                (known.inputs[at], known.main.seen[at].seconds)
                for at in sorted(known.kept)
                if b'"exception"' not in known.main.seen[at].text
            ]
            sizes = as_given(returned)
        sources: dict[str, int] = {}
        for at in known.kept:
            source = str(inputs[at]["source"])
            sources[source] = sources.get(source, 0) + 1
        tests = select(setting, recorded, timeout_s=self._settings.tests.timeout_s)
        skipped = (tests,) if isinstance(tests, str) else ()
        checks = Checks(
            inputs=len(known.kept),
            sources=sources,
            notes=(*through, *map(str, found["notes"]), *recorded.notes, *skipped, *known.dropped),
        )
        prepared = Prepared(
            setting=setting,
            known=known,
            spares=spares,
            finder=finder,
            shape=shape,
            sizes=sizes,
            checks=checks,
            tests=tests if isinstance(tests, ProjectTests) else None,
        )
        # The first candidate is being checked while the inputs of its timing are made.
        self._pooling = asyncio.create_task(self._make_pools(prepared, prepared.sizes, 0))
        return prepared

    async def _observed(
        self,
        spares: Spares,
        inputs: Sequence[Input],
        remembered: Remembered,
        *,
        limit_s: float,
    ) -> Baseline:
        """Observe the original in two new processes."""
        twins = [await self._worker(spares) for _ in range(2)]
        try:
            await asyncio.gather(*(load_failure(twin, self._target.module) for twin in twins))
            return await baseline(
                spares.setting, self._target.module, inputs, remembered, limit_s=limit_s, workers=twins
            )
        finally:
            for twin in twins:
                await twin.close()
                self._workers.discard(twin)

    async def _reaching(self, spares: Spares, known: Baseline) -> Baseline:
        """Keep the inputs on which it shows what the nested target does."""
        try:
            raising = splice(self._target, that_only_raises(self._target))
        except (InvalidReplacement, SyntaxError):
            return known
        return replace(known, kept=await reaching(spares, raising, known))

    async def _sizes(self, finder: Worker, shape: bytes | None) -> tuple[Size, ...]:
        if shape is None:
            return ()
        async with self._finder_turn:
            return await choose_sizes(finder, shape, seed=self._seed)

    async def _remembered(
        self,
        finder: Worker,
        shape: bytes | None,
        sizing: Awaitable[tuple[Size, ...]],
        inputs: Sequence[Input],
    ) -> Sequence[Input]:
        """Return inputs of a middling size for the look at what is kept between calls."""
        sizes = [size for size in await sizing if size.call_s < 0.01 and size.elements <= _MOST_ELEMENTS]
        telling = [size for size in sizes if size.call_s > _LONG_ENOUGH_TO_REMEMBER_S]
        if not sizes or shape is None:
            return inputs
        async with self._finder_turn:
            made = await grow(
                finder,
                shape,
                seed=self._seed + 7919,
                elements=(telling[0] if telling else sizes[-1]).elements,
                count=_REMEMBERED,
                tries=_REMEMBERED,
                limit_s=1.0,
            )
        self._raises_on_grown = made.raised > 0
        return made.inputs() or inputs

    async def _make_fresh_baseline(self, prepared: Prepared) -> Baseline | None:
        if prepared.shape is None:
            return None
        wanted = [(elements, 8) for elements in (1, 2, 3, 5, 13, 40)]
        wanted += [(min(size.elements, _MOST_ELEMENTS), 3) for size in prepared.sizes if size.call_s < 0.05]
        inputs: list[Input] = []
        async with self._finder_turn:
            for elements, count in wanted:
                made = await grow(
                    prepared.finder,
                    prepared.shape,
                    seed=self._seed + 104_729 + elements,
                    elements=elements,
                    count=count,
                    tries=0,
                    limit_s=1.0,
                    # What is checked once more is as varied as what was checked before.
                    widely=elements <= _MOST_WIDE,
                )
                inputs += made.inputs()
        if not inputs:
            return None
        return await self._observed(prepared.spares, inputs, _nothing, limit_s=2 * CALL_LIMIT_S)

    async def _finder(self, setting: Setting) -> Worker:
        finder = await Worker.open(setting, "inputs")
        self._workers.add(finder)
        return finder

    async def _worker(self, spares: Spares) -> Worker:
        worker = await spares.take()
        self._workers.add(worker)
        return worker

    async def _recorded(self, folder: Path) -> Recorded:
        if self._recorder is not None:
            return Recorded(calls=tuple(map(dict, await self._recorder())))
        kept, kept_notes = await asyncio.to_thread(kept_calls, self._root, self._target)
        found = await self._recorded_from_tests(folder)
        return replace(found, calls=(*kept, *found.calls), notes=(*kept_notes, *found.notes))

    async def _recorded_from_tests(self, folder: Path) -> Recorded:
        tests = self._settings.tests
        if not tests.enable:
            return Recorded()
        try:
            return await record_calls(
                self.called,
                root=self._root,
                python=self._python,
                isolation=self._isolation,
                timeout_s=tests.timeout_s,
                cache=self._cache,
                folder=folder,
            )
        except OSError as error:
            return Recorded(notes=(f"No calls were recorded from the tests: {error}.",))

    async def _make_pools(self, prepared: Prepared, sizes: tuple[Size, ...], first_launch: int) -> None:
        """Make the inputs up to the first look ahead of time."""
        for launch in range(first_launch, first_launch + LOOKS[0]):
            await self.launch_pools(prepared, sizes, launch)


async def _nothing() -> Sequence[Input]:
    return ()
