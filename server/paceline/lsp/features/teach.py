"""paceline/teach: learn from a change that a person made to a function.

    -> {textDocument: {uri}, position, before, words?, workDoneToken?}
    <- {function, outcome, reason, words, lesson}

``before`` is the whole file as it was before the change. The function at the position, as it is now, is
judged as a rewrite of the one of its name in there; ``lesson`` is the id of what was banked, null where
nothing could be judged. It is judged in the process of the runs, so that no key waits for it; cancelling the
request ends that.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from paceline.errors import UnusableRequest
from paceline.lsp.custom import fields, function_of, refusals
from paceline.lsp.documents import Document, in_file
from paceline.lsp.features.trust import require_trust
from paceline.lsp.functions import Function
from paceline.lsp.positions import encode
from paceline.syntax.answer import read_answer
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement, Target
from paceline.syntax.targets import target_named

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer

METHOD = "paceline/teach"

LONGEST_WORDS = 200
"""Characters of a person's words that are kept: they become the lesson's title."""


async def teach(server: PacelineServer, params: object) -> Mapping[str, Any]:
    """Judge the change, bank the lesson, and say what became of it."""
    with refusals():
        said = fields(params, METHOD, textDocument=Mapping, before=str)
        function = function_of(server, said)
        project = server.projects.of(function.document)
        await require_trust(server, project)
        # The person may have typed while the question about trust stood open.
        function = function_of(server, said)
        # A long file takes a while to read twice, and a thread keeps no key waiting for that.
        target, replacement = await asyncio.to_thread(_change, function, said["before"])
        # The engine and all it stands on is loaded when it is first needed.
        from paceline.engine import Change
        from paceline.lsp.run_reader import STAGES

        change = Change(target=target, replacement=replacement, words=_words(said.get("words")))
        with _shown(server, said.get("workDoneToken"), target) as report:
            async with project.running_engine() as engine:
                taught = await engine.teach(
                    change, on_stage=lambda event: report(STAGES.get(event.stage, event.stage))
                )
    verdict = taught.judged.verdict
    return {
        "function": target.name,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        "words": taught.words,
        "lesson": taught.lesson.id if taught.lesson else None,
    }


def _change(function: Function, before: str) -> tuple[Target, Replacement]:
    """Return the function as it was, and what it became. Raises UnusableRequest where there is no change."""
    document: Document = function.document
    language = document.snapshot.language
    earlier = in_file(Snapshot.open(document.path, encode(before), language=language))
    target = target_named(earlier, function.name)
    if target.source == function.source:
        raise UnusableRequest(
            f"{document.path.name}: {function.name} is what it was before; change it, then teach the change"
        )
    now = document.text.decode("utf-8", "surrogateescape")
    return target, read_answer(now, target).replacement


@contextlib.contextmanager
def _shown(server: PacelineServer, token: object, target: Target) -> Iterator[Callable[[str], None]]:
    """Yield what reports on the client's token, where it gave one: cancelled there, so is the request."""
    request = asyncio.current_task()
    if not isinstance(token, (str, int)) or request is None:
        yield lambda _: None
        return
    display = server.displays.for_token(token, on_cancel=request.cancel)
    display.begin(f"Judging the change of {target.name}")
    try:
        yield display.report
    except asyncio.CancelledError:
        display.end("cancelled")
        raise
    except Exception as error:
        display.end(f"failed: {error}")
        raise
    display.end("done")


def _words(said: object) -> str:
    return " ".join(said.split())[:LONGEST_WORDS] if isinstance(said, str) else ""
