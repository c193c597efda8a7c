"""A time limit for one call, from inside the process. The controller's wall clock stands behind it."""

from __future__ import annotations

import contextlib
import signal
from typing import Any, Iterator

_setitimer = signal.setitimer


class CallTimeout(BaseException):
    """A call took longer than it was given. Not an Exception, so that few functions swallow it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise CallTimeout inside the block once ``seconds`` have passed.

    A loop inside a C function is not interrupted: the controller kills the process then. The alarm repeats,
    so a function that swallows the exception meets it again.
    """
    _setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        yield
    finally:
        _setitimer(signal.ITIMER_REAL, 0.0)


def install() -> None:
    """Take the alarm signal. Once, before anything of the workspace is loaded."""
    signal.signal(signal.SIGALRM, on_alarm)


def on_alarm(number: int, frame: Any) -> None:
    """End the call that is running."""
    raise CallTimeout
