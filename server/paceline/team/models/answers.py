"""What is in a model's answer: a rewrite with a title, or a lesson. All else there is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from paceline.errors import AnswerIncomplete, AnswerUnusable, InvalidReplacement
from paceline.syntax.answer import read_answer
from paceline.syntax.target import Replacement, Target
from paceline.team.exchange import Answer
from paceline.team.models.words import claims, one_line, without_thoughts

TITLE_LENGTH = 80
LESSON_LENGTH = 500

_TITLE = re.compile(r"^[^\w\n]{0,9}_{0,2}change[^\w\n]{0,9}:(.*)$", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_LESSON = re.compile(r"""["']lesson["']\s*:\s*"((?:[^"\\]|\\.)*)""", re.DOTALL)
_CATEGORY = re.compile(r"""["']category["']\s*:\s*["']([\w-]+)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A rewrite as its model gave it."""

    replacement: Replacement
    title: str
    """In the model's words; empty where it said nothing that can be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A lesson as its model gave it."""

    text: str
    category: str


def read_rewrite(answer: Answer, target: Target) -> Rewrite:
    """Return the rewrite that an answer holds.

    Raises AnswerIncomplete where it was cut before the code was whole: what is left of a function may well
    parse. Raises AnswerUnusable where it holds no rewrite of the target.
    """
    text = without_thoughts(answer.text)
    if answer.is_cut:
        text = _before_the_cut(text, answer)
    if not text.strip():
        raise AnswerUnusable(
            "the answer is empty" if not answer.text.strip() else "the answer is nothing but thoughts"
        )
    try:
        found = read_answer(text, target)
    except InvalidReplacement as error:
        raise AnswerUnusable(f"the answer holds no usable rewrite: {error}") from None
    return Rewrite(replacement=found.replacement, title=_title(text))


def read_lesson(answer: Answer, *, categories: Collection[str]) -> Learnt:
    """Return the lesson that an answer holds: as the JSON that was asked for, or nearly so, or as prose.

    Raises AnswerUnusable where there is none.
    """
    text = without_thoughts(answer.text).strip()
    said, category = _from_json(text) or _from_nearly_json(text) or (_prose(text), "")
    lesson = one_line(said, limit=LESSON_LENGTH)
    if not re.search(r"[^\W\d_]+\W+[^\W\d_]+", lesson):
        raise AnswerUnusable("the answer holds no lesson")
    return Learnt(text=lesson, category=category if category in categories else "other")


def _before_the_cut(text: str, answer: Answer) -> str:
    """Return the part of a cut answer that is whole: up to the fence that was open."""
    fences = [found.start() for found in _FENCE.finditer(text)]
    if len(fences) < 2:
        raise AnswerIncomplete(
            f"the answer was cut off after {answer.usage.completion_tokens:,} tokens, before the code was "
            "whole; give the member a larger max_tokens"
        )
    return text if len(fences) % 2 == 0 else text[: fences[-1]]


def _title(text: str) -> str:
    found = _TITLE.search(text)
    title = one_line(found[1].strip(" *_`\"'"), limit=TITLE_LENGTH).rstrip(".") if found else ""
    if claims(title):
        # "use a set, 100x faster" is still "use a set".
        parts = re.split(r"\s*[,;:()–—]\s*|\s-\s", title)
        title = ", ".join(part for part in parts if part and not claims(part))
        if " " not in title:
            return ""
    # Titles stand behind a measured speedup: "3.1x faster (2.8-3.4): use a set".
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _from_json(text: str) -> tuple[str, str] | None:
    for value in _objects(text):
        lesson = value.get("lesson")
        if isinstance(lesson, str) and lesson.strip():
            return lesson, str(value.get("category", "")).strip().lower()
    return None


def _objects(text: str) -> Iterator[dict[str, object]]:
    decoder, place = json.JSONDecoder(strict=False), text.find("{")
    for _ in range(50):
        if place < 0:
            return
        try:
            value, _ = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield value
        place = text.find("{", place + 1)


def _from_nearly_json(text: str) -> tuple[str, str] | None:
    """Read what was meant to be JSON: broken off, or with quotes of another kind."""
    lesson = _LESSON.search(text)
    if lesson is None:
        return None
    category = _CATEGORY.search(text)
    return re.sub(r"\\(.)", r"\1", lesson[1]), category[1].lower() if category else ""


def _prose(text: str) -> str:
    """Return the first paragraph, where there is no sign of JSON or code in it."""
    first = re.sub(r"^\W*(?:lesson)\W*:", "", text, flags=re.IGNORECASE).strip().split("\n\n")[0]
    return "" if re.search(r"[{}]|```", first) else first
