"""The page that ``paceline bench judge`` prints."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.attempts import Made
from paceline.cli.bench_judge.bounds import lower_bound, upper_bound
from paceline.cli.bench_judge.findings import Bar, Findings, bars
from paceline.cli.bench_judge.planted import GAINS
from paceline.cli.consoles import indented

_LISTED = 40
"""Rows at most of a table of single cases."""


def page(found: Findings) -> Iterator[RenderableType]:
    """Yield the page, part by part: the machine, a table for each part that was measured, the summary."""
    yield _facts("Machine", found.machine.items())
    for table in (_same(found), _mutants(found), _planted(found), _speed(found), _held(found)):
        if table is not None:
            yield Text("")
            yield table
    for name, made in (("Tricks", found.tricks), ("Escapes", found.escapes)):
        if made:
            yield Text("")
            yield _attempts(name, made)
    yield from _not_told(found)
    yield from _went_wrong(found)
    yield Text("")
    yield _summary(bars(found))
    if found.interrupted:
        yield Text("Interrupted: the figures are of what was measured until then.", style="warn")
    yield Text(f"{found.elapsed_s:.0f} s in all.")


def _same(found: Findings) -> Table | None:
    if not found.same.answers:
        return None
    table = _table(
        "The same function against itself (A/A)",
        "other core", "comparisons", "faster", "slower", "not proven", "faster, upper bound at 95 %",
    )  # fmt: skip
    for loaded in (False, True):
        compared = found.same.compared(loaded=loaded)
        if compared:
            counts = Counter(answer.outcome for answer in compared)
            faster = counts[Outcome.FASTER]
            table.add_row(
                "busy" if loaded else "as it is",
                f"{len(compared):,}",
                str(faster),
                str(counts[Outcome.SLOWER]),
                str(counts[Outcome.NOT_PROVEN_FASTER]),
                f"{upper_bound(faster, len(compared)):.2%}",
            )
    functions = len({answer.function for answer in found.same.answers})
    table.caption = f"{functions} functions; half of the comparisons with a copy in other words" + (
        f"; {len(found.same.undecided)} could not be timed" if found.same.undecided else ""
    )
    return table


def _mutants(found: Findings) -> Table | None:
    mutants = found.mutants
    if not mutants.counted:
        return None
    count = len(mutants.counted)
    table = _table("Mutants", "what became of them", "mutants", "share")
    outcomes = Counter(one.answer.outcome for one in mutants.caught)
    for outcome, number in outcomes.most_common():
        table.add_row(f"caught: {outcome.value}", str(number), f"{number / count:.1%}")
    table.add_section()
    for what, group in (
        ("not told, and equivalent on review", mutants.equivalent),
        ("missed", mutants.missed),
    ):
        for outcome, number in Counter(one.answer.outcome for one in group).most_common():
            table.add_row(f"{what}: {outcome.value}", str(number), f"{number / count:.1%}")
    table.add_section()
    different = count - len(mutants.equivalent)
    table.add_row(
        "caught, of those not equivalent",
        f"{len(mutants.caught)} of {different}",
        f"{len(mutants.caught) / different:.1%}" if different else "-",
    )
    functions = len({one.mutant.function for one in mutants.counted})
    operators = len({one.mutant.operator for one in mutants.counted})
    table.caption = f"{functions} functions, {operators} operators" + (
        f"; {len(mutants.judged) - count} could not be judged" if len(mutants.judged) > count else ""
    )
    return table


def _planted(found: Findings) -> Table | None:
    if not found.planted.answers:
        return None
    table = _table(
        "Planted gains",
        "planned", "measured", "judged", "found", "share", "at least, at 95 %", "launches", "seconds",
    )  # fmt: skip
    for gain in GAINS:
        answers = found.planted.answers.get(gain)
        if not answers:
            continue
        measured = [pair.measured for pair in found.planted.calibrations if pair.planned == gain]
        hits = found.planted.found(gain)
        launches = [answer.launches for answer in answers if answer.launches is not None]
        table.add_row(
            f"{gain:g}x",
            f"{min(measured):.3f}-{max(measured):.3f}x",
            str(len(answers)),
            str(hits),
            f"{hits / len(answers):.0%}",
            f"{lower_bound(hits, len(answers)):.0%}",
            f"{statistics.median(launches):g}" if launches else "-",
            f"{statistics.median(answer.seconds for answer in answers):.2f}",
        )
    table.caption = f"{len({pair.kind for pair in found.planted.calibrations})} kinds of work"
    return table


def _speed(found: Findings) -> Table | None:
    speeds = found.speeds()
    if not speeds:
        return None
    table = _table(
        "Seconds a verdict, functions of about a millisecond", "verdict", "verdicts", "median", "p90"
    )
    for outcome, seconds in sorted(speeds.items(), key=lambda pair: -len(pair[1])):
        table.add_row(
            outcome.value,
            str(len(seconds)),
            f"{statistics.median(seconds):.2f} s",
            f"{_quantile(seconds, 0.9):.2f} s",
        )
    if found.clock.seconds:
        rate = 60 * len(found.answers) / found.clock.seconds
        table.caption = (
            f"{rate:.0f} verdicts a minute over all {len(found.answers):,} verdicts without load, of "
            "functions of every speed, preparing and closing included"
        )
    return table


def _held(found: Findings) -> Table | None:
    if not found.held:
        return None
    table = _table("What this process held", "", "at first", "at last")
    for name, (first, last) in found.held.items():
        table.add_row(name, f"{first:.0f}", f"{last:.0f}")
    return table


def _attempts(name: str, made: Sequence[Made]) -> Table:
    table = _table(name, "", "tried", "stopped", "how")
    for guarded in (True, False):
        group = [one for one in made if one.guarded is guarded]
        outcomes = Counter(one.outcome.value for one in group)
        table.add_row(
            "with the static look" if guarded else "without it",
            str(len(group)),
            str(sum(one.stopped for one in group)),
            ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common()),
        )
    honest = sorted({one.name for one in made if one.is_right and one.outcome is Outcome.FASTER})
    if honest:
        table.caption = f"{', '.join(honest)}: only looks like one, and is right to be called faster"
    return table


def _not_told(found: Findings) -> Iterator[RenderableType]:
    missed = sorted(found.mutants.missed, key=lambda one: one.answer.outcome is not Outcome.FASTER)
    if missed:
        yield Text("\nMutants that were missed", style="italic")
    for one in missed[:_LISTED]:
        mutant = one.mutant
        yield Text(f"  {mutant.hash} {mutant.function}, line {mutant.line}, {mutant.operator}: ").append(
            one.answer.outcome.value, style="fail" if one.answer.outcome is Outcome.FASTER else ""
        )
        yield indented(Text(mutant.change), 6)
    if len(missed) > _LISTED:
        yield Text(f"  and {len(missed) - _LISTED} more: --json has them all")


def _went_wrong(found: Findings) -> Iterator[RenderableType]:
    rows = [
        (f"{answer.function} against itself", f"{answer.outcome.value}: {answer.reason}")
        for answer in found.same.answers
        if answer.outcome is Outcome.FASTER or answer in found.same.told_apart
    ]
    for kind, made in (("trick", found.tricks), ("escape", found.escapes)):
        for one in made:
            if not one.stopped:
                guarded = "" if one.guarded else ", without the static look"
                how = "; ".join([f"{one.outcome.value}: {one.reason}", *one.harm])
                rows.append((f"{kind} {one.name}{guarded}", how))
    rows += [(f"{answer.function} could not be timed", answer.reason) for answer in found.same.undecided]
    unjudged = {**found.same.unjudged, **found.mutants.unjudged}
    rows += [(f"{name} cannot be judged", reason) for name, reason in sorted(unjudged.items())]
    if rows:
        yield Text("\nWhat went wrong", style="italic")
    for what, how in rows:
        yield Text(f"  {what}")
        yield indented(Text(how), 6)


def _summary(lines: Iterable[Bar]) -> Table:
    table = _table("Summary", "", "bar", "measured", "wanted")
    for bar in lines:
        word, style = {True: ("met", "ok"), False: ("missed", "fail"), None: ("too few", "quiet")}[bar.is_met]
        table.add_row(Text(word, style=style), bar.what, bar.measured, bar.wanted)
    return table


def _facts(title: str, facts: Iterable[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for name, value in facts:
        table.add_row(name, value)
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
