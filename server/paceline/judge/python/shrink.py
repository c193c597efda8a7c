"""Smaller variants of an encoded input, for the smallest counterexample. Works on encodings; runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_MOST = 40
_SEQUENCES = frozenset("LlTtEeZz")


def smaller_inputs(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return variants of an input that are smaller by one step, the smallest first.

    A step cuts one container or text in half, or drops one of its items.
    """
    variants = [
        {"args": args, "kwargs": given["kwargs"], "source": given["source"], "size": _size(args)}
        for args in _smaller(given["args"], depth=3)
        if not _has_references(args)
    ]
    own = _size(given["args"])
    kept = [v for v in variants if v["size"] < own and _length(v["args"]) == _length(given["args"])]
    return sorted(kept, key=lambda v: int(v["size"]))[:_MOST]


def _smaller(encoded: Any, *, depth: int) -> Iterator[Any]:
    if isinstance(encoded, str) and len(encoded) > 1:
        half = len(encoded) // 2
        yield encoded[:half]
        yield encoded[half:]
        if len(encoded) <= 8:
            yield from (encoded[:at] + encoded[at + 1 :] for at in range(len(encoded)))
    if not (isinstance(encoded, list) and len(encoded) == 2 and encoded[0] in _SEQUENCES):
        return
    tag, items = encoded
    half = len(items) // 2
    if items:
        yield [tag, items[:half]]
        yield [tag, items[half:]]
        if len(items) <= 12:
            yield from ([tag, items[:at] + items[at + 1 :]] for at in range(len(items)))
    if depth:
        for at, item in enumerate(items[:12]):
            for smaller in _smaller(item, depth=depth - 1):
                yield [tag, [*items[:at], smaller, *items[at + 1 :]]]


def _size(encoded: Any) -> int:
    if isinstance(encoded, str):
        return 1 + len(encoded)
    if isinstance(encoded, list):
        return 1 + sum(_size(item) for item in encoded[1:])
    if isinstance(encoded, dict):
        return 1 + sum(_size(item) for item in encoded.values())
    return 1


def _length(encoded: Any) -> int:
    return len(encoded[1]) if isinstance(encoded, list) and len(encoded) == 2 else 0


def _has_references(encoded: Any) -> bool:
    """Whether values are shared inside: cutting would renumber what the references point to."""
    if isinstance(encoded, list):
        return encoded[:1] == ["ref"] or any(_has_references(item) for item in encoded)
    if isinstance(encoded, dict):
        return any(_has_references(item) for item in encoded.values())
    return False
