"""What values that were seen are like, closely enough to make larger ones of the same kind.

``closely`` adds to a shape what a sample tells about it: order, the share of repeats, ranges and how values
lie in them, gaps between keys, the letters and lengths of texts, lengths of inner containers. Checks want
variety and leave all that open; timing wants inputs like those that the function really gets.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import collections
import math
import operator
import typing
from dataclasses import replace
from typing import Any, Dict, Hashable, List, Optional, Sequence

if typing.TYPE_CHECKING or __package__:
    from . import plans, shapes
    from .shapes import Shape
else:
    import plans
    import shapes
    from shapes import Shape

_MARKS = 21
_SAMPLES = 24
_LONGEST_SAMPLE = 240
_SURE = math.log(500)
"""Rows that are sorted are called so when they would be by chance only once in so many times."""
_FEW = 8
"""Elements below which a sample says nothing of what larger ones are like."""


def growth_plan(plan: plans.Plan, observed: Dict[str, List[Any]], *, open_sets: bool) -> plans.Plan:
    """Return the plan with each parameter like what was observed of it.

    ``open_sets`` lets the number of different values grow with the input, as their share was seen to be;
    without it no value lies outside of what was seen.
    """
    if not plan.has_containers:
        return plan
    parameters = []
    for parameter in plan.parameters:
        values = observed.get(parameter.name, [])
        if not values and (parameter.optional or parameter.how in {"star", "double star"}):
            # Nobody was seen to give it.
            continue
        shape = parameter.shape
        if sum(map(shapes.elements_in, values)) >= _FEW or (values and not shapes.is_container(shape)):
            shape = closely(shapes.shape_of(values), values, open_sets=open_sets)
        if shapes.is_container(parameter.shape) and not shapes.is_container(shape):
            # Too little was seen to tell what a larger one would be.
            shape = parameter.shape
        if isinstance(parameter.shape, shapes.Int) and parameter.shape.role == "size":
            # How much work there is goes on growing with the rest.
            shape = parameter.shape
        parameters.append(replace(parameter, shape=shape))
    sized = _with_sizes(parameters, observed)
    names = {parameter.name for parameter in parameters}
    kept = tuple(r for r in plan.relations if r.of in names and r.to in names and _was_seen(r, observed))
    return replace(plan, parameters=tuple(sized), relations=kept)


def closely(shape: Shape, values: Sequence[Any], *, open_sets: bool = True) -> Shape:
    """Return the shape of these values with all that they tell."""
    return _Reading(open_sets).of(shape, list(values), 0)


class _Reading:
    """Reads a shape and the values it was made from side by side."""

    def __init__(self, open_sets: bool) -> None:
        self._open = open_sets

    def of(self, shape: Shape, values: List[Any], depth: int) -> Shape:
        """``depth`` is how many containers stand around the values."""
        if not values:
            return shape
        if isinstance(shape, shapes.OneOf):
            return self._one_of(shape, values, depth)
        if isinstance(shape, shapes.Int):
            return self._numbers(shape, values, depth)
        if isinstance(shape, shapes.Float):
            finite = [value for value in values if math.isfinite(value)]
            if not finite:
                return shape
            return replace(shape, marks=tuple(_quantiles(finite)), digits=_digits(finite))
        if isinstance(shape, shapes.Bool):
            return replace(shape, share=sum(values) / len(values))
        if isinstance(shape, shapes.Str):
            return self._text(shape, values, depth)
        if isinstance(shape, shapes.Many):
            return self._many(shape, values, depth)
        if isinstance(shape, shapes.Mapping):
            return self._mapping(shape, values, depth)
        if isinstance(shape, shapes.Matrix):
            cells = [cell for value in values for row in value for cell in row]
            widths = {len(row) for value in values for row in value}
            wide = max(widths) if len(widths) == 1 and not shape.square else None
            return replace(shape, element=self.of(shape.element, cells, depth + 2), columns=wide)
        return self._fielded(shape, values, depth)

    def _fielded(self, shape: Shape, values: List[Any], depth: int) -> Shape:
        if isinstance(shape, shapes.Record):
            fields = tuple(
                (name, self.of(part, [v[name] for v in values if name in v], depth))
                for name, part in shape.fields
            )
            return replace(shape, fields=fields)
        if isinstance(shape, shapes.Fixed):
            columns = tuple(self.of(p, [v[at] for v in values], depth) for at, p in enumerate(shape.items))
            return replace(shape, items=columns)
        if isinstance(shape, shapes.Object) and shape.made == "fields":
            fields = tuple(
                (name, self.of(p, [vars(v)[name] for v in values], depth)) for name, p in shape.fields
            )
            return replace(shape, fields=fields)
        if isinstance(shape, shapes.Array) and shape.ndim == 1:
            return replace(shape, order=_order([value.tolist() for value in values], ""))
        return shape

    def _one_of(self, shape: shapes.OneOf, values: List[Any], depth: int) -> Shape:
        groups: Dict[type, List[Any]] = {}
        for value in values:
            groups.setdefault(type(value), []).append(value)
        if len(groups) != len(shape.options):
            return shape
        options = tuple(self.of(o, group, depth) for o, group in zip(shape.options, groups.values()))
        return replace(shape, options=options, weights=tuple(len(group) for group in groups.values()))

    def _numbers(self, shape: shapes.Int, values: List[int], depth: int) -> Shape:
        low, high = min(values), max(values)
        distinct = len(set(values))
        return replace(
            shape,
            low=low,
            high=high if not self._open or depth == 0 else None,
            notable=(),
            marks=tuple(_quantiles(values)),
            gap=(high - low) / (distinct - 1) if distinct > 1 else 1.0,
            distinct=self._distinct(values, depth),
        )

    def _text(self, shape: shapes.Str, values: List[str], depth: int) -> Shape:
        if shape.exact and not self._open:
            return shape
        by_length = sorted(values, key=len)
        step = max(1, len(by_length) / _SAMPLES)
        samples = [by_length[int(at * step)][:_LONGEST_SAMPLE] for at in range(min(len(values), _SAMPLES))]
        if not self._open and depth and len(set(values)) <= _SAMPLES:
            return replace(shape, words=tuple(dict.fromkeys(values)), exact=True)
        return replace(
            shape,
            exact=False,
            high=None,
            samples=tuple(samples),
            grows=depth == 0,
            distinct=self._distinct(values, depth),
        )

    def _distinct(self, values: List[Any], depth: int) -> Optional[float]:
        """Return the share of different values, where there are enough of them to tell."""
        if not self._open or depth == 0 or len(values) < _FEW:
            return None
        return len(set(values)) / len(values)

    def _many(self, shape: shapes.Many, values: List[Any], depth: int) -> Shape:
        if shape.container == "array":
            return shape
        rows = [shapes.items_of(value) for value in values]
        items = [item for row in rows for item in row]
        inner = _inner_shapes(shape.element, items)
        order, by = "", ""
        if shape.container not in {"set", "frozenset"}:
            for by in inner:
                order = _order(rows, by)
                if order:
                    break
        repeats = _repeats(rows)
        common = (
            _common(items)
            if repeats and isinstance(shape.element, (shapes.Int, shapes.Float, shapes.Str))
            else []
        )
        if common:
            # Most are one and the same: zeros, blanks. The rest tells how the others lie.
            rest = [item for item in items if item not in common]
            repeats = None
            element: Shape = shapes.OneOf(
                (shapes.Literal(tuple(shapes.encoded(common))), self.of(shape.element, rest, depth + 1)),
                (len(items) - len(rest), len(rest)),
            )
        else:
            element = self.of(shape.element, items, depth + 1)
        if repeats is not None and isinstance(element, (shapes.Int, shapes.Str)):
            element = replace(element, distinct=None)
        lengths = [len(row) for row in rows]
        return replace(
            shape,
            element=element,
            low=min(lengths) if min(lengths) <= 2 else 1,
            order=order,
            by=by if order else "",
            repeats=repeats if self._open else None,
            lengths=tuple(map(int, _quantiles(lengths))) if depth else (),
        )

    def _mapping(self, shape: shapes.Mapping, values: List[Any], depth: int) -> Shape:
        keys = [list(value) for value in values]
        items = [item for value in values for item in dict(value).values()]
        lengths = [len(row) for row in keys]
        return replace(
            shape,
            key=self.of(shape.key, [key for row in keys for key in row], depth + 1),
            value=self.of(shape.value, items, depth + 1),
            order=_order(keys, ""),
            lengths=tuple(map(int, _quantiles(lengths))) if depth else (),
        )


def _with_sizes(parameters: List[plans.Parameter], observed: Dict[str, List[Any]]) -> List[plans.Parameter]:
    """Say of each parameter that holds elements what share of them it holds, or that it stays as it is."""
    sizes = {
        p.name: [shapes.elements_in(value) for value in observed.get(p.name, ())]
        for p in parameters
        if shapes.is_container(p.shape) and observed.get(p.name)
    }
    if len(sizes) < 2:
        return parameters
    totals = [sum(each) for each in zip(*sizes.values())]
    varies = max(totals) >= 2 * max(1, min(totals))
    every = sum(map(sum, sizes.values())) or 1
    sized = []
    for parameter in parameters:
        seen = sizes.get(parameter.name)
        if not seen:
            sized.append(parameter)
        elif varies and len(seen) > 1 and max(seen) <= 1.5 * min(seen) + 1:
            sized.append(replace(parameter, stays=(min(seen), max(seen))))
        else:
            sized.append(replace(parameter, share=max(sum(seen) / every, 0.001)))
    if all(p.stays is not None for p in sized if p.name in sizes):
        return parameters
    return sized


def _was_seen(relation: plans.Relation, observed: Dict[str, List[Any]]) -> bool:
    """Whether what was seen agrees with a relation; it does where nothing was seen."""
    pairs = list(zip(observed.get(relation.of, ()), observed.get(relation.to, ())))
    try:
        if relation.kind == "same-length":
            return all(len(one) == len(other) for one, other in pairs)
        if relation.kind == "overlap":
            shared = sum(len(set(one) & set(other)) for one, other in pairs)
            return not pairs or shared >= 0.1 * sum(
                min(len(set(one)), len(set(other))) for one, other in pairs
            )
    except TypeError:
        return True
    return True


def _inner_shapes(element: Shape, items: Sequence[Any]) -> List[str]:
    """Return by what a list may be ordered: its elements themselves, or one of their fields."""
    if isinstance(element, shapes.Record):
        return [name for name, _ in element.fields if name not in element.optional]
    if isinstance(element, shapes.Object):
        return [name for name, _ in element.fields]
    if isinstance(element, shapes.Fixed):
        return ["", *(str(at) for at in range(len(element.items)))]
    return [""]


def _order(rows: Sequence[Sequence[Any]], by: str) -> str:
    """Return ``sorted`` or ``reversed`` where every row is, and not by chance."""
    rising = falling = True
    chance = 0.0
    for row in rows:
        try:
            keys = [shapes.field_of(item, by) for item in row]
            rising = rising and all(map(operator.le, keys, keys[1:]))
            falling = falling and all(map(operator.ge, keys, keys[1:]))
            chance += math.lgamma(len(set(keys)) + 1)
        except Exception:
            return ""
        if not rising and not falling:
            return ""
    if chance < _SURE:
        return ""
    return "sorted" if rising else "reversed"


def _repeats(rows: Sequence[List[Any]]) -> Optional[float]:
    """Return the share of elements that repeat an earlier one of their row."""
    every = sum(map(len, rows))
    if every < _FEW:
        return None
    if not all(isinstance(item, Hashable) for row in rows for item in row[:1]):
        return None
    try:
        return 1 - sum(len(set(row)) for row in rows) / every
    except TypeError:
        return None


def _common(items: Sequence[Any]) -> List[Any]:
    """Return the value that makes up most of the items, where there are many others beside it."""
    counted = collections.Counter(items).most_common(1)
    value, count = counted[0]
    return [value] if 2 * count > len(items) and len(items) - count >= _FEW else []


def _quantiles(values: Sequence[Any]) -> List[Any]:
    """Return values at equal steps through the sorted sample, both ends among them."""
    ordered = sorted(values)
    if len(ordered) <= _MARKS:
        return ordered
    return [ordered[round(at * (len(ordered) - 1) / (_MARKS - 1))] for at in range(_MARKS)]


def _digits(values: Sequence[float]) -> Optional[int]:
    """Return after how many decimals the values end, where they do."""
    for digits in range(5):
        if all(round(value, digits) == value for value in values):
            return digits
    return None
