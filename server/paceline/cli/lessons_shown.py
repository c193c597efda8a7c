"""Lessons as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from lessonbank.credit import Credit
from lessonbank.lesson import Lesson
from lessonbank.recipe import Recipe
from paceline.cli import figures
from paceline.cli.consoles import indented, show


def print_lessons(lessons: Sequence[Lesson], credit_of: Mapping[str, Credit]) -> None:
    """Print a table, in the order given."""
    if not lessons:
        show(["No lesson is banked in this workspace yet: paceline optimize FILE teaches the first ones."])
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="quiet", padding=(0, 1))
    table.add_column("id", style="quiet", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("speedup", no_wrap=True)
    table.add_column("shown", justify="right")
    table.add_column("helped", justify="right")
    table.add_column("what, and where it was learnt", ratio=1)
    for lesson in lessons:
        credit = credit_of[lesson.id]
        table.add_row(
            lesson.id[:8],
            Text(_outcome(lesson), style="ok" if lesson.evidence.low else ""),
            _speedup(lesson),
            str(credit.shown),
            str(credit.helped),
            Text.assemble(
                lesson.transformation,
                (f"  {lesson.origin.target}", "quiet"),
                (" (pinned)" if credit.pinned else "", "ok"),
            ),
        )
    advice = Text("paceline lessons show ID tells all of one, forget ID removes it.", style="quiet")
    show([table, advice])


def print_lesson(lesson: Lesson, credit: Credit, learnt: Sequence[Recipe] = (), *, place: str = "") -> None:
    """Print everything that is known of one lesson, and of the recipes that were distilled with it.

    ``place`` is the file that it was learnt on, where the bank knows more of it than its name.
    """
    show(_lesson(lesson, credit, learnt, place))


def _lesson(lesson: Lesson, credit: Credit, learnt: Sequence[Recipe], place: str) -> Iterator[RenderableType]:
    yield Text.assemble((lesson.id, "quiet"), "  ", (lesson.transformation, "place"))
    yield indented(Text(lesson.text))
    yield ""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(lesson, credit, place).items():
        if value:
            table.add_row(name, value)
    yield indented(table)
    for recipe in learnt:
        yield ""
        yield indented(Text("learnt recipe, used on other functions and for hints", style="quiet"))
        for match, rewrite in zip(recipe.match, recipe.rewrite, strict=False):
            yield indented(_code(f"{match}\n# becomes\n{rewrite}", lesson.language), 4)
        if recipe.where:
            yield indented(Text(f"where {', '.join(recipe.where)}", style="quiet"), 4)
    for name, source in (("before", lesson.origin.before), ("after", lesson.origin.after)):
        if source:
            yield ""
            yield indented(Text(name, style="quiet"))
            yield indented(_code(source, lesson.language), 4)


def _code(source: str, language: str) -> Syntax:
    return Syntax(
        source.rstrip("\n"), language, theme="ansi_dark", background_color="default", word_wrap=True
    )


def _facts(lesson: Lesson, credit: Credit, place: str) -> dict[str, str]:
    evidence, origin = lesson.evidence, lesson.origin
    where = " in ".join(part for part in (origin.target, place or origin.file) if part)
    return {
        "outcome": _outcome(lesson),
        "speedup": _speedup(lesson),
        "inputs compared": f"{evidence.inputs:,}" if evidence.inputs else "",
        "counterexample": evidence.counterexample or "",
        "diagnostics": evidence.diagnostics or "",
        "category": lesson.category,
        "language": lesson.language,
        "recipes": ", ".join(lesson.recipes),
        "learnt": " ".join(
            part for part in (lesson.created, f"by {origin.member}" if origin.member else "") if part
        ),
        "from": f"{origin.source.value}{': ' + where if where else ''}",
        "shown": f"{credit.shown} times, helped {credit.helped}, hurt {credit.hurt}",
        "factor": f"{credit.factor:.2f}",
        "last shown": credit.last_shown or "",
        "pinned": "yes" if credit.pinned else "",
        "measured on": ", ".join(f"{key} {value}" for key, value in evidence.environment.items()),
    }


def _outcome(lesson: Lesson) -> str:
    return lesson.evidence.outcome.value.replace("-", " ")


def _speedup(lesson: Lesson) -> str:
    evidence = lesson.evidence
    if evidence.speedup is None:
        return ""
    if evidence.low is None or evidence.high is None:
        return figures.ratio(evidence.speedup)
    return f"{figures.ratio(evidence.speedup)} {figures.interval(evidence.low, evidence.high)}"
