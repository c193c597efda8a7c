"""What passes between a member and its model: messages, the answer, and what it cost. Never a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: str
    """``system``, ``user`` or ``assistant``."""
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer, or of many together."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt's: those the server had in its prefix cache, as far as it says so."""
    completion_tokens: int = 0
    is_estimated: bool = False
    """The server did not say; counted as a third of the characters."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            is_estimated=self.is_estimated or other.is_estimated,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A model's whole answer."""

    text: str
    usage: Usage
    is_cut: bool = False
    """The tokens it was allowed were used up."""
    elapsed_s: float = 0.0
    first_token_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question to a model and what came of it: for events, accounts and records."""

    member: str
    model: str
    purpose: str
    """``propose`` or ``reflect``."""
    messages: tuple[Message, ...]
    answer: Answer | None
    """None where there was none: then ``failure`` says why."""
    failure: str = ""


Hear = Callable[[Exchange], None]
"""Takes each exchange as it ends."""
