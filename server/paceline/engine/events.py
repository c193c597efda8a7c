"""The events of a run, in the order a reader meets them. Every reader gets the same."""

from __future__ import annotations

from dataclasses import dataclass

from lessonbank.lesson import Lesson
from paceline.judge.verdict import Verdict
from paceline.syntax.target import Target
from paceline.team.exchange import Exchange, Usage
from paceline.team.member import Candidate, Judged

NO_TOKENS = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFound:
    """The run begins on this target."""

    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsFound:
    """The original ran on inputs: how many, and where they came from."""

    target: Target
    inputs: int
    sources: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundStarted:
    """Every member is about to take its turn. Members' selected lessons stand beside their names."""

    target: Target
    round: int
    selected: dict[str, tuple[Lesson, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateProposed:
    """A member proposed a new rewrite; it goes to the judge."""

    candidate: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRepeated:
    """A rewrite that was judged before (or failed here in an earlier run) and is not judged again."""

    candidate: Candidate
    known: str
    """What is known of it: the earlier outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFailed:
    """A member lost its turn; the run goes on without it."""

    member: str
    reason: str
    kind: str = ""
    """The error's class: ``EndpointUnreachable``, ``AnswerTimedOut``, ..."""
    consequence: str = ""
    """What follows for the member: ``it sits out the next round``. Empty where nothing does."""

    @property
    def words(self) -> str:
        """As a person reads it, in one line."""
        return f"{self.member} lost its turn: {'; '.join(filter(None, (self.reason, self.consequence)))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """A member put a question to its model: what was said, and what it cost. Never a key."""

    exchange: Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached:
    """The judge works on a candidate: static, build, check, time, confirm."""

    candidate: Candidate
    stage: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateJudged:
    """The verdict on one candidate."""

    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonBanked:
    """A verdict was turned into a lesson, and the lesson is on disk."""

    lesson: Lesson
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A proven candidate, ready to be shown: the exact edit that was judged."""

    target: Target
    judged: Judged
    title: str
    """With the evidence: ``3.1x faster (2.8-3.4): use a set for membership``."""
    patched: bytes
    """The whole document with the replacement in place: byte for byte what the judge ran."""
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionProven:
    """A suggestion can be used from now on, while the run goes on."""

    suggestion: Suggestion
    rank: int
    """0-based, among the suggestions so far, by the lower bound of the speedup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The run on this target is over. Ranked suggestions, rejected candidates, and why it ended."""

    target: Target
    status: str
    """``faster``, ``not-proven-faster`` or ``cannot-judge``."""
    reason: str
    suggestions: tuple[Suggestion, ...]
    rejected: tuple[Judged, ...]
    lessons_banked: int
    rounds: int
    elapsed_s: float
    tokens: Usage = NO_TOKENS
    """What the models read and wrote in this run."""
    verdict: Verdict | None = None
    """For ``cannot-judge``: the verdict with its reason."""


Event = (
    TargetFound
    | InputsFound
    | RoundStarted
    | CandidateProposed
    | CandidateRepeated
    | MemberFailed
    | ModelAsked
    | StageReached
    | CandidateJudged
    | LessonBanked
    | SuggestionProven
    | Finished
)
