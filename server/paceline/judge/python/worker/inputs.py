"""Inputs on which the original runs, in order of worth: recorded, call sites, doctests, hints, probing.

``find_inputs`` returns a varied set for checking and a plan from which ``grow`` makes inputs of any size for
timing. Nothing is believed before the original has run on it: a guess that does not run is thrown away, and
of those that do the set that reaches the most lines is kept.

Standard library only, Python 3.9 or newer. Runs inside the sandbox, beside the original.
"""

from __future__ import annotations

import itertools
import math
import random
import time
import typing
from collections import Counter
from typing import (
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

if typing.TYPE_CHECKING or __package__:
    from . import candidates, codec, examples, likeness, plans, reached, shapes, variation
    from .plans import Plan
else:
    import candidates
    import codec
    import examples
    import likeness
    import plans
    import reached
    import shapes
    import variation
    from plans import Plan

__all__ = ["CallEnd", "Found", "Input", "find_inputs", "grow"]

RECORDED, CALL_SITE, DOCTEST, HINTS, PROBED, EDGE = (
    "recorded",
    "call-site",
    "doctest",
    "type-hints",
    "probed",
    "edge",
)
_CALL_S = 0.1
"""The longest a call may take while inputs are looked for."""
_STEEP_S = 0.005
"""Where the time explodes with the size, the size is held where one call takes this long."""
_STEEP_EXPONENT = 6.0
_STEEP_TRIES = 3
_SLOW_CHECK_S = 5.0
"""Of a function whose every call is slow: what running it on all of its inputs should take."""
_FEWEST_SLOW = 2
_MOST_LATE = 80
_WRITTEN = frozenset({RECORDED, CALL_SITE, DOCTEST})
_SIZES = (3, 2, 5, 8, 4, 1, 6, 10)
_LOOKUPS = ("IndexError", "KeyError")
_RESCUES = 4
_ARTEFACTS = frozenset(
    {"TypeError", "AttributeError", "NameError", "RecursionError", "MemoryError", "AssertionError"}
)
"""Exceptions that tell more about a wrong guess than about the function."""


class CallEnd(NamedTuple):
    """How one call of the original ended."""

    kind: str
    """``returned``, ``raised`` or ``timeout``."""
    exception: Optional[str]
    """The name of the exception's class."""
    seconds: float
    words: str = ""
    """The exception in a line."""


class Input(NamedTuple):
    """One input: encoded positional arguments (a tuple) and keyword arguments (a dict)."""

    args: Any
    kwargs: Any
    source: str
    """``recorded``, ``call-site``, ``doctest``, ``type-hints``, ``probed`` or ``edge``."""
    size: int
    """Elements in all; for a function of numbers alone, their magnitude."""


class Found(NamedTuple):
    """What was found."""

    inputs: List[Input]
    shape: Optional[Dict[str, Any]]
    """What ``grow`` needs. None when nothing could be found."""
    reason: str
    """Empty, or what is missing and the one thing the user can do about it."""
    notes: List[str]
    growable: bool
    """Whether asking ``grow`` for more elements makes bigger inputs."""
    coverage: float
    """The share of the function's lines that the inputs reach, as far as they were watched."""
    slowest_s: float = 0.0
    """What the slowest of the calls took."""


Caller = Callable[[Any, Any], Any]
PatientCaller = Callable[[Any, Any, float], Any]


def find_inputs(
    function: Any,
    *,
    source: str,
    name: str,
    recorded: Sequence[Any] = (),
    literals: Sequence[Any] = (),
    seed: int = 0,
    limit: int = 60,
    budget_s: float = 2.0,
    call: Caller,
    patient: Optional[PatientCaller] = None,
    patience_s: float = 0.0,
) -> Found:
    """Find at most ``limit`` inputs on which ``function`` runs, within about ``budget_s`` seconds.

    ``source`` is the text of the target's module (its definition alone will do), ``name`` its qualified name.
    ``recorded`` and ``literals`` are encoded calls ({"args", "kwargs"}). ``call`` runs the function on
    decoded values and says how it ended: a CallEnd, or anything with ``error``, ``timed_out`` and
    ``seconds``. Where every call takes long, ``patient``, which takes a limit in seconds too, is asked for a
    few more within about ``patience_s`` seconds.
    """
    search = _Search(function, source, name, seed, limit, budget_s, call)
    return search.run(recorded, literals, patient, patience_s)


def grow(
    shape_json: Dict[str, Any], *, seed: int, elements: int, count: int, widely: bool = False
) -> List[Input]:
    """Return up to ``count`` inputs of different value and about ``elements`` elements.

    They are like what was seen of the function's inputs; ``widely`` asks for more variety than that.
    Fewer come back where the shape has no more values of that size (a function of one small number). Raises
    nothing for a shape that ``find_inputs`` gave.
    """
    wanted = shape_json.get("widely", shape_json) if widely else shape_json
    plan = plans.plan_from_json(wanted).for_growth()
    rng = random.Random(seed)
    seen = set()
    made: List[Input] = []
    for _ in range(3 * count + 8):
        if len(made) >= count:
            break
        try:
            item = _input(plan, plans.make(plan, rng, elements), PROBED)
        except Exception:
            continue
        written = codec.text([item.args, item.kwargs])
        if written not in seen:
            seen.add(written)
            made.append(item)
    return made


def _input(plan: Optional[Plan], values: plans.Call, source: str) -> Input:
    memo = codec.Memo()
    args, kwargs = values
    every = [*args, *kwargs.values()]
    if plan is not None and not plan.has_containers:
        size = max((abs(v) for v in every if type(v) is int), default=1)
    else:
        size = sum(shapes.elements_in(v) for v in every)
    return Input(codec.encode(tuple(args), memo=memo), codec.encode(dict(kwargs), memo=memo), source, size)


class _Tried(NamedTuple):
    """One input and what the original did on it."""

    item: Input
    end: CallEnd
    lines: FrozenSet[int]

    @property
    def returned(self) -> bool:
        return self.end.kind == "returned"


class _Score(NamedTuple):
    """How well a plan does."""

    plan: Plan
    rank: int
    ratio: float
    lines: FrozenSet[int]
    tried: List[_Tried]
    errors: Counter[str]


class _Search:
    """One search. Holds the clock, the random numbers, and everything tried so far."""

    def __init__(
        self, function: Any, source: str, name: str, seed: int, limit: int, budget_s: float, call: Caller
    ) -> None:
        self._call = call
        self._limit = limit
        self._start = time.perf_counter()
        self._budget_s = budget_s
        self._rng = random.Random(seed)
        self._function = function
        self._lines = reached.Lines(function)
        self._target = candidates.read_target(function, source, name)
        self._home = getattr(function, "__module__", "") or ""
        self._notes: List[str] = []
        self._seen: Dict[str, _Tried] = {}
        self._errors: Counter[str] = Counter()
        self._words: Dict[str, str] = {}
        """What the first exception of each class said."""
        self._unencodable = ""
        self._late: List[Input] = []
        """What took longer than a call may take while inputs are looked for, or was not tried for want of
        time."""

    def run(
        self,
        recorded: Sequence[Any],
        literals: Sequence[Any],
        patient: Optional[PatientCaller],
        patience_s: float,
    ) -> Found:
        """Find inputs; see ``find_inputs``."""
        given = self._given(recorded, RECORDED) + self._given(literals, CALL_SITE) + self._shown()
        options = self._target.options([self._values(t.item) for t in given if t.returned])
        score = self._best_plan(options)
        if score is None:
            kept = [t for t in given if t.returned or t.end.kind == "raised"]
            if patient is not None and self._late:
                kept += self._patiently(kept, patient, patience_s)
            if not any(t.returned for t in kept):
                return Found([], None, self._reason(), self._notes, False, 0.0)
            if all(t.item.source in _WRITTEN for t in kept):
                self._notes.append(
                    "No further inputs could be made: only those the project itself uses were tried."
                )
            return self._found(None, kept, [], [])
        plan = self._capped(score.plan)
        made = self._varied(plan, score)
        made = self._seasoned(plan, made) + made
        return self._found(plan, given, made, self._edges(plan), self._like(plan, given))

    def _time_left(self, share: float = 1.0) -> bool:
        return time.perf_counter() - self._start < self._budget_s * share

    # Trying

    def _try(
        self, values: plans.Call, source: str, plan: Optional[Plan] = None, limit_s: float = _CALL_S
    ) -> Optional[_Tried]:
        """Run the original on fresh copies of the values. None when they cannot be written down."""
        try:
            item = _input(plan, values, source)
        except codec.Unencodable as error:
            self._unencodable = self._unencodable or str(error)
            return None
        return self._try_item(item, limit_s)

    def _try_item(self, item: Input, limit_s: float = _CALL_S) -> Optional[_Tried]:
        key = codec.text([item.args, item.kwargs])
        if key in self._seen:
            return self._seen[key]
        try:
            args, kwargs = self._values(item)
        except codec.Undecodable:
            return None
        with self._lines.watched(limit_s) as lines:
            end = _ended(self._call, args, kwargs)
        if end.kind == "raised":
            self._errors[str(end.exception)] += 1
            self._words.setdefault(str(end.exception), end.words or str(end.exception))
        tried = _Tried(item, end, frozenset(lines & self._lines.all))
        self._seen[key] = tried
        if end.kind == "timeout":
            self._late.append(item)
        return tried

    def _values(self, item: Input, home: str = "") -> plans.Call:
        memo = codec.Memo(home)
        args = codec.decode(item.args, memo=memo)
        return tuple(args), codec.decode(item.kwargs, memo=memo)

    # Slow originals

    def _patiently(self, kept: List[_Tried], patient: PatientCaller, patience_s: float) -> List[_Tried]:
        """Run the original to its end on what took long: what others wrote first, then the smallest.

        Nothing is watched meanwhile, which would make the calls several times as long. Every candidate will
        have to run on all that is kept, so what is kept takes ``_SLOW_CHECK_S`` in all, or is the first few.
        """
        written = [item for item in self._late if item.source in _WRITTEN]
        made = sorted((i for i in self._late if i.source not in _WRITTEN), key=lambda item: item.size)
        end_s = time.perf_counter() + patience_s
        found: List[_Tried] = []
        spent = slowest = 0.0
        for item in [*written, *made]:
            known = len(kept) + len(found)
            if known >= self._limit or (spent > _SLOW_CHECK_S and known >= _FEWEST_SLOW):
                break
            left = end_s - time.perf_counter()
            if left < slowest:
                break
            try:
                args, kwargs = self._values(item)
            except codec.Undecodable:
                continue
            end = _told(patient(args, kwargs, left))
            if end.kind == "raised":
                self._errors[str(end.exception)] += 1
            if end.kind == "returned" or (
                end.kind == "raised" and (item.source == RECORDED or self._is_behaviour(str(end.exception)))
            ):
                spent, slowest = spent + end.seconds, max(slowest, end.seconds)
                watched = self._seen.get(codec.text([item.args, item.kwargs]))
                found.append(_Tried(item, end, watched.lines if watched is not None else frozenset()))
        if found:
            self._note(f"Calls take up to {slowest:.2g} s here, so that only a few inputs were tried.")
        return found

    # Inputs that others wrote

    def _given(self, calls: Iterable[Any], source: str) -> List[_Tried]:
        found = []
        for record in itertools.islice(calls, 400):
            is_late = not self._time_left(0.3)
            item = Input(record["args"], record["kwargs"], source, 0)
            try:
                # Classes of the target's module were recorded under whatever name it was loaded by there.
                args, kwargs = self._values(item, self._home)
            except codec.Undecodable as error:
                self._note(f"A recorded call could not be used: {error}.")
                continue
            for values in self._target.completed(args, kwargs, self._rng, source):
                if is_late:
                    self._late.append(_input(None, values, source))
                    continue
                tried = self._try(values, source, limit_s=10 * _CALL_S)
                if tried is None or tried.end.kind == "timeout":
                    continue
                # A call site may be of another function of the same name.
                if source == RECORDED or tried.returned or self._is_behaviour(str(tried.end.exception)):
                    found.append(tried)
            if len(self._late) >= _MOST_LATE:
                break
        return list({codec.text([t.item.args, t.item.kwargs]): t for t in found}.values())

    def _shown(self) -> List[_Tried]:
        found = []
        for args, kwargs in examples.shown_calls(
            self._target.docstring, self._target.last_name, self._target.names
        ):
            for values in self._target.completed(args, kwargs, self._rng, DOCTEST):
                tried = self._try(values, DOCTEST)
                if tried is not None and tried.end.kind != "timeout":
                    found.append(tried)
        return found

    # The search for a plan

    def _best_plan(self, options: candidates.Options) -> Optional[_Score]:
        good: List[_Score] = []
        rescues = 0
        for rank, plan in enumerate(options.plans()):
            if not self._time_left(0.35) and (good or not self._time_left(0.6)):
                break
            score = self._assess(plan, rank)
            if score.ratio < 0.2 and rescues < _RESCUES and any(score.errors[e] for e in _LOOKUPS):
                rescues += 1
                score = self._rescued(score)
            if score.ratio >= 0.2:
                good.append(score)
                if score.ratio >= 0.8 and self._lines.share(score.lines) >= 0.95:
                    break
            if len(good) >= 8 or rank >= 80:
                break
        good.sort(key=self._worth, reverse=True)
        best: Optional[_Score] = None
        for score in good[:3]:
            better = self._improved(score)
            if best is None or self._worth(better) > self._worth(best):
                best = better
            if self._lines.share(best.lines) >= 0.95 and best.ratio >= 0.8:
                break
        if best is None or (
            best.ratio < 0.5 and not (best.ratio >= 0.2 and self._lines.share(best.lines) > 0.5)
        ):
            return None
        return best

    def _rescued(self, score: _Score) -> _Score:
        """Tie what is looked up to what it is looked up in, where most calls end in a failed look-up."""
        for change in variation.changes(score.plan):
            if change.ties_look_ups and self._time_left(0.35):
                other = self._assess(change.plan(score.plan), score.rank, 6)
                if other.ratio > score.ratio:
                    return other
        return score

    def _worth(self, score: _Score) -> Tuple[Any, ...]:
        """Compare plans: running at all, then reach, then how often, then how natural."""
        return (
            score.ratio >= 0.5,
            round(self._lines.share(score.lines) * 10),
            round(score.ratio * 4),
            -score.rank,
        )

    def _assess(self, plan: Plan, rank: int, tries: int = 8) -> _Score:
        tried: List[_Tried] = []
        returned = timeouts = 0
        errors: Counter[str] = Counter()
        for at in range(tries):
            one = self._made(plan, _SIZES[at % len(_SIZES)])
            if one is None:
                errors["unusable"] += 1
            else:
                tried.append(one)
                returned += one.returned
                timeouts += one.end.kind == "timeout"
                if one.end.exception:
                    errors[one.end.exception] += 1
            # A wrong type shows at once.
            if (
                at == 2 and not returned and sum(errors[e] for e in (*_ARTEFACTS, "unusable")) == 3
            ) or timeouts > 1:
                break
        lines = frozenset().union(*(t.lines for t in tried if t.returned))
        return _Score(plan, rank, returned / tries, lines, tried, errors)

    def _made(self, plan: Plan, elements: int, limit_s: float = _CALL_S) -> Optional[_Tried]:
        try:
            values = plans.make(plan, self._rng, elements)
        except Exception as error:
            self._errors[type(error).__name__] += 1
            return None
        return self._try(values, HINTS if self._target.is_hinted else PROBED, plan, limit_s)

    def _improved(self, score: _Score) -> _Score:
        """Try relations between parameters and tighter shapes; keep what reaches more or fails less."""
        for change in variation.changes(score.plan):
            if not self._time_left(0.55):
                break
            if score.ratio >= 0.95 and self._lines.share(score.lines) >= 1.0 and not change.always:
                continue
            other = self._assess(change.plan(score.plan), score.rank, 10)
            gained = len(other.lines) - len(score.lines)
            if (
                (other.ratio > score.ratio + 0.15 and gained >= 0)
                or (gained > 0 and other.ratio >= min(score.ratio - 0.1, 0.8))
                or (change.always and other.ratio >= score.ratio - 0.15)
            ):
                lines = other.lines | score.lines
                score = other._replace(lines=lines, tried=score.tried + other.tried)
        return score

    # Size

    def _capped(self, plan: Plan) -> Plan:
        """Hold the size where the time explodes with it: naive fib(n) must not be asked for n = 1000."""
        if not plan.grows:
            return plan
        grown = plan.for_growth()
        for _ in range(_STEEP_TRIES):
            held, was_slow = self._held_if_steep(plan, grown)
            # A busy machine makes quick calls look slow, which hides the steepness: look again.
            if held is not None or not was_slow:
                break
        return held or plan

    def _held_if_steep(self, plan: Plan, grown: Plan) -> Tuple[Optional[Plan], bool]:
        """Return the plan held where its time explodes, else None; and whether calls got slow."""
        before: Tuple[int, float] = (0, 0.0)
        for elements in (8, 11, 14, 18, 23, 29, 36, 45, 56):
            seconds = self._seconds(grown, elements, 0.5 * _CALL_S)
            if seconds is None:
                continue
            if before[0] and seconds > 0.0005 and _exponent(before, (elements, seconds)) > _STEEP_EXPONENT:
                # Inputs of one size differ: what counts is how the worst of several grows.
                before = (before[0], self._slowest(grown, before[0]))
                if _exponent(before, (elements, self._slowest(grown, elements))) > _STEEP_EXPONENT:
                    return self._held(plan, grown, before[0]), True
            if not self._time_left(0.7):
                break
            if seconds > 0.4 * _CALL_S:
                return None, True
            before = (elements, seconds)
        return None, False

    def _slowest(self, plan: Plan, elements: int) -> float:
        timed = (self._seconds(plan, elements, 0.5 * _CALL_S) for _ in range(5))
        return max((seconds for seconds in timed if seconds is not None), default=0.0)

    def _held(self, plan: Plan, grown: Plan, elements: int) -> Plan:
        """Go up one by one from a size that was quick, until a call takes long enough to be timed well."""
        seconds = self._seconds(grown, elements, None) or 0.0
        while seconds < _STEEP_S and self._time_left(0.8):
            following = self._seconds(grown, elements + 1, None)
            if following is None or following > 20 * _STEEP_S:
                break
            elements += 1
            # Factorial growth is steeper than a doubling: look before the next step.
            if following * max(2.0, following / max(seconds, 1e-6)) > 4 * _STEEP_S:
                break
            seconds = following
        return plan.capped(elements)

    def _seconds(self, plan: Plan, elements: int, limit_s: Optional[float]) -> Optional[float]:
        """Return the processor seconds of one call, under a limit or not; None when it does not return."""
        try:
            item = _input(plan, plans.make(plan.exactly(elements), self._rng, elements), PROBED)
            args, kwargs = self._values(item)
        except Exception:
            return None
        # Processor time: a machine that is busy elsewhere must not look like a function that explodes.
        start = time.thread_time()
        if limit_s is None:
            end = _ended(self._call, args, kwargs)
        else:
            with self._lines.watched(limit_s):
                end = _ended(self._call, args, kwargs)
        if end.kind == "timeout":
            return end.seconds
        return time.thread_time() - start if end.kind == "returned" else None

    def _like(self, plan: Plan, given: List[_Tried]) -> Plan:
        """Return the plan as close to what was seen as the original allows."""
        calls = [self._values(t.item) for t in given if t.returned]
        if not calls:
            return plan
        observed = self._target.bound(calls)
        for open_sets in (True, False):
            try:
                close = likeness.growth_plan(plan, observed, open_sets=open_sets)
            except Exception:
                # Values of any class may refuse to be looked at; they are then grown from their types alone.
                continue
            if close == plan or self._runs(close):
                return close
        return plan

    def _runs(self, plan: Plan) -> bool:
        """Whether the original returns on most of what a plan grows."""
        grown = plan.for_growth()
        ran = []
        for elements in (5, 20, 60, 60, 200, 200):
            one = self._made(grown, elements)
            ran.append(one is not None and one.end.kind in {"returned", "timeout"})
        return sum(ran) >= 4 and any(ran[-2:])

    # Variety

    def _varied(self, plan: Plan, score: _Score) -> List[_Tried]:
        """Return more inputs of the plan, and mutants of those found where lines are still unreached."""
        pool = [t for t in score.tried if t.returned]
        lines = set(score.lines)
        if plan.cap is not None:
            plan = plan.capped(max(1, plan.cap * 2 // 3))
        wanted = max(40, self._limit)
        for at in range(2 * wanted):
            if len(pool) >= 2 * wanted or not self._time_left(0.75):
                break
            one = self._made(plan, (1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 40)[at % 11])
            if one is not None and one.returned:
                pool.append(one)
                lines |= one.lines
        source = HINTS if self._target.is_hinted else PROBED
        for attempt in range(240):
            if self._lines.share(lines) >= 1.0 or not pool or not self._time_left(0.85):
                break
            # The newest inputs reach the newest lines: half of the mutants start there.
            parent = (
                pool[-1 - int(self._rng.random() ** 2 * len(pool))] if attempt % 2 else self._rng.choice(pool)
            )
            args, kwargs = self._values(parent.item)
            values = variation.mutated(args, kwargs, self._rng, self._target.numbers, self._target.words)
            one = self._try(values, source, plan)
            if one is None or one.lines <= lines:
                continue
            if one.returned or (one.end.kind == "raised" and self._is_behaviour(str(one.end.exception))):
                pool.append(one)
                lines |= one.lines
        return pool

    def _seasoned(self, plan: Plan, made: Sequence[_Tried]) -> List[_Tried]:
        """Return some inputs once more, with texts that the function names put into theirs.

        What a function replaces, strips or looks for has to be there now and then, else nobody can tell
        whether it is still done: it need not lead to other lines.
        """
        words = self._target.words
        if not words or not made:
            return []
        source = HINTS if self._target.is_hinted else PROBED
        found: List[_Tried] = []
        for at in range(2 * max(1, self._limit // 4)):
            if len(found) >= self._limit // 4 or not self._time_left(0.9):
                break
            parent = made[-1 - at] if at < len(made) else self._rng.choice(made)
            args, kwargs = self._values(parent.item)
            values = variation.seasoned(args, kwargs, self._rng, words)
            one = self._try(values, source, plan) if values is not None else None
            if one is not None and one.returned:
                found.append(one)
        return found

    def _edges(self, plan: Plan) -> List[_Tried]:
        found: List[_Tried] = []
        raised: Counter[str] = Counter()
        slow = False
        for values, is_huge in variation.edge_calls(plan, self._rng, self._target.may_be_none):
            if not self._time_left(0.95):
                break
            if is_huge and slow:
                continue
            one = self._try(values, EDGE, plan)
            if one is None:
                continue
            slow = slow or one.end.kind == "timeout" or one.end.seconds > _CALL_S / 10
            if one.returned:
                found.append(one)
            elif one.end.kind == "raised" and self._is_behaviour(str(one.end.exception)):
                raised[str(one.end.exception)] += 1
                if raised[str(one.end.exception)] <= 3:
                    found.append(one)
        return found

    def _is_behaviour(self, exception: str) -> bool:
        return exception not in _ARTEFACTS

    # The answer

    def _found(
        self,
        plan: Optional[Plan],
        given: List[_Tried],
        made: List[_Tried],
        edges: List[_Tried],
        growing: Optional[Plan] = None,
    ) -> Found:
        limit = self._limit
        kept = _spread(given, max(limit // 2, limit - len(made) - len(edges)))
        kept += _spread([e for e in edges if e not in kept], max(limit // 3, limit - len(kept) - len(made)))
        kept += _spread([m for m in made if m not in kept], max(0, limit - len(kept)))
        lines = frozenset().union(*(t.lines for t in kept))
        if self._unencodable:
            self._note(f"Some inputs could not be used: {self._unencodable}.")
        return Found(
            [t.item for t in kept],
            _shape_json(plan, growing),
            "",
            self._notes,
            plan is not None and plan.grows,
            self._lines.share(lines),
            max((t.end.seconds for t in kept), default=0.0),
        )

    def _note(self, note: str) -> None:
        if note not in self._notes and len(self._notes) < 6:
            self._notes.append(note)

    def _reason(self) -> str:
        """Say what is missing, and the one thing to do about it."""
        target = self._target
        why = ""
        if self._errors:
            common = self._errors.most_common(1)[0][0]
            why = f" (most tries ended in {self._words.get(common, common)})"
        if target.unbuildable:
            broken = next(filter(None, map(candidates.failure_to_make, target.self_shapes)), "")
            why = f" ({broken})" if broken else why
            return (
                f"no {target.unbuildable} could be made to call {target.last_name} on{why}: "
                f"add a test that calls it, or type hints to {target.unbuildable}.__init__"
            )
        name, wanted, broken = target.unmakeable()
        if name:
            return (
                f"parameter {name!r} of {target.last_name} wants {wanted}, which could not be made "
                f"({broken}): add a test that calls it"
            )
        if self._late and not self._errors:
            return (
                f"no call of {target.last_name} came to its end while inputs were looked for: "
                "add a test that calls it with values on which it does"
            )
        name, asked = target.most_wanting()
        if name:
            needs = f"parameter {name!r} is asked for {_listed(asked)}" if asked else ""
            said = f"no input was found on which {target.last_name} returns{why}"
            return (
                f"{said}{'; ' + needs if needs else ''}: "
                f"add a type hint for parameter {name!r}, or a test that calls it"
            )
        return (
            f"no input that fits the type hints makes {target.last_name} return{why}: "
            "add a test that calls it with values it expects"
        )


def _listed(names: Sequence[str]) -> str:
    """Return at most four names as a person lists them."""
    *first, last = names[:4]
    return f"{', '.join(first)} and {last}" if first else last


def _shape_json(plan: Optional[Plan], growing: Optional[Plan]) -> Optional[Dict[str, Any]]:
    if plan is None or growing is None or growing == plan:
        return plan.to_json() if plan is not None else None
    return {**growing.to_json(), "widely": plan.to_json()}


def _ended(call: Caller, args: Any, kwargs: Any) -> CallEnd:
    return _told(call(args, kwargs))


def _told(end: Any) -> CallEnd:
    if isinstance(end, CallEnd):
        return end
    error = getattr(end, "error", None)
    if getattr(end, "timed_out", False):
        return CallEnd("timeout", None, end.seconds)
    if error is not None:
        return CallEnd("raised", type(error).__name__, end.seconds, candidates.explained(error))
    if getattr(end, "kind", "") in {"raised", "timeout"}:
        return CallEnd(end.kind, end.exception, end.seconds)
    return CallEnd("returned", None, end.seconds)


def _exponent(before: Tuple[int, float], after: Tuple[int, float]) -> float:
    """Return p where the time grows as elements**p between two sizes."""
    return math.log(max(after[1], 1e-9) / max(before[1], 1e-6)) / math.log(after[0] / before[0])


def _spread(tried: Sequence[_Tried], count: int) -> List[_Tried]:
    """Return at most ``count``: first those that reach new lines, then a spread over sizes and kinds."""
    unique = list({codec.text([t.item.args, t.item.kwargs]): t for t in tried}.values())
    if len(unique) <= count:
        return unique
    kept: List[_Tried] = []
    lines: set[int] = set()
    for one in sorted(unique, key=lambda t: (-len(t.lines), t.item.size)):
        if not one.lines <= lines and len(kept) < count:
            kept.append(one)
            lines |= one.lines
    rest = [t for t in unique if t not in kept]
    # By what they reach, in turn: a rare path is seen as often as the usual one.
    paths: Dict[FrozenSet[int], List[_Tried]] = {}
    for one in rest:
        paths.setdefault(one.lines, []).append(one)
    for turn in itertools.zip_longest(*paths.values()):
        kept.extend(one for one in turn if one is not None)
    return kept[:count]
