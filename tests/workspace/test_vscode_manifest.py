"""What VS Code's manifest says of settings follows from the one schema; what is restricted stays so."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import paceline
from paceline.workspace import schema

CLIENT = Path(__file__).parents[2] / "client-vscode"


def manifest() -> dict[str, Any]:
    record = json.loads((CLIENT / "package.json").read_text())
    assert isinstance(record, dict)
    return record


def test_the_settings_are_those_of_the_schema() -> None:
    text = (CLIENT / "package.json").read_text()
    wanted = runpy.run_path(str(CLIENT / "scripts" / "settings.py"))["with_settings"](text)
    assert text == wanted, "python client-vscode/scripts/settings.py writes them anew"


def test_a_workspace_that_is_not_trusted_sets_nothing_that_is_run_or_talked_to() -> None:
    restricted = set(manifest()["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert {"paceline.server.path", "paceline.server.interpreter"} <= restricted
    assert {f"paceline.{key}" for key, entry in schema().items() if entry.restricted} <= restricted


def test_every_command_of_a_menu_is_there() -> None:
    contributed = manifest()["contributes"]
    commands = {command["command"] for command in contributed["commands"]}
    used = {entry["command"] for menu in contributed["menus"].values() for entry in menu}
    assert used <= commands


def test_the_extension_has_the_servers_version() -> None:
    assert manifest()["version"] == paceline.__version__
