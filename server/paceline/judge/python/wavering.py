"""An original that does not do the same twice: made to where its clock can be stopped, or told why not.

Found out by trial: the same inputs once more with one hash seed for both processes, with a clock that stands
still, and with both.
"""

from __future__ import annotations

import ast
import asyncio
import re
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from paceline.judge.python import parsing
from paceline.judge.python.check import WAVERS, Baseline, Input, Pass, load_failure, observe
from paceline.judge.python.client import Setting, Worker

_TRIED = 6
"""Inputs that are given once more to find the cause."""
_SEEDS = ("1", "2", "3", "4")
"""Hash seeds under which the other inputs have to agree as well: two elements come in one order by chance."""
_ADDRESS = re.compile(rb"0x[0-9a-f]{6,16}")

_CLOCKS = frozenset(
    ("time", "monotonic", "perf_counter", "now", "utcnow", "today", "time_ns", "monotonic_ns")
)

_SET_ORDER = "the order of a set decides what it does, and that changes from process to process"
_SORT = "sort where the order matters"
_CLOCK_NOTE = "Judged with a clock that stands still, because the original reads it."


class Steadied(NamedTuple):
    """What is known of an original that wavered, once its cause has been looked for."""

    setting: Setting
    known: Baseline
    notes: tuple[str, ...]
    cannot: str
    """Empty, or why too little is left to compare, and what to do."""


@dataclass(frozen=True, slots=True)
class _Cause:
    words: str
    do: str


async def steadied(
    setting: Setting, source: bytes, known: Baseline, again: Callable[[Setting], Awaitable[Baseline]]
) -> Steadied:
    """Find out why the original wavers. ``again`` observes it anew under another setting.

    Raises WorkerEnded and WorkerTimedOut.
    """
    tried = _some(known)
    if await _trial(_with_hash_seed(setting, "0"), source, tried) == "agree":
        return await _by_set_order(setting, source, known)
    frozen = replace(setting, frozen=True)
    both = _with_hash_seed(frozen, "0")
    stopped = await _trial(both, source, tried)
    if stopped == "late" and _names(source) & _CLOCKS:
        return _told(
            setting, known, _Cause("it waits for a clock to go on", "pass the time in as an argument")
        )
    if stopped == "agree":
        known = await again(frozen)
        if not known.wavers:
            return Steadied(frozen, known, (_CLOCK_NOTE,), "")
        if await _trial(both, source, _some(known)) == "agree":
            # The clock can be stopped. The order of sets is left, and is told.
            found = await _by_set_order(frozen, source, known)
            return found._replace(notes=(_CLOCK_NOTE, *found.notes))
    texts = [text for at in sorted(known.unsteady) for text in known.unsteady[at]]
    return _told(setting, known, _by_looks(source, texts))


def _some(known: Baseline) -> list[Input]:
    """Return some of the inputs on which it wavers, short ones and long ones."""
    sorted_by_size = sorted(known.unsteady, key=lambda at: (known.inputs[at]["size"], at))
    half = _TRIED // 2
    places = dict.fromkeys([*sorted_by_size[:half], *sorted_by_size[-half:]])
    return [known.inputs[at] for at in places]


async def _by_set_order(setting: Setting, source: bytes, known: Baseline) -> Steadied:
    """Leave out all inputs on which some hash seed makes a difference."""
    runs = await asyncio.gather(
        *(_run(_with_hash_seed(setting, seed), source, known.inputs) for seed in _SEEDS)
    )
    steady = {
        at
        for at in known.kept
        if all(at < len(run.seen) and run.seen[at].text == known.main.seen[at].text for run in runs)
    }
    chance = known.kept - steady
    unsteady = {**known.unsteady, **dict.fromkeys(chance, (b"", b""))}
    weeded = replace(known, kept=frozenset(steady), unsteady=unsteady)
    return _told(setting, weeded, _Cause(_SET_ORDER, _SORT))


def _told(setting: Setting, known: Baseline, cause: _Cause) -> Steadied:
    """Name the cause, and say whether enough is left to compare: most inputs have to be."""
    count = len(known.unsteady)
    dropped = [line for line in known.dropped if not line.endswith(WAVERS)]
    dropped.append(f"{count} inputs left out: {cause.words}")
    known = replace(known, dropped=tuple(dropped))
    cannot = (
        ""
        if len(known.kept) > count
        else f"the original does not do the same twice: {cause.words}; {cause.do}"
    )
    return Steadied(setting, known, (), cannot)


async def _trial(setting: Setting, source: bytes, inputs: Sequence[Input]) -> str:
    """Run the original in two processes: they ``agree``, ``differ``, or are ``late`` with a call."""
    first, second = await asyncio.gather(*(_run(setting, source, inputs) for _ in range(2)))
    pairs = list(zip(first.seen, second.seen, strict=False))
    if any(seen.timed_out for pair in pairs for seen in pair):
        return "late"
    # A clock function that is itself an argument cannot be encoded once it stands still.
    compared = [(a.text, b.text) for a, b in pairs if not a.usable and not b.usable]
    if first.ended or second.ended or not compared:
        return "differ"
    return "agree" if all(ours == theirs for ours, theirs in compared) else "differ"


async def _run(setting: Setting, source: bytes, inputs: Sequence[Input]) -> Pass:
    async with AsyncExitStack() as stack:
        worker = await stack.enter_async_context(await Worker.open(setting))
        if await load_failure(worker, source) is not None:
            return Pass(seen=(), process=())
        return await observe(
            worker,
            inputs,
            source,
            root=str(setting.root),
            limit_s=_LIMIT_S,
            in_time=range(len(inputs)),
        )


_LIMIT_S = 1.0


def _with_hash_seed(setting: Setting, seed: str) -> Setting:
    environment = {**setting.grants.environment, "PYTHONHASHSEED": seed}
    return replace(setting, grants=replace(setting.grants, environment=environment))


def _by_looks(source: bytes, texts: Sequence[bytes]) -> _Cause:
    """Guess at a cause that no trial shows, from what the results look like and what the module uses."""
    pairs = zip(texts[::2], texts[1::2], strict=False)
    for one, other in pairs:
        if one != other and _ADDRESS.sub(b"", one) == _ADDRESS.sub(b"", other):
            return _Cause("a memory address shows in what it gives back (a default repr)", "leave it out")
    used = _names(source)
    for entry in _causes():
        name = next((name for name in entry["names"] if name in used), None)
        if name is not None:
            return _Cause(entry["words"].format(name=name), entry["do"])
    return _Cause("no seed and no standing clock changes that", "make it depend on its arguments alone")


@cache
def _causes() -> Sequence[Mapping[str, Any]]:
    text = (Path(__file__).parent / "wavering.toml").read_text(encoding="utf-8")
    found: Sequence[Mapping[str, Any]] = tomllib.loads(text)["cause"]
    return found


def _names(source: bytes) -> set[str]:
    """Return every name a module uses, bare or as an attribute or an import."""
    found: set[str] = set()
    try:
        tree = parsing.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update(alias.name.split(".")[0] for alias in node.names)
    return found
