"""Who sits out: a member that loses turn after turn is not asked for a while, or for the rest of the run."""

from __future__ import annotations

from collections.abc import Sequence

from paceline.errors import ModelFailed
from paceline.team.member import Member

LOST_BEFORE_A_REST = 2
"""Turns lost in a row after which a member sits out the next round."""
LOST_BEFORE_THE_END = 3
"""Turns lost in a row after which it sits out the rest of the run."""


class Absences:
    """The members' lost turns in one run. Guards who is asked."""

    def __init__(self) -> None:
        self._lost: dict[str, int] = {}
        self._back_in: dict[str, float] = {}

    def present(self, members: Sequence[Member], round_number: int) -> tuple[Member, ...]:
        """Return those who are asked in a round."""
        return tuple(m for m in members if self._back_in.get(m.name, 0) <= round_number)

    def lost(self, member: str, error: Exception, round_number: int) -> str:
        """Count a lost turn; return what follows from it, in words, empty where nothing does."""
        count = self._lost[member] = self._lost.get(member, 0) + 1
        is_lasting = isinstance(error, ModelFailed) and error.is_lasting
        if is_lasting or count >= LOST_BEFORE_THE_END:
            self._back_in[member] = float("inf")
            return "it sits out the rest of this run"
        if count >= LOST_BEFORE_A_REST:
            self._back_in[member] = round_number + 2
            return "it sits out the next round"
        return ""

    def answered(self, member: str) -> None:
        """Forget what it lost before: it works again."""
        self._lost.pop(member, None)
