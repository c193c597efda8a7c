"""The judge of one Python target: prepared once, asked about many candidates."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import platform
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paceline.errors import InvalidReplacement, TargetNotFound, WorkerFailed
from paceline.judge.options import DefaultOptions, Options
from paceline.judge.processors import Processors
from paceline.judge.python import static, traits
from paceline.judge.python.check import (
    LOAD_LIMIT_S,
    Baseline,
    Failure,
    Input,
    baseline,
    check,
    load_failure,
    reaching,
)
from paceline.judge.python.client import Setting, Worker, WorkerEnded, WorkerTimedOut, environment
from paceline.judge.python.enclosing import outermost, that_only_raises
from paceline.judge.python.installed import install_worker
from paceline.judge.python.kept_recordings import kept_calls
from paceline.judge.python.literals import literal_calls
from paceline.judge.python.packages import imported_packages
from paceline.judge.python.project_tests import ProjectTests, abandon, select
from paceline.judge.python.recordings import Recorded, record_calls
from paceline.judge.python.report import final_verdict, measured_timing
from paceline.judge.python.script import Material, Timed
from paceline.judge.python.sizes import Size, as_given, choose_sizes, grow, pool
from paceline.judge.python.spares import Spares
from paceline.judge.python.timing import Measured, Mismatch, Plan, measure
from paceline.judge.python.trees import may_be_newer, trees_of
from paceline.judge.python.wavering import steadied
from paceline.judge.python.writing import setting_for_writing
from paceline.judge.sandbox import Isolation, Limits, python_grants
from paceline.judge.statistics import LOOKS
from paceline.judge.verdict import Checks, Evidence, Outcome, Verdict
from paceline.syntax.splice import splice
from paceline.syntax.target import Replacement, Target
from paceline.workspace.pythons.version import version_of
from paceline.workspace.roots import cache_folder

OnStage = Callable[[str, str], None]
Recorder = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
Look = Callable[[Target, Replacement], static.Rejection | None]

_INPUTS = 60
_FIND_S = 3.0
_CALL_LIMIT_S = 2.0
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
_SPARES = 3 * LOOKS[0] + 1
"""Processes that a check and a timing need up to its first look."""
_CONFIRMING = 1000
"""Launch numbers from here on are those of confirmations: their inputs are new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    setting: Setting
    known: Baseline
    spares: Spares
    finder: Worker
    shape: bytes | None
    sizes: tuple[Size, ...]
    checks: Checks
    tests: ProjectTests | None
    """Of the project, those that reach the target."""


