"""Hints as diagnostics: what they say, and how to tell one set of them from another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from lsprotocol import types

from paceline.lsp.capabilities import Client
from paceline.lsp.hints import PlacedHint

SOURCE = "paceline"


def diagnostic(placed: PlacedHint, client: Client) -> types.Diagnostic:
    """Return one hint as a diagnostic. Its code is the recipe; it says that nothing is proven yet."""
    recipe = placed.hint.recipe
    return types.Diagnostic(
        range=placed.function.document.range(placed.span.start, placed.span.end),
        severity=types.DiagnosticSeverity.Hint,
        source=SOURCE,
        code=recipe.id,
        message=f"Could be faster: {placed.hint.title} (not yet proven here). {recipe.explanation}",
        data={"recipe": recipe.id, "category": recipe.category} if client.diagnostic_data else None,
    )


def name_of(diagnostics: Iterable[types.Diagnostic]) -> str:
    """Return a name for exactly these diagnostics, so that an answer that has not changed can stay short."""
    told = ";".join(
        f"{one.code}@{one.range.start.line}:{one.range.start.character}-"
        f"{one.range.end.line}:{one.range.end.character}"
        for one in diagnostics
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]
