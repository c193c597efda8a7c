"""paceline/lessons and what a person does with one: the bank of each project, to be read and put in order.

    paceline/lessons         -> {}                    <- {lessons: [{root, id, text, ..., credit, place}]}
    paceline/lessons/pin     -> {root, id, pinned}    <- {found}
    paceline/lessons/forget  -> {root, id}            <- {found}

``root`` is the folder of the project whose bank holds the lesson, ``place`` the path below it of the file
that the lesson was learnt on, null where that is not known. Pinned lessons are shown to members first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.errors import UnusableRequest
from paceline.lsp.custom import fields, finite, refusals

if TYPE_CHECKING:
    from lessonbank.bank import Bank
    from paceline.lsp.server import PacelineServer

LIST = "paceline/lessons"
PIN = "paceline/lessons/pin"
FORGET = "paceline/lessons/forget"


async def lessons(server: PacelineServer, _: object) -> Mapping[str, Any]:
    """Return the lessons of every project of the session with their credit, the newest first."""
    with refusals():
        found = []
        for project in server.projects.all():
            bank = (await project.engine()).bank
            found += [{"root": str(project.root), **one} for one in await asyncio.to_thread(_listed, bank)]
    return {"lessons": found}


async def pin(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Pin a lesson, or unpin it."""
    with refusals():
        said = fields(params, PIN, root=str, id=str, pinned=bool)
        bank = await _bank(server, said["root"])
        found = _is_id(said["id"]) and await asyncio.to_thread(bank.pin, said["id"], said["pinned"])
    return {"found": found}


async def forget(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Remove a lesson from the bank."""
    with refusals():
        said = fields(params, FORGET, root=str, id=str)
        bank = await _bank(server, said["root"])
        found = _is_id(said["id"]) and await asyncio.to_thread(bank.forget, said["id"])
    return {"found": found}


async def _bank(server: PacelineServer, root: str) -> Bank:
    for project in server.projects.all():
        if project.root == Path(root):
            return (await project.engine()).bank
    raise UnusableRequest(f"{root} is no project of this session; open a file of it first")


def _is_id(said: str) -> bool:
    """Whether a text can name a lesson. JSON may carry halves of characters, which no bank can look for."""
    return said.isascii()


def _listed(bank: Bank) -> list[dict[str, Any]]:
    credit_of, places = bank.credits(), bank.places()
    newest = sorted(bank.lessons(), key=lambda lesson: lesson.created, reverse=True)
    return [
        finite(
            {
                **lesson.to_json(),
                "credit": asdict(credit_of[lesson.id]) if lesson.id in credit_of else None,
                "place": places.get(lesson.id),
            }
        )
        for lesson in newest
    ]
