"""What is drawn while a run goes on: one calm block on stderr that disappears when its function is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from paceline.cli.consoles import stderr_console
from paceline.cli.figures import sources
from paceline.cli.places import Place
from paceline.cli.reports import Result
from paceline.engine import Event
from paceline.engine.events import (
    CandidateJudged,
    CandidateProposed,
    InputsFound,
    ModelAsked,
    RoundStarted,
    StageReached,
    SuggestionProven,
)

STAGES = {
    "static": "reading it",
    "build": "building it",
    "check": "comparing behaviour",
    "tests": "running the project's tests",
    "time": "timing it",
    "confirm": "measuring again to confirm",
}
"""The judge's stages in words. One that is not listed is shown by its own name."""


class LiveProgress:
    """A watcher that draws. Used as a context manager; draws nothing where stderr is not a terminal."""

    def __init__(self, *, show: Callable[[Result], None] | None) -> None:
        """``show`` prints a function's result once it is done, None where nothing is to be printed."""
        self._show = show
        self._console = stderr_console()
        self._live: Live | None = None
        self._spinner = Spinner("dots", style="faster")
        self._title = Text()
        self._started = 0.0
        self._tried = 0
        self._round = 0
        self._doing = ""
        self._best = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def begins(self, place: Place, number: int, total: int) -> None:
        """Start the block of the function."""
        self._title = Text.assemble(
            (place.name, "place"), "  ", (str(place.file), "quiet"), "  ", (f"{number}/{total}", "quiet")
        )
        self._started, self._tried, self._round = time.monotonic(), 0, 0
        self._doing, self._best = "looking for inputs", ""
        if self._console.is_terminal:
            self._live = Live(
                console=self._console, get_renderable=self._block, transient=True, refresh_per_second=10
            )
            self._live.start()

    def on(self, event: Event) -> None:
        """Take the event into the block; the next refresh draws it."""
        match event:
            case InputsFound(inputs=inputs, sources=found):
                self._doing = f"runs on {inputs:,} inputs ({sources(found)})"
            case RoundStarted(round=number):
                self._round = number
            case ModelAsked(exchange=exchange) if not exchange.failure:
                self._doing = f"{exchange.member} answered"
            case CandidateProposed(candidate=candidate):
                self._doing = f"{candidate.title}: proposed by {candidate.member}"
            case StageReached(candidate=candidate, stage=stage, detail=detail):
                words = STAGES.get(stage, stage)
                self._doing = f"{candidate.title}: {words}{f' ({detail})' if detail else ''}"
            case CandidateJudged(judged=judged):
                self._tried += 1
                self._doing = f"{judged.candidate.title}: {judged.verdict.outcome.value.replace('-', ' ')}"
            case SuggestionProven(suggestion=suggestion, rank=0):
                self._best = suggestion.title
            case _:
                pass

    def ends(self, result: Result) -> None:
        """Remove the block and show the result."""
        self._stop()
        if self._show is not None:
            self._show(result)

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _block(self) -> RenderableType:
        head = Table.grid(expand=True, padding=(0, 1))
        head.add_column(width=1)
        head.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        head.add_column(justify="right", no_wrap=True)
        elapsed = Text(f"{time.monotonic() - self._started:.1f} s", style="quiet")
        head.add_row(self._spinner, self._title, elapsed)
        tried = f"round {self._round + 1}, {self._tried} tried"
        best = self._best or "nothing proven yet"
        return Group(
            head,
            _line(self._doing),
            _line(f"{tried}; best so far: {best}", style="quiet"),
        )


def _line(words: str, style: str = "") -> Text:
    return Text(f"  {words}", style=style, no_wrap=True, overflow="ellipsis")
