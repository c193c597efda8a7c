"""Values made from shapes: random ones of a given size (``generate``) and the awkward ones (``edges``).

Random values repeat themselves on purpose: a rewrite that loses duplicates, order or ties must be seen to.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import array
import collections
import importlib
import inspect
import io
import math
import random
import sys
import types
import typing
from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

if typing.TYPE_CHECKING or __package__:
    from . import codec, likes, matching, signatures, standard
    from .shapes import (
        ALPHABETS,
        Answer,
        Array,
        Bool,
        Bytes,
        Fixed,
        Float,
        Graph,
        Int,
        Joined,
        Literal,
        Many,
        Mapping,
        Matrix,
        Nothing,
        Object,
        OneOf,
        Record,
        Self,
        Shape,
        Standard,
        Str,
        Stream,
        Unknown,
        field_of,
        holds_elements,
        is_container,
        is_text,
    )
else:
    import codec
    import likes
    import matching
    import signatures
    import standard
    from shapes import (
        ALPHABETS,
        Answer,
        Array,
        Bool,
        Bytes,
        Fixed,
        Float,
        Graph,
        Int,
        Joined,
        Literal,
        Many,
        Mapping,
        Matrix,
        Nothing,
        Object,
        OneOf,
        Record,
        Self,
        Shape,
        Standard,
        Str,
        Stream,
        Unknown,
        field_of,
        holds_elements,
        is_container,
        is_text,
    )


def generate(shape: Shape, rng: random.Random, elements: int) -> Any:
    """Return a random value of the shape with about ``elements`` elements in all."""
    return _Maker(rng, elements).make(shape, max(0, elements))


class _Maker:
    """Makes values. Keeps the classes it is inside of, so that recursive ones end."""

    def __init__(self, rng: random.Random, breadth: int = 8) -> None:
        self.rng = rng
        self._breadth = max(6, breadth)
        self._kinds = max(6, int(self._breadth * rng.choice((0.15, 0.5, 1.0))))
        """How many different names and field values there are: few or many, so that groups are large or small
        and the names of several arguments meet."""
        self._around: List[Union[Object, Fixed]] = []
        self._around_here: List[Tuple[int, Dict[Shape, List[Any]]]] = []
        """How many elements the containers have that are being made, the innermost last, and what is left of
        the values drawn for them."""
        self._slack = 0
        """How many more different numbers there may be than are needed."""

    def make(self, shape: Shape, n: int) -> Any:
        return _MAKERS[type(shape)](self, shape, n)

    def unknown(self, shape: Unknown, n: int) -> Any:
        return self.whole(Int(), n)

    def nothing(self, shape: Nothing, n: int) -> Any:
        return None

    def truth(self, shape: Bool, n: int) -> Any:
        return self.rng.random() < shape.share

    def whole(self, shape: Int, n: int) -> Any:
        if shape.marks:
            return self._pooled(shape, lambda: round(likes.between(shape.marks, self.rng)), shape.distinct)
        low, high = _int_range(shape, n)
        if shape.notable and self.rng.random() < 0.2:
            near = self.rng.choice(shape.notable) + self.rng.choice((-1, 0, 0, 0, 1))
            if (shape.low is None or near >= shape.low) and (shape.high is None or near <= shape.high):
                return near
        if shape.role == "size":
            # Sizes stay near what was asked for, so that inputs of one size cost about the same.
            near = max(low, n - max(n // 8, min(n // 2, 6)))
            return self.rng.randint(min(near, high), max(min(n, high), min(near, high)))
        return self.rng.randint(low, high)

    def _pooled(self, shape: Shape, draw: Callable[[], Any], distinct: Optional[float]) -> Any:
        """Return a value, so that as many in the container around it are different as ``distinct`` says."""
        if distinct is None or not self._around_here:
            return draw()
        count, pools = self._around_here[-1]
        pool = pools.get(shape)
        if pool is None:
            pool = pools[shape] = self._exactly(shape, count, 3, max(1, round(distinct * count)))
        return pool.pop() if pool else draw()

    def real(self, shape: Float, n: int) -> Any:
        if shape.marks:
            made = likes.between(shape.marks, self.rng)
            return float(made if shape.digits is None else round(made, shape.digits))
        spread = 4.0 * max(n, 5)
        low = shape.low if shape.low is not None else (-spread if shape.high is None else shape.high - spread)
        high = shape.high if shape.high is not None else low + 2 * spread
        change = self.rng.random()
        if change < 0.2 and high - low >= 2:
            return float(self.rng.randint(math.ceil(low), math.floor(high)))
        if change < 0.4 and low <= 0 and high >= 1:
            # Shares and probabilities are floats more often than not.
            low, high = 0.0, 1.0
        digits = 2 if high - low >= 2 else 6
        return min(max(round(self.rng.uniform(low, high), digits), low), high)

    def text(self, shape: Str, n: int) -> Any:
        rng = self.rng
        if shape.exact and shape.words:
            return rng.choice(shape.words)
        if shape.samples:
            if shape.grows:
                return likes.text_of(shape.samples, rng, n)
            return self._pooled(shape, lambda: likes.text_like(shape.samples, rng), shape.distinct)
        if shape.words and rng.random() < 0.3:
            whole = rng.choice(shape.words)
            if shape.low <= len(whole) and (shape.high is None or len(whole) <= shape.high):
                return whole
        length = _clamp(n, shape.low, shape.high)
        if shape.kind == "char":
            length = 1
        if shape.patterns and rng.random() < 0.85:
            made = _matching(rng, shape, length)
        elif shape.kind == "word" and 0 < length <= 8 and not shape.alphabet and rng.random() < 0.6:
            made = _name(rng.randrange(self._kinds))
        else:
            made = _text(rng, shape, length)
        return made[: shape.high] if shape.high is not None else made

    def raw(self, shape: Bytes, n: int) -> Any:
        made = bytes(self.rng.choices(self.rng.choice((range(256), b"ab\x00\xff")), k=n))
        whole = bytearray(made) if shape.mutable else made
        return memoryview(whole) if shape.view else whole

    def standard(self, shape: Standard, n: int) -> Any:
        made = standard.draw(shape.kind, self.rng, shape.low, shape.high)
        if not shape.form:
            return made
        return made.isoformat() if shape.form == "iso" else made.strftime(shape.form)

    def stream(self, shape: Stream, n: int) -> Any:
        content = self.make(shape.content, n)
        return io.BytesIO(content) if shape.binary else io.StringIO(content)

    def answer(self, shape: Answer, n: int) -> Any:
        answers = [self.make(shape.result, min(n, 4)) for _ in range(_ANSWERS)]
        return codec.answering([codec.encode(answer) for answer in answers])

    def joined(self, shape: Joined, n: int) -> Any:
        inner = shape.element
        separator = shape.separator or " "
        if shape.columns:
            each = max(1, n // len(shape.columns))
            columns = [self.make(c, self._vary(c, 4) if isinstance(c, Str) else each) for c in shape.columns]
            more = (shape.high or 0) - len(columns)
            columns += [
                self.make(inner, self._vary(inner, 4)) for _ in range(self.rng.randint(0, max(more, 0)))
            ]
            written = [str(column) for column in columns]
            if shape.noise and self.rng.random() < 0.15:
                at = self.rng.randrange(len(written))
                change = self.rng.choice((" {} ", "{} ", " {}", "{}{sep}{}", ""))
                written[at] = change.format(written[at], written[at], sep=separator)
            return separator.join(written)
        each = 4
        if shape.high is not None and shape.high <= 12:
            count = self.rng.randint(shape.low, shape.high)
            each = max(1, n // max(count, 1)) if holds_elements(inner) else 4
        elif isinstance(inner, Joined) and is_container(inner):
            count = max(shape.low, math.isqrt(n))
            each = max(1, n // max(count, 1))
        else:
            count = _clamp(n, shape.low, shape.high)
        pool = [str(self.make(inner, self._vary(inner, each))) for _ in range(self._pool(count, None))]
        if shape.noise:
            pool = [self._noise(shape, part) if self.rng.random() < 0.2 else part for part in pool]
        return separator.join(self.rng.choices(pool, k=count) if pool else [])

    def _noise(self, shape: Joined, part: str) -> str:
        word = self.rng.choice(shape.words or ("",))
        prose = _prose(self.rng, 12, ()).replace(shape.separator or " ", "")
        return self.rng.choice(
            ("", " ", word, word + prose, word + part, prose, f" {part} ", part[: len(part) // 2])
        )

    def many(self, shape: Many, n: int) -> Any:
        outer, inner = self._split(shape.element, n)
        if shape.lengths:
            outer = self.rng.choice(shape.lengths)
        if isinstance(shape.element, Self):
            # The elements left over are shared among a few branches, until there are none.
            outer = self.rng.randint(1, min(4, n - 1)) if n > 1 else 0
            inner = n // max(outer, 1)
        count = _clamp(outer, shape.low, shape.high)
        self._around_here.append((count, {}))
        if shape.container in {"set", "frozenset"}:
            items = self._distinct(shape.element, count, inner)
        else:
            # In sorted rows without gaps nothing would vary.
            self._slack = 1 + count // 16 if shape.order else 0
            items = self._repeating(shape.element, count, inner, shape.repeats)
            self._slack = 0
            if shape.order:
                try:
                    items.sort(key=lambda i: field_of(i, shape.by), reverse=shape.order == "reversed")
                except (TypeError, KeyError, AttributeError):
                    pass
        self._around_here.pop()
        return _CONTAINERS[shape.container](items)

    def mapping(self, shape: Mapping, n: int) -> Any:
        outer, inner = self._split(shape.value, n)
        if shape.lengths:
            outer = self.rng.choice(shape.lengths)
        count = _clamp(outer, shape.low, shape.high)
        self._around_here.append((count, {}))
        keys = self._distinct(shape.key, count, 3)
        if shape.order:
            keys.sort(reverse=shape.order == "reversed")
        values = self._repeating(shape.value, len(keys), inner, None)
        self._around_here.pop()
        if shape.container == "Counter":
            return collections.Counter(dict(zip(keys, values)))
        if shape.container == "OrderedDict":
            return collections.OrderedDict(zip(keys, values))
        if shape.container == "ChainMap":
            pairs = list(zip(keys, values))
            half = len(pairs) // 2
            # The front map hides some keys of the one behind it.
            return collections.ChainMap(dict(pairs[:half]), dict([*pairs[half // 2 : half], *pairs[half:]]))
        if shape.container == "defaultdict":
            factory = getattr(sys.modules["builtins"], shape.factory) if shape.factory else None
            return collections.defaultdict(factory, zip(keys, values))
        return _AS_MAPPING.get(shape.container, dict)(dict(zip(keys, values)))

    def record(self, shape: Record, n: int) -> Any:
        share = self._share([part for _, part in shape.fields], n)
        return {
            name: self.make(part, share(part))
            for name, part in shape.fields
            if name not in shape.optional or self.rng.random() < 0.7
        }

    def fixed(self, shape: Fixed, n: int) -> Any:
        if shape.qualname:
            self._around.append(shape)
        try:
            share = self._share(shape.items, n)
            items = [self.make(item, share(item)) for item in shape.items]
        finally:
            if shape.qualname:
                self._around.pop()
        if shape.ordered:
            items.sort()
        if shape.qualname:
            cls = _resolve(shape.module, shape.qualname)
            return tuple.__new__(cls, items)
        return items if shape.container == "list" else tuple(items)

    def one_of(self, shape: OneOf, n: int) -> Any:
        again = [option for option in shape.options if isinstance(option, Self)]
        if again:
            # The chain goes on while there are elements left; now and then a branch ends early.
            rest = [option for option in shape.options if not isinstance(option, Self)]
            ends = n <= 1 or (n < self._breadth // 2 and self.rng.random() < 0.15)
            return self.make(self.rng.choice(rest or again) if ends else again[0], n)
        if shape.weights:
            return self.make(self.rng.choices(shape.options, shape.weights)[0], n)
        return self.make(self.rng.choice(shape.options), n)

    def literal(self, shape: Literal, n: int) -> Any:
        return codec.decode(self.rng.choice(shape.values))

    def matrix(self, shape: Matrix, n: int) -> Any:
        if shape.columns is not None:
            return self.rows(shape, max(1, n // max(shape.columns, 1)), shape.columns)
        rows = max(1, math.isqrt(max(n, 1)))
        columns = rows if shape.square else max(1, n // rows + self.rng.choice((-1, 0, 1)))
        if not shape.square and self.rng.random() < 0.3:
            rows, columns = columns, rows
        return self.rows(shape, rows, columns)

    def rows(self, shape: Matrix, rows: int, columns: int) -> Any:
        flat = self._repeating(shape.element, rows * columns, 3, None)
        kind = _CONTAINERS[shape.container]
        return kind([kind(flat[at * columns : (at + 1) * columns]) for at in range(rows)])

    def graph(self, shape: Graph, n: int) -> Any:
        nodes = self._distinct(shape.node, max(1, n // 3), 3)
        rng = self.rng
        made: Dict[Any, Any] = {}
        for at, node in enumerate(nodes):
            reach = nodes[at + 1 :] if shape.acyclic else nodes
            # Most nodes are joined to a near one, which keeps the graph connected without making it dense.
            out = [rng.choice(reach) for _ in range(rng.choice((0, 1, 2, 2, 3, 4)))] if reach else []
            if at + 1 < len(nodes) and rng.random() < 0.8:
                out.append(nodes[at + 1])
            out = list(dict.fromkeys(out))
            rng.shuffle(out)
            if shape.neighbours == "dict":
                made[node] = {other: rng.randint(1, 9) for other in out}
            elif shape.neighbours == "pairs":
                made[node] = [(other, rng.randint(1, 9)) for other in out]
            elif shape.neighbours == "set":
                made[node] = set(out)
            else:
                made[node] = out
        return made

    def instance(self, shape: Object, n: int) -> Any:
        cls = _resolve(shape.module, shape.qualname)
        depth = sum(1 for outer in self._around if outer.qualname == shape.qualname)
        self._around.append(shape)
        try:
            # A chain is as deep as it is long, and depth is what neither JSON nor the stack has much of.
            share = self._share([part for _, part in shape.fields], 0 if depth > _DEEPEST else n)
            return self._built(cls, shape, n, share)
        finally:
            self._around.pop()

    def _built(self, cls: Any, shape: Object, n: int, share: Callable[[Shape], int]) -> Any:
        if shape.made == "fields":
            try:
                made = object.__new__(cls)
            except TypeError:
                # Classes that are not written in Python want their own way of being made.
                made = cls.__new__(cls)
            for name, part in shape.fields:
                object.__setattr__(made, name, self.make(part, share(part)))
            return made
        if shape.made == "from":
            return cls(*(self.make(part, share(part)) for _, part in shape.fields))
        for attempt in range(_TRIES):
            try:
                made = _called(cls, {name: self.make(part, share(part)) for name, part in shape.fields})
                break
            except Exception:
                # A class may refuse some values: an end before its start.
                if attempt == _TRIES - 1:
                    raise
        for at in range(n if shape.steps else 0):
            name, wanted = shape.steps[at % len(shape.steps)] if at < 3 else self.rng.choice(shape.steps)
            try:
                getattr(made, name)(*(self.make(part, self._vary(part, max(3, n))) for part in wanted))
            except Exception:
                # A step that the object refuses is no step.
                continue
            if _held_by(made) > 3 * n + 24:
                # Steps may double what there is.
                break
        return made

    def again(self, shape: Self, n: int) -> Any:
        outer = next((o for o in reversed(self._around) if o.qualname == shape.qualname), None)
        if outer is None or len(self._around) > 2 * _DEEPEST:
            return None
        return self.make(outer, max(0, n - 1))

    def array(self, shape: Array, n: int) -> Any:
        numpy = importlib.import_module("numpy")
        if shape.ndim == 0:
            return self._numbers(shape)
        if shape.order:
            rising = numpy.sort(self.array(replace(shape, order=""), n))
            return rising if shape.order == "sorted" else rising[::-1].copy()
        sizes = [n] * shape.ndim
        if shape.ndim > 1:
            side = max(1, round(max(n, 1) ** (1 / shape.ndim)))
            # Axes of different length tell rows from columns.
            sizes = [max(1, side + self.rng.randint(-(side // 3), side // 3 + 1)) for _ in sizes]
            sizes[-1] = max(1, n // math.prod(sizes[:-1]))
        dtype = numpy.dtype(shape.dtype)
        made = numpy.random.RandomState(self.rng.getrandbits(32))
        if dtype.kind in "iu":
            low = 0 if dtype.kind == "u" else -50
            low = int(shape.low) if shape.low is not None else low
            high = int(shape.high) if shape.high is not None else min(low + 100, numpy.iinfo(dtype).max)
            return made.randint(low, max(high, low) + 1, size=sizes).astype(dtype)
        if dtype.kind == "b":
            return made.randint(0, 2, size=sizes).astype(dtype)
        low_f = shape.low if shape.low is not None else -10.0
        high_f = shape.high if shape.high is not None else low_f + 20.0
        return numpy.asarray(made.uniform(low_f, high_f, size=sizes)).round(3).astype(dtype)

    def _numbers(self, shape: Array) -> Any:
        """Return a single number of an array's type."""
        return self.array(replace(shape, ndim=1), 1)[0]

    def _split(self, element: Shape, n: int) -> Tuple[int, int]:
        """Share ``n`` elements between a container and the containers in it."""
        if isinstance(element, (Many, Mapping)) and element.lengths:
            mean = max(1, sum(element.lengths) // len(element.lengths))
            return max(n // mean, min(n, 1)), mean
        if holds_elements(element):
            if isinstance(element, (Record, Fixed, Joined)):
                return max(n // 4, min(n, 2)), 4
            outer = math.isqrt(n)
            return outer, (n // outer if outer else 0)
        return n, 3

    def _share(self, parts: Sequence[Shape], n: int) -> Callable[[Shape], int]:
        grown = sum(1 for part in parts if holds_elements(part))

        def share(part: Shape) -> int:
            if grown and holds_elements(part):
                return n // grown
            if is_text(part) and (grown or n <= 4):
                # A name beside a list stays a name.
                return self._vary(part, n)
            return self._kinds if isinstance(part, (Int, Float, Unknown)) else max(3, n)

        return share

    def _pool(self, count: int, repeats: Optional[float]) -> int:
        """Return how many different values ``count`` elements are drawn from."""
        if repeats is not None:
            return max(1, round(count * (1 - repeats))) if count else 0
        share = self.rng.choice((0.25, 0.5, 1.0, 1.0))
        fewest = 1 if self.rng.random() < 0.15 else 2
        return max(min(fewest, count), round(count * share))

    def _repeating(self, element: Shape, count: int, inner: int, repeats: Optional[float]) -> List[Any]:
        pool = self._pool(count, repeats)
        if not pool:
            return []
        if repeats is not None and _is_value(element):
            return self._exactly(element, count, inner, pool)
        if repeats is None and _is_learnt(element):
            return [self.make(element, inner) for _ in range(count)]
        context = max(count, inner) if isinstance(element, (Int, Float, Unknown)) else inner
        if _is_value(element):
            if repeats == 0:
                return self._distinct(element, count, inner)
            return self.rng.choices(self._values(element, pool, context), k=count)
        # Equal elements are equal, never one object in two places.
        fresh = _COPIERS.get(type(element)) if _holds_values(element) else None
        if fresh is not None:
            rows = [self.make(element, self._vary(element, context)) for _ in range(pool)]
            return [fresh(row) for row in self.rng.choices(rows, k=count)]
        seeds = [self.rng.getrandbits(48) for _ in range(pool)]
        own, items = self.rng, []
        for seed in own.choices(seeds, k=count):
            self.rng = random.Random(seed)
            items.append(self.make(element, self._vary(element, context)))
        self.rng = own
        return items

    def _exactly(self, element: Shape, count: int, inner: int, pool: int) -> List[Any]:
        """Return ``count`` elements, ``pool`` different ones among them."""
        different = self._distinct(element, pool, inner)
        if not different:
            return [self.make(element, inner) for _ in range(count)]
        items = different + self.rng.choices(different, k=count - len(different))
        self.rng.shuffle(items)
        return items

    def _values(self, element: Shape, count: int, n: int) -> List[Any]:
        if isinstance(element, Int) and not element.notable and element.role == "value":
            low, high = _int_range(element, n)
            span, draw = high - low + 1, self.rng.random
            return [low + int(draw() * span) for _ in range(count)]
        return [self.make(element, self._vary(element, n)) for _ in range(count)]

    def _vary(self, element: Shape, n: int) -> int:
        if is_text(element) or (isinstance(element, Joined) and not is_container(element)):
            return self.rng.choice((1, 2, 3, 4, 4, 5, 6, 8))
        if isinstance(element, (Many, Mapping, Bytes)) and n > 1:
            return self.rng.randint(n // 2, n + n // 2)
        return n

    def _distinct(self, element: Shape, count: int, inner: int) -> List[Any]:
        if isinstance(element, Int) and element.marks:
            is_closed = element.high is not None
            return likes.different_numbers(
                element.marks, element.gap, is_closed, self.rng, count, self._slack
            )
        if isinstance(element, Str) and element.samples:
            return likes.different_texts(element.samples, self.rng, count)
        if isinstance(element, (Int, Unknown)):
            shape = element if isinstance(element, Int) else Int()
            low, high = _int_range(shape, count)
            if high - low + 1 >= count:
                return self.rng.sample(range(low, high + 1), count)
        if isinstance(element, Str) and element == Str(element.kind, element.low) and count > 8:
            numbers = self.rng.sample(range(2 * count), count)
            return [_name(number) for number in numbers]
        found: Dict[Any, None] = {}
        size = inner
        for attempt in range(count * 4 + 8):
            if len(found) >= count:
                break
            if attempt and attempt % max(count, 8) == 0:
                size += 2
            # Size grows with the count, so that short words do not run out.
            longest = max(size, 1 + len(str(count)))
            value = self.make(
                element, self.rng.randint(1, longest) if isinstance(element, Str) else max(inner, count)
            )
            try:
                found.setdefault(value)
            except TypeError:
                break
        return list(found)


_MAKERS: Dict[type, Callable[[_Maker, Any, int], Any]] = {
    Unknown: _Maker.unknown,
    Nothing: _Maker.nothing,
    Bool: _Maker.truth,
    Int: _Maker.whole,
    Float: _Maker.real,
    Str: _Maker.text,
    Bytes: _Maker.raw,
    Joined: _Maker.joined,
    Many: _Maker.many,
    Mapping: _Maker.mapping,
    Record: _Maker.record,
    Fixed: _Maker.fixed,
    OneOf: _Maker.one_of,
    Literal: _Maker.literal,
    Matrix: _Maker.matrix,
    Graph: _Maker.graph,
    Object: _Maker.instance,
    Self: _Maker.again,
    Array: _Maker.array,
    Standard: _Maker.standard,
    Stream: _Maker.stream,
    Answer: _Maker.answer,
}

_CONTAINERS: Dict[str, Callable[[List[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": collections.deque,
    "iterator": iter,
    "generator": lambda items: codec.replayed(iter(items)),
    "async generator": lambda items: codec.replayed_async(iter(items)),
    "array": lambda items: array.array("q" if all(type(i) is int for i in items) else "d", items),
}
_AS_MAPPING: Dict[str, Callable[[Dict[Any, Any]], Any]] = {
    "mappingproxy": types.MappingProxyType,
    "keys": dict.keys,
    "values": dict.values,
    "items": dict.items,
}
_ANSWERS = 7
"""How many different answers a stand-in function has."""


def _int_range(shape: Int, n: int) -> Tuple[int, int]:
    spread = max(4, 2 * n)
    if shape.low is None and shape.high is None:
        return -spread, spread
    low = shape.low if shape.low is not None else typing.cast(int, shape.high) - spread
    return low, shape.high if shape.high is not None else low + spread


def _is_learnt(shape: Shape) -> bool:
    """Whether a shape tells itself how its values repeat and lie."""
    if isinstance(shape, (Int, Float)):
        return bool(shape.marks)
    if isinstance(shape, Str):
        return bool(shape.samples)
    if isinstance(shape, OneOf):
        return bool(shape.weights)
    if isinstance(shape, (Many, Mapping)):
        return bool(shape.lengths)
    if isinstance(shape, Fixed):
        return any(map(_is_learnt, shape.items))
    return isinstance(shape, (Record, Object)) and any(_is_learnt(part) for _, part in shape.fields)


def _clamp(n: int, low: int, high: Optional[int]) -> int:
    return max(low, n if high is None else min(n, high))


def _is_value(shape: Shape) -> bool:
    """Whether one object may stand in several places unnoticed."""
    if isinstance(shape, OneOf):
        return all(_is_value(option) for option in shape.options)
    if isinstance(shape, Fixed):
        return shape.container == "tuple" and all(_is_value(item) for item in shape.items)
    if isinstance(shape, Many):
        return shape.container in {"tuple", "frozenset"} and _is_value(shape.element)
    if isinstance(shape, Bytes):
        return not shape.mutable and not shape.view
    if isinstance(shape, Literal):
        return all(not isinstance(v, list) or v[0] in _VALUE_TAGS for v in shape.values)
    if isinstance(shape, Array):
        return shape.ndim == 0
    return isinstance(shape, (Unknown, Nothing, Bool, Int, Float, Str, Joined, Standard, Answer))


def _holds_values(shape: Shape) -> bool:
    """Whether a copy of the outermost container is a copy of the whole."""
    if isinstance(shape, Record):
        return all(_is_value(part) for _, part in shape.fields)
    if isinstance(shape, Many):
        return shape.container in {"list", "set"} and _is_value(shape.element)
    if isinstance(shape, Mapping):
        return shape.container == "dict" and _is_value(shape.value)
    return isinstance(shape, Fixed) and shape.container == "list" and all(map(_is_value, shape.items))


_COPIERS: Dict[type, Callable[[Any], Any]] = {
    Record: dict,
    Mapping: dict,
    Many: lambda value: value.copy(),
    Fixed: list,
}
_VALUE_TAGS = frozenset(
    {
        "T",
        "I",
        "F",
        "S",
        "b",
        "c",
        "enum",
        "flag",
        "dec",
        "frac",
        "date",
        "datetime",
        "timedelta",
        "fn",
        "class",
    }
)


def _text(rng: random.Random, shape: Str, length: int) -> str:
    if shape.alphabet:
        return "".join(rng.choices(shape.alphabet, k=length))
    if shape.kind == "number":
        return str(rng.choice((rng.randint(-99, 999), rng.randint(0, 9), round(rng.uniform(-9, 99), 2))))
    if shape.kind == "integer":
        return str(rng.choice((rng.randint(-99, 999), rng.randint(0, 9), rng.randint(0, 10**5))))
    if shape.kind == "roman":
        return _roman(rng.randint(1, 3999))
    if shape.kind == "expression":
        return _expression(rng, max(1, length // 4))
    if shape.kind == "json":
        return f'{{"a": [{rng.randint(0, 99)}, {rng.randint(0, 99)}], "b": "x"}}'
    if shape.kind == "brackets":
        return _brackets(rng, length)
    if shape.kind == "text":
        return _prose(rng, length, shape.words)
    if shape.kind == "palindrome" or (shape.kind in {"word", "letters"} and rng.random() < 0.1):
        half = "".join(rng.choices(ALPHABETS["word"], k=length // 2))
        return half + "x" * (length % 2) + half[::-1]
    alphabet = ALPHABETS[shape.kind] if shape.kind in ALPHABETS else ALPHABETS["word"]
    # A small alphabet makes repeats and runs, a large one makes distinct values.
    few = rng.choice((2, 3, 5, len(alphabet), len(alphabet)))
    letters = "".join(rng.sample(alphabet, min(few, len(alphabet))))
    if rng.random() < 0.25:
        made: List[str] = []
        while len(made) < length:
            made.extend(rng.choice(letters) * rng.randint(1, 4))
        return "".join(made[:length])
    return "".join(rng.choices(letters, k=length))


_DEEPEST = 50
_TRIES = 6
_SYLLABLES = [consonant + vowel for vowel in "aeiou" for consonant in "bcdfghjklmnprstvwz"]


def _name(number: int) -> str:
    """Return the name of a number: the same word for the same number, so that names repeat as numbers do."""
    name = ""
    while True:
        name += _SYLLABLES[number % len(_SYLLABLES)]
        number //= len(_SYLLABLES)
        if not number:
            return name


def _matching(rng: random.Random, shape: Str, length: int) -> str:
    parts: List[str] = []
    size = 0
    alone = rng.random() < 0.4
    while size < max(length, 1):
        found = matching.text_matching(rng.choice(shape.patterns), rng)
        if alone and length <= 12:
            return found
        parts.append(found if rng.random() < 0.7 else _name(rng.randrange(60)))
        size += len(parts[-1]) + 1
    return rng.choice((" ", " ", "\n", ", ")).join(parts)


def _prose(rng: random.Random, length: int, words: Sequence[str]) -> str:
    vocabulary = [
        "".join(rng.choices("abcdeghilmnorstu", k=rng.randint(1, 6))) for _ in range(2 + length // 24)
    ]
    # Words that other arguments may hold as well.
    vocabulary += [_name(rng.randrange(6 + length // 12)) for _ in range(2 + length // 24)]
    vocabulary += [word for word in words if word]
    parts: List[str] = []
    size = 0
    while size < length:
        word = rng.choice(vocabulary)
        change = rng.random()
        if change < 0.12:
            word = word.capitalize()
        elif change < 0.16:
            word = word.upper()
        elif change < 0.22:
            word = str(rng.randint(0, 99))
        elif change < 0.24:
            word = "naïve é"
        end = rng.choice((" ", " ", " ", " ", ", ", ". ", "  ", "\n", "-", "! ", " ... "))
        parts.append(word + end)
        size += len(word) + len(end)
    return "".join(parts)[:length]


def _roman(number: int) -> str:
    out = ""
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
    ):
        while number >= value:
            out += letters
            number -= value
    return out


def _expression(rng: random.Random, terms: int) -> str:
    out = str(rng.randint(0, 20))
    for _ in range(terms):
        term = str(rng.randint(1, 20))
        if rng.random() < 0.2:
            term = f"({term} {rng.choice('+-*')} {rng.randint(1, 9)})"
        out += f" {rng.choice('+-*/')} {term}"
    return out


def _brackets(rng: random.Random, length: int) -> str:
    chaos = rng.random()
    if chaos < 0.2:
        return "".join(rng.choices("()[]{}", k=length))
    pairs = ("()", "[]", "{}")
    out: List[str] = []
    open_: List[str] = []
    for at in range(length - length % 2):
        if open_ and (rng.random() < 0.5 or length - at <= len(open_)):
            out.append(open_.pop())
        else:
            pair = rng.choice(pairs)
            out.append(pair[0])
            open_.append(pair[1])
    if chaos < 0.5 and len(out) > 1:
        # As many of each as before, in a wrong order.
        one, other = rng.sample(range(len(out)), 2)
        out[one], out[other] = out[other], out[one]
    return "".join(out)


def _called(cls: Any, fields: Dict[str, Any]) -> Any:
    positional: List[Any] = []
    keywords: Dict[str, Any] = {}
    try:
        parameters = signatures.signature_of(cls).parameters
    except (TypeError, ValueError):
        return cls(**fields)
    for name, value in fields.items():
        if name.startswith("*"):
            positional.extend(value)
            continue
        kind = parameters[name].kind if name in parameters else inspect.Parameter.KEYWORD_ONLY
        is_before = any(other.startswith("*") for other in fields)
        if kind is inspect.Parameter.POSITIONAL_ONLY or (
            is_before and kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ):
            positional.append(value)
        else:
            keywords[name] = value
    return cls(*positional, **keywords)


def _held_by(made: Any) -> int:
    """Return how much the fields of an object hold, roughly and quickly."""
    held = 0
    for field in getattr(made, "__dict__", {}).values():
        if isinstance(field, (list, dict, set, tuple, str, collections.deque)):
            held += len(field)
    return held


def _resolve(module: str, qualname: str) -> Any:
    found: Any = sys.modules.get(module) or importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


# --- edges ---


def edges(shape: Shape, rng: random.Random) -> List[Any]:
    """Return a shape's awkward values: empty, one, two, repeated, tied, negative, zero, huge, odd text."""
    maker = _EDGES.get(type(shape))
    return maker(shape, rng) if maker is not None else [generate(shape, rng, n) for n in (0, 1, 2)]


def _int_edges(shape: Int, rng: random.Random) -> List[Any]:
    wanted = [0, 1, 2, 3, -1, -2, 10, 100]
    if shape.role == "value":
        wanted += [-(10**6), 2**31, 2**63, 10**20]
    wanted += [near + step for near in shape.notable for step in (-1, 0, 1)]
    wanted += [bound for bound in (shape.low, shape.high) if bound is not None]
    return [
        n
        for n in dict.fromkeys(wanted)
        if (shape.low is None or n >= shape.low) and (shape.high is None or n <= shape.high)
    ]


def _float_edges(shape: Float, rng: random.Random) -> List[Any]:
    wanted = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-300, 1e300, math.inf, -math.inf, math.nan]
    return [
        x
        for x in wanted
        if (shape.low is None or not x < shape.low) and (shape.high is None or not x > shape.high)
    ]


def _str_edges(shape: Str, rng: random.Random) -> List[Any]:
    if shape.exact:
        return list(shape.words)
    if shape.kind == "char":
        return ["a", "Z", "0", " ", "é"]
    wanted = ["", "a", "aa", "ab", "aba", *shape.words[:6]]
    if shape.kind in {"word", "letters", "text"}:
        wanted += ["A", "aA", " ", "  a  b ", "Straße", "e\u0301", "日本", "🎈x", "a\nb\r\nc\t", "İ", "\x00"]
    return [w for w in wanted if len(w) >= shape.low and (shape.high is None or len(w) <= shape.high)]


def _many_edges(shape: Many, rng: random.Random) -> List[Any]:
    inner = edges(shape.element, rng)
    if isinstance(shape.element, Int):
        inner = [n for n in inner if abs(n) < 2**31] + [n for n in inner if abs(n) >= 2**31]
    one, two = generate(shape.element, rng, 3), generate(shape.element, rng, 4)
    rows: List[List[Any]] = [[], [one], [one, two], [one, one], [two, one, two], [one, one, one, two, two]]
    plain = [value for value in inner if not _is_special(value)]
    rows.append(plain[:12])
    rows.append(plain[:12][::-1])
    rows += [[one, value, two, value] for value in inner if _is_special(value)]
    rows += [[value] for value in inner[:3]]
    if shape.order:
        for row in rows:
            try:
                row.sort(reverse=shape.order == "reversed")
            except TypeError:
                continue
    made = []
    for row in rows:
        if len(row) < shape.low or (shape.high is not None and len(row) > shape.high):
            continue
        try:
            made.append(_CONTAINERS[shape.container](row))
        except (TypeError, OverflowError):
            continue
    return made


def _is_special(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _mapping_edges(shape: Mapping, rng: random.Random) -> List[Any]:
    made = [generate(shape, rng, n) for n in (0, 1, 2, 3)]
    values = edges(shape.value, rng)
    keys = _Maker(rng)._distinct(shape.key, min(len(values), 8), 3)
    made.append(_like(shape, dict(zip(keys, values))))
    return [value for value in made if len(value) >= shape.low]


def _like(shape: Mapping, items: Dict[Any, Any]) -> Any:
    if shape.container in _AS_MAPPING:
        return _AS_MAPPING[shape.container](items)
    made = generate(shape, random.Random(0), 0)
    made.update(items)
    return made


def _record_edges(shape: Record, rng: random.Random) -> List[Any]:
    made = []
    for name, part in shape.fields:
        for value in edges(part, rng)[:3]:
            base = generate(replace(shape, optional=()), rng, 4)
            base[name] = value
            made.append(base)
    made += [{k: v for k, v in generate(shape, rng, 3).items() if k != name} for name in shape.optional]
    return made


def _fixed_edges(shape: Fixed, rng: random.Random) -> List[Any]:
    made = []
    for at, part in enumerate(shape.items):
        for value in edges(part, rng)[:4]:
            items = list(generate(shape, rng, 4))
            items[at] = value
            if shape.ordered:
                items.sort()
            if shape.qualname:
                made.append(tuple.__new__(_resolve(shape.module, shape.qualname), items))
            else:
                made.append(items if shape.container == "list" else tuple(items))
    return made


def _one_of_edges(shape: OneOf, rng: random.Random) -> List[Any]:
    return [value for option in shape.options for value in edges(option, rng)]


def _literal_edges(shape: Literal, rng: random.Random) -> List[Any]:
    return [codec.decode(value) for value in shape.values[:12]]


def _joined_edges(shape: Joined, rng: random.Random) -> List[Any]:
    made = [generate(shape, rng, n) for n in (1, 2, 3)]
    return ["", *made, made[-1] + (shape.separator or " ")]


def _matrix_edges(shape: Matrix, rng: random.Random) -> List[Any]:
    sizes = [(1, 1), (2, 2), (3, 3)] if shape.square else [(1, 1), (1, 3), (3, 1), (2, 3)]
    return [_CONTAINERS[shape.container]([]), *(_Maker(rng).rows(shape, r, c) for r, c in sizes)]


def _object_edges(shape: Object, rng: random.Random) -> List[Any]:
    made = []
    for n in (0, 1, 2, 8):
        try:
            made.append(generate(shape, rng, n))
        except Exception:
            continue
    return made


def _standard_edges(shape: Standard, rng: random.Random) -> List[Any]:
    made = [generate(shape, rng, 1) for _ in range(3)]
    if shape.form:
        return made
    return [*made, *(standard.edges(shape.kind) if shape.low is None else ())]


def _bytes_edges(shape: Bytes, rng: random.Random) -> List[Any]:
    kind = bytearray if shape.mutable else bytes
    wanted = [b"", b"\x00", b"a", b"aa", b"ab", b"\xff\xfe", "é🎈".encode(), bytes(range(256))]
    return [memoryview(kind(w)) if shape.view else kind(w) for w in wanted]


def _stream_edges(shape: Stream, rng: random.Random) -> List[Any]:
    if shape.binary:
        return [io.BytesIO(content) for content in (b"", b"a", b"\x00\xff", b"one\ntwo\n")]
    return [io.StringIO(content) for content in ("", "\n", "a", "one\ntwo\n\n", "é🎈\n x")]


def _array_edges(shape: Array, rng: random.Random) -> List[Any]:
    if shape.ndim == 0:
        return [generate(shape, rng, n) for n in (0, 1, 2)]
    made = [generate(shape, rng, n) for n in (0, 1, 2, 4)]
    if shape.dtype[1:2] == "f" and made[-1].size:
        for value in (math.nan, math.inf, -0.0):
            odd = generate(shape, rng, 5)
            odd.flat[0] = value
            made.append(odd)
        made.append(made[-1] * 0)
    return made


_EDGES: Dict[type, Callable[[Any, random.Random], List[Any]]] = {
    Unknown: lambda shape, rng: [0, 1, -1],
    Nothing: lambda shape, rng: [None],
    Bool: lambda shape, rng: [False, True],
    Int: _int_edges,
    Float: _float_edges,
    Str: _str_edges,
    Many: _many_edges,
    Mapping: _mapping_edges,
    Record: _record_edges,
    Fixed: _fixed_edges,
    OneOf: _one_of_edges,
    Literal: _literal_edges,
    Joined: _joined_edges,
    Matrix: _matrix_edges,
    Object: _object_edges,
    Array: _array_edges,
    Standard: _standard_edges,
    Bytes: _bytes_edges,
    Stream: _stream_edges,
}
