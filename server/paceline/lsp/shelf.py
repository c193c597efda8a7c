"""Proven suggestions at hand: kept by function, handed out only while what was proven still stands.

An edit elsewhere in the file leaves a suggestion valid; its edit is made again for the document as it is now.
An edit inside the function, or to what the function uses of its module, ends it: that was not what the judge
ran.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paceline.errors import UnusableRequest
from paceline.lsp.documents import Document
from paceline.lsp.edits import Edit, edits_to
from paceline.syntax.splice import splice
from paceline.syntax.target import Target

if TYPE_CHECKING:
    from paceline.engine.events import Suggestion
    from paceline.judge.verdict import Evidence
    from paceline.lsp.functions import Function
    from paceline.team.member import Candidate

KEPT_FUNCTIONS = 500
"""Functions whose suggestions are kept, the least recently used ones forgotten first."""


@dataclass(frozen=True, slots=True)
class Proven:
    """One proven suggestion, without the whole document it was proven in."""

    candidate: Candidate
    title: str
    speedup: float
    low: float
    high: float
    confidence: float
    inputs: int
    sources: dict[str, int]
    tests: int
    """Of the project, that pass with it."""
    diff: str
    evidence: Evidence
    """What the judge bases it on."""

    @property
    def id(self) -> str:
        """Of the candidate: target and rewrite."""
        return self.candidate.id

    @property
    def target(self) -> Target:
        """The function as it stood when it was judged."""
        return self.candidate.target


class Shelf:
    """Suggestions by document and function, fastest first. Guards what the editor is offered."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[Proven, ...]] = OrderedDict()
        self._edits: dict[str, tuple[Document, dict[str, tuple[Edit, ...]]]] = {}

    def put(self, uri: str, suggestion: Suggestion) -> Proven:
        """Keep a suggestion and return its record. Older ones of another state of the function go."""
        proven = _record(suggestion)
        key = (uri, proven.target.name)
        current = [
            other
            for other in self._kept.get(key, ())
            if other.id != proven.id
            # Another function may go by the same name: a property has one for each way to use it.
            and (still_stands(other, proven.target) or other.target.decorators != proven.target.decorators)
        ]
        self._kept[key] = tuple(sorted([*current, proven], key=lambda one: one.low, reverse=True))
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_FUNCTIONS:
            self._kept.popitem(last=False)
        return proven

    def of(self, uri: str, target: Target) -> tuple[Proven, ...]:
        """Return what is proven for the function as it is now, fastest first."""
        return tuple(one for one in self._kept.get((uri, target.name), ()) if still_stands(one, target))

    def standing(self, function: Function) -> tuple[Proven, ...]:
        """Return what is proven for a function of a document, fastest first.

        Nothing where that cannot be said of the document as it is now, with half a key typed.
        """
        uri = function.document.uri
        if (uri, function.name) not in self._kept:
            return ()
        try:
            return self.of(uri, function.target)
        except UnusableRequest:
            return ()

    def find(self, uri: str, candidate: str) -> Proven | None:
        """Return a suggestion by its id, whether it still stands or not; None where it is not known."""
        kept = (one for (kept_uri, _), many in self._kept.items() if kept_uri == uri for one in many)
        return next((one for one in kept if one.id == candidate), None)

    def edits(self, document: Document, target: Target, proven: Proven) -> tuple[Edit, ...]:
        """Return the suggestion's edits for the current state of the document. Made once a state."""
        state, made = self._edits.get(document.uri, (document, {}))
        if state is not document:
            # Edits of one state are kept, not of many: a state holds its whole text and tree.
            made = {}
        if proven.id not in made:
            made[proven.id] = edits_to(document, patched(target, proven), focus=target.span)
        self._edits[document.uri] = (document, made)
        return made[proven.id]

    def uris(self) -> frozenset[str]:
        """Return the documents that anything was proven in."""
        return frozenset(uri for uri, _ in self._kept)

    def rename(self, old: str, new: str) -> None:
        """Let the suggestions of a document follow it to another name."""
        for uri, name in [key for key in self._kept if key[0] == old]:
            self._kept[new, name] = self._kept.pop((uri, name))
        self.drop_edits(old)

    def forget(self, uri: str) -> None:
        """Forget the suggestions of a document that is gone."""
        for key in [key for key in self._kept if key[0] == uri]:
            del self._kept[key]
        self.drop_edits(uri)

    def drop_edits(self, uri: str) -> None:
        """Forget the edits made for a document that was closed; they hold its text."""
        self._edits.pop(uri, None)


def still_stands(proven: Proven, target: Target) -> bool:
    """Whether the function is, to the letter, the one that was judged, and sees the same module."""
    judged = proven.target
    return (
        judged.hash == target.hash
        and judged.source == target.source
        and judged.context == target.context
        and judged.decorators == target.decorators
    )


def patched(target: Target, proven: Proven) -> bytes:
    """Return the whole document with the suggestion applied to the function as it stands now."""
    return splice(target, proven.candidate.replacement)


def _record(suggestion: Suggestion) -> Proven:
    evidence = suggestion.judged.verdict.evidence
    timing = evidence.timing
    candidate = suggestion.judged.candidate
    return Proven(
        # Without the document it was judged in: suggestions are kept for long, and documents are large.
        candidate=replace(candidate, target=replace(candidate.target, module=b"")),
        title=suggestion.title,
        speedup=timing.speedup if timing else 0.0,
        low=timing.low if timing else 0.0,
        high=timing.high if timing else 0.0,
        confidence=timing.confidence if timing else 0.0,
        inputs=evidence.checks.inputs,
        sources=dict(evidence.checks.sources),
        tests=evidence.checks.tests,
        diff=suggestion.diff,
        evidence=evidence,
    )
