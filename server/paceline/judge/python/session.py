"""The judge of one Python target: prepared once, asked about many candidates."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from paceline.errors import InvalidReplacement, WorkerFailed
from paceline.judge.options import DefaultOptions, Options
from paceline.judge.processors import Processors
from paceline.judge.python import static
from paceline.judge.python.check import LOAD_LIMIT_S, Baseline, Failure, Input, check
from paceline.judge.python.client import WorkerEnded, WorkerTimedOut
from paceline.judge.python.original import CALL_LIMIT_S, SPARES, Cannot, Original, Prepared, Recorder
from paceline.judge.python.project_tests import ProjectTests, abandon
from paceline.judge.python.report import final_verdict, measured_timing
from paceline.judge.python.script import Material, Timed
from paceline.judge.python.sizes import Size
from paceline.judge.python.timing import Measured, Mismatch, Plan, measure
from paceline.judge.python.trees import may_be_newer, trees_of
from paceline.judge.sandbox import Isolation
from paceline.judge.verdict import Checks, Evidence, Outcome, Verdict
from paceline.syntax.splice import splice
from paceline.syntax.target import HotLine, Replacement, Target
from paceline.workspace.pythons.version import version_of
from paceline.workspace.roots import cache_folder

OnStage = Callable[[str, str], None]
Look = Callable[[Target, Replacement], static.Rejection | None]

_CONFIRMING = 1000
"""Launch numbers from here on are those of confirmations: their inputs are new."""


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
        self._root = root.absolute()
        self._python = python
        self._settings: Options = settings if settings is not None else DefaultOptions()
        self._isolation = isolation
        self._cache = cache if cache is not None else cache_folder()
        self._look = look
        self._original = Original(
            target,
            root=self._root,
            python=python,
            settings=self._settings,
            isolation=isolation,
            recorder=recorder,
            cache=self._cache,
            seed=seed,
        )
        self._processors = Processors()

    async def prepare(self) -> Checks | Verdict:
        """Find inputs and run the original on them, once. A verdict says why that is not possible."""
        prepared = await self._original.prepared()
        return self._cannot(prepared) if isinstance(prepared, Cannot) else prepared.checks

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
            ended = f"the process that runs the original ended ({error}); try again"
            verdict = self._cannot(Cannot(ended, getattr(error, "stderr", None)))
        return replace(verdict, elapsed_s=time.monotonic() - started)

    async def hot_lines(self) -> tuple[HotLine, ...]:
        """Return the lines on which the original spends its time, the hottest first: for whoever rewrites it.

        Nothing where nothing can be judged, or where it cannot be seen.
        """
        prepared = await self._original.prepared()
        return () if isinstance(prepared, Cannot) else await self._original.hot_lines(prepared)

    async def material(self, replacement: Replacement) -> Material | None:
        """Return what it takes to repeat a verdict on a rewrite elsewhere; None where there is no such thing.

        Raises InvalidReplacement for one that does not fit into the document.
        """
        prepared = await self._original.prepared()
        if isinstance(prepared, Cannot):
            return None
        fresh = await self._original.fresh_baseline(prepared)
        every = [prepared.known] if fresh is None else [prepared.known, fresh]
        pools = await self._original.launch_pools(prepared, prepared.sizes, 0)
        return Material(
            target=self._target,
            called=self._original.called,
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
        await self._original.close()

    async def _judge(self, replacement: Replacement, on_stage: OnStage) -> Verdict:
        on_stage("static", "")
        look = self._look or static.reject
        rejection = look(self._target, replacement)
        is_newer = rejection is not None and rejection.is_syntax and may_be_newer(self._python)
        if rejection is not None and not is_newer:
            return Verdict(outcome=rejection.outcome, reason=rejection.reason, evidence=self._evidence())
        prepared = await self._original.prepared()
        if isinstance(prepared, Cannot):
            return self._cannot(prepared)
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
        prepared.spares.fill(SPARES)
        on_stage("build", "")
        on_stage("check", f"{prepared.checks.inputs} inputs")
        self._original.get_ready_to_confirm(prepared)
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
        # Beside a timing this would cost more than before it.
        fresh = await self._original.fresh_baseline(prepared)
        on_stage("time", "")
        first = await self._measure(
            prepared,
            candidate,
            0,
            lambda: prepared.spares.fill(SPARES),
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
        self, prepared: Prepared, replacement: Replacement
    ) -> static.Rejection | None:
        try:
            parse = await trees_of(prepared.setting, static.texts(self._target, replacement))
        except WorkerFailed as error:
            return static.Rejection(Outcome.CANNOT_JUDGE, str(error))
        return static.reject(self._target, replacement, parse=parse)

    # --- judging --------------------------------------------------------------------------------------------

    async def _check(self, prepared: Prepared, known: Baseline, candidate: bytes) -> Failure | None:
        options = self._settings.judge
        original_s = sum(seen.seconds for seen in known.main.seen)
        limit_s = max(options.max_check_s, LOAD_LIMIT_S, 4 * original_s)
        try:
            async with asyncio.timeout(limit_s):
                return await check(
                    prepared.spares,
                    self._original.called.name,
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
        prepared: Prepared,
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
            pools=functools.partial(self._original.launch_pools, prepared, sizes),
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
        if original_failed and self._original.tries_inputs_first():
            found = await timed()
        return found

    async def _unmeasured(self, prepared: Prepared, candidate: bytes, why: Mismatch | Failure) -> Verdict:
        """Say what it means that a timing broke off."""
        if isinstance(why, Failure):
            return self._failed(prepared, why)
        items = json.loads(why.payload)
        item = items[why.at % len(items)]
        again: list[Input] = [{"size": why.size.elements, "source": "timed", **item}]
        known = await self._original.observed(
            prepared, again, limit_s=max(2 * CALL_LIMIT_S, 50 * why.size.call_s)
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

    def _failed(self, prepared: Prepared, failure: Failure) -> Verdict:
        evidence = replace(
            self._evidence(prepared),
            counterexample=failure.counterexample,
            diagnostics=failure.diagnostics,
        )
        return Verdict(outcome=failure.outcome, reason=failure.reason, evidence=evidence)

    def _cannot(self, cannot: Cannot) -> Verdict:
        return Verdict(
            outcome=Outcome.CANNOT_JUDGE,
            reason=cannot.reason,
            evidence=replace(self._evidence(), diagnostics=cannot.diagnostics),
        )

    def _evidence(self, prepared: Prepared | None = None, **more: Any) -> Evidence:
        return Evidence(
            checks=prepared.checks if prepared is not None else Checks(),
            isolation=self._isolation.value,
            environment=_environment(self._python),
            tolerance=self._settings.judge.float_tolerance,
            **more,
        )


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
