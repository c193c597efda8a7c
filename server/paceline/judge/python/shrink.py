"""Smaller variants of an encoded input, for the smallest counterexample. Works on encodings; runs nothing.

Every variant weighs less than what it was made from (``weight``), so looking on from whichever variant still
fails comes to an end.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from paceline.judge.python.simpler import Weight, simpler, weight

_MOST = 160
"""Variants of one input, the lightest first."""
_MOST_PARTS = 150_000
"""Of all variants looked at together: of a large input there are few, the boldest."""
_FEWEST = 6
"""Variants that are looked at however large they are."""

_NUMBERED = frozenset({
    "L", "l", "E", "e", "D", "d", "od", "dd", "dq", "ba", "ns", "nd", "nda", "obj", "exc", "iter", "it",
    "over", "gen", "agen", "sio", "bio", "mv", "mvp", "arr",
})  # fmt: skip
"""What the codec numbers, so that it can be referred to; ``sub`` is numbered where it has room for fields."""

_OF_SCALARS = frozenset(("L", "T", "E", "Z", "D", "nd", "b", "ba", "S"))


def smaller_inputs(given: Mapping[str, Any], *, fewest: int | None = None) -> list[dict[str, Any]]:
    """Return variants of an input that are smaller by one step, the smallest first.

    ``fewest`` is the smallest number of positional arguments that some known call makes do with.

    A step leaves out some items, characters or entries, an optional argument, or puts a simpler value of the
    same type in the place of one. The same input gives the same variants.
    """
    args, kwargs = given["args"], given["kwargs"]
    if _has_references(args) or _has_references(kwargs):
        copies = _with_copies(given)
        # Whatever fails only because two parts are one object stays as it is.
        return [] if copies is None else [copies]
    own = given_weight(given)
    found: dict[str, tuple[Weight, dict[str, Any]]] = {}
    most = max(_FEWEST, _MOST_PARTS // max(1, own.parts))
    for new_args, new_kwargs in itertools.islice(_steps(args, kwargs, fewest), most):
        variant = {
            "args": new_args,
            "kwargs": new_kwargs,
            "source": given["source"],
            "size": _size(new_args),
        }
        heavy = given_weight(variant)
        if heavy < own:
            found.setdefault(repr((new_args, new_kwargs)), (heavy, variant))
    lightest = sorted(found.values(), key=lambda entry: entry[0])
    return [variant for _, variant in lightest[:_MOST]]


def given_weight(given: Mapping[str, Any]) -> Weight:
    """Return how much an input holds."""
    return weight(given["args"]) + weight(given["kwargs"])


def _steps(args: Any, kwargs: Any, fewest: int | None) -> Iterator[tuple[Any, Any]]:
    positional = list(args[1]) if _is_sequence(args) else []
    # In turns: where only some are looked at, no argument is passed over for another.
    yield from _in_turns([_with_simpler(args, positional, at, kwargs) for at in range(len(positional))])
    if fewest is not None and len(positional) > fewest:
        yield [args[0], positional[:-1]], kwargs
    names, values = _keywords(kwargs)
    for at, value in enumerate(values):
        yield args, ["d", [[n, v] for k, (n, v) in enumerate(zip(names, values, strict=True)) if k != at]]
        for other in simpler(value):
            pairs = [[n, other if k == at else v] for k, (n, v) in enumerate(zip(names, values, strict=True))]
            yield args, ["d", pairs]


def _with_simpler(args: Any, positional: list[Any], at: int, kwargs: Any) -> Iterator[tuple[Any, Any]]:
    for other in simpler(positional[at]):
        changed = [*positional[:at], other, *positional[at + 1 :]]
        yield [_mixed(args[0]), changed], kwargs
        counted = _count_along(positional, at, other)
        if counted is not None:
            yield [_mixed(args[0]), counted], kwargs


def _in_turns(streams: list[Iterator[tuple[Any, Any]]]) -> Iterator[tuple[Any, Any]]:
    for row in itertools.zip_longest(*streams):
        yield from (step for step in row if step is not None)


def _count_along(positional: list[Any], at: int, other: Any) -> list[Any] | None:
    """Where another argument is the length of the one that got shorter, return both made shorter."""
    before, after = _length(positional[at]), _length(other)
    if before is None or after is None or before == after:
        return None
    counts = [k for k, item in enumerate(positional) if k != at and type(item) is int and item == before]
    if not counts:
        return None
    return [other if k == at else after if k in counts else item for k, item in enumerate(positional)]


def _length(encoded: Any) -> int | None:
    if isinstance(encoded, str):
        return len(encoded)
    return len(encoded[1]) if _is_sequence(encoded) else None


def _mixed(tag: str) -> str:
    # What was a plain scalar may have become something with a tag.
    return tag.lower()


def _is_sequence(encoded: Any) -> bool:
    return isinstance(encoded, list) and len(encoded) == 2 and encoded[0] in {"L", "l", "T", "t"}


def _keywords(encoded: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(encoded, list) and encoded[:1] == ["D"]:
        return list(encoded[1]), list(encoded[2])
    if isinstance(encoded, list) and encoded[:1] == ["d"]:
        return [key for key, _ in encoded[1]], [value for _, value in encoded[1]]
    return [], []


def _size(encoded: Any) -> int:
    return weight(encoded).parts


# --- values that are shared ---------------------------------------------------------------------------------


def _has_references(encoded: Any) -> bool:
    """Whether values are shared inside: cutting would renumber what the references point to."""
    if isinstance(encoded, list):
        if encoded and type(encoded[0]) is str and encoded[0] in _OF_SCALARS:
            return False
        return encoded[:1] == ["ref"] or any(_has_references(item) for item in encoded)
    if isinstance(encoded, dict):
        return any(_has_references(item) for item in encoded.values())
    return False


class _Circular(Exception):
    """A value holds itself: there is no copy of it without references."""


def _with_copies(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an input with a copy wherever it refers to a value it has already; None where that cannot be."""
    nodes: list[Any] = []
    try:
        args, kwargs = _unshared(given["args"], nodes), _unshared(given["kwargs"], nodes)
    except (_Circular, IndexError):
        return None
    return {"args": args, "kwargs": kwargs, "source": given["source"], "size": _size(args)}


