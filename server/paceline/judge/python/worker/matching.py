"""Text that a regular expression matches.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import random
import re
from typing import Any, Dict, List, Optional

try:
    from re import _parser as _sre  # type: ignore[attr-defined]
except ImportError:  # Python 3.10 and older
    import sre_parse as _sre

_WORD = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_"
_DIGITS = "0123456789"
_ANY = "abcxyz019 .-"
_CLASSES = {
    "CATEGORY_DIGIT": _DIGITS,
    "CATEGORY_NOT_DIGIT": "abcXYZ -",
    "CATEGORY_SPACE": "  \t\n",
    "CATEGORY_NOT_SPACE": "abcXYZ019.-",
    "CATEGORY_WORD": _WORD,
    "CATEGORY_NOT_WORD": " .,-!",
}
_MOST_REPEATS = 5


def text_matching(pattern: str, rng: random.Random) -> str:
    """Return a text that ``pattern`` very likely matches; "" for a pattern that cannot be read."""
    try:
        return _Writer(rng).sequence(_sre.parse(pattern))
    except (re.error, RecursionError, OverflowError, KeyError, IndexError, ValueError):
        return ""


class _Writer:
    """Writes text for a parsed pattern. Keeps what the groups matched, for references back to them."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._groups: Dict[int, str] = {}

    def sequence(self, parsed: Any) -> str:
        return "".join(self.item(str(op), arg) for op, arg in parsed)

    def item(self, op: str, arg: Any) -> str:
        if op == "LITERAL":
            return chr(arg)
        if op == "NOT_LITERAL":
            return self._rng.choice([c for c in _ANY if ord(c) != arg])
        if op == "ANY":
            return self._rng.choice(_ANY)
        if op == "IN":
            return self._rng.choice(_members(arg) or [""])
        if op == "BRANCH":
            return self.sequence(self._rng.choice(arg[1]))
        if op in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            low, high, inner = arg
            count = self._rng.randint(low, min(int(high), low + _MOST_REPEATS))
            return "".join(self.sequence(inner) for _ in range(count))
        if op == "SUBPATTERN":
            written = self.sequence(arg[-1])
            if arg[0] is not None:
                self._groups[arg[0]] = written
            return written
        if op == "GROUPREF":
            return self._groups.get(arg, "")
        if op in {"ASSERT", "ATOMIC_GROUP"}:
            return self.sequence(arg[1] if op == "ASSERT" else arg)
        return ""


def _members(parts: Any) -> List[str]:
    found: List[str] = []
    without: Optional[List[str]] = None
    for op, arg in parts:
        name = str(op)
        if name == "NEGATE":
            without = []
            continue
        here: List[str] = []
        if name == "LITERAL":
            here = [chr(arg)]
        elif name == "RANGE":
            here = [chr(c) for c in range(arg[0], min(arg[1], arg[0] + 127) + 1)]
        elif name == "CATEGORY":
            here = list(_CLASSES.get(str(arg), "a"))
        if without is None:
            found += here
        else:
            without += here
    if without is not None:
        return [c for c in _WORD + " .-," if c not in without]
    return found
