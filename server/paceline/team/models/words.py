"""What a model has written, as text that can be kept and shown: it is nobody's word but the model's."""

from __future__ import annotations

import re
import unicodedata

_CLAIM = re.compile(
    r"\d(?:[\d.,]*)\s*(?:x\b|×|%|per\s?cent|times\b|fold\b)|\b(?:speed-?up|proven|verified|guaranteed)\b",
    re.IGNORECASE,
)

_THOUGHT = re.compile(r"<(/?)(?:think|thinking|reasoning|thought)>", re.IGNORECASE)


def one_line(text: str, *, limit: int) -> str:
    """Return a text as one line of visible characters, cut at a word where it is longer than ``limit``."""
    visible = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    line = " ".join(visible.split())
    if len(line) <= limit:
        return line
    return f"{line[: limit - 3].rpartition(' ')[0] or line[: limit - 3]}..."


def claims(text: str) -> bool:
    """Whether a text says how much faster something is, or that it is proven: only the judge says that."""
    return _CLAIM.search(text) is not None


def without_thoughts(text: str) -> str:
    """Return an answer without what a reasoning model thought aloud. Thoughts without end leave nothing."""
    kept: list[str] = []
    start, is_thinking = 0, False
    for mark in _THOUGHT.finditer(text):
        if mark[1]:
            # An end without a beginning: that was part of the prompt, and all so far is thought.
            kept = kept if is_thinking else []
        elif not is_thinking:
            kept.append(text[start : mark.start()])
        start, is_thinking = mark.end(), not mark[1]
    return "".join(kept) if is_thinking else "".join([*kept, text[start:]])
