"""``paceline judge``: a verdict on any rewrite, whoever wrote it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from paceline.cli.exits import RAN, complain, stderr_is_terminal
from paceline.errors import UnusableRequest

if TYPE_CHECKING:
    from paceline.judge.verdict import Verdict

Tell = Callable[[str, str], None]
"""Takes the judge's stage and a detail of it."""


@click.command(short_help="Judge a rewrite that anybody wrote.")
@click.argument("request", metavar="PATH::NAME")
@click.option(
    "--candidate",
    "candidate",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The rewrite, as code or as anybody's answer: prose, fences and prompts are left out. - is stdin.",
)
@click.option(
    "--script",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a script that shows the verdict again without Paceline, for a pull request.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there."
)
def command(request: str, candidate: Path, script: Path | None, as_json: bool) -> int:
    """Judge a rewrite of one function: same behaviour, and faster here?

    The candidate file holds a definition of the function (for a method its "def", or the whole class), with
    the imports and helpers it needs. It may be an assistant's answer as it is: paste it, or pipe it in with
    --candidate -. Both versions run in a sandbox.
    """
    from paceline.cli.candidates import read_candidate
    from paceline.cli.interruptible import run_interruptibly
    from paceline.cli.places import the_function
    from paceline.cli.reports import judge_report, print_json
    from paceline.cli.workspaces import open_engine
    from paceline.workspace import find_root

    if script is not None:
        _refuse_to_overwrite(script)
    target = the_function(request)
    answer = read_candidate(candidate, target)
    replacement = answer.replacement
    for note in answer.notes:
        complain(note, kind="note")
    started = time.monotonic()

    async def verdict_on(tell: Tell) -> tuple[Verdict, str]:
        async with open_engine(find_root(target.file), warn=_warn) as engine:
            if script is None:
                return await engine.judge(target, replacement, on_stage=tell), ""
            return await engine.judge_and_script(target, replacement, on_stage=tell)

    if as_json and not stderr_is_terminal():
        verdict, text = run_interruptibly(verdict_on(lambda _stage, _detail: None))
    else:
        from paceline.cli.verdicts import print_verdict, stages_shown

        with stages_shown(target) as tell:
            verdict, text = run_interruptibly(verdict_on(tell))
        if not as_json:
            print_verdict(request, verdict)
    if as_json:
        print_json(judge_report(verdict, elapsed_s=time.monotonic() - started))
    if script is not None:
        _write(script, text, verdict)
    return RAN


def _refuse_to_overwrite(script: Path) -> None:
    """Raise UnusableRequest for a file that holds anything but an earlier script: it could be the source."""
    try:
        is_earlier = b"\nWritten by Paceline " in script.read_bytes()[:4_000]
    except FileNotFoundError:
        return
    except OSError as error:
        raise UnusableRequest(f"{script}: cannot be written: {error.strerror}") from error
    if not is_earlier:
        raise UnusableRequest(f"{script}: is there already and is no script of Paceline's; name another file")


def _write(script: Path, text: str, verdict: Verdict) -> None:
    """Write the script and say where. Raises UnusableRequest where it cannot be written."""
    if not text:
        outcome = verdict.outcome.value.replace("-", " ")
        _warn(f"{script}: not written, because a rewrite that is {outcome} never ran to its end here")
        return
    try:
        script.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableRequest(f"{script}: cannot be written: {error.strerror}") from error
    click.echo(f"wrote {script}: python {script} shows the verdict again, without Paceline", err=True)


def _warn(message: str) -> None:
    complain(message, kind="warning")
