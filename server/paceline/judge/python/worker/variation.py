"""Variety: tighter plans, mutated calls, and calls at the edges.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import collections
import itertools
import random
import typing
from dataclasses import replace
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import generation, plans, shapes
    from .plans import Call, Parameter, Plan, Relation
    from .shapes import Shape
else:
    import generation
    import plans
    import shapes
    from plans import Call, Parameter, Plan, Relation
    from shapes import Shape


class Change(NamedTuple):
    """A way to make a plan fit better."""

    plan: Callable[[Plan], Plan]
    always: bool = False
    """Whether it is wanted for variety, as long as it does no harm."""
    ties_look_ups: bool = False
    """Whether it makes one argument an index, a key or a member of another."""


def changes(plan: Plan) -> Iterator[Change]:
    """Yield what may make more calls return, or reach more lines."""
    given = [p for p in plan.parameters if p.how not in {"star", "double star"}]
    for one, other in itertools.permutations(given, 2):
        for kind in _relations(one, other):
            relation = Relation(kind, one.name, other.name)
            if relation not in plan.relations:
                always = kind == "overlap" and given.index(one) > given.index(other)
                if kind != "overlap" or always:
                    yield Change(
                        lambda p, r=relation: p.with_relation(r),  # type: ignore[misc]
                        always,
                        kind in {"below", "index", "key", "member", "inner"},
                    )
    for relation in plan.relations:
        if relation.kind not in {"overlap", "state"}:
            rest = tuple(r for r in plan.relations if r != relation)
            yield Change(lambda p, r=rest: replace(p, relations=r))  # type: ignore[misc]
    for low in (0, 1):
        if _any(
            plan, lambda s: isinstance(s, (shapes.Int, shapes.Float)) and s.low is None and s.high is None
        ):
            yield Change(lambda p, n=low: p.with_shapes(lambda s: _above(s, n)))  # type: ignore[misc]
    if any(isinstance(p.shape, (shapes.Int, shapes.Float)) and p.shape.high is None for p in plan.parameters):
        yield Change(_with_shares)
    if _any(plan, lambda s: isinstance(s, shapes.Joined) and not s.noise):
        yield Change(lambda p: p.with_shapes(_noisy), always=True)
    if _any(plan, lambda s: isinstance(s, shapes.Many) and not s.order and s.container in {"list", "tuple"}):
        yield Change(lambda p: p.with_shapes(_sorted))
    if _any(plan, lambda s: isinstance(s, (shapes.Many, shapes.Mapping, shapes.Joined)) and s.low == 0):
        yield Change(lambda p: p.with_shapes(_nonempty))
    if _any(plan, lambda s: isinstance(s, shapes.Matrix) and not s.square):
        yield Change(
            lambda p: p.with_shapes(lambda s: replace(s, square=True) if isinstance(s, shapes.Matrix) else s)
        )
    if _any(plan, lambda s: isinstance(s, shapes.Graph) and not s.acyclic):
        yield Change(
            lambda p: p.with_shapes(lambda s: replace(s, acyclic=True) if isinstance(s, shapes.Graph) else s)
        )


def _relations(one: Parameter, other: Parameter) -> List[str]:
    a, b = one.shape, other.shape
    if isinstance(b, shapes.Int) and isinstance(a, shapes.Many) and _holds_numbers(a.element):
        return ["below"]
    if isinstance(a, shapes.Matrix) and isinstance(b, shapes.Matrix):
        return ["inner", "same-size"]
    if isinstance(a, shapes.Array) and isinstance(b, shapes.Array):
        return ["same-size", *(["inner"] if a.ndim == b.ndim == 2 else [])]
    if isinstance(a, shapes.Many) and isinstance(b, shapes.Matrix):
        return ["columns", "same-length"]
    if isinstance(a, shapes.Int) and isinstance(b, (shapes.Many, shapes.Str, shapes.Matrix, shapes.Mapping)):
        return ["length", "index", *(["member"] if isinstance(b, shapes.Many) else [])]
    if isinstance(b, (shapes.Graph, shapes.Mapping)) and isinstance(a, (shapes.Int, shapes.Str)):
        return ["key", "member"]
    if isinstance(a, shapes.Str) and isinstance(b, shapes.Str):
        return ["overlap", "substring", "same-length"]
    if isinstance(a, shapes.Many) and isinstance(b, shapes.Many):
        return ["overlap", "same-length"]
    if isinstance(a, shapes.Mapping) and isinstance(b, shapes.Mapping):
        return ["overlap"]
    if isinstance(b, shapes.Many) and type(a) is type(b.element):
        return ["member"]
    if isinstance(a, (shapes.Many, shapes.Array)) and isinstance(b, (shapes.Many, shapes.Array, shapes.Str)):
        return ["same-length"]
    return []


def _holds_numbers(shape: Shape) -> bool:
    if isinstance(shape, shapes.Fixed):
        return any(_holds_numbers(item) for item in shape.items)
    return isinstance(shape, shapes.Int) or (isinstance(shape, shapes.Many) and _holds_numbers(shape.element))


def _any(plan: Plan, test: Callable[[Shape], bool]) -> bool:
    found: List[bool] = []

    def look(shape: Shape) -> Shape:
        found.append(test(shape))
        return shape

    for parameter in plan.parameters:
        shapes.changed(parameter.shape, look)
    return any(found)


def _above(shape: Shape, low: int) -> Shape:
    if isinstance(shape, shapes.Int) and (shape.low is None or shape.low < low) and shape.high is None:
        return replace(shape, low=low)
    if isinstance(shape, shapes.Float) and shape.low is None and shape.high is None:
        return replace(shape, low=low + (0.01 if low else 0.0))
    return shape


def _sorted(shape: Shape) -> Shape:
    if (
        isinstance(shape, shapes.Many)
        and shape.container in {"list", "tuple"}
        and shapes.is_ordered(shape.element)
    ):
        return replace(shape, order="sorted")
    return shape


def _with_shares(plan: Plan) -> Plan:
    """Return the plan with numbers between 0 and 1 for its numbers."""
    return replace(
        plan,
        parameters=tuple(
            replace(p, shape=shapes.Float(0.0, 1.0))
            if isinstance(p.shape, shapes.Float)
            or (isinstance(p.shape, shapes.Int) and p.shape.role == "value")
            else p
            for p in plan.parameters
        ),
    )


def _noisy(shape: Shape) -> Shape:
    return replace(shape, noise=True) if isinstance(shape, shapes.Joined) else shape


def _nonempty(shape: Shape) -> Shape:
    if isinstance(shape, (shapes.Many, shapes.Mapping, shapes.Joined)) and shape.low == 0:
        return replace(shape, low=1)
    return shape


# --- mutation ---


def mutated(
    args: Tuple[Any, ...],
    kwargs: Dict[str, Any],
    rng: random.Random,
    numbers: Sequence[int],
    words: Sequence[str],
) -> Call:
    """Return the call with one to three of its values changed; constants the function names are favoured."""
    values = [*args, *kwargs.values()]
    if values:
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(values))
            values[at] = _mutant(values[at], rng, numbers, words, 0)
    return tuple(values[: len(args)]), dict(zip(kwargs, values[len(args) :]))


def seasoned(
    args: Tuple[Any, ...], kwargs: Dict[str, Any], rng: random.Random, words: Sequence[str]
) -> Optional[Call]:
    """Return the call with ``words`` put into its texts here and there; None where it holds no text."""
    taste = _Taste(rng, words)
    made = tuple(taste.of(value) for value in args), {name: taste.of(value) for name, value in kwargs.items()}
    return made if taste.changed else None


class _Taste:
    """Puts words into the texts of a value, and remembers whether there were any."""

    def __init__(self, rng: random.Random, words: Sequence[str]) -> None:
        self._rng = rng
        self._words = words
        self.changed = False

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return the value with words in its texts. Containers are made anew, other objects stay."""
        cls = type(value)
        if depth > 4:
            return value
        if cls is str:
            return self._text(value)
        if cls in (list, tuple):
            return cls([self.of(item, depth + 1) for item in value])
        if cls is dict:
            return {key: self.of(item, depth + 1) for key, item in value.items()}
        return value

    def _text(self, text: str) -> str:
        for _ in range(self._rng.choice((0, 1, 1, 2, 4))):
            at = self._rng.randrange(len(text) + 1)
            text = text[:at] + self._rng.choice(self._words) + text[at:]
            self.changed = True
        return text


