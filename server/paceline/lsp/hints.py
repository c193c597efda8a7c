"""Recipe hints of open documents: where a recipe would apply, found without running anything.

Hints are looked for after a document is opened and after it is saved, function by function, giving the loop
back between two functions, so that nothing waits for them. What was found is kept by the function's source:
after a save only the functions that changed are looked at. Between saves the hints of unchanged functions
stay, those of functions being edited are dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.lsp.documents import Document
from paceline.lsp.functions import Function, Functions, Statement
from paceline.lsp.recent import Recent
from paceline.syntax.ignore import ignored_by
from paceline.syntax.outline import FunctionSpan
from paceline.syntax.target import Span
from paceline.syntax.targets import function_source

if TYPE_CHECKING:
    from paceline.engine import Engine, Hint
    from paceline.workspace import HintSettings

LONG_FUNCTION = 2_000
"""Characters. Matching a longer function takes more than a few milliseconds; it is done beside the loop."""

LONGEST_FUNCTION = 20_000
"""Characters. A longer function is not looked at: the time it takes grows with the square of its length."""


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
    imports: frozenset[str]
    """What it imports already, one name a statement: that is not imported under another name."""
    settings: HintSettings
    generation: int = 0
    """Of the engine's learnt recipes."""


class HintBook:
    """What is known of the functions looked at so far. Guards the caches, never the documents."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._found = Recent[tuple[str, Scope], Sequence["Hint"]]()
        self._placed = Recent[tuple[bytes, Scope], Sequence[_Placed]]()
        self._scopes: dict[str, Scope] = {}
        self._shown: dict[str, str] = {}

    async def look(self, document: Document, engine: Engine) -> None:
        """Look at every function of a document that was not seen as it is. Gives way between functions."""
        scope = self._same(
            Scope(
                self._functions.names(document),
                self._functions.imports(document),
                engine.settings.hints,
                engine.generation,
            )
        )
        self._scopes[document.uri] = scope
        for statement in self._functions.statements(document):
            if self._placed.get((statement.text, scope)) is not None:
                continue
            for inner in _outermost(statement):
                source = function_source(statement.snapshot, inner)
                if self._found.get((source, scope)) is None:
                    hints = await _hints(engine, source, scope)
                    self._found.put((source, scope), hints, size=len(source), document=document)

    def of(self, document: Document) -> Iterator[PlacedHint]:
        """Yield the hints of every function that is still as it was when it was looked at."""
        if document.uri not in self._scopes:
            return
        for statement in self._functions.statements(document):
            yield from self._in_statement(document, statement)

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
        yield from self._in_statement(function.document, function.statement, only=function.inner)

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

    def _same(self, scope: Scope) -> Scope:
        """Return the scope in use that equals this one, else this one.

        Keys are compared by identity first: with equal but different scopes each look-up would compare all
        names.
        """
        return next((used for used in self._scopes.values() if used == scope), scope)

    def _in_statement(
        self, document: Document, statement: Statement, *, only: FunctionSpan | None = None
    ) -> Iterator[PlacedHint]:
        for one in self._placed_in(document, statement):
            if only is not None and one.inner != only:
                continue
            function = Function(document, statement, one.inner)
            if document.may_ignore and _is_ignored(function, one.hint):
                continue
            at = statement.offset
            yield PlacedHint(function, one.hint, Span(one.span.start + at, one.span.end + at))

    def _placed_in(self, document: Document, statement: Statement) -> Sequence[_Placed]:
        """Return the hints of a statement's functions, as far as they were looked at, in its own offsets."""
        scope = self._scopes.get(document.uri)
        if scope is None:
            return ()
        known = self._placed.get((statement.text, scope))
        if known is not None:
            return known
        placed, is_complete = [], True
        for inner in _outermost(statement):
            source = function_source(statement.snapshot, inner)
            hints = self._found.get((source, scope))
            if hints is None:
                is_complete = False
            elif hints:
                place = _placer(statement.text, inner, source)
                placed += [_Placed(inner, hint, Span(place(hint.start), place(hint.end))) for hint in hints]
        if is_complete:
            text = statement.text
            self._placed.put((text, scope), placed, size=len(text), document=document)
        return placed


@dataclass(frozen=True, slots=True)
class _Placed:
    """One hint in a statement, wherever the statement stands."""

    inner: FunctionSpan
    hint: Hint
    span: Span


def _outermost(statement: Statement) -> Iterator[FunctionSpan]:
    for inner in statement.snapshot.outline.functions:
        if inner.parses and not inner.is_nested:
            yield inner


async def _hints(engine: Engine, source: str, scope: Scope) -> Sequence[Hint]:
    if len(source) > LONGEST_FUNCTION:
        return ()
    if len(source) > LONG_FUNCTION:
        return tuple(await asyncio.to_thread(engine.hints, source, scope.names, scope.imports))
    await asyncio.sleep(0)
    return tuple(engine.hints(source, scope.names, scope.imports))


def _is_ignored(function: Function, hint: Hint) -> bool:
    """Whether a comment turns a hint off: at the function, or for the whole file."""
    document, recipe = function.document, hint.recipe
    ignored = document.ignored | ignored_by(document.snapshot, function.span, function.header)
    return ignored.covers(recipe=recipe.id, category=recipe.category)


def _placer(text: bytes, inner: FunctionSpan, source: str) -> Callable[[int], int]:
    """Return how an offset of the dedented source becomes an offset of the text it was taken from."""
    ours = text[inner.span.start : inner.span.end].splitlines(keepends=True)
    its = source.encode("utf-8", "surrogateescape").split(b"\n")
    starts: list[tuple[int, int, int]] = []
    at, source_at = inner.span.start, 0
    for own, line in zip(ours, its, strict=False):
        body = own.rstrip(b"\r\n")
        starts.append((source_at, at + len(body) - len(line), len(line)))
        at += len(own)
        source_at += len(line) + 1

    def place(offset: int) -> int:
        for source_start, start, length in reversed(starts):
            if source_start <= offset:
                return start + min(offset - source_start, length)
        return inner.span.start

    return place
