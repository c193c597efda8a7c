"""What every command has in common: the way in, the way out, and what is not loaded on the way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from paceline.cli.commands import COMMANDS
from tests.cli.conftest import Ran

Run = Callable[..., Ran]

TOP_LEVEL = (
    "import sys; from paceline.cli import main; main({arguments!r}); print(*sys.modules, file=sys.stderr)"
)


def modules_after(*arguments: str) -> set[str]:
    code = TOP_LEVEL.format(arguments=list(arguments))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_help_and_version_load_neither_protocol_nor_engine_nor_rich() -> None:
    heavy = {"pygls", "lsprotocol", "rich", "tree_sitter", "diskcache", "asyncio"}
    assert not heavy & modules_after("--version")
    assert not heavy & modules_after("--help")


def test_json_loads_neither_the_protocol_nor_rich(workspace: Path) -> None:
    loaded = modules_after("lessons", "list", "--json")
    assert not {"pygls", "lsprotocol", "rich"} & loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    ran = run(name, "--help")
    assert ran.status == 0
    assert ran.out.startswith("Usage: paceline")


def test_an_unknown_command_is_unusable(run: Run) -> None:
    ran = run("optimise")
    assert (ran.status, ran.out) == (2, "")
    assert "optimise" in ran.err


def test_the_module_runs_as_the_command_does(run_apart: Run) -> None:
    ran = run_apart("--version")
    assert ran.status == 0
    assert "paceline" in ran.out


def test_serve_needs_a_way_to_talk(run: Run) -> None:
    assert run("serve").status == 2
    assert run("serve", "--stdio", "--tcp", "4000").status == 2


def test_a_reader_that_goes_away_is_no_failure_of_ours(workspace: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "paceline", "doctor"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert "Traceback" not in errors
