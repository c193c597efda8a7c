"""Plans: a shape for every parameter and how they hang together, from which whole calls are made.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import collections
import random
import sys
import typing
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

if typing.TYPE_CHECKING or __package__:
    from . import generation, shapes
    from .shapes import Shape
else:
    import generation
    import shapes
    from shapes import Shape

Call = Tuple[Tuple[Any, ...], Dict[str, Any]]


class Relation(NamedTuple):
    """How the value of parameter ``of`` follows from that of parameter ``to``: a name in ``RELATIONS``."""

    kind: str
    of: str
    to: str


@dataclass(frozen=True)
class Parameter:
    """One parameter of the target."""

    name: str
    shape: Shape
    how: str = "positional"
    """``positional``, ``keyword``, ``star`` (any number of further positional arguments) or ``double star``
    (any number of further keyword arguments)."""
    optional: bool = False
    share: Optional[float] = None
    """What share of all elements it holds, where that was seen."""
    stays: Optional[Tuple[int, int]] = None
    """How many elements it holds whatever the size of the rest, where that was seen."""


@dataclass(frozen=True)
class Plan:
    """What calls of the target look like."""

    parameters: Tuple[Parameter, ...]
    relations: Tuple[Relation, ...] = ()
    cap: Optional[int] = None
    """The most elements that make sense: beyond it the time explodes."""

    def to_json(self) -> Dict[str, Any]:
        """Return the plan as plain JSON values."""
        return {
            "parameters": [
                {
                    "name": p.name,
                    "shape": shapes.to_json(p.shape),
                    "how": p.how,
                    "optional": p.optional,
                    "share": p.share,
                    "stays": p.stays,
                }
                for p in self.parameters
            ],
            "relations": [list(relation) for relation in self.relations],
            "cap": self.cap,
        }

    @property
    def has_containers(self) -> bool:
        """Whether some argument holds elements, so that more of them can be asked for."""
        return any(shapes.is_container(p.shape) for p in self.parameters)

    @property
    def grows(self) -> bool:
        """Whether asking for more elements makes bigger calls."""
        return self.has_containers or any(_has_free_number(p.shape) for p in self.parameters)

    def for_growth(self) -> Plan:
        """Return the plan for calls of one size: nothing left out, and numbers alone lie near that size."""
        if self.has_containers:
            return replace(
                self, parameters=tuple(replace(p, shape=_without_nothing(p.shape)) for p in self.parameters)
            )

        def sized(shape: Shape) -> Shape:
            if isinstance(shape, shapes.Unknown):
                return shapes.Int(0, None, "size")
            if isinstance(shape, shapes.Int) and (shape.low is None or shape.high is None):
                return replace(shape, low=max(shape.low or 0, 0), role="size", notable=())
            return shape

        return self.with_shapes(sized)

    def exactly(self, elements: int) -> Plan:
        """Return the growth plan with its sizes exactly so large, for measuring how the time grows."""

        def fixed(shape: Shape) -> Shape:
            if isinstance(shape, shapes.Int) and shape.role == "size":
                size = max(shape.low or 0, elements if shape.high is None else min(elements, shape.high))
                return replace(shape, low=size, high=size)
            return shape

        return self if self.has_containers else self.with_shapes(fixed)

    def capped(self, most: int) -> Plan:
        """Return the plan held to so many elements."""
        if self.has_containers:
            return replace(self, cap=most)

        def held(shape: Shape) -> Shape:
            if isinstance(shape, shapes.Int) and (shape.high is None or shape.high > most):
                return replace(
                    shape,
                    high=max(most, shape.low or 0),
                    notable=tuple(n for n in shape.notable if n <= most),
                )
            return shape

        return replace(self.with_shapes(held), cap=most)

    def with_shapes(self, change: Callable[[Shape], Shape]) -> Plan:
        """Return the plan with every shape, inner ones too, passed through ``change``."""
        return replace(
            self,
            parameters=tuple(replace(p, shape=shapes.changed(p.shape, change)) for p in self.parameters),
        )

    def with_relation(self, relation: Relation) -> Plan:
        """Return the plan with one relation more, in the place of those it contradicts."""
        kept = tuple(r for r in self.relations if r.of != relation.of or r.kind in _MILD)
        return replace(self, relations=(*kept, relation))


def plan_from_json(record: Dict[str, Any]) -> Plan:
    """Read what ``Plan.to_json`` wrote. Raises ValueError or KeyError for anything else."""
    parameters = tuple(
        Parameter(
            p["name"],
            shapes.from_json(p["shape"]),
            p["how"],
            p["optional"],
            p["share"],
            tuple(p["stays"]) if p["stays"] is not None else None,
        )
        for p in record["parameters"]
    )
    return Plan(parameters, tuple(Relation(*r) for r in record["relations"]), record["cap"])


def make(plan: Plan, rng: random.Random, elements: int) -> Call:
    """Return the arguments of one call with about ``elements`` elements in all."""
    if plan.cap is not None:
        elements = min(elements, plan.cap)
    chosen = _chosen(plan, rng)
    sizes = _sizes(plan, chosen, elements, rng)
    values = {p.name: generation.generate(p.shape, rng, sizes[p.name]) for p in chosen}
    return arranged(plan, related(plan, values, rng))


def related(plan: Plan, values: Dict[str, Any], rng: random.Random) -> Dict[str, Any]:
    """Return the values with the plan's relations applied, where they can be."""
    values = dict(values)
    for relation in plan.relations:
        if relation.of in values and relation.to in values:
            apply = RELATIONS[relation.kind]
            try:
                values[relation.of] = apply(values[relation.of], values[relation.to], rng)
            except (TypeError, ValueError, IndexError, AttributeError, KeyError):
                continue
    return values


