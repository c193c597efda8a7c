"""What a person reads when a run is over: the ranked suggestions with their evidence, and the summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from paceline.cli import figures
from paceline.cli.consoles import indented, show
from paceline.cli.reports import Result
from paceline.cli.work import Work
from paceline.engine import Suggestion
from paceline.judge.verdict import SizeTiming, Timing
from paceline.team.exchange import Usage
from paceline.team.member import Judged

DIFF_LINES = 40
OTHERS_SHOWN = 3
REJECTED_SHOWN = 6

_DIFF_STYLES = {"+": "added", "-": "removed"}


def print_result(result: Result) -> None:
    """Print one function's result: the best suggestion in full, others and rejected in a line each."""
    show(_result(result))


def print_summary(work: Work, *, asked_to_write: bool) -> None:
    """Print one table over all functions, and what to do with it."""
    show(_summary(work, asked_to_write=asked_to_write))


def sizes_table(timing: Timing) -> Table:
    """Return what was measured at each input size, smallest first."""
    table = Table(box=None, pad_edge=False, header_style="quiet", padding=(0, 2, 0, 0))
    table.add_column("elements", justify="right")
    for name in ("before", "after"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("speedup", no_wrap=True)
    for size in timing.sizes:
        table.add_row(
            f"{size.elements:,}",
            figures.seconds(size.original_s),
            figures.seconds(size.candidate_s),
            f"{figures.ratio(size.speedup)} {figures.interval(size.low, size.high)}",
        )
    return table


def diff_text(diff: str, *, limit: int = DIFF_LINES) -> Text:
    """Return the changed lines in colour with a line around them, cut after ``limit`` lines."""
    lines = [line for line in diff.splitlines() if not line.startswith(("--- ", "+++ "))]
    kept = list(_near_changes(lines))
    text = Text("\n").join(
        Text(line.rstrip(), style=_DIFF_STYLES.get(line[:1], "quiet")) for line in kept[:limit]
    )
    # A line that is broken in two no longer reads as a diff.
    text.no_wrap, text.overflow = True, "ellipsis"
    if len(kept) > limit:
        text.append(f"\n({len(kept) - limit} more lines; --json has the whole diff)", style="quiet")
    return text


def _near_changes(lines: Sequence[str]) -> Iterator[str]:
    """Yield the changed lines and those beside them; what lies between two hunks becomes three dots."""
    for number, line in enumerate(lines):
        if line.startswith("@@"):
            if number:
                yield "..."
        elif any(near.startswith(("+", "-")) for near in lines[max(0, number - 1) : number + 2]):
            yield line


def _result(result: Result) -> Iterator[RenderableType]:
    finished, target = result.finished, result.finished.target
    heading = Text.assemble((target.name, "place"), "  ", (f"{result.file}:{target.start_line}", "quiet"))
    yield ""
    yield Rule(heading, align="left", style="quiet", characters="─")
    if finished.suggestions:
        best, *others = finished.suggestions
        yield from _best(best)
        for rank, suggestion in enumerate(others[:OTHERS_SHOWN], 2):
            yield _one_line(Text.assemble((f"{rank}  ", "quiet"), suggestion.title))
        yield from _rest(len(others) - OTHERS_SHOWN, "suggestion")
    else:
        yield indented(Text.assemble((_plain(finished.status), "refused"), ": ", finished.reason))
        if finished.verdict is not None and finished.verdict.evidence.diagnostics:
            yield indented(Text(finished.verdict.evidence.diagnostics.rstrip(), style="quiet"), 5)
    for judged in finished.rejected[:REJECTED_SHOWN]:
        yield _one_line(_rejection(judged))
    yield from _rest(len(finished.rejected) - REJECTED_SHOWN, "rejected rewrite")


def _best(suggestion: Suggestion) -> Iterator[RenderableType]:
    judged = suggestion.judged
    evidence = judged.verdict.evidence
    yield indented(Text.assemble(("1  ", "quiet"), (suggestion.title, "faster")))
    yield indented(Text(figures.checks(evidence.checks), style="quiet"), 5)
    yield indented(Text(_origin(judged), style="quiet"), 5)
    for note in evidence.checks.notes:
        yield indented(Text(note, style="quiet"), 5)
    if evidence.timing is not None:
        yield indented(sizes_table(evidence.timing), 5)
    yield indented(diff_text(suggestion.diff), 5)


def _summary(work: Work, *, asked_to_write: bool) -> Iterator[RenderableType]:
    yield ""
    if len(work.results) > 1:
        yield _summary_table(work.results)
    faster = [result for result in work.results if result.finished.suggestions]
    banked = sum(result.finished.lessons_banked for result in work.results)
    functions = "function" if len(work.results) == 1 else "functions"
    yield Text.assemble(
        (f"{len(faster)} of {len(work.results)} {functions} proven faster", "faster" if faster else ""),
        f" in {figures.seconds(work.elapsed_s)}; {banked} lesson{'' if banked == 1 else 's'} banked.",
    )
    tokens = sum((result.finished.tokens for result in work.results), start=Usage())
    if tokens.prompt_tokens or tokens.completion_tokens:
        cached = f" ({tokens.cached_tokens:,} of them cached)" if tokens.cached_tokens else ""
        about = "about " if tokens.is_estimated else ""
        words = f"Models read {about}{tokens.prompt_tokens:,} tokens{cached} and wrote {about}"
        yield Text(f"{words}{tokens.completion_tokens:,}.", style="quiet")
    if timing := next((t for t in map(_best_timing, faster) if t is not None), None):
        yield Text(
            f"In brackets: the {timing.confidence:.0%} confidence interval of the speedup,"
            " over fresh launches of both versions.",
            style="quiet",
        )
    for result in work.written:
        yield Text.assemble(("written  ", "ok"), f"{result.file}: {result.finished.target.name}")
    if faster and not asked_to_write:
        words = "Nothing was written: --write applies the best suggestion of each function."
        yield Text(words, style="quiet")


def _origin(judged: Judged) -> str:
    """Return who proposed the rewrite and what it rests on."""
    candidate = judged.candidate
    words = f"by {candidate.member}"
    if len(candidate.categories) > 1:
        words += f", combining {' and '.join(candidate.categories)}"
    if candidate.recipes:
        words += f": {' + '.join(candidate.recipes)}"
    if candidate.lessons:
        words += f", shown lesson{'' if len(candidate.lessons) == 1 else 's'} "
        words += ", ".join(lesson[:8] for lesson in candidate.lessons)
    return words


def _rejection(judged: Judged) -> Text:
    outcome, reason = _plain(judged.verdict.outcome.value), judged.verdict.reason
    # Some reasons begin with the outcome themselves.
    reason = reason[len(outcome) :] if reason.lower().startswith(outcome) else f", {reason}"
    return Text.assemble(("-  ", "quiet"), f"{judged.candidate.title}: ", (outcome, "refused"), reason)


def _summary_table(results: Sequence[Result]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="quiet", padding=(0, 1))
    table.add_column("function", overflow="fold")
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after", justify="right", no_wrap=True)
    table.add_column("speedup", no_wrap=True)
    table.add_column("how", ratio=1)
    for result in results:
        name = Text(result.finished.target.name)
        timing = _best_timing(result)
        if timing is None:
            table.add_row(name, "", "", Text(_plain(result.finished.status), style="refused"), _why(result))
            continue
        size = _headline(timing)
        table.add_row(
            name,
            figures.seconds(size.original_s),
            figures.seconds(size.candidate_s),
            Text.assemble(
                (figures.ratio(timing.speedup), "faster"), f" {figures.interval(timing.low, timing.high)}"
            ),
            result.finished.suggestions[0].judged.candidate.title,
        )
    return table


def _why(result: Result) -> Text:
    return Text(result.finished.reason, style="quiet")


def _best_timing(result: Result) -> Timing | None:
    suggestions = result.finished.suggestions
    return suggestions[0].judged.verdict.evidence.timing if suggestions else None


def _headline(timing: Timing) -> SizeTiming:
    """The size the headline figure was measured at: the largest."""
    return max(timing.sizes, key=lambda size: size.elements)


def _plain(outcome: str) -> str:
    return outcome.replace("-", " ")


def _one_line(text: Text) -> RenderableType:
    text.no_wrap, text.overflow = True, "ellipsis"
    return indented(text)


def _rest(count: int, what: str) -> Iterator[RenderableType]:
    if count > 0:
        yield indented(
            Text(f"and {count} more {what}{'' if count == 1 else 's'} (see --json)", style="quiet")
        )
