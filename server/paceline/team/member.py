"""What a member of the team is, and the data that passes between members, judge and bank."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from lessonbank.lesson import Lesson
from paceline.judge.verdict import Verdict
from paceline.syntax.fingerprint import normal_hash
from paceline.syntax.target import Replacement, Target
from paceline.team.exchange import Hear


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One rewrite of a target by one member, with the lessons the member was shown."""

    member: str
    target: Target
    replacement: Replacement
    hash: str
    """Of the replacement's normalised syntax: layout and comments do not make a new candidate."""
    title: str
    """What was changed, in a few words: ``use a set for membership``."""
    recipes: tuple[str, ...] = ()
    """The recipes applied, in order, when the rewrite came from recipes."""
    categories: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()
    """Ids of the lessons shown to the member."""
    parent: str | None = None
    """Hash of the proven candidate this one builds on, None when it starts from the original."""

    @property
    def id(self) -> str:
        """Short name of the candidate in events and logs."""
        return hashlib.sha256(f"{self.target.hash}:{self.hash}".encode()).hexdigest()[:12]


def hash_of(replacement: Replacement, language: str) -> str:
    """Return the hash that makes two candidates one: that of all parts' normalised syntax."""
    text = "\n".join([*replacement.imports, replacement.helpers, replacement.definition])
    return normal_hash(text, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A candidate with its verdict."""

    candidate: Candidate
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An earlier candidate that a member is shown, to learn from rather than to build on."""

    candidate: Candidate
    verdict: Verdict | None = None
    """None where the strategy does not tell how it was judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a member is given when its turn comes."""

    round: int
    lessons: tuple[Lesson, ...]
    """The lessons selected for this member, most worth showing first."""
    bases: tuple[Judged, ...]
    """Candidates to build on, fastest first: proven ones, or promising ones while none is proven."""
    attempts: tuple[Attempt, ...] = ()
    """Earlier attempts that the member is shown, the latest last."""
    focus: str = ""
    """The category of change that the member is asked to look for first; empty leaves it to the member."""
    tried: frozenset[str] = field(default_factory=frozenset)
    """Hashes of the candidates already judged in this run, or known to fail from an earlier one."""
    combined: frozenset[tuple[str, ...]] = field(default_factory=frozenset)
    """Combinations of recipes already judged in this run, each sorted: another order is nothing new."""


class Member(Protocol):
    """One agent of the team: a model behind an endpoint, or a specialist that applies recipes."""

    @property
    def name(self) -> str:
        """Unique in its team, shown to people."""
        ...

    @property
    def deliberates(self) -> bool:
        """Whether an answer takes seconds: then what others propose is judged in the meantime."""
        ...

    async def propose(self, target: Target, turn: Turn) -> Candidate | None:
        """Return one rewrite, or None when the member has nothing (new) to offer this round."""
        ...

    async def reflect(self, judged: Judged) -> Lesson | None:
        """Explain the verdict as a lesson (solicitation), or None when there is nothing to say."""
        ...


@runtime_checkable
class Audible(Protocol):
    """A member that asks a model, and can tell somebody what was said and what it cost."""

    def heard_by(self, hear: Hear) -> Member:
        """Return the same member, whose exchanges are told."""
        ...
