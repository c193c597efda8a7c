"""Recipe hints of open documents: where a recipe would apply, found without running anything.

Hints are looked for after a document is opened and after it is saved, function by function, giving the loop
back between two functions, so that nothing waits for them. What was found is kept by the function's source:
after a save only the functions that changed are looked at. Between saves the hints of unchanged functions
stay, those of functions being edited are dropped.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.lsp.documents import Document
from paceline.lsp.functions import Function, Functions
from paceline.syntax.target import Span

if TYPE_CHECKING:
    from paceline.engine import Engine, Hint
    from paceline.workspace import HintSettings

KEPT_FUNCTIONS = 20_000
"""Functions whose hints are kept, over all documents."""

LONGEST_FUNCTION = 60_000
"""Characters. A longer function is not looked at: matching it would hold the loop up."""

IGNORE = re.compile(rb"#\s*paceline:\s*ignore(?:\[([\w\-, ]*)\])?")
"""The comment that turns hints off for one function: all, or the recipes and categories in brackets."""


@dataclass(frozen=True, slots=True)
class PlacedHint:
    """One hint in one state of a document."""

    function: Function
    hint: Hint
    span: Span
    """What the recipe would replace, in bytes of the document."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the hints of a function depend on beside its source."""

    names: frozenset[str]
    """What the module binds: a builtin that is bound there is no builtin."""
    settings: HintSettings


class HintBook:
    """What is known of the functions looked at so far. Guards the cache, never the documents."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._known: OrderedDict[tuple[str, Scope], Sequence[Hint]] = OrderedDict()
        self._scopes: dict[str, Scope] = {}
        self._shown: dict[str, str] = {}

    async def look(self, document: Document, engine: Engine) -> None:
        """Look at every function of a document that was not seen as it is. Gives way between functions."""
        scope = Scope(self._functions.names(document), engine.settings.hints)
        self._scopes[document.uri] = scope
        for function in self._functions.of(document):
            key = (function.source, scope)
            if key in self._known:
                self._known.move_to_end(key)
                continue
            self._known[key] = _hints(engine, function.source, scope.names)
            while len(self._known) > KEPT_FUNCTIONS:
                self._known.popitem(last=False)
            await asyncio.sleep(0)

    def of(self, document: Document) -> Iterator[PlacedHint]:
        """Yield the hints of every function that is still as it was when it was looked at."""
        for function in self._functions.of(document):
            yield from self.in_function(function)

    def at(self, document: Document, start: int, end: int) -> Iterator[PlacedHint]:
        """Yield the hints that touch a range of a document. Looks at one function only."""
        function = self._functions.outermost_at(document, start)
        if function is None:
            return
        for placed in self.in_function(function):
            if placed.span.start <= end and start <= placed.span.end:
                yield placed

    def in_function(self, function: Function) -> Iterator[PlacedHint]:
        """Yield the hints of one function, those left out that a comment turns off."""
        scope = self._scopes.get(function.document.uri)
        hints = self._known.get((function.source, scope)) if scope is not None else None
        if not hints:
            return
        ignored = _ignored(function)
        if ignored is not None and not ignored:
            return
        place = _placer(function)
        for hint in hints:
            if ignored and ignored & {hint.recipe.id, hint.recipe.category}:
                continue
            yield PlacedHint(function, hint, Span(place(hint.start), place(hint.end)))

    def has_looked(self, uri: str) -> bool:
        """Whether a document has been looked at since it was opened."""
        return uri in self._scopes

    def is_news(self, uri: str, state: str) -> bool:
        """Whether the hints on the client's screen are others than these, which it is shown now."""
        if self._shown.get(uri) == state:
            return False
        self._shown[uri] = state
        return True

    def forget(self, uri: str) -> None:
        """Forget a closed document; what is known of its functions may serve again."""
        self._scopes.pop(uri, None)
        self._shown.pop(uri, None)


def _hints(engine: Engine, source: str, names: frozenset[str]) -> Sequence[Hint]:
    if len(source) > LONGEST_FUNCTION:
        return ()
    return tuple(engine.hints(source, names))


def _ignored(function: Function) -> frozenset[str] | None:
    """Return the recipes and categories a comment turns off, empty for all of them, None without a comment.

    The comment stands on the ``def`` line or on the line above the definition.
    """
    lines = function.document.lines
    header, first = lines.line_of(function.header), lines.line_of(function.span.start)
    around = [lines.content(header)]
    if first > 0:
        around.append(lines.content(first - 1))
    for line in around:
        if (comment := IGNORE.search(line)) is not None:
            named = (comment[1] or b"").decode("ascii", "replace")
            return frozenset(name for name in re.split(r"[,\s]+", named) if name)
    return None


def _placer(function: Function) -> Callable[[int], int]:
    """Return how an offset of the dedented source becomes an offset of the document."""
    span, text = function.span, function.document.text
    ours = text[span.start : span.end].splitlines(keepends=True)
    its = function.source.encode("utf-8", "surrogateescape").split(b"\n")
    starts: list[tuple[int, int, int]] = []
    at, source_at = span.start, 0
    for own, line in zip(ours, its, strict=False):
        body = own.rstrip(b"\r\n")
        starts.append((source_at, at + len(body) - len(line), len(line)))
        at += len(own)
        source_at += len(line) + 1

    def place(offset: int) -> int:
        for source_start, start, length in reversed(starts):
            if source_start <= offset:
                return start + min(offset - source_start, length)
        return span.start

    return place
