"""Running a coroutine so that a signal ends it in good order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

from paceline.cli.exits import Terminated

T = TypeVar("T")


def run_interruptibly(work: Coroutine[object, object, T]) -> T:
    """Run the coroutine to its end.

    SIGINT, SIGTERM and SIGHUP cancel it, so that its ``async with`` blocks kill the workers and close the
    bank; KeyboardInterrupt or Terminated is raised after that.
    """
    received: list[int] = []

    async def cancellable() -> T:
        task = asyncio.ensure_future(work)

        def end(number: int) -> None:
            received.append(number)
            task.cancel()

        for name in ("SIGTERM", "SIGHUP"):
            # Windows has neither the second signal nor handlers on the loop; there the process just ends.
            with suppress(NotImplementedError, AttributeError):
                number = getattr(signal, name)
                asyncio.get_running_loop().add_signal_handler(number, end, number)
        return await task

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError:
        if received:
            raise Terminated(received[0]) from None
        raise
