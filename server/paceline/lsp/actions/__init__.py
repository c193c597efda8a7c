"""Code actions: one producer a file, tied together by the table below.

Producers are asked in the table's order, which is the order on the screen. One that fails is logged and left
out; it cannot hide the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsprotocol import types

from paceline.errors import PacelineError
from paceline.lsp.actions import best_of_file, dismiss, hint_fixes, proven, start
from paceline.lsp.actions.request import ActionRequest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Producer:
    """One source of code actions."""

    kind: str
    """What it makes: this kind or kinds below it."""
    produce: Callable[[ActionRequest], Iterator[types.CodeAction]]
    on_automatic: bool = False
    """Whether it may speak up when the cursor merely moved. Only fixes for our own hints may."""
    only_by_name: bool = False
    """Whether it answers only to clients that ask for its kind."""


PRODUCERS = (
    Producer(proven.KIND, proven.produce),
    Producer(start.KIND, start.produce),
    Producer(hint_fixes.KIND, hint_fixes.produce, on_automatic=True),
    Producer(dismiss.HINT_KIND, dismiss.produce_for_hints),
    Producer(dismiss.PROVEN_KIND, dismiss.produce_for_proven),
    Producer(best_of_file.KIND, best_of_file.produce, only_by_name=True),
)


def actions_for(request: ActionRequest) -> list[types.CodeAction]:
    """Return the code actions for a request, on an automatic request only fixes for our hints."""
    found: list[types.CodeAction] = []
    for producer in PRODUCERS:
        if not _is_wanted(producer, request):
            continue
        try:
            found += producer.produce(request)
        except PacelineError as error:
            log.info("nothing of %s here: %s", producer.kind, error)
        except Exception:
            log.exception("the producer of %s failed", producer.kind)
    return found


def _is_wanted(producer: Producer, request: ActionRequest) -> bool:
    if request.is_automatic and not producer.on_automatic:
        return False
    if not request.only:
        return not producer.only_by_name
    if producer.only_by_name:
        # "source" alone is an editor's sweep over every tool; the tool's own name is a wish.
        return any(
            producer.kind == kind or producer.kind.startswith(f"{kind}.")
            for kind in request.only
            if kind != "source"
        )
    return any(
        producer.kind == kind or producer.kind.startswith(f"{kind}.") or kind.startswith(f"{producer.kind}.")
        for kind in request.only
    )
