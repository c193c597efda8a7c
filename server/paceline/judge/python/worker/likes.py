"""Numbers and texts like a sample of others: the same range, the same letters, the same lengths.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import functools
import random
import re
import typing
from typing import Any, Dict, List, Sequence, Tuple

_TOKEN = re.compile(r"\S+\s*|\s+")
_PIECE = 12
"""Characters taken at once from a text that has no words."""


def between(marks: Sequence[Any], rng: random.Random) -> float:
    """Return a number that lies as the marks do, which are in rising order."""
    if len(marks) == 1:
        return typing.cast(float, marks[0])
    at = rng.randrange(len(marks) - 1)
    low, high = marks[at], marks[at + 1]
    if low == high:
        return typing.cast(float, low)
    if isinstance(low, int) and isinstance(high, int):
        return rng.randint(low, high)
    return rng.uniform(low, high)


def different_numbers(
    marks: Sequence[int], gap: float, is_closed: bool, rng: random.Random, count: int, slack: int = 0
) -> List[int]:
    """Return ``count`` different numbers that lie as the marks do.

    Where fewer lie between the marks, the numbers go on beyond them with the same mean gap, ``slack`` more
    than are needed; not where the range is closed.
    """
    low, high = marks[0], marks[-1]
    span = high - low + 1
    if span < count and is_closed:
        count = span
    if span < 2 * count:
        width = max(count + slack, round(count * max(gap, 1.0)), min(span, 2 * count))
        if is_closed:
            width = span
        return rng.sample(range(low, low + width), count)
    found: Dict[int, None] = {}
    for _ in range(3 * count):
        if len(found) >= count:
            break
        found[int(between(marks, rng))] = None
    while len(found) < count:
        # Where the marks are crowded, the rest lies anywhere between them.
        found[rng.randint(low, high)] = None
    return list(found)


def text_like(samples: Sequence[str], rng: random.Random) -> str:
    """Return a text of the length of one of the samples, with letters for its letters, digits for digits."""
    return _changed(rng.choice(samples), "".join(samples), rng)


def different_texts(samples: Sequence[str], rng: random.Random, count: int) -> List[str]:
    """Return ``count`` different texts like the samples; longer ones where there are not so many."""
    letters = "".join(samples)
    found: Dict[str, None] = {}
    for tries in range(12 * count + 24):
        if len(found) >= count:
            break
        made = _changed(rng.choice(samples), letters, rng)
        for _ in range(tries // (3 * count + 6)):
            made += _changed(rng.choice(samples), letters, rng)
        found[made] = None
    return list(found)


def text_of(samples: Sequence[str], rng: random.Random, length: int) -> str:
    """Return a text of so many characters, put together from pieces of the samples: lines where they have
    lines, else words, else a few characters at a time."""
    if not any(samples):
        return "a" * length if length else ""
    lines = [line for sample in samples for line in sample.splitlines(keepends=True)]
    whole = [line for line in lines if line.endswith("\n")]
    if len(whole) >= 2:
        pieces = whole
    else:
        words = [word for sample in samples for word in _TOKEN.findall(sample)]
        pieces = words if len(words) > len(samples) else []
    letters = "".join(samples)
    made: List[str] = []
    size = 0
    while size < length:
        if pieces:
            piece = rng.choice(pieces)
        else:
            sample = rng.choice([s for s in samples if s])
            start = rng.randrange(len(sample))
            piece = sample[start : start + rng.randint(1, _PIECE)]
        # Some are new, so that the number of different words grows as texts do.
        piece = _changed(piece, letters, rng) if rng.random() < 0.3 else piece
        made.append(piece)
        size += len(piece)
    if pieces is whole and size > length and len(made) > 1:
        return "".join(made[:-1])
    return "".join(made)[:length]


def _changed(text: str, letters: str, rng: random.Random) -> str:
    """Return the text with other letters and digits of the sample in the place of its own."""
    kinds = _by_kind(letters)
    out = []
    for character in text:
        name = next((name for name, test in _KINDS if test(character)), "")
        keep = not name or (name != "digit" and rng.random() < 0.3)
        out.append(character if keep else rng.choice(kinds[name]))
    return "".join(out)


@functools.lru_cache(maxsize=32)
def _by_kind(letters: str) -> Dict[str, Tuple[str, ...]]:
    return {name: tuple(c for c in letters if test(c)) for name, test in _KINDS}


_KINDS = (("digit", str.isdecimal), ("upper", str.isupper), ("lower", str.islower), ("letter", str.isalpha))