def arranged(plan: Plan, values: Dict[str, Any]) -> Call:
    """Return named values as positional and keyword arguments."""
    args: List[Any] = []
    kwargs: Dict[str, Any] = {}
    named = {parameter.name for parameter in plan.parameters}
    gap = False
    for parameter in plan.parameters:
        if parameter.name not in values:
            gap = gap or parameter.how == "positional"
            continue
        value = values[parameter.name]
        if parameter.how == "star":
            args.extend(value if not gap else ())
        elif parameter.how == "double star":
            kwargs.update((name, item) for name, item in value.items() if name not in named)
        elif parameter.how == "keyword" or gap:
            kwargs[parameter.name] = value
        else:
            args.append(value)
    return tuple(args), kwargs


def _chosen(plan: Plan, rng: random.Random) -> List[Parameter]:
    leave_out = rng.random() < 0.5
    return [p for p in plan.parameters if not (p.optional and (leave_out or rng.random() < 0.3))]


def _sizes(plan: Plan, chosen: List[Parameter], n: int, rng: random.Random) -> Dict[str, int]:
    """Share the elements among the parameters that grow; a separator beside a list stays small."""
    containers = [p for p in chosen if shapes.holds_elements(p.shape)]
    sought = {r.of for r in plan.relations if r.kind in {"member", "substring"}}
    growing = containers or [p for p in chosen if shapes.is_container(p.shape) and p.name not in sought]
    growing = growing or [p for p in chosen if shapes.is_container(p.shape)]
    shared = [p for p in chosen if p.share is not None]
    whole = sum(p.share or 0.0 for p in shared)
    sizes = {}
    for parameter in chosen:
        if parameter.stays is not None:
            sizes[parameter.name] = rng.randint(*parameter.stays)
        elif parameter.share is not None:
            sizes[parameter.name] = max(round(n * parameter.share / whole), min(n, 1))
        elif parameter in growing:
            sizes[parameter.name] = n if len(growing) == 1 else max(n // len(growing), min(n, 1))
        elif shapes.is_text(parameter.shape):
            sizes[parameter.name] = rng.randint(1, 4)
        else:
            sizes[parameter.name] = n
    return sizes


def _without_nothing(shape: Shape) -> Shape:
    if isinstance(shape, shapes.OneOf) and shapes.is_container(shape):
        rest = tuple(option for option in shape.options if not isinstance(option, shapes.Nothing))
        weights = tuple(w for w, o in zip(shape.weights, shape.options) if not isinstance(o, shapes.Nothing))
        return rest[0] if len(rest) == 1 else replace(shape, options=rest, weights=weights)
    return shape


def _has_free_number(shape: Shape) -> bool:
    if isinstance(shape, shapes.OneOf):
        return any(_has_free_number(option) for option in shape.options)
    return isinstance(shape, (shapes.Int, shapes.Unknown)) and getattr(shape, "high", None) is None


# How one value follows from another. Each gets (value, other, rng) and returns the value to use.


def _index(value: Any, other: Any, rng: random.Random) -> Any:
    return rng.randrange(len(other)) if len(other) else 0


def _length(value: Any, other: Any, rng: random.Random) -> Any:
    size = len(other)
    return rng.choice((rng.randint(1, max(size, 1)), rng.randint(1, max(size, 1)), min(size, 3), size))


def _key(value: Any, other: Any, rng: random.Random) -> Any:
    return rng.choice(list(other))


def _member(value: Any, other: Any, rng: random.Random) -> Any:
    if not len(other) or rng.random() < 0.35:
        return value
    if isinstance(other, (str, bytes)):
        start = rng.randrange(len(other))
        return other[start : start + rng.randint(1, 3)]
    found = rng.choice(list(other))
    return found if type(found) is type(value) else value


def _same_length(value: Any, other: Any, rng: random.Random) -> Any:
    size = len(other)
    if _is_array(value):
        return sys.modules["numpy"].resize(value, (size, *value.shape[1:]))
    if len(value) > size:
        return value[:size]
    kind = type(value)
    if isinstance(value, str):
        return (value * (size // max(len(value), 1) + 1))[:size] if value else "a" * size
    extra = [value[at % len(value)] for at in range(size - len(value))] if len(value) else list(other)
    return kind([*value, *extra])


def _overlap(value: Any, other: Any, rng: random.Random) -> Any:
    """Mix some of the other's elements in, where both hold elements of one type."""
    if rng.random() < 0.3 or type(value) is not type(other) or not len(other):
        return value
    if isinstance(value, str):
        return _edited(value, other, rng)
    if isinstance(value, dict):
        taken = [key for key in other if rng.random() < 0.5]
        made = dict(value)
        for key, old in zip(taken, list(made)):
            made[key] = made.pop(old)
        return made
    mine, theirs = list(value), list(other)
    if {type(v) for v in mine[:3]} != {type(v) for v in theirs[:3]}:
        return value
    mixed = [rng.choice(theirs) if rng.random() < 0.5 else item for item in mine]
    if rng.random() < 0.15 and len(theirs) <= 2 * len(mine) + 2:
        mixed = theirs
    if mine == sorted(mine):
        mixed.sort()
    # An element that can change must not stand in both arguments.
    return type(value)(mixed) if all(not isinstance(v, _MUTABLE) for v in mixed) else value


_MUTABLE = (list, dict, set, bytearray, collections.deque)


def _edited(value: str, other: str, rng: random.Random) -> str:
    letters = list(other)
    change = rng.random()
    if change < 0.15:
        return other
    if change < 0.45:
        rng.shuffle(letters)
        return "".join(letters)
    for _ in range(rng.randint(1, max(1, len(letters) // 3))):
        at = rng.randrange(len(letters) + 1)
        what = rng.random()
        if what < 0.4 and at < len(letters):
            del letters[at]
        else:
            letters.insert(at, rng.choice(value or other))
    return "".join(letters)


def _inner(value: Any, other: Any, rng: random.Random) -> Any:
    """Give a matrix as many rows as the other has columns."""
    if _is_array(value):
        return sys.modules["numpy"].resize(value, (other.shape[1], *value.shape[1:]))
    return _resized(value, len(other[0]), len(value[0]), rng)


def _same_size(value: Any, other: Any, rng: random.Random) -> Any:
    if _is_array(value):
        return sys.modules["numpy"].resize(value, other.shape)
    return _resized(value, len(other), len(other[0]), rng)


def _is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and hasattr(value, "shape")


def _columns(value: Any, other: Any, rng: random.Random) -> Any:
    """Give a vector as many elements as the other's rows have."""
    return _same_length(value, other[0], rng)


def _resized(value: Any, rows: int, columns: int, rng: random.Random) -> Any:
    cells = [cell for row in value for cell in row]
    kind = type(value)
    return kind([kind([rng.choice(cells) for _ in range(columns)]) for _ in range(rows)])


def _state(value: Any, other: Any, rng: random.Random) -> Any:
    """Take a value that the object already holds: a key of its dict, an element of its list."""
    held = []
    for field in vars(other).values():
        if isinstance(field, (list, tuple, set, frozenset, dict, collections.deque)):
            held += [item for item in field if type(item) is type(value)]
    return rng.choice(held) if held and rng.random() < 0.6 else value


def _below(value: Any, other: Any, rng: random.Random) -> Any:
    """Bring the numbers in a value, at any depth, below another number: places in what that many make up."""
    if type(value) is int:
        return value % max(other, 1)
    if type(value) in (list, tuple, set, frozenset, collections.deque):
        return type(value)(_below(item, other, rng) for item in value)
    if type(value) is dict:
        return {_below(key, other, rng): _below(item, other, rng) for key, item in value.items()}
    return value


RELATIONS: Dict[str, Callable[[Any, Any, random.Random], Any]] = {
    "index": _index,
    "length": _length,
    "key": _key,
    "member": _member,
    "substring": _member,
    "same-length": _same_length,
    "overlap": _overlap,
    "inner": _inner,
    "same-size": _same_size,
    "columns": _columns,
    "state": _state,
    "below": _below,
}
_MILD = frozenset({"overlap", "state"})
