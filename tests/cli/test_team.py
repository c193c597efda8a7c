"""paceline team detect: what is found on this machine, what of it is new, and how it is written down."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paceline.team.models.detection import fit_for_code, places_at, usual_places
from paceline.workspace import load_settings, members_from, schema
from tests.cli.conftest import Ran
from tests.team.scripted_endpoint import ScriptedEndpoint, beside

Run = Callable[..., Ran]


@pytest.fixture
def server() -> Iterator[ScriptedEndpoint]:
    models = {"org/Coder-7B": {}, 'odd "coder"\\name': {}, "nomic-embed-code": {}, "llama3": {}}
    with beside(ScriptedEndpoint(models=models)) as one:
        yield one


def port(server: ScriptedEndpoint) -> str:
    return server.base_url.removesuffix("/v1").rpartition(":")[2]


def test_what_is_found_is_shown_and_nothing_written(
    workspace: Path, home: Path, run: Run, server: ScriptedEndpoint
) -> None:
    ran = run("team", "detect", "--port", port(server))
    assert ran.status == 0
    assert "new: Coder-7B" in ran.out
    assert "llama3  left out" in ran.out
    assert "nomic-embed-code  left out" in ran.out
    assert f'base_url = "{server.base_url}"' in ran.out
    assert "Nothing was written" in ran.out
    assert not (home / "settings.toml").exists()
    assert server.asked == []


def test_written_once_and_read_as_settings(
    workspace: Path, home: Path, run: Run, server: ScriptedEndpoint
) -> None:
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "settings.toml").write_text("# mine\nrounds = 3\n\n[judge]\nconfidence = 0.9\n")
    assert "Written to" in run("team", "detect", "--write", "--port", port(server)).out
    text = (home / "settings.toml").read_text()
    assert text.startswith("# mine\nrounds = 3\n")
    assert stat.S_IMODE((home / "settings.toml").stat().st_mode) == 0o600
    settings, problems = load_settings(workspace, trusted=False)
    assert problems == ()
    assert (settings.rounds, settings.judge.confidence) == (3, 0.9)
    assert [(one.name, one.model) for one in settings.team.members] == [
        ("Coder-7B", "org/Coder-7B"),
        ("odd-coder-name", 'odd "coder"\\name'),
    ]
    again = run("team", "detect", "--write", "--json", "--port", port(server)).json
    assert (again["new_members"], again["written"]) == ([], None)
    assert (home / "settings.toml").read_text() == text
    assert "in the team" in run("team", "detect", "--port", port(server)).out


def test_names_that_are_taken(workspace: Path, home: Path, run: Run, server: ScriptedEndpoint) -> None:
    home.mkdir(mode=0o700, exist_ok=True)
    member = '[[team.members]]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "other/Coder-7B"\n'
    (home / "settings.toml").write_text(member)
    found = run("team", "detect", "--json", "--port", port(server)).json
    assert [one["name"] for one in found["new_members"]] == ["Coder-7B-2", "odd-coder-name"]


@pytest.mark.parametrize("text", ["team = { recipes = false }\n", "team.members = []\n", "rounds = = 3\n"])
def test_a_file_that_takes_no_more_tables_is_left_alone(
    workspace: Path, home: Path, run: Run, server: ScriptedEndpoint, text: str
) -> None:
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "settings.toml").write_text(text)
    ran = run("team", "detect", "--write", "--port", port(server))
    assert ran.status == 2
    assert "by hand" in ran.err
    assert (home / "settings.toml").read_text() == text
    assert [file.name for file in home.iterdir() if file.name.startswith(".settings")] == []


def test_nobody_there(workspace: Path, run: Run) -> None:
    ran = run("team", "detect", "--port", "9", "--write")
    assert ran.status == 0
    assert "No server of models answers on this machine (ports 9)" in ran.out
    assert json.loads(run("team", "detect", "--port", "9", "--json").out)["servers"] == []


def test_the_usual_places_are_settings_of_members() -> None:
    places = usual_places()
    assert {11434, 8000, 8080, 1234} <= {place.port for place in places}
    assert len({place.port for place in places}) == len(places)
    for place in places:
        table = {**place.member, "base_url": place.base_url, "model": "m"}
        members, complaints = members_from(schema()["team.members"], [table])
        assert (len(members), complaints) == (1, ())
    assert places_at([11434])[0].server == "Ollama"
    assert places_at([5])[0].server == ""


@pytest.mark.parametrize(
    ("names", "fit"),
    [
        (["llama3", "qwen2.5-coder:7b", "bge-m3"], ("qwen2.5-coder:7b",)),
        (["bge-m3", "llama3", "mistral"], ("llama3",)),
        (["nomic-embed-text"], ()),
        ([], ()),
    ],
)
def test_which_models_are_fit(names: list[str], fit: tuple[str, ...]) -> None:
    assert fit_for_code(names) == fit
