"""The files to copy into Helix, Zed and Sublime Text: they start the server, and it takes what they say."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from paceline.cli.commands import paceline as command_line
from paceline.lsp.features import COMMANDS
from tests.lsp.conftest import REPOSITORY, Connect
from tests.lsp.test_jobs import TOTAL

EDITORS = REPOSITORY / "editors"


def json_with_comments(path: Path) -> Any:
    """Read JSON with lines that are comments, as both editors do."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))


HELIX = tomllib.loads((EDITORS / "helix" / "languages.toml").read_text(encoding="utf-8"))
ZED = json_with_comments(EDITORS / "zed" / "settings.json")
SUBLIME = json_with_comments(EDITORS / "sublime" / "LSP.sublime-settings")["clients"]["paceline"]
SUBLIME_COMMANDS = json.loads((EDITORS / "sublime" / "Paceline.sublime-commands").read_text(encoding="utf-8"))


def test_helix_knows_the_server_it_lists() -> None:
    (python,) = HELIX["language"]
    assert python["name"] == "python"
    assert python["language-servers"][-1] == "paceline"
    assert set(HELIX["language-server"]) == {"paceline"}
    assert set(HELIX["language-server"]["paceline"]) <= {
        "command",
        "args",
        "config",
        "environment",
        "timeout",
    }


def test_zed_has_the_server_stand_in_for_one_that_it_lists() -> None:
    (name,) = ZED["lsp"]
    assert name in ZED["languages"]["Python"]["language_servers"]
    assert set(ZED["lsp"][name]) <= {"binary", "initialization_options", "settings"}


def test_sublime_runs_commands_of_the_server_it_starts() -> None:
    assert SUBLIME["enabled"] is True
    assert set(SUBLIME) <= {"enabled", "command", "selector", "settings", "initializationOptions"}
    run, actions = SUBLIME_COMMANDS
    assert run["args"]["session_name"] == "paceline"
    assert run["args"]["command_name"] in COMMANDS
    assert run["args"]["command_args"] == ["${file_uri}", "${position}"], "what the command takes, in order"
    assert actions["args"]["only_kinds"] == ["refactor.rewrite.optimize"]


@pytest.mark.parametrize(
    "words",
    [
        [HELIX["language-server"]["paceline"]["command"], *HELIX["language-server"]["paceline"]["args"]],
        [ZED["lsp"]["pylsp"]["binary"]["path"], *ZED["lsp"]["pylsp"]["binary"]["arguments"]],
        SUBLIME["command"],
    ],
    ids=["helix", "zed", "sublime"],
)
def test_what_they_start_is_the_server(words: list[str]) -> None:
    program, name, *options = words
    assert Path(program).name == "paceline"
    serve = command_line.get_command(None, name)  # type: ignore[arg-type]
    assert serve is not None
    assert set(options) <= {option for parameter in serve.params for option in parameter.opts}


@pytest.mark.parametrize(
    ("editor", "options", "settings"),
    [
        ("helix", None, HELIX["language-server"]["paceline"]["config"]["paceline"]),
        ("bare", ZED["lsp"]["pylsp"]["initialization_options"], None),
        ("vscode", None, SUBLIME["settings"]["paceline"]),
    ],
    ids=["helix", "zed", "sublime"],
)
async def test_the_server_takes_their_settings(
    connect: Connect, project: Path, editor: str, options: Any, settings: Any
) -> None:
    # One that is not known stands last, so that its complaint says that the others were looked at.
    wrong = {"zzz": 1}
    client = await connect(
        editor,
        root=project,
        options=options and {**options, **wrong},
        answers={"workspace/configuration": [settings and {**settings, **wrong}]},
    )
    client.open(project / "a.py", TOTAL)
    await client.wait_for("window/showMessage")
    (said,) = client.sent("window/showMessage")
    assert "zzz: there is no such setting" in said["message"]
