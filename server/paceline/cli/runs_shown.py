"""Recorded runs as a person reads them. What models wrote is shown as what it is: text from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from paceline.cli import figures
from paceline.cli.consoles import show
from paceline.engine.records import RunSummary

ID_SHOWN = 15
"""Characters of an id: to the second; a run is asked for by as many as make it unique."""


def print_runs(runs: Sequence[RunSummary]) -> None:
    """Print a line for each run."""
    show(_runs(runs))


def print_run(run: RunSummary, events: Sequence[Mapping[str, Any]], *, prompts: bool) -> None:
    """Print what happened, in order."""
    show(_run(run, events, prompts))


def _runs(runs: Sequence[RunSummary]) -> Iterator[RenderableType]:
    if not runs:
        yield Text("No run is kept of this workspace.", style="quiet")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="quiet", padding=(0, 1))
    for name, justify in (("id", "left"), ("function", "left"), ("outcome", "left")):
        table.add_column(name, overflow="fold", justify=justify)  # type: ignore[arg-type]
    for name in ("judged", "asked", "tokens", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in runs:
        table.add_row(
            run.id[:ID_SHOWN],
            _visible(run.function),
            Text(run.status, style="faster" if run.status == "faster" else "refused"),
            f"{run.judged}",
            f"{run.asked}",
            f"{run.prompt_tokens + run.completion_tokens:,}",
            figures.seconds(run.elapsed_s),
        )
    yield table
    yield Text("paceline runs show ID tells all of one; --prompts with prompts and answers.", style="quiet")


def _run(run: RunSummary, events: Sequence[Mapping[str, Any]], prompts: bool) -> Iterator[RenderableType]:
    yield Text.assemble((_visible(run.function), "place"), f"  {_visible(run.file)}  {run.id}")
    for event in events:
        try:
            words = _words(event)
        except (KeyError, TypeError, ValueError):
            # Written by another version: what is not understood is left out.
            continue
        if words is not None:
            yield words
        if prompts and event.get("event") == "asked":
            for message in event.get("messages", ()):
                yield Text(f"    --- {message['role']}", style="quiet")
                yield Text(_indented(str(message["content"])))
            yield Text("    --- answer", style="quiet")
            yield Text(_indented(str(event.get("answer") or "none")))


def _words(event: Mapping[str, Any]) -> Text | None:
    member = _visible(str(event.get("member", "")))
    match event.get("event"):
        case "inputs":
            return Text(f"  {event['inputs']:,} inputs")
        case "round":
            return Text(f"  round {event['round'] + 1}", style="place")
        case "asked":
            usage = event.get("usage") or {}
            read, written = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
            cost = f"{read:,} tokens read, {written:,} written"
            time = f", {figures.seconds(event['elapsed_s'])}" if event.get("elapsed_s") else ""
            failure = f": {_visible(str(event['failure']))}" if event.get("failure") else ""
            return Text(f"  {member} was asked to {event['purpose']}: {cost}{time}{failure}", style="quiet")
        case "failed":
            rest = f"; {event['consequence']}" if event.get("consequence") else ""
            return Text(f"  {member} lost its turn: {_visible(str(event['reason']))}{rest}", style="warn")
        case "proposed":
            return Text(f"  {member} proposed {event['candidate']}: {_visible(str(event['title']))}")
        case "repeated":
            return Text(f"  {member} proposed again what is known: {event['known']}", style="quiet")
        case "judged":
            speedup = f", {event['low']:.2f}-{event['high']:.2f}x" if event.get("low") is not None else ""
            style = "faster" if event["outcome"] == "faster" else "refused"
            reason = _visible(str(event["reason"]))
            return Text.assemble(
                f"  {event['candidate']}: ", (str(event["outcome"]), style), f"{speedup}; {reason}"
            )
        case "banked":
            return Text(f"  lesson {str(event['lesson'])[:8]}: {_visible(str(event['text']))}", style="quiet")
        case "finished":
            return Text(f"  {event['status']} after {figures.seconds(event['elapsed_s'])}: {event['reason']}")
        case _:
            return None


def _visible(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _indented(text: str) -> str:
    return "\n".join(f"    {_visible(line)}" for line in text.split("\n"))
