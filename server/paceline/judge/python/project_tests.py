"""The project's own tests, run with a candidate in the target's place.

Only tests that reach the target and passed with the original count. The candidate shares a process with
whatever runs the tests, so it may fake a pass: that is as good as having no tests. A pass is never the reason
for a verdict; it can only be lost here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lessonbank.outcome import Outcome
from paceline.judge.python.check import Failure
from paceline.judge.python.client import Setting, Worker, WorkerEnded
from paceline.judge.python.recordings import Recorded
from paceline.judge.python.suite_run import Ran, Suite, TestSeen, narrowed, run_suite, start_suite
from paceline.judge.verdict import Counterexample

_MOST_TESTS = 200
_SHARE = 0.5
"""Of the time allowed, so much may be taken by tests that are known to take it; the rest is for starting."""
_FLOOR_S = 15.0
_TIMES_ORIGINAL = 10.0
_MOST_NAMED = 3
_FIRST_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How many of the project's tests passed with the candidate in place."""

    tests: int
    notes: tuple[str, ...] = ()
    """Which tests did not count, and why, each as one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTests:
    """The tests that are run with every candidate of one target. ``select`` makes it."""

    setting: Setting
    suite: Suite
    tests: tuple[TestSeen, ...]
    limit_s: float
    """What a candidate's run may take, starting included."""
    notes: tuple[str, ...]

    def begin(self) -> asyncio.Task[Worker]:
        """Start the process of one run ahead of time. Await ``run`` or ``abandon`` with it."""
        return asyncio.create_task(start_suite(self.setting, self.suite), name="project tests")

    async def run(
        self, starting: asyncio.Task[Worker], *, original: bytes, candidate: bytes
    ) -> Passed | Failure:
        """Run the tests on the candidate, and once more on the original if they do not all pass."""
        worker = await starting
        ran = await run_suite(worker, limit_s=self.limit_s, only=self.tests, source=candidate)
        lost = self._lost(ran)
        if not lost and ran.end is not None and not ran.patched():
            return Passed(tests=len(self.tests), notes=self.notes)
        if isinstance(ran.ended, WorkerEnded) and ran.ended.broke_protocol:
            return Failure(outcome=Outcome.TAMPERED, reason="it interfered with the results of the tests")
        again = await run_suite(
            await start_suite(self.setting, self.suite),
            limit_s=self.limit_s,
            only=self.tests,
            source=original,
        )
        return self._compared(ran, again, lost)

    def _compared(self, ran: Ran, original: Ran, lost: Sequence[TestSeen]) -> Passed | Failure:
        patched = sorted(ran.patched() - original.patched())
        if patched and original.end is not None:
            return Failure(
                outcome=Outcome.TAMPERED, reason=f"it changed what runs the project's tests: {patched[0]}"
            )
        known = original.by_id()
        steady = [test for test in lost if _passes(known, test)]
        flaky = [test for test in lost if not _passes(known, test)]
        if steady:
            return _lost_test(steady, ran)
        if ran.end is None and original.end is not None:
            return _ended(ran)
        notes = self.notes
        if original.end is None:
            late = "The project's tests do not count: with the original they did not come to an end either."
            return Passed(tests=0, notes=(*notes, late))
        if flaky:
            notes += (f"Not counted, for they do not always pass with the original: {_named(flaky)}.",)
        return Passed(tests=len(self.tests) - len(flaky), notes=notes)

    def _lost(self, ran: Ran) -> list[TestSeen]:
        seen = ran.by_id()
        return [test for test in self.tests if not _passes(seen, test)]


async def abandon(starting: asyncio.Task[Worker]) -> None:
    """End a process that was begun and is not wanted."""
    starting.cancel()
    found = (await asyncio.gather(starting, return_exceptions=True))[0]
    if isinstance(found, Worker):
        await found.close()


