"""From whatever ended a command to one line for the person and an exit status for the script."""

from __future__ import annotations

import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from lessonbank.errors import LessonBankError
from paceline.errors import PacelineError, UnusableRequest

RAN = 0
FAILED = 1
UNUSABLE = 2
INTERRUPTED = 130
"""What a shell reports for a command that SIGINT ended: 128 + 2."""


def run_to_exit(command: click.Command, arguments: Sequence[str] | None) -> int:
    """Run the command and return its exit status; whatever ends it becomes one line on stderr."""
    try:
        status = command.main(args=arguments, prog_name="paceline", standalone_mode=False)
    except BaseException as error:
        return _status_after(cause_of(error))
    return status if isinstance(status, int) else RAN


def cause_of(error: BaseException) -> BaseException:
    """Return what ended a task group: an error nobody foresaw before one that has a message for people."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [cause_of(inner) for inner in error.exceptions]
    unforeseen = [leaf for leaf in leaves if not isinstance(leaf, (PacelineError, LessonBankError))]
    return (unforeseen or leaves)[0]


def complain(message: str, *, kind: str = "error") -> None:
    """Print one line on stderr: ``paceline: error: what, where, what to do``."""
    click.echo(f"paceline: {kind}: {' '.join(message.split())}", err=True)


def log_failure(error: BaseException) -> Path:
    """Write the traceback to a file of its own, readable by its owner only, and return its path."""
    name = f"failure-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
    try:
        # Imported here: a failure to import or to find the data folder must still be logged somewhere.
        from paceline.workspace import paceline_home

        folder = paceline_home() / "log"
        folder.mkdir(mode=0o700, exist_ok=True)
    except Exception:
        folder = Path(tempfile.mkdtemp(prefix="paceline-"))
    file = folder / name
    file.touch(mode=0o600)
    file.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return file


class Terminated(BaseException):
    """SIGTERM or SIGHUP asked the command to end; it has cleaned up."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}; what was learnt is kept")
        self.number = number


def _status_after(error: BaseException) -> int:
    match error:
        case click.Abort() | KeyboardInterrupt():
            complain("interrupted; what was learnt is kept")
            return INTERRUPTED
        case Terminated():
            complain(str(error))
            return 128 + error.number
        case click.ClickException():
            error.show()
            return error.exit_code
        case UnusableRequest():
            complain(str(error))
            return UNUSABLE
        case PacelineError() | LessonBankError():
            complain(str(error))
            return FAILED
        case SystemExit():
            return error.code if isinstance(error.code, int) else FAILED
        case _:
            complain(
                f"Paceline itself failed ({_in_one_line(error)}); the traceback is in {log_failure(error)}"
            )
            return FAILED


def _in_one_line(error: BaseException) -> str:
    words = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {words[:160]}"


def stderr_is_terminal() -> bool:
    """Return whether progress may be drawn on stderr."""
    return sys.stderr.isatty()
