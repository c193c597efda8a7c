"""``paceline profile``: run a program as always, and keep which functions it spends its time in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paceline.cli.exits import RAN, complain

if TYPE_CHECKING:
    from paceline.cli.hottest import Hottest
    from paceline.cli.places import Place
    from paceline.workspace.profiles import Profile

SHORT_S = 1.0
"""Seconds of processor time; the shares of a shorter run are rough."""
UNSEEN_SHARE = 0.1
"""Of the processor time; when more of it went unseen, a person should know."""


@click.command(
    short_help="Run a program and see which functions it spends its time in.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", metavar="[--] COMMAND...", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--workspace",
    default=".",
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="A file or folder of the workspace that is meant; the current folder's otherwise.",
)
@click.option("--list", "listing", is_flag=True, help="List the hottest functions, and run nothing.")
@click.option("--forget", "forgetting", is_flag=True, help="Remove what is kept, and run nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="With --list or --forget: print one JSON object on stdout."
)
def command(words: Sequence[str], workspace: Path, listing: bool, forgetting: bool, as_json: bool) -> int:
    """Run COMMAND as if it had been typed alone, and keep which functions of the workspace take its time.

    \b
        paceline profile -- python script.py input.csv
        paceline profile -- pytest -k orders
        paceline profile --list

    "paceline optimize --hottest 3" then works on the three hottest, and an editor shows their shares where
    code lenses are on. COMMAND runs OUTSIDE the sandbox, with your environment, files and network, because
    you typed it; the word "python" is the workspace's interpreter. Its input, output and exit status are its
    own.

    Every Python that COMMAND starts is sampled every 5 ms of its processor time, in its main thread. The
    latest profile is kept in your data folder, never in the workspace: names of functions, and figures.
    """
    from paceline.errors import UnusableRequest
    from paceline.workspace import find_root

    root = find_root(workspace)
    if listing or forgetting:
        if words or (listing and forgetting):
            raise UnusableRequest("--list and --forget stand alone: leave the command away, and give one")
        return _list(root, as_json) if listing else _forget(root, as_json)
    if not words:
        raise UnusableRequest("name the command to profile, as in: paceline profile -- python script.py")
    return _profile(root, words)


def _profile(root: Path, words: Sequence[str]) -> int:
    from paceline.cli.workspaces import settings_of
    from paceline.judge.python.profile_run import profile_run
    from paceline.workspace import python_for

    def warn(message: str) -> None:
        complain(message, kind="warning")

    # The command was typed by a person, and so was its Python: trust is not the question here.
    python = python_for(root, settings_of(root, warn=warn), trusted=True)
    run = profile_run(words, root=root, python=python)
    for note in run.notes:
        complain(note, kind="note")
    if run.profile is None:
        complain("nothing was profiled: the command ran no Python that reads PYTHONPATH", kind="note")
    else:
        _say_what_was_found(run.profile)
    return run.status


def _say_what_was_found(profile: Profile) -> None:
    from paceline.cli import figures

    hot = sum(profile.is_hot(function) for function in profile.functions)
    complain(
        f"profiled {figures.seconds(profile.seconds)} of processor time: {hot:,} hot "
        f"function{'' if hot == 1 else 's'}; see paceline profile --list",
        kind="note",
    )
    if profile.seconds < SHORT_S:
        complain("the run was short, and its shares are rough: a longer one says more", kind="note")
    if profile.unseen_s > UNSEEN_SHARE * profile.seconds:
        complain(
            f"{profile.unseen_s / profile.seconds:.0%} of the time was spent where profiling does not look: "
            "in threads beside the main one, or while asyncio handled signals",
            kind="note",
        )


def _list(root: Path, as_json: bool) -> int:
    from paceline.cli.hottest import hints_of, hottest_of
    from paceline.cli.reports import SCHEMA, print_json
    from paceline.workspace.profiles import read_profile

    profile, notes = read_profile(root)
    for note in notes:
        complain(note, kind="note")
    if profile is None and as_json:
        print_json({"schema": SCHEMA, "profile": None})
    elif profile is None:
        click.echo(f"Nothing is profiled for {root}. Profile with: paceline profile -- python script.py")
    else:
        hottest = hottest_of(root, profile)
        hints = hints_of(root, hottest)
        if as_json:
            print_json({"schema": SCHEMA, "profile": _record(profile, hottest, hints)})
        else:
            from paceline.cli.hottest_shown import print_hottest

            print_hottest(profile, hottest, hints)
    return RAN


def _record(
    profile: Profile, hottest: Sequence[Hottest], hints: Mapping[Place, Sequence[str]]
) -> dict[str, object]:
    return {
        "profiled": profile.when,
        "seconds": profile.seconds,
        "unseen_s": profile.unseen_s,
        "functions": [
            {
                "file": one.function.file,
                "name": one.function.name,
                "own": round(profile.own_share(one.function), 4),
                "share": round(profile.whole_share(one.function), 4),
                "stale": one.place is None,
                "hints": list(hints[one.place]) if one.place is not None else [],
            }
            for one in hottest
        ],
    }


def _forget(root: Path, as_json: bool) -> int:
    from paceline.cli.reports import SCHEMA, print_json
    from paceline.workspace.profiles import forget_profile

    forgotten = forget_profile(root)
    if as_json:
        print_json({"schema": SCHEMA, "forgotten": forgotten})
    else:
        click.echo("Forgotten: the profile." if forgotten else "Nothing is profiled here.")
    return RAN
