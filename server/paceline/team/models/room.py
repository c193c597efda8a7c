"""How much can be said to a model: its context, less what it may answer."""

from __future__ import annotations

from dataclasses import dataclass

from paceline.team.models.tokens import CHARACTERS_A_TOKEN

UNKNOWN_CONTEXT = 4096
"""Tokens assumed where neither settings nor server say: the smallest default among today's servers."""

MARGIN = 64
"""Tokens a chat template puts around the messages."""

LARGEST_TAIL = 2000
TAIL_SHARE = 0.4

PROSE = 0.75
"""Tokens of English beside those of as many characters of code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The tokens of one member's prompts and answers, for one target."""

    context: int
    """Tokens of prompt and answer together."""
    answer: int
    """Tokens of the answer, at most."""
    characters_a_token: float = CHARACTERS_A_TOKEN

    @property
    def prompt(self) -> int:
        """Characters all messages may have together."""
        return max(0, int((self.context - self.answer - MARGIN) * self.characters_a_token))

    def after(self, system: str) -> int:
        """Characters that are left beside the system's message, which is prose and has longer tokens."""
        return max(0, self.prompt - int(len(system) * PROSE))

    def tail(self, system: str) -> int:
        """Characters kept for what comes after the target: as many in each round: the rest stays alike."""
        return int(min(self.after(system) * TAIL_SHARE, LARGEST_TAIL * self.characters_a_token))


def room_for(*, context_length: int, max_tokens: int) -> Room:
    """Return the room of a member. The answer gets a third of the context at most."""
    context = context_length or UNKNOWN_CONTEXT
    return Room(context=context, answer=min(max_tokens, context // 3))
