"""How many tokens a text has, before a model has seen it."""

from __future__ import annotations

CHARACTERS_A_TOKEN = 3
"""Code has 3 to 4 characters a token with the tokenizers of code models: a third errs on the safe side."""


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    return -(-len(text) // CHARACTERS_A_TOKEN)
