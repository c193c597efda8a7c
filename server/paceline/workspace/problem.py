"""What is wrong with something a person wrote, said so that the person can put it right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that does not apply as it was written. Everything else does."""

    source: str
    """The file, or who sent the settings."""
    message: str
    """What is wrong and what to do, without the source and the key."""
    key: str = ""
    """The dotted name of the setting; empty where the whole source is meant."""
    line: int | None = None
    """1-based, where it is known."""
    unreadable: bool = False
    """Nothing of the source could be read."""

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)