def _mutant(value: Any, rng: random.Random, numbers: Sequence[int], words: Sequence[str], depth: int) -> Any:
    cls = type(value)
    if cls is bool:
        return not value
    if cls is int:
        near = rng.choice(numbers) + rng.choice((-1, 0, 1)) if numbers and rng.random() < 0.5 else value
        return rng.choice((near, near, value + 1, value - 1, -value, 0, value * 2))
    if cls is float:
        return rng.choice((-value, 0.0, value * 2, value + 1, float(round(value))))
    if cls is str:
        return _mutant_text(value, rng, words)
    if cls in (list, tuple, collections.deque):
        return cls(_mutant_items(list(value), rng, numbers, words, depth))
    if cls is dict and value:
        made = dict(value)
        key = rng.choice(list(made))
        if rng.random() < 0.25:
            del made[key]
        else:
            made[key] = _mutant(made[key], rng, numbers, words, depth + 1)
        return made
    if cls is set and value:
        items = sorted(value, key=repr)
        items[rng.randrange(len(items))] = _mutant(items[0], rng, numbers, words, depth + 1)
        return set(items)
    return value


def _mutant_text(value: str, rng: random.Random, words: Sequence[str]) -> str:
    at = rng.randrange(len(value) + 1)
    change = rng.random()
    if words and change < 0.4:
        word = rng.choice(words)
        return rng.choice((word, value[:at] + word + value[at:], value + word, word + value))
    if change < 0.55:
        return value[:at] + rng.choice("aAz 0195-.,_(){}é\n") + value[at:]
    if change < 0.7:
        return value[:at] + value[at + 1 :]
    if change < 0.8:
        return value + value[::-1]
    if change < 0.9:
        return value[:at] + value[at : at + 1] * 3 + value[at + 1 :]
    return value.swapcase() if change < 0.95 else value[:at]


