"""``paceline optimize``: make the functions of a file faster, and show the proof."""

from __future__ import annotations

import click

from paceline.cli.exits import FAILED, RAN, UNUSABLE, complain, stderr_is_terminal


@click.command(short_help="Make functions faster, and show the proof.")
@click.argument("request", metavar="PATH[::NAME]")
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
def command(request: str, as_json: bool, rounds: int | None, budget: float | None, write: bool) -> int:
    """Make functions faster, and show the proof: behaviour compared, time measured side by side.

    PATH is a file (its functions and methods) or a folder (those of the files below it, tests left out).
    NAME is one function, as in "shop/prices.py::total" or "shop/cart.py::Cart.total". The code runs in a
    sandbox.
    """
    from paceline.cli.interruptible import run_interruptibly
    from paceline.cli.left_out import left_out
    from paceline.cli.places import parse, places_in
    from paceline.cli.reports import optimize_report, print_json
    from paceline.cli.work import Limits, Unwatched, work_through

    places = places_in(request)
    if parse(request)[1] is None and (unwanted := left_out(places)):
        places = tuple(place for place in places if place not in unwanted)
        names = ", ".join(place.name for place in unwanted[:5]) + (", ..." if len(unwanted) > 5 else "")
        _warn(f"left out, by a comment or because they were dismissed: {names}; name one to have it tried")
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


def _warn(message: str) -> None:
    complain(message, kind="warning")
