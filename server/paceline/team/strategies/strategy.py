"""What a strategy is: who proposes in a round, and what each of them is shown.

A strategy decides nothing else. Every strategy gets as many turns in a round as the team has members, so that
all are compared at the same number of candidates; each candidate is judged in the same way, and the answer is
always the fastest proven one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lessonbank.bank import Bank
from lessonbank.lesson import Lesson
from lessonbank.selection import Rule
from paceline.syntax.target import Target
from paceline.team.member import Attempt, Judged, Member, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """One turn of a round, and whose it is. A member may have several turns in a round, or none."""

    member: Member
    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A turn that was taken, and what came of it."""

    assigned: Assigned
    judged: Judged | None
    """None where the member proposed nothing, or its candidate was not judged any more."""
    is_repeat: bool = False
    """The candidate had been judged before; the verdict is the one of then."""
    category: str = ""
    """What the turn was about: its focus, else what the lesson says that came of it."""

    @property
    def member(self) -> str:
        """The member's name."""
        return self.assigned.member.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A run at the beginning of a round: all that a strategy may go by."""

    target: Target
    round: int
    team: tuple[Member, ...]
    """Everybody."""
    members: tuple[Member, ...]
    """Those of the team who can be asked in this round."""
    bank: Bank
    """Where lessons are selected from: the workspace's, or the run's own where the strategy starts afresh."""
    k: int
    """Lessons a member is shown, at most."""
    rule: Rule
    lead: str = ""
    """The member that plays alone where only one does; empty leaves the choice to the strategy."""
    proven: tuple[Judged, ...] = ()
    """Fastest first, by the lower bound of the speedup."""
    promising: tuple[Judged, ...] = ()
    """While nothing is proven: what behaves and looks faster."""
    taken: tuple[Taken, ...] = ()
    """The turns of the rounds before, in order."""
    tried: frozenset[str] = frozenset()
    combined: frozenset[tuple[str, ...]] = frozenset()
    known: Lesson | None = None
    """The lesson of what an earlier run found to be the fastest for this very function."""
    seed: int = 0

    def turn(
        self,
        *,
        lessons: Sequence[Lesson] = (),
        bases: Sequence[Judged] = (),
        attempts: Sequence[Attempt] = (),
        focus: str = "",
    ) -> Turn:
        """Return a turn of this round that shows what is given and nothing else."""
        return Turn(
            round=self.round,
            lessons=tuple(lessons),
            bases=tuple(bases),
            attempts=tuple(attempts),
            focus=focus,
            tried=self.tried,
            combined=self.combined,
        )

    @property
    def thinking(self) -> tuple[Member, ...]:
        """Return the members that deliberate."""
        return tuple(member for member in self.members if member.deliberates)

    @property
    def quick(self) -> tuple[Member, ...]:
        """Return the members that answer at once."""
        return tuple(member for member in self.members if not member.deliberates)

    def attempts_of(self, member: str | None = None, *, round_number: int | None = None) -> Iterator[Judged]:
        """Yield the candidates of earlier turns, those of one member or one round where it is named."""
        for one in self.taken:
            in_round = round_number is None or one.assigned.turn.round == round_number
            if one.judged is not None and in_round and member in {None, one.member}:
                yield one.judged


Assign = Callable[[Situation], tuple[Assigned, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """A way of working together. Stateless: what it goes by is in the situation and in the bank."""

    name: str
    description: str
    """One line for a person."""
    assign: Assign
    """Raises LessonBankError where the bank cannot be read."""
    recalls: bool = False
    """What earlier runs learnt is used. Else each run begins with an empty bank of its own, as published."""
    reflects: bool = False
    """Models are asked for lessons. Else the verdict's own words are banked, which costs no tokens."""
    learns_from_repeats: bool = False
    """A candidate proposed again is reflected on again, and counts for the lessons that were shown."""
    stops_early: bool = False
    """The run ends when rounds bring nothing more. Else all rounds are played, as in published baselines."""


def everybody_alike(situation: Situation, turn: Turn) -> tuple[Assigned, ...]:
    """Return one turn for each member, the same for all."""
    return tuple(Assigned(member=member, turn=turn) for member in situation.members)
