"""``paceline bench``: measurements of Paceline itself, each in a module ``bench_NAME`` beside this one."""

from __future__ import annotations

from pathlib import Path

import click

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else.")
_file = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(short_help="Measure Paceline itself.")
def command() -> None:
    """Measure Paceline itself, on this machine."""


@command.command("first-suggestion", short_help="Seconds to the first proven suggestion.")
@click.argument("path", default="examples", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="Measured runs each."
)
@_json
def first_suggestion(path: Path, repeats: int, as_json: bool) -> int:
    """Measure the seconds from a request to the first proven suggestion, for the functions below PATH."""
    from paceline.cli.bench_first_suggestion import run

    return run(path=path, repeats=repeats, as_json=as_json)


@command.command(short_help="The judge on every shipped recipe.")
@click.argument("recipes", nargs=-1, metavar="[RECIPE]...")
@_json
def packs(recipes: tuple[str, ...], as_json: bool) -> int:
    """Have the judge confirm every shipped recipe, or those named, on its own example."""
    from paceline.cli.bench_packs import run

    return run(only=recipes, as_json=as_json)


@command.command(short_help="The proof that the judge works.")
@click.option("--comparisons", type=click.IntRange(min=0), help="A/A comparisons under each load.")
@click.option("--mutants", type=click.IntRange(min=0), help="Mutants to judge.")
@click.option("--planted", type=click.IntRange(min=0), help="Planted gains to judge, of each size.")
@click.option(
    "--load",
    type=click.Choice(["none", "core", "both"]),
    help="Whether one core is kept busy during the A/A comparisons; both does them twice.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses functions, mutants and inputs.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["same", "mutants", "planted", "tricks", "escapes"]),
    help="This part alone; may be given several times.",
)
@click.option("--quick", is_flag=True, help="The short form: a little of every part, in a minute or two.")
@_json
def judge(
    comparisons: int | None,
    mutants: int | None,
    planted: int | None,
    load: str | None,
    seed: int,
    only: tuple[str, ...],
    quick: bool,
    as_json: bool,
) -> int:
    """Give the judge what it must tell apart, and count what it says.

    Real functions against themselves, mutants, planted gains, tricks that bend the measurement, and ways out
    of the sandbox. The exit status is 1 when the judge called faster what is not, or was passed by a trick.
    """
    from dataclasses import replace

    from paceline.cli.bench_judge import run
    from paceline.cli.bench_judge.sizes import FULL, PARTS, QUICK

    sizes = QUICK if quick else FULL
    loads = {"none": (False,), "core": (True,), "both": (False, True)}
    sizes = replace(
        sizes,
        comparisons=sizes.comparisons if comparisons is None else comparisons,
        mutants=sizes.mutants if mutants is None else mutants,
        planted=sizes.planted if planted is None else planted,
        loads=sizes.loads if load is None else loads[load],
    )
    return run(sizes=sizes, parts=only or PARTS, seed=seed, as_json=as_json)


@command.command(short_help="How long an editor waits.")
@click.option(
    "--lines",
    type=click.IntRange(min=200),
    multiple=True,
    default=(1_000, 10_000, 50_000),
    show_default=True,
    help="Length of the file; may be given several times.",
)
@click.option("--keys", type=click.IntRange(min=20), default=400, show_default=True, help="Requests a scene.")
@click.option("--saves", type=click.IntRange(min=1), default=40, show_default=True, help="Saves a file.")
@click.option(
    "--starts", type=click.IntRange(min=0), default=20, show_default=True, help="Starts of each server."
)
@click.option(
    "--session-minutes",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Length of the editing session whose memory is watched; 30 for the full claim, 0 for none.",
)
@_json
def latency(
    lines: tuple[int, ...], keys: int, saves: int, starts: int, session_minutes: float, as_json: bool
) -> int:
    """Measure how long an editor waits for the language server.

    Code actions while nothing else goes on, while a person types 20 keys a second, and with jobs running
    beside that; hints after a save; the start, beside an empty pygls server; and memory over a session.
    """
    from paceline.cli.bench_latency import run

    return run(
        lines=lines,
        keys=keys,
        saves=saves,
        starts=starts,
        session_minutes=session_minutes,
        as_json=as_json,
    )


@command.command(short_help="What the ways of working together are worth.")
@click.option(
    "--strategies",
    default="single,best-of-n,reflexion,moa,lessonl@0,lessonl,paceline@0,paceline",
    show_default=True,
    metavar="A,B,...",
    help="What is compared. NAME@K shows K lessons at most, paceline=RULE selects them by that rule; "
    "single is every member alone, single:NAME one.",
)
@click.option(
    "--tasks",
    default="chains",
    show_default=True,
    metavar="A,B,...",
    help="Sets (chains, packs, corpus), single tasks (chains:places), or PATH[::NAME].",
)
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="Runs of each.")
@click.option("--rounds", type=click.IntRange(min=1), help="Turns of every member, in each run.")
@click.option("--lessons", type=click.IntRange(min=0), metavar="K", help="Lessons shown in a round, at most.")
@click.option(
    "--simulated", is_flag=True, help="A team that is played, not models: for a machine without any."
)
@click.option("--keep-bank", is_flag=True, help="Keep the lessons of a task for the next one.")
@click.option(
    "--json", "json", type=_file, metavar="FILE", help="Write figures and runs, after every run anew."
)
@click.option("--plot", type=_file, metavar="FILE", help="Write a picture (SVG).")
@click.option("--resume", is_flag=True, help="Go on with what --json FILE holds.")
@click.option(
    "--check-tasks", is_flag=True, help="Measure no team: have the judge say whether the tasks are fit."
)
def team(
    strategies: str,
    tasks: str,
    seeds: int,
    rounds: int | None,
    lessons: int | None,
    simulated: bool,
    keep_bank: bool,
    json: Path | None,
    plot: Path | None,
    resume: bool,
    check_tasks: bool,
) -> int:
    """Run the strategies on the same tasks, at equal numbers of candidates, and show what came of it.

    Correct rewrites, speedups and costs, with intervals over the seeds. The team is the one that the settings
    of this folder name, or a simulated one.
    """
    from paceline.cli import bench_team

    if check_tasks:
        return bench_team.check_tasks(_names(tasks))
    if resume and json is None:
        raise click.UsageError("--resume goes on with a file: name it with --json FILE")
    return bench_team.run(
        bench_team.Wish(
            strategies=_names(strategies),
            tasks=_names(tasks),
            seeds=seeds,
            rounds=rounds,
            lessons=lessons,
            simulated=simulated,
            keep_bank=keep_bank,
            json=json,
            plot=plot,
            resume=resume,
        )
    )


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in listed.split(",")) if name)
