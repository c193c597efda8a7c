"""The engines of the team as a person reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from paceline.cli.consoles import indented, show, stderr_console
from paceline.team.engines import EngineStatus, Standing
from paceline.team.engines.asking import Load
from paceline.team.engines.logs import last_lines
from paceline.team.models.words import one_line

_STYLES = {
    Standing.READY: ("●", "ok"),
    Standing.STARTING: ("◌", "warn"),
    Standing.RESTARTING: ("◌", "warn"),
    Standing.STOPPING: ("◌", "quiet"),
    Standing.STOPPED: ("○", "quiet"),
    Standing.FAILED: ("✗", "fail"),
    Standing.LOST: ("✗", "fail"),
    Standing.NEVER_STARTED: ("○", "quiet"),
}

_NEEDS_A_WORD = frozenset({Standing.STARTING, Standing.RESTARTING, Standing.FAILED, Standing.LOST})


def print_engines(
    statuses: Sequence[EngineStatus],
    *,
    outside: Collection[str] = (),
    loads: Mapping[str, Load] | None = None,
    left_out: Sequence[tuple[str, str]] = (),
) -> None:
    """Print a line for each engine, what is wrong below it, and the members that have none."""
    show(_engines(statuses, outside, loads or {}, left_out))


def print_stopped(stopped: Sequence[EngineStatus]) -> None:
    """Print what was stopped."""
    if not stopped:
        show([Text("No engine of Paceline's runs here.", style="quiet")])
        return
    show(
        Text.assemble(("○ ", "quiet"), f"{one.model} at {one.base_url} is {one.standing.value}")
        for one in stopped
    )


class Watch:
    """A line on the terminal for each engine, while they start."""

    def __init__(self, *, is_shown: bool) -> None:
        self._live = Live(console=stderr_console(), transient=True, auto_refresh=False) if is_shown else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def look(self, statuses: Sequence[EngineStatus]) -> None:
        """Show how they do now."""
        if self._live is not None:
            self._live.update(_progress(statuses), refresh=True)


def _engines(
    statuses: Sequence[EngineStatus],
    outside: Collection[str],
    loads: Mapping[str, Load],
    left_out: Sequence[tuple[str, str]],
) -> Iterator[RenderableType]:
    if not statuses and not left_out:
        yield Text("No engine runs here, and no member of the team asks for one.", style="quiet")
        return
    for one in statuses:
        is_outside = one.base_url in outside
        mark, style = ("●", "ok") if is_outside else _STYLES[one.standing]
        word = "running, not started by Paceline" if is_outside else _word(one)
        names = ", ".join(one.members) or "an engine"
        yield Text.assemble((f"{mark} ", style), (names, "place"), "  ", (word, style))
        yield Text(f"  {one_line(one.model, limit=80)} at {one.base_url}")
        if facts := _facts(one, loads.get(one.base_url)):
            yield Text(f"  {', '.join(facts)}", style="quiet")
        if one.message and one.standing in _NEEDS_A_WORD and not is_outside:
            yield indented(Text(one.message, style=style))
    for name, reason in left_out:
        yield Text.assemble(("· ", "quiet"), (name, "place"), (f"  not Paceline's to run: {reason}", "quiet"))
    if any(one.is_kept for one in statuses):
        logs = {str(one.log.parent.parent) for one in statuses if one.is_kept}
        yield Text(
            f"Logs: {', '.join(sorted(logs))}/PORT/engine.log. paceline team down stops them.", style="quiet"
        )
    elif any(one.standing is Standing.NEVER_STARTED for one in statuses):
        yield Text("paceline team up starts them.", style="quiet")


def _progress(statuses: Sequence[EngineStatus]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in statuses:
        mark, style = _STYLES[one.standing]
        said = last_lines(one.log, 1)
        table.add_row(
            Text(mark, style=style),
            Text(one_line(one.model, limit=50), style="place"),
            Text(f"{one.standing.value} {_for(one.for_s)}", style=style),
            Text(
                one_line(said[0], limit=90) if said else "", style="quiet", overflow="ellipsis", no_wrap=True
            ),
        )
    return table


def _word(one: EngineStatus) -> str:
    if one.standing is Standing.NEVER_STARTED:
        return "not started"
    return f"{one.standing.value} for {_for(one.for_s)}" if one.for_s else one.standing.value


def _facts(one: EngineStatus, load: Load | None) -> list[str]:
    facts = []
    if load is not None:
        facts.append(f"{load.running:.0f} running, {load.finished:,.0f} answered")
        if load.prefix_queries:
            facts.append(f"{load.prefix_hits / load.prefix_queries:.0%} of prompts from the prefix cache")
    if one.gpu_memory:
        facts.append(f"{one.gpu_memory:.0%} of the memory")
    if one.takes_turns:
        facts.append("takes turns")
    if one.restarts:
        facts.append(f"started again {one.restarts} time{'s' * (one.restarts != 1)}")
    return facts


def _for(seconds: float) -> str:
    """A duration in two figures' worth: ``42 s``, ``7 min``, ``3 h``, ``2 days``."""
    for size, unit in ((86400, " days"), (3600, " h"), (60, " min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f} s"
