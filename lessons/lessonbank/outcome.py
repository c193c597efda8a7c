"""The outcomes a judged candidate can have. The words are the product's, wherever they are shown."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a candidate fared against its target."""

    FASTER = "faster"
    NOT_PROVEN_FASTER = "not-proven-faster"
    SLOWER = "slower"
    WRONG = "wrong"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    DOES_NOT_BUILD = "does-not-build"
    TAMPERED = "tampered"
    CANNOT_JUDGE = "cannot-judge"

    @property
    def is_behaviour_preserving(self) -> bool:
        """Whether the candidate passed every check, so that its timing means something."""
        return self in {Outcome.FASTER, Outcome.NOT_PROVEN_FASTER, Outcome.SLOWER}