def select(setting: Setting, recorded: Recorded, *, timeout_s: float) -> ProjectTests | str | None:
    """Return the tests to run with every candidate: those that reach the target and passed, quickest first.

    None where no test reaches the target. A sentence says why they cannot be run.
    """
    if not recorded.reaching:
        return None
    sound = [test for test in recorded.reaching if test.outcome == "passed"]
    failing = [test for test in recorded.reaching if test.outcome == "failed"]
    notes: tuple[str, ...] = ()
    if failing:
        notes += (f"Not counted, for they fail with the original: {_named(failing)}.",)
    chosen: list[TestSeen] = []
    seconds = 0.0
    for test in sorted(sound, key=lambda test: test.seconds):
        seconds += test.seconds
        if seconds > timeout_s * _SHARE or len(chosen) >= _MOST_TESTS:
            break
        chosen.append(test)
    left = len(sound) - len(chosen)
    if not sound:
        return " ".join(notes) or "The tests that reach it were skipped, so none is run with a rewrite."
    if not chosen:
        return f"The tests that reach it were not run: they take too long (tests.timeout_s is {timeout_s:g})."
    if left:
        notes += (f"{left:,} of the {len(sound):,} tests that reach it were not run, to save time.",)
    taken = sum(test.seconds for test in chosen)
    return ProjectTests(
        setting=setting,
        suite=narrowed(recorded.suite, setting.root, chosen),
        tests=tuple(chosen),
        limit_s=min(timeout_s, _FLOOR_S + _TIMES_ORIGINAL * taken),
        notes=notes,
    )


def _passes(seen: Mapping[tuple[str, str], TestSeen], test: TestSeen) -> bool:
    found = seen.get((test.by, test.id))
    return found is not None and found.outcome == "passed"


def _lost_test(lost: Sequence[TestSeen], ran: Ran) -> Failure:
    """Say what happened to tests that pass with the original: one that failed tells more than one missing."""
    seen = ran.by_id()
    failed = [seen[test.by, test.id] for test in lost if (test.by, test.id) in seen]
    if failed:
        test = min(failed, key=lambda test: test.seconds)
        others = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        return _wrong(test, f"the project's test {test.id}{others} fails with it", test.why, "it fails")
    if ran.end is None:
        return _ended(ran)
    why = ran.missing[0] if ran.missing else ""
    return _wrong(
        lost[0],
        f"the project's test {lost[0].id} ran with the original and is missing with it",
        why,
        "it does not run",
    )


def _wrong(test: TestSeen, reason: str, why: str, got: str) -> Failure:
    return Failure(
        outcome=Outcome.WRONG,
        reason=reason,
        counterexample=Counterexample(
            call=f"{test.by} {test.id}",
            expected="it passes",
            got=_last_line(why) or got,
            difference="project test",
        ),
        diagnostics=_first_lines(why),
    )


def _ended(ran: Ran) -> Failure:
    if ran.late:
        return Failure(outcome=Outcome.TIMED_OUT, reason="the project's tests do not come to an end with it")
    how = ran.ended.how if isinstance(ran.ended, WorkerEnded) else "it ended"
    return Failure(
        outcome=Outcome.CRASHED,
        reason=f"the process ended while the project's tests ran: {how}",
        diagnostics=(ran.ended.stderr if isinstance(ran.ended, WorkerEnded) else "") or None,
    )


def _named(tests: Sequence[TestSeen]) -> str:
    shown = ", ".join(test.id for test in tests[:_MOST_NAMED])
    return shown + (f" and {len(tests) - _MOST_NAMED} more" if len(tests) > _MOST_NAMED else "")


def _first_lines(why: str) -> str | None:
    lines = [line for line in why.splitlines() if line.strip()]
    return "\n".join(lines[:_FIRST_LINES]) or None


def _last_line(why: str) -> str:
    """Return the line of a failure that says what it was: marked by pytest with an E, else the last."""
    lines = [line.strip() for line in why.splitlines() if line.strip()]
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (marked or lines[-1:] or [""])[0][:200]
