"""``paceline optimize``: make the functions of a file faster, and show the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from paceline.cli.exits import FAILED, RAN, UNUSABLE, complain, stderr_is_terminal

if TYPE_CHECKING:
    from paceline.cli.places import Place


@click.command(short_help="Make functions faster, and show the proof.")
@click.argument("request", metavar="PATH[::NAME]", required=False)
@click.option(
    "--hottest",
    type=click.IntRange(min=1),
    metavar="N",
    help="The N hottest functions of the kept profile, below PATH if one is given (see paceline profile).",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there."
)
@click.option("--rounds", type=click.IntRange(min=1), help="Turns of every member, per function.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Wall time per function after which no new candidate is judged.",
)
@click.option("--write", is_flag=True, help="Apply the best proven suggestion of each function to its file.")
def command(
    request: str | None,
    hottest: int | None,
    as_json: bool,
    rounds: int | None,
    budget: float | None,
    write: bool,
) -> int:
    """Make functions faster, and show the proof: behaviour compared, time measured side by side.

    PATH is a file (its functions and methods) or a folder (those of the files below it, tests left out).
    NAME is one function, as in "shop/prices.py::total" or "shop/cart.py::Cart.total". With --hottest, PATH
    may be left away: the current folder's workspace is meant then. The code runs in a sandbox.
    """
    from paceline.cli.interruptible import run_interruptibly
    from paceline.cli.reports import optimize_report, print_json
    from paceline.cli.work import Limits, Unwatched, work_through

    places = _places(request, hottest)
    limits = Limits(rounds=rounds, budget_s=budget)
    if as_json and not stderr_is_terminal():
        work = run_interruptibly(
            work_through(places, limits=limits, watcher=Unwatched(), write=write, warn=_warn)
        )
    else:
        from paceline.cli.progress import LiveProgress
        from paceline.cli.results import print_result

        with LiveProgress(show=None if as_json else print_result) as progress:
            work = run_interruptibly(
                work_through(places, limits=limits, watcher=progress, write=write, warn=_warn)
            )
    if as_json:
        print_json(optimize_report(work.results, elapsed_s=work.elapsed_s))
    else:
        from paceline.cli.results import print_summary

        print_summary(work, asked_to_write=write)
    for complaint in (*work.failures, *work.refusals):
        complain(complaint)
    if work.failures:
        return FAILED
    return UNUSABLE if work.refusals else RAN


def _places(request: str | None, hottest: int | None) -> tuple[Place, ...]:
    """Return the functions that are meant; of several, without those that a person does not want tried."""
    from paceline.cli.left_out import left_out
    from paceline.cli.places import parse, places_in
    from paceline.errors import UnusableRequest

    if hottest is None and request is None:
        raise UnusableRequest("name what to optimize, as in: paceline optimize shop/prices.py::total")
    request = "." if request is None else request
    path, name = parse(request)
    if hottest is not None:
        from paceline.cli.hottest import hottest_places

        if name is not None:
            raise UnusableRequest(
                f"{request} is one function: leave --hottest away, or name a file or folder"
            )
        places = hottest_places(path)
    else:
        places = places_in(request)
    if name is not None or not (unwanted := left_out(places)):
        return places[:hottest]
    names = ", ".join(place.name for place in unwanted[:5]) + (", ..." if len(unwanted) > 5 else "")
    _warn(f"left out, by a comment or because they were dismissed: {names}; name one to have it tried")
    return tuple(place for place in places if place not in unwanted)[:hottest]


def _warn(message: str) -> None:
    complain(message, kind="warning")
