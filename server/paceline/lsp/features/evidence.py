"""paceline/evidence: everything a person needs to believe, doubt or repeat a suggestion.

    -> {textDocument: {uri}, id}
    <- {id, function, file, line, title, change, member, recipes, diff, standing, checks, timing, lessons,
        isolation, environment, tolerance}

``id`` is the suggestion's. The evidence stays when the suggestion was applied; ``standing`` then is false.
The fields of ``checks`` and ``timing`` are those of `paceline.judge.verdict`: times in seconds a call,
ratios original / candidate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lessonbank.errors import LessonBankError
from paceline.errors import UnusableRequest
from paceline.lsp.custom import document_of, fields, finite, refusals

if TYPE_CHECKING:
    from lessonbank.bank import Bank
    from paceline.lsp.server import PacelineServer
    from paceline.lsp.shelf import Proven

METHOD = "paceline/evidence"


async def evidence(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Return the evidence of a suggestion that was proven in this session."""
    with refusals():
        said = fields(params, METHOD, textDocument=Mapping, id=str)
        document = document_of(server, said)
        proven = server.shelf.find(document.uri, said["id"])
        if proven is None:
            raise UnusableRequest(
                f"no suggestion {said['id']} is known for {document.path.name}; make it faster again"
            )
        function = server.functions.like(document, proven.target)
        standing = function is not None and proven in server.shelf.standing(function)
        engine = await server.projects.of(document).engine()
        lessons = await asyncio.to_thread(_lessons, engine.bank, proven.candidate.lessons)
    return {
        **_record(proven),
        "file": str(document.path),
        "line": document.position(function.header).line if function else None,
        "standing": standing,
        "lessons": lessons,
    }


def _record(proven: Proven) -> dict[str, Any]:
    found = finite(asdict(proven.evidence))
    return {
        "id": proven.id,
        "function": proven.target.name,
        "title": proven.title,
        "change": proven.candidate.title,
        "member": proven.candidate.member,
        "recipes": list(proven.candidate.recipes),
        "diff": proven.diff,
        **{name: found[name] for name in ("checks", "timing", "isolation", "environment", "tolerance")},
    }


def _lessons(bank: Bank, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the lessons the member was shown; one that was forgotten since has its id only."""
    found = []
    for lesson_id in ids:
        try:
            lesson = bank.get(lesson_id)
        except LessonBankError:
            lesson = None
        text, category = (lesson.text, lesson.category) if lesson else ("", "")
        found.append({"id": lesson_id, "text": text, "category": category})
    return found
