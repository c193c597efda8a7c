"""``paceline record``: run a program as always, and keep what it calls functions with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paceline.cli.exits import RAN, complain

if TYPE_CHECKING:
    from paceline.judge.python.kept_recordings import Kept


@click.command(
    short_help="Run a program and record what it calls functions with.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", metavar="[--] COMMAND...", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--function",
    "named",
    multiple=True,
    metavar="FILE::NAME",
    help="Record this function only. May be given several times.",
)
@click.option(
    "--workspace",
    default=".",
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="A file or folder of the workspace that is meant; the current folder's otherwise.",
)
@click.option("--list", "listing", is_flag=True, help="List what is kept for the workspace, and run nothing.")
@click.option(
    "--forget",
    "forgetting",
    is_flag=True,
    help="Remove what is kept, or only that of each --function, and run nothing.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="With --list or --forget: print one JSON object on stdout."
)
def command(
    words: Sequence[str],
    named: Sequence[str],
    workspace: Path,
    listing: bool,
    forgetting: bool,
    as_json: bool,
) -> int:
    """Run COMMAND as if it had been typed alone, and record what it calls functions of the workspace with.

    \b
        paceline record -- python script.py input.csv
        paceline record -- pytest -k orders
        paceline record -- python -m shop.report

    The recorded arguments are what "paceline optimize" and "paceline judge" try rewrites on first. COMMAND
    runs OUTSIDE the sandbox, with your environment, files and network, because you typed it; the word
    "python" is the workspace's interpreter. Its input, output and exit status are its own. The first 200
    calls of each function are looked at, and one in 1,000 after them.

    Arguments may hold secrets. They are kept in your data folder, never in the workspace, readable by you
    alone; texts under names such as password, token, secret or api_key are masked, others are not. Look at
    what is kept with --list, remove it with --forget.
    """
    from paceline.errors import UnusableRequest
    from paceline.workspace import find_root

    root = find_root(workspace)
    if listing or forgetting:
        if words or (listing and forgetting):
            raise UnusableRequest("--list and --forget stand alone: leave the command away, and give one")
        return _list(root, as_json) if listing else _forget(root, _functions(root, named), as_json)
    if not words:
        raise UnusableRequest("name the command to record, as in: paceline record -- python script.py")
    from paceline.cli.places import the_function

    for request in named:
        # A misspelt name would record nothing, and that only shows when the command has run.
        the_function(request)
    return _record(root, words, _functions(root, named))


def _record(root: Path, words: Sequence[str], functions: Sequence[tuple[str, str]] | None) -> int:
    from paceline.cli.workspaces import settings_of
    from paceline.judge.python.kept_recordings import drop_stale
    from paceline.judge.python.record_run import record_run
    from paceline.workspace import python_for

    def warn(message: str) -> None:
        complain(message, kind="warning")

    # The command was typed by a person, and so was its Python: trust is not the question here.
    python = python_for(root, settings_of(root, warn=warn), trusted=True)
    run = record_run(words, root=root, python=python, functions=functions)
    for note in drop_stale(root):
        complain(note, kind="note")
    _say_what_is_new(run.new)
    return run.status


def _say_what_is_new(new: Sequence[Kept]) -> None:
    calls = sum(len(kept.calls) for kept in new)
    if not calls:
        complain(
            "no call was recorded: no function of the workspace was called in a Python that reads PYTHONPATH",
            kind="note",
        )
    else:
        with_calls = [kept for kept in new if kept.calls]
        functions = f"{len(with_calls):,} function{'' if len(with_calls) == 1 else 's'}"
        complain(f"recorded {calls:,} different call{'' if calls == 1 else 's'} of {functions}", kind="note")
    for kept in new:
        for problem in kept.problems[:1]:
            complain(f"{kept.file}::{kept.name}: not every call was recorded: {problem}", kind="note")


def _list(root: Path, as_json: bool) -> int:
    from paceline.cli.reports import SCHEMA, print_json
    from paceline.judge.python.kept_recordings import drop_stale, listed

    for note in drop_stale(root):
        complain(note, kind="note")
    found = listed(root)
    if as_json:
        functions = [
            {"file": kept.file, "name": kept.name, "calls": len(kept.calls), "recorded": kept.when}
            for kept in found
        ]
        print_json({"schema": SCHEMA, "functions": functions})
        return RAN
    for kept in found:
        calls = f"{len(kept.calls):,} call{'' if len(kept.calls) == 1 else 's'}"
        click.echo(f"{kept.file}::{kept.name}  {calls}, the last on {kept.when[:10]}")
    if not found:
        click.echo(f"Nothing is recorded for {root}. Record with: paceline record -- python script.py")
    return RAN


def _forget(root: Path, functions: Sequence[tuple[str, str]] | None, as_json: bool) -> int:
    from paceline.cli.reports import SCHEMA, print_json
    from paceline.judge.python.kept_recordings import forget

    if functions is None:
        forgotten = forget(root)
    else:
        forgotten = sum(forget(root, file, name) for file, name in functions)
    if as_json:
        print_json({"schema": SCHEMA, "forgotten": forgotten})
    else:
        click.echo(f"Forgotten: the recorded calls of {forgotten:,} function{'' if forgotten == 1 else 's'}")
    return RAN


def _functions(root: Path, named: Sequence[str]) -> list[tuple[str, str]] | None:
    """Return the functions meant, as file below the root and name; None for all. They need not exist."""
    from paceline.errors import TargetNotFound

    if not named:
        return None
    found = []
    for request in named:
        file, separator, name = request.rpartition("::")
        path = Path(file).resolve()
        if not separator or not name:
            raise TargetNotFound(f"{request}: name the function too, as in {request}::function")
        if not path.is_relative_to(root):
            raise TargetNotFound(f"{file}: is not in the workspace {root}; see --workspace")
        found.append((path.relative_to(root).as_posix(), name))
    return found
