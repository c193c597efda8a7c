"""``paceline lessons``: read the bank, and forget what should not be in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paceline.cli.exits import RAN, complain

if TYPE_CHECKING:
    from lessonbank.bank import Bank

_workspace = click.option(
    "--workspace",
    default=".",
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="A file or folder of the workspace whose bank is meant; the current folder's otherwise.",
)
_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there."
)


@click.group(short_help="Read the bank of lessons; forget one.")
def command() -> None:
    """Look at what was learnt in this workspace, and forget what should not be kept."""


@command.command("list")
@_workspace
@_json
def list_(workspace: Path, as_json: bool) -> int:
    """List the banked lessons, those with the best evidence first."""
    from paceline.cli.lesson_choice import by_evidence
    from paceline.cli.reports import lessons_report, print_json

    with _bank_of(workspace) as bank:
        lessons = by_evidence(bank.lessons())
        credit_of = {lesson.id: bank.credit(lesson.id) for lesson in lessons}
    if as_json:
        print_json(lessons_report(lessons, credit_of))
        return RAN
    from paceline.cli.lessons_shown import print_lessons

    print_lessons(lessons, credit_of)
    return RAN


@command.command()
@click.argument("lesson_id", metavar="ID")
@_workspace
@_json
def show(lesson_id: str, workspace: Path, as_json: bool) -> int:
    """Show everything that is known of one lesson. ID may be shortened while it stays unique."""
    from paceline.cli.lesson_choice import the_lesson
    from paceline.cli.reports import lesson_report, print_json

    with _bank_of(workspace) as bank:
        lesson = the_lesson(lesson_id, bank.lessons())
        credit, place = bank.credit(lesson.id), bank.places().get(lesson.id, "")
        learnt = [recipe for recipe in bank.recipes(lesson.language) if recipe.id in lesson.recipes]
    if as_json:
        print_json(lesson_report(lesson, credit, learnt))
        return RAN
    from paceline.cli.lessons_shown import print_lesson

    print_lesson(lesson, credit, learnt, place=place)
    return RAN


@command.command()
@click.argument("lesson_id", metavar="ID")
@_workspace
@_json
def forget(lesson_id: str, workspace: Path, as_json: bool) -> int:
    """Remove one lesson from the bank. ID may be shortened while it stays unique."""
    from paceline.cli.lesson_choice import the_lesson
    from paceline.cli.reports import SCHEMA, print_json

    with _bank_of(workspace) as bank:
        lesson = the_lesson(lesson_id, bank.lessons())
        bank.forget(lesson.id)
    if as_json:
        print_json({"schema": SCHEMA, "forgotten": lesson.id})
    else:
        click.echo(f"Forgotten: {lesson.id}, {lesson.text}")
    return RAN


@contextmanager
def _bank_of(workspace: Path) -> Iterator[Bank]:
    from lessonbank.bank import Bank
    from paceline.workspace import find_root, workspace_folder

    with Bank.open(workspace_folder(find_root(workspace)) / "bank") as bank:
        yield bank
        for problem in bank.problems():
            complain(problem, kind="warning")