def _mutant_items(
    items: List[Any], rng: random.Random, numbers: Sequence[int], words: Sequence[str], depth: int
) -> List[Any]:
    change = rng.random()
    if not items or depth > 4:
        return items
    at = rng.randrange(len(items))
    if change < 0.45:
        items[at] = _mutant(items[at], rng, numbers, words, depth + 1)
    elif change < 0.6 and not isinstance(items[at], (list, dict, set)):
        items.insert(rng.randrange(len(items) + 1), items[at])
    elif change < 0.7:
        del items[at]
    elif change < 0.8:
        items.reverse()
    elif change < 0.9:
        try:
            items.sort()
        except TypeError:
            rng.shuffle(items)
    else:
        rng.shuffle(items)
    return items


# --- edges ---


def edge_calls(
    plan: Plan, rng: random.Random, may_be_none: typing.AbstractSet[str] = frozenset()
) -> Iterator[Tuple[Call, bool]]:
    """Yield calls with one argument at an edge, or all at once; and whether a number in them is huge."""
    given = list(plan.parameters)
    columns: List[List[Any]] = []
    for parameter in given:
        try:
            columns.append(generation.edges(parameter.shape, rng))
        except Exception:
            columns.append([])
        if parameter.name in may_be_none and not any(v is None for v in columns[-1]):
            columns[-1].insert(0, None)
    for row in range(max(map(len, columns), default=0)):
        for parameter, column in zip(given, columns):
            if row < len(column):
                values = _base(plan, rng, with_=parameter.name)
                if values is None:
                    continue
                values[parameter.name] = column[row]
                if plan.cap is not None and type(column[row]) is int and column[row] > plan.cap:
                    continue
                yield (
                    plans.arranged(plan, _followed(plan, values, parameter.name, rng)),
                    _is_huge(column[row]),
                )
    if len(given) > 1:
        for row in range(3):
            picked = {
                p.name: column[min(row, len(column) - 1)] for p, column in zip(given, columns) if column
            }
            yield plans.arranged(plan, picked), False


def _base(plan: Plan, rng: random.Random, with_: str) -> Optional[Dict[str, Any]]:
    """Return ordinary values for every parameter that has to be given."""
    values = {}
    for parameter in plan.parameters:
        if parameter.optional and parameter.name != with_ and rng.random() < 0.7:
            continue
        try:
            values[parameter.name] = generation.generate(parameter.shape, rng, rng.choice((2, 3, 5)))
        except Exception:
            return None
    return plans.related(plan, values, rng)


def _followed(plan: Plan, values: Dict[str, Any], fixed: str, rng: random.Random) -> Dict[str, Any]:
    """Let the other values follow the one at the edge, where a relation ties them to it."""
    kept = values[fixed]
    followed = plans.related(
        replace(plan, relations=tuple(r for r in plan.relations if r.to == fixed)), values, rng
    )
    followed[fixed] = kept
    return followed


def _is_huge(value: Any) -> bool:
    return type(value) is int and abs(value) > 1000
