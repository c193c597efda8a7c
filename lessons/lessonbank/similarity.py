"""How alike two descriptions are: cosines of term vectors and of feature counts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

# Runs of letters, cut where case changes: "readLines", "read_lines" and "read lines" share their terms.
_TERM = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")


def cosine(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    """Return the cosine of the angle between two sparse vectors, 0 where one of them is empty."""
    if len(left) > len(right):
        left, right = right, left
    product = sum(value * right[term] for term, value in left.items() if term in right)
    if not product:
        return 0.0
    lengths = math.sqrt(_square(left)) * math.sqrt(_square(right))
    return min(product / lengths, 1.0)


def text_similarity(left: str, right: str) -> float:
    """Return how alike the words of two texts are, 0 to 1; code counts as text, by the words in its names."""
    return cosine(terms(left), terms(right))


def feature_similarity(left: Mapping[str, int], right: Mapping[str, int]) -> float:
    """Return how alike two structural fingerprints are, 0 to 1.

    Counts are damped by a logarithm: the second loop says more than the twelfth.
    """
    return cosine(_damped(left), _damped(right))


# Lessons are compared with every target of a session. A pure function of text.
@lru_cache(maxsize=4096)
def terms(text: str) -> Mapping[str, float]:
    """Return the term vector of a text: each word of two letters or more, by the logarithm of its count."""
    counts = Counter(word.lower() for word in _TERM.findall(text) if len(word) > 1)
    return _damped(counts)


def _damped(counts: Mapping[str, int]) -> dict[str, float]:
    return {term: math.log1p(count) for term, count in counts.items() if count > 0}


def _square(vector: Mapping[str, float]) -> float:
    return sum(value * value for value in vector.values())