class PythonJudge:
    """Judges rewrites of one function. Guards the processes it has started; ``close`` ends them all."""

    def __init__(
        self,
        target: Target,
        *,
        root: Path,
        python: Path,
        settings: Options | None = None,
        isolation: Isolation,
        recorder: Recorder | None = None,
        cache: Path | None = None,
        seed: int = 1,
        look: Look | None = None,
    ) -> None:
        """``look`` takes the place of the static look, to show what stops a candidate behind it."""
        self._target = target
        self._called = target
        """What is called: the target, or the function at module level that holds it."""
        self._root = root.absolute()
        self._python = python
        self._settings: Options = settings if settings is not None else DefaultOptions()
        self._isolation = isolation
        self._recorder = recorder
        self._cache = cache if cache is not None else cache_folder()
        self._seed = seed
        self._look = look
        self._preparing: asyncio.Task[_Prepared | Verdict] | None = None
        self._confirming: asyncio.Task[Baseline | None] | None = None
        self._pooling: asyncio.Task[None] | None = None
        self._workers: set[Worker] = set()
        self._spares: Spares | None = None
        self._finder_turn = asyncio.Lock()
        self._pools: dict[int, tuple[bytes, ...]] = {}
        self._raises_on_grown = False
        self._processors = Processors()

    async def prepare(self) -> Checks | Verdict:
        """Find inputs and run the original on them, once. A verdict says why that is not possible."""
        prepared = await self._prepared()
        return prepared if isinstance(prepared, Verdict) else prepared.checks

    async def judge(self, replacement: Replacement, *, on_stage: OnStage = lambda _s, _d: None) -> Verdict:
        """Judge one rewrite; several may be judged at the same time.

        Calls ``on_stage`` with static, build, check, tests, time and confirm. Raises IsolationUnavailable;
        what the candidate does is never an error.
        """
        started = time.monotonic()
        try:
            verdict = await self._judge(replacement, on_stage)
        except (WorkerEnded, WorkerTimedOut) as error:
            # The candidate's processes are dealt with where they are asked; this one ran the original.
            verdict = self._cannot(
                f"the process that runs the original ended ({error}); try again",
                diagnostics=getattr(error, "stderr", None),
            )
        return replace(verdict, elapsed_s=time.monotonic() - started)

    async def material(self, replacement: Replacement) -> Material | None:
        """Return what it takes to repeat a verdict on a rewrite elsewhere; None where there is no such thing.

        Raises InvalidReplacement for one that does not fit into the document.
        """
        prepared = await self._prepared()
        if isinstance(prepared, Verdict):
            return None
        fresh = await self._fresh_baseline(prepared)
        every = [prepared.known] if fresh is None else [prepared.known, fresh]
        pools = await self._launch_pools(prepared, prepared.sizes, 0)
        return Material(
            target=self._target,
            called=self._called,
            replacement=replacement,
            candidate=splice(self._target, replacement),
            root=self._root,
            checked=tuple(known.inputs[at] for known in every for at in sorted(known.kept)),
            timed=tuple(
                Timed(elements=size.elements, payload=payload)
                for size, payload in zip(prepared.sizes, pools, strict=True)
            ),
            kind=prepared.known.kind,
            mutates=prepared.known.mutates,
            minimum_gain=self._settings.judge.minimum_gain,
            confidence=self._settings.judge.confidence,
            python=version_of(self._python),
        )

    async def close(self) -> None:
        """End every process of this judge."""
        tasks = [t for t in (self._preparing, self._confirming, self._pooling) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._spares is not None:
            await self._spares.close()
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._workers.clear()

    async def _judge(self, replacement: Replacement, on_stage: OnStage) -> Verdict:
        on_stage("static", "")
        look = self._look or static.reject
        rejection = look(self._target, replacement)
        is_newer = rejection is not None and rejection.is_syntax and may_be_newer(self._python)
        if rejection is not None and not is_newer:
            return Verdict(outcome=rejection.outcome, reason=rejection.reason, evidence=self._evidence())
        prepared = await self._prepared()
        if isinstance(prepared, Verdict):
            return prepared
        if is_newer:
            # The workspace's Python may know syntax that Paceline's own does not.
            rejection = await self._look_by_workspace(prepared, replacement)
            if rejection is not None:
                return Verdict(outcome=rejection.outcome, reason=rejection.reason, evidence=self._evidence())
        try:
            candidate = splice(self._target, replacement)
        except InvalidReplacement as error:
            return Verdict(
                outcome=Outcome.DOES_NOT_BUILD, reason=str(error), evidence=self._evidence(prepared)
            )
        prepared.spares.fill(_SPARES)
        on_stage("build", "")
        on_stage("check", f"{prepared.checks.inputs} inputs")
        self._get_ready_to_confirm(prepared)
        # What runs the project's tests starts beside the check.
        starting = prepared.tests.begin() if prepared.tests is not None else None
        try:
            failure = await self._check(prepared, prepared.known, candidate)
            if failure is not None:
                return self._failed(prepared, failure)
            if prepared.tests is not None and starting is not None:
                on_stage("tests", _counted(prepared.tests))
                passed = await prepared.tests.run(starting, original=self._target.module, candidate=candidate)
                if isinstance(passed, Failure):
                    return self._failed(prepared, passed)
                notes = (*prepared.checks.notes, *passed.notes)
                prepared = replace(prepared, checks=replace(prepared.checks, tests=passed.tests, notes=notes))
        finally:
            if starting is not None:
                await abandon(starting)
        # Beside a timing this would cost more than before it: disturbed rounds are repeated.
        fresh = await self._fresh_baseline(prepared)
        on_stage("time", "")
        first = await self._measure(
            prepared,
            candidate,
            0,
            lambda: prepared.spares.fill(_SPARES),
            functools.partial(on_stage, "time"),
            sizes=prepared.sizes,
        )
        if not isinstance(first, Measured):
            return await self._unmeasured(prepared, candidate, first)
        timing = measured_timing(prepared.sizes, [first], self._settings.judge, confirmed=False)
        if first.look.decision != "faster":
            return final_verdict(self._evidence(prepared, timing=timing), first, self._settings.judge)
        on_stage("confirm", f"{first.look.ratio.mean:.2f}x so far")
        if fresh is not None:
            failure = await self._check(prepared, fresh, candidate)
            if failure is not None:
                return self._failed(prepared, failure)
        second = await self._measure(
            prepared,
            candidate,
            _CONFIRMING,
            lambda: None,
            functools.partial(on_stage, "confirm"),
            # What the verdict rests on is confirmed. The other sizes only ever take from it.
            sizes=prepared.sizes[-1:],
        )
        if not isinstance(second, Measured):
            return await self._unmeasured(prepared, candidate, second)
        confirmed = second.look.decision == "faster"
        timing = measured_timing(prepared.sizes, [first, second], self._settings.judge, confirmed=confirmed)
        evidence = self._evidence(prepared, timing=timing)
        if fresh is not None:
            evidence = replace(evidence, checks=_with_fresh(evidence.checks, len(fresh.kept)))
        return final_verdict(evidence, second, self._settings.judge)

    async def _look_by_workspace(
        self, prepared: _Prepared, replacement: Replacement
    ) -> static.Rejection | None:
        try:
            parse = await trees_of(prepared.setting, static.texts(self._target, replacement))
        except WorkerFailed as error:
            return static.Rejection(Outcome.CANNOT_JUDGE, str(error))
        return static.reject(self._target, replacement, parse=parse)

    # --- preparing ------------------------------------------------------------------------------------------

    async def _prepared(self) -> _Prepared | Verdict:
        if self._preparing is None:
            self._preparing = asyncio.create_task(self._prepare(), name=f"prepare {self._target.name}")
        return await asyncio.shield(self._preparing)

    async def _prepare(self) -> _Prepared | Verdict:
        try:
            target = self._called = outermost(self._target)
            folder = await install_worker(
                self._python, self._cache, root=self._root, isolation=self._isolation
            )
        except TargetNotFound as error:
            return self._cannot(f"{error}; ask again for the file as it is now")
        except (WorkerFailed, OSError) as error:
            return self._cannot(f"the interpreter cannot be used: {error}")
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
            return self._cannot(
                f"the original ended its process while inputs were looked for: {error}",
                diagnostics=getattr(error, "stderr", None),
            )
        finally:
            recording.cancel()

    async def _with_processes(
        self, setting: Setting, packages: Sequence[str], recording: asyncio.Future[Recorded]
    ) -> _Prepared | Verdict:
        """Start the processes of the original, then find its inputs."""
        module = self._target.module
        spares = self._spares = Spares(setting, packages)
        spares.fill(_SPARES)
        workers = [await self._finder(setting), await self._worker(spares), await self._worker(spares)]
        failures = await asyncio.gather(*(load_failure(worker, module) for worker in workers))
        failure = next((f for f in failures if f is not None), None)
        if failure is not None:
            writing = await self._for_writing(setting, failure.writes)
            if writing is None or isinstance(writing, str):
                return self._cannot(f"the original: {failure.reason}", diagnostics=failure.diagnostics)
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
    ) -> _Prepared | Verdict:
        target = self._called
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
                "limit_s": _CALL_LIMIT_S,
                "patience_s": _PATIENCE_S,
            },
            [json.dumps(given).encode()],
            limit_s=_FIND_S * 3 + 10 + _PATIENCE_S,
        )
        writing = await self._for_writing(setting, answer.head.get("writes", ()))
        if isinstance(writing, str):
            return self._cannot(writing)
        if writing is not None:
            await asyncio.gather(finder.close(), *(twin.close() for twin in twins), spares.close())
            return await self._with_processes(writing, (), recording)
        found = json.loads(answer.attached[0])
        inputs: list[Input] = found["inputs"]
        if not inputs:
            return self._cannot(found["reason"] or "no input was found on which the original runs")
        shape = json.dumps(found["shape"]).encode() if found["shape"] is not None else None
        sizing = asyncio.ensure_future(self._sizes(finder, shape))
        slowest_s = float(found["slowest_s"])
        again = inputs[: _REMEMBERED if slowest_s < 0.1 * _SLOW_S else 2 if slowest_s < _SLOW_S else 0]
        try:
            known = await baseline(
                setting,
                target.module,
                inputs,
                self._remembered(finder, shape, sizing, again),
                limit_s=max(_CALL_LIMIT_S * 2, 4 * slowest_s),
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
                return await self._observed(spares, finder, shape, sizing, inputs)

            setting, known, through, cannot = await steadied(setting, target.module, known, anew)
            if cannot:
                return self._cannot(cannot)
        if not known.kept:
            why = known.dropped[0].partition(": ")[2] if known.dropped else "the original's process ended"
            return self._cannot(
                f"no input is left to compare on: {why}; make the function depend on its arguments alone"
            )
        if target is not self._target:
            known = await self._reaching(spares, known)
            if not known.kept:
                inner = self._target.name
                return self._cannot(
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
        prepared = _Prepared(
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
        finder: Worker,
        shape: bytes | None,
        sizing: Awaitable[tuple[Size, ...]],
        inputs: Sequence[Input],
    ) -> Baseline:
        """Observe the original once more, in two new processes."""
        twins = [await self._worker(spares) for _ in range(2)]
        try:
            await asyncio.gather(*(load_failure(twin, self._target.module) for twin in twins))
            return await baseline(
                spares.setting,
                self._target.module,
                inputs,
                self._remembered(finder, shape, sizing, inputs),
                limit_s=_CALL_LIMIT_S * 2,
                workers=twins,
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

    def _get_ready_to_confirm(self, prepared: _Prepared) -> None:
        """Make, beside the first check, what every candidate's confirmation will need."""
        if self._confirming is None:
            self._confirming = asyncio.create_task(self._make_fresh_baseline(prepared))

    async def _fresh_baseline(self, prepared: _Prepared) -> Baseline | None:
        """Return the original's behaviour on inputs that no check has used, made once and kept."""
        self._get_ready_to_confirm(prepared)
        assert self._confirming is not None
        return await asyncio.shield(self._confirming)

    async def _make_fresh_baseline(self, prepared: _Prepared) -> Baseline | None:
        if prepared.shape is None:
            return None
        wanted = [(elements, 8) for elements in (1, 2, 3, 5, 13, 40)]
        wanted += [(min(size.elements, _MOST_ELEMENTS), 3) for size in prepared.sizes if size.call_s < 0.05]
        inputs: list[Input] = []
        # The processes start while their inputs are made.
        twins = [await self._worker(prepared.spares) for _ in range(2)]
        try:
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
            if any(await asyncio.gather(*(load_failure(twin, self._target.module) for twin in twins))):
                return None
            return await baseline(
                prepared.setting,
                self._target.module,
                inputs,
                _nothing(),
                limit_s=_CALL_LIMIT_S * 2,
                workers=twins,
            )
        finally:
            for twin in twins:
                await twin.close()
                self._workers.discard(twin)

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
                self._called,
                root=self._root,
                python=self._python,
                isolation=self._isolation,
                timeout_s=tests.timeout_s,
                cache=self._cache,
                folder=folder,
            )
        except OSError as error:
            return Recorded(notes=(f"No calls were recorded from the tests: {error}.",))

    # --- judging --------------------------------------------------------------------------------------------

    async def _check(self, prepared: _Prepared, known: Baseline, candidate: bytes) -> Failure | None:
        options = self._settings.judge
        original_s = sum(seen.seconds for seen in known.main.seen)
        limit_s = max(options.max_check_s, LOAD_LIMIT_S, 4 * original_s)
        try:
            async with asyncio.timeout(limit_s):
                return await check(
                    prepared.spares,
                    self._called.name,
                    self._target.module,
                    candidate,
                    known,
                    tolerance=options.float_tolerance,
                )
        except TimeoutError:
            return Failure(
                outcome=Outcome.TIMED_OUT,
                reason=f"checking it took more than {limit_s:.3g} s, the original {original_s:.2g} s",
            )

    async def _measure(
        self,
        prepared: _Prepared,
        candidate: bytes,
        first_launch: int,
        on_start: Callable[[], None],
        on_launch: Callable[[str], None],
        *,
        sizes: tuple[Size, ...],
    ) -> Measured | Mismatch | Failure:
        options = self._settings.judge
        if not prepared.sizes:
            return Failure(
                outcome=Outcome.CANNOT_JUDGE,
                reason="the original returns on no input, so nothing can be timed",
            )
        plan = Plan(
            open_worker=prepared.spares.take,
            original=self._target.module,
            sizes=sizes,
            pools=functools.partial(self._launch_pools, prepared, sizes),
            kind=prepared.known.kind,
            mutates=prepared.known.mutates,
            cache=self._cache,
            confidence=options.confidence,
            minimum_gain=options.minimum_gain,
            tolerance=options.float_tolerance,
            budget_s=options.max_verdict_s / 2,
            processors=self._processors,
        )
        timed = functools.partial(
            measure, plan, candidate, first_launch=first_launch, on_start=on_start, on_launch=on_launch
        )
        found = await timed()
        original_failed = isinstance(found, Failure) and found.outcome is Outcome.CANNOT_JUDGE
        if original_failed and not self._raises_on_grown:
            # Some inputs are beyond what the original takes: from now on each is tried before it is used.
            self._raises_on_grown = True
            self._pools.clear()
            found = await timed()
        return found

    async def _make_pools(self, prepared: _Prepared, sizes: tuple[Size, ...], first_launch: int) -> None:
        """Make the inputs up to the first look ahead of time."""
        for launch in range(first_launch, first_launch + LOOKS[0]):
            await self._launch_pools(prepared, sizes, launch)

    async def _launch_pools(
        self, prepared: _Prepared, sizes: tuple[Size, ...], launch: int
    ) -> Sequence[bytes]:
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

    async def _unmeasured(self, prepared: _Prepared, candidate: bytes, why: Mismatch | Failure) -> Verdict:
        """Say what it means that a timing broke off."""
        if isinstance(why, Failure):
            return self._failed(prepared, why)
        items = json.loads(why.payload)
        item = items[why.at % len(items)]
        again: list[Input] = [{"size": why.size.elements, "source": "timed", **item}]
        twins = [await self._worker(prepared.spares) for _ in range(2)]
        await asyncio.gather(*(load_failure(twin, self._target.module) for twin in twins))
        known = await baseline(
            prepared.setting,
            self._target.module,
            again,
            _nothing(),
            limit_s=max(_CALL_LIMIT_S * 2, 50 * why.size.call_s),
            workers=twins,
        )
        failure = await self._check(prepared, known, candidate) if known.kept else None
        if known.wavers:
            failure = Failure(
                outcome=Outcome.CANNOT_JUDGE,
                reason="the original does not do the same twice on an input of the timing; "
                "make it depend on its arguments alone",
            )
        if failure is None:
            failure = Failure(
                outcome=Outcome.TAMPERED,
                reason=f"the {why.difference.part} of a timed call was wrong, and is right when checked",
            )
        return self._failed(prepared, failure)

    # --- verdicts -------------------------------------------------------------------------------------------

    def _failed(self, prepared: _Prepared, failure: Failure) -> Verdict:
        evidence = replace(
            self._evidence(prepared),
            counterexample=failure.counterexample,
            diagnostics=failure.diagnostics,
        )
        return Verdict(outcome=failure.outcome, reason=failure.reason, evidence=evidence)

    def _cannot(self, reason: str, *, diagnostics: str | None = None) -> Verdict:
        return Verdict(
            outcome=Outcome.CANNOT_JUDGE,
            reason=reason,
            evidence=replace(self._evidence(), diagnostics=diagnostics),
        )

    def _evidence(self, prepared: _Prepared | None = None, **more: Any) -> Evidence:
        return Evidence(
            checks=prepared.checks if prepared is not None else Checks(),
            isolation=self._isolation.value,
            environment=_environment(self._python),
            tolerance=self._settings.judge.float_tolerance,
            **more,
        )


async def _nothing() -> Sequence[Input]:
    return ()


def _counted(tests: ProjectTests) -> str:
    return f"{len(tests.tests)} test{'' if len(tests.tests) == 1 else 's'}"


def _with_fresh(checks: Checks, count: int) -> Checks:
    sources = {**checks.sources, "fresh": checks.sources.get("fresh", 0) + count}
    return replace(checks, inputs=checks.inputs + count, sources=sources)


def _environment(python: Path) -> Mapping[str, str]:
    return {
        "python": str(python),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": str(os.cpu_count() or 1),
    }
