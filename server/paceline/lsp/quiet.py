"""What a person has dismissed, asked about one function: hints and suggestions that are not shown again.

Comments in the code are heeded where hints are found (``hints``). Neither keeps anybody from asking for a
run: what was dismissed of a function or a project are its hints, never the answer to a question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from paceline.lsp.functions import Function
from paceline.lsp.hints import PlacedHint
from paceline.lsp.projects import Project
from paceline.lsp.shelf import Proven
from paceline.syntax.ignore import ignored_by

if TYPE_CHECKING:
    from paceline.lsp.documents import Document


def shown_hints(project: Project, hints: Iterable[PlacedHint]) -> Iterator[PlacedHint]:
    """Yield the hints that nobody has dismissed."""
    if not project.dismissals:
        yield from hints
        return
    for placed in hints:
        recipe, function = placed.hint.recipe, placed.function
        file = file_in(project, function.document)
        if not any(
            one.covers(file=file, function=function.name, recipe=recipe.id, category=recipe.category)
            for one in project.dismissals
        ):
            yield placed


def shown_suggestions(project: Project, function: Function, proven: Iterable[Proven]) -> Iterator[Proven]:
    """Yield the suggestions that nobody has dismissed."""
    particular = [one for one in project.dismissals if one.candidate or one.recipe or one.category]
    file = file_in(project, function.document)
    for suggestion in proven:
        candidate = suggestion.candidate
        category = candidate.categories[-1] if candidate.categories else ""
        if not any(
            one.covers(
                file=file, function=function.name, recipe=recipe, category=category, candidate=candidate.hash
            )
            for one in particular
            for recipe in candidate.recipes or ("",)
        ):
            yield suggestion


def is_ignored(function: Function) -> bool:
    """Whether a comment keeps work on whole files away from a function."""
    document = function.document
    at_function = ignored_by(document.snapshot, function.span, function.header)
    return document.ignored.everything or at_function.everything


def file_in(project: Project, document: Document) -> str:
    """Return a document's file as dismissals name it: relative to its project, with forward slashes."""
    path = document.path
    return (path.relative_to(project.root) if path.is_relative_to(project.root) else path).as_posix()