def _unshared(encoded: Any, nodes: list[Any], *, is_part: bool = False) -> Any:
    """Copy an encoding, numbering as the codec's decoder does. ``is_part``: it has no number of its own."""
    if isinstance(encoded, dict):
        return {name: _unshared(value, nodes) for name, value in encoded.items()}
    if not isinstance(encoded, list) or not encoded:
        return encoded
    tag = encoded[0]
    if tag == "ref":
        if nodes[encoded[1]] is None:
            raise _Circular
        return nodes[encoded[1]]
    numbered = not is_part and (tag in _NUMBERED or (tag == "sub" and encoded[4] is not None))
    at = len(nodes)
    if numbered:
        nodes.append(None)
    copied: Any
    if tag in {"sub", "dd"}:
        # The built-in part of these is written like a value, and counts as none.
        place = 3 if tag == "sub" else 2
        copied = [
            _unshared(item, nodes, is_part=k == place) if type(item) in (list, dict) else item
            for k, item in enumerate(encoded)
        ]
    elif tag in _OF_SCALARS:
        copied = encoded
    elif tag in {"d", "od"}:
        copied = [tag, [[_unshared(key, nodes), _unshared(value, nodes)] for key, value in encoded[1]]]
    elif tag in {"l", "t", "e", "z", "nda", "dq", "iter"}:
        items = [_unshared(item, nodes) for item in encoded[-1]]
        copied = [*encoded[:-1], items]
    else:
        copied = [_unshared(item, nodes) if type(item) in (list, dict) else item for item in encoded]
    if numbered:
        nodes[at] = copied
    return copied
