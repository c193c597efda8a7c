"""What a simulated member makes of a prompt. Its text is all it gets: nothing is handed over beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lessonbank.recipe import Recipe

_FENCE = re.compile(r"^(`{3,})\w*\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
_NAME = re.compile(r"`(\w+)`")
_LESSON = re.compile(r"^- \[(.+?)\] (.+)$", re.MULTILINE)
_CHANGE = re.compile(r"^What was changed: (.+)$", re.MULTILINE)
_FOCUS = re.compile(r"^Look first for this kind of change: .+ \((\w+)\)", re.MULTILINE)
_FOUND = re.compile(r"^The judge [^*\n]*\*\*(.+?)\*\*", re.MULTILINE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLesson:
    """A lesson as the prompt shows it."""

    effect: str
    """What was measured, in the prompt's words."""
    text: str

    @property
    def is_gain(self) -> bool:
        """Whether what it tells of was faster."""
        return "faster" in self.effect and "not proven" not in self.effect

    @property
    def is_harmless(self) -> bool:
        """Whether what it tells of at least behaved."""
        return self.is_gain or "same behaviour" in self.effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question as a member understands it."""

    wants_lesson: bool
    """A lesson is asked for, not a rewrite."""
    name: str
    """Of the function."""
    source: str
    around: str
    """Imports and definitions of its module, as far as they are shown."""
    best: str
    """The rewrite that is shown as the best so far, and proven or promising; empty where none is."""
    answers: tuple[str, ...]
    """What others answered, shown without a verdict."""
    focus: str
    """The category that the member is asked to look into first."""
    lessons: tuple[ShownLesson, ...]
    rewrite: str
    """The rewrite that the lesson shall be about."""
    change: str
    found: str
    """What the judge found of it: ``faster``, ``not equivalent``, ..."""


def read_prompt(text: str) -> Prompt:
    """Read a user's message. Raises ValueError where it asks for nothing a member understands."""
    parts = list(_sections(text))
    wants_lesson = any(heading.startswith("A rewrite of") for heading, _ in parts)
    source = around = rewrite = best = ""
    answers: list[str] = []
    lessons: list[ShownLesson] = []
    name = ""
    for heading, body in parts:
        blocks = [block[2].strip("\n") for block in _FENCE.finditer(body)]
        if heading.startswith("The function:"):
            around = "\n\n\n".join(blocks)
        elif heading == "As it is now":
            source = blocks[0]
        elif heading.startswith("A rewrite of"):
            rewrite = blocks[0]
            name = _name_in(heading)
        elif heading.startswith("Write a rewrite of"):
            name = _name_in(heading)
        elif heading.startswith("Lessons"):
            lessons += [ShownLesson(effect=one[1], text=one[2]) for one in _LESSON.finditer(body)]
        elif "version so far" in heading or _first(_FOUND, body) == "faster":
            best = best or blocks[0]
        elif heading.startswith("An answer by"):
            answers += blocks[:1]
    if not (name and source):
        raise ValueError("the prompt shows no function, or asks for nothing")
    return Prompt(
        wants_lesson=wants_lesson,
        name=name,
        source=source,
        around=around,
        best=best,
        answers=tuple(answers),
        focus=_first(_FOCUS, text),
        lessons=tuple(lessons),
        rewrite=rewrite,
        change=_first(_CHANGE, text),
        found=_first(_FOUND, text),
    )


def told_of(text: str, recipes: Sequence[Recipe]) -> tuple[Recipe, ...]:
    """Return the recipes that a text tells of: those whose title stands in it, word for word."""
    words = f" {_words(text)} "
    return tuple(recipe for recipe in recipes if f" {_words(recipe.title)} " in words)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield each heading with what stands below it; a comment in code is no heading."""
    code = [block.span() for block in _FENCE.finditer(text)]
    headings = [
        found
        for found in _HEADING.finditer(text)
        if not any(start <= found.start() < end for start, end in code)
    ]
    for at, heading in enumerate(headings):
        end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
        yield heading[1], text[heading.end() : end]


def _name_in(heading: str) -> str:
    return _first(_NAME, heading)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1].strip() if found else ""


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
