"""``paceline bench judge``: the proof that the judge works.

Real functions against themselves, mutants, planted gains, tricks and escapes, all of them data, are given to
the judge through the door that everybody uses. What it says is counted and held against the bars.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Collection
from dataclasses import asdict

from paceline.cli.bench_judge.attempts import try_escapes, try_tricks
from paceline.cli.bench_judge.catalogue import escapes, tricks
from paceline.cli.bench_judge.corpus import corpus
from paceline.cli.bench_judge.findings import Findings, bars
from paceline.cli.bench_judge.machine import described, open_descriptors, resident_mib
from paceline.cli.bench_judge.mutants import judge_mutants
from paceline.cli.bench_judge.page import page
from paceline.cli.bench_judge.planted import judge_planted, kinds
from paceline.cli.bench_judge.report import report
from paceline.cli.bench_judge.same import compare_same
from paceline.cli.bench_judge.sizes import Sizes
from paceline.cli.consoles import show
from paceline.cli.exits import FAILED, INTERRUPTED, RAN, Terminated
from paceline.cli.interruptible import run_interruptibly
from paceline.cli.telling import telling
from paceline.judge.sandbox import Isolation, require_isolation

__all__ = ["run"]


def run(*, sizes: Sizes, parts: Collection[str], seed: int, as_json: bool = False) -> int:
    """Measure the parts, print the page (or one JSON object), return the exit status.

    1 when a bar of safety is missed, 130 when it was interrupted; the page then shows what was measured.
    Raises IsolationUnavailable: without a sandbox there is nothing to prove.
    """
    isolation = require_isolation(allow_unsandboxed=False)
    found = Findings(machine=described(isolation))
    started = time.monotonic()
    try:
        run_interruptibly(_measure(found, sizes, parts, seed, isolation))
    except (KeyboardInterrupt, Terminated):
        found.interrupted = True
    found.elapsed_s = time.monotonic() - started
    if as_json:
        print(json.dumps({**report(found), "sizes": asdict(sizes), "seed": seed}))
    else:
        show(page(found))
    if found.interrupted:
        return INTERRUPTED
    return FAILED if any(bar.is_safety and bar.is_met is False for bar in bars(found)) else RAN


async def _measure(
    found: Findings, sizes: Sizes, parts: Collection[str], seed: int, isolation: Isolation
) -> None:
    entries = corpus()
    rng = random.Random(seed)
    at_first = {"open descriptors": open_descriptors(), "resident memory, MiB": resident_mib()}

    def noted() -> None:
        now = {"open descriptors": open_descriptors(), "resident memory, MiB": resident_mib()}
        found.held = {name: (at_first[name], now[name]) for name in now}

    try:
        if "tricks" in parts:
            every = list(tricks())
            some = every if sizes.tricks is None else rng.sample(every, min(sizes.tricks, len(every)))
            await try_tricks(
                found.tricks, some, isolation=isolation, seed=seed, on_progress=telling("tricks")
            )
        if "escapes" in parts:
            every = list(escapes())
            some = every if sizes.escapes is None else rng.sample(every, min(sizes.escapes, len(every)))
            await try_escapes(
                found.escapes, some, isolation=isolation, seed=seed, on_progress=telling("escapes")
            )
        if "planted" in parts:
            await judge_planted(
                found.planted,
                count=sizes.planted,
                seed=seed,
                isolation=isolation,
                clock=found.clock,
                on_progress=telling("planted gains"),
                chosen=kinds()[: sizes.kinds],
            )
        if "mutants" in parts:
            await judge_mutants(
                found.mutants,
                entries,
                count=sizes.mutants,
                seed=seed,
                isolation=isolation,
                clock=found.clock,
                on_progress=telling("mutants"),
            )
        if "same" in parts:
            await compare_same(
                found.same,
                entries,
                count=sizes.comparisons,
                loads=sizes.loads,
                seed=seed,
                isolation=isolation,
                clocks={False: found.clock, True: found.loaded_clock},
                on_progress=telling("A/A"),
            )
    finally:
        noted()
