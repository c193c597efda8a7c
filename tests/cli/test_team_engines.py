"""paceline team up, status and down, with fake engines in place of vLLM."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paceline.team.engines import stop_engines
from paceline.workspace import load_settings
from tests.cli.conftest import Ran
from tests.team.engines.conftest import FAKE, free_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="vLLM does not run there")

Run = Callable[..., Ran]

TEAM = """
[[team.members]]
name = "careful"
base_url = "http://127.0.0.1:{port}/v1"
model = "coder"

[[team.members]]
name = "bold"
base_url = "http://127.0.0.1:{port}/v1"
model = "coder"

[[team.members]]
name = "elsewhere"
base_url = "http://127.0.0.1:11434/v1"
model = "llama"

[[team.engines]]
base_url = "http://127.0.0.1:{port}/v1"
model = "{model}"
command = ["{python}", "{fake}"]
arguments = {arguments}
"""


@pytest.fixture
def port(home: Path) -> Iterator[int]:
    """A port for the engine; whatever was started is ended afterwards."""
    yield free_port()
    stop_engines()


@pytest.fixture
def configure(home: Path, workspace: Path, port: int) -> Callable[..., None]:
    def write(arguments: str = "[]") -> None:
        (workspace / "config.json").write_text("{}")
        home.mkdir(exist_ok=True)
        text = TEAM.format(port=port, model=workspace, python=sys.executable, fake=FAKE, arguments=arguments)
        (home / "settings.toml").write_text(text)

    return write


def test_up_in_one_command_status_in_another_and_down_in_a_third(
    run: Run, configure: Callable[..., None], port: int
) -> None:
    configure()
    before = run("team", "status")
    assert before.status == 0
    assert "not started" in before.out
    assert "paceline team up starts them" in before.out
    up = run("team", "up")
    assert (up.status, up.err) == (0, "")
    assert "ready" in up.out
    assert "careful, bold" in up.out
    assert "elsewhere  not Paceline's to run: Ollama's usual port" in up.out
    (engine,) = run("team", "status", "--json").json["engines"]
    assert engine["standing"] == "ready"
    assert engine["members"] == ["careful", "bold"]
    assert engine["load"]["prefix_hits"] == 6.0
    checks = {one["name"]: one["state"] for one in run("doctor", "--json").json["checks"]}
    assert checks["member careful"] == "ok"
    assert run("team", "down", "nobody").status == 2
    down = run("team", "down", "bold")
    assert down.status == 0
    assert f"127.0.0.1:{port}/v1 is stopped" in down.out
    again = run("team", "down")
    assert again.status == 0
    assert "No engine of Paceline's runs here" in again.out
    assert "stopped" in run("team", "status").out


def test_up_warns_of_an_engine_that_runs_otherwise_than_the_settings_now_say(
    run: Run, configure: Callable[..., None], port: int
) -> None:
    configure()
    assert run("team", "up").err == ""
    configure('["--tells-secrets"]')
    again = run("team", "up")
    assert again.status == 0
    assert f"paceline team down {port}, then paceline team up" in again.err


def test_an_engine_that_does_not_come_up_is_said_with_its_last_words(
    run: Run, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure('["--dies"]')
    up = run("team", "up")
    assert up.status == 1
    assert "No available memory for the cache blocks" in " ".join(up.out.split())
    assert "the engine of coder is not up" in up.err
    checks = {one["name"]: one for one in run("doctor", "--json").json["checks"]}
    assert checks["engine careful"]["state"] == "warn"
    assert "No available memory" in checks["engine careful"]["message"]
    assert checks["member careful"]["advice"] == "start it: paceline team up"


@pytest.mark.slow
def test_a_run_starts_the_engine_of_its_members_and_asks_it(
    run_apart: Run, configure: Callable[..., None], home: Path
) -> None:
    configure()
    file = home / "settings.toml"
    file.write_text(f'team.launch = "on-demand"\nteam.recipes = false\n{file.read_text()}')
    ran = run_apart("optimize", "shop.py::total", "--rounds", "1", "--budget", "60", "--json")
    assert ran.status == 0, ran.err
    # The fake repeats what it is asked, and so leaves the function as it is: its members lose no turn.
    assert "elsewhere lost its turn" in ran.err
    assert "careful" not in ran.err
    assert "bold" not in ran.err
    (engine,) = run_apart("team", "status", "--json").json["engines"]
    assert engine["standing"] == "ready"
    assert engine["load"]["finished"] >= 2


def test_no_wait_returns_while_they_start(run: Run, configure: Callable[..., None], tmp_path: Path) -> None:
    configure(f'["--ready-when", "{tmp_path / "never"}"]')
    up = run("team", "up", "--no-wait", "--json")
    assert up.status == 0
    assert up.json["engines"][0]["standing"] == "starting"


def test_what_is_missing_is_an_unusable_request(
    run: Run, configure: Callable[..., None], workspace: Path
) -> None:
    configure()
    (workspace / "config.json").unlink()
    up = run("team", "up")
    assert up.status == 2
    assert "there is no config.json in it" in up.err


def test_without_model_members_there_is_nothing_to_start(run: Run, workspace: Path) -> None:
    up = run("team", "up")
    assert up.status == 2
    assert 'team.preset = "gpu-24gb"' in up.err
    status = run("team", "status")
    assert status.status == 0
    assert "No engine runs here" in status.out


def test_a_team_of_others_servers_is_said(run: Run, workspace: Path, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text('team.preset = "laptop"\n')
    up = run("team", "up")
    assert up.status == 2
    assert "Ollama's usual port" in up.err


def test_settings_that_contradict_each_other_hide_nothing_that_runs(
    run: Run, configure: Callable[..., None], home: Path, port: int
) -> None:
    configure()
    assert run("team", "up").status == 0
    with (home / "settings.toml").open("a") as file:
        file.write('\n[[team.engines]]\nbase_url = "http://127.0.0.1:1/v1"\n')
    assert run("team", "up").status == 2
    status = run("team", "status", "--json")
    assert "no member is there" in status.err
    assert [one["standing"] for one in status.json["engines"]] == ["ready"]
    assert run("team", "down").status == 0


def test_a_workspace_that_is_not_trusted_has_nothing_run(run: Run, workspace: Path, port: int) -> None:
    text = TEAM.format(port=port, model=workspace, python=sys.executable, fake=FAKE, arguments="[]")
    (workspace / ".paceline.toml").write_text(f'team.launch = "on-demand"\n{text}')
    up = run("team", "up")
    assert up.status == 2
    assert "paceline trust" in up.err
    assert "has no model member" in up.err


@pytest.mark.parametrize(
    "before",
    [
        "",
        "rounds = 2\n",
        'team.preset = "paper"\nrounds = 2\n',
        "[team]\nrecipes = false\n\n[judge]\nconfidence = 0.9\n",
        '[team]\npreset = "laptop"  # at home\n',
        '[[team.members]]\nbase_url = "http://127.0.0.1:8000/v1"\nmodel = "preset = 1"\n',
    ],
)
def test_use_makes_a_ready_team_ones_own_and_keeps_the_rest(
    run: Run, workspace: Path, home: Path, before: str
) -> None:
    home.mkdir(exist_ok=True)
    file = home / "settings.toml"
    file.write_text(before)
    used = run("team", "use", "gpu-24gb")
    assert (used.status, used.err) == (0, "")
    assert "paceline team up" in used.out
    wanted = tomllib.loads(before)
    wanted.setdefault("team", {})["preset"] = "gpu-24gb"
    assert tomllib.loads(file.read_text()) == wanted
    assert load_settings(workspace, trusted=False)[0].team.preset == "gpu-24gb"
    assert run("team", "use", "none").status == 0
    assert tomllib.loads(file.read_text())["team"]["preset"] == ""


@pytest.mark.parametrize(("name", "before"), [("gpt", ""), ("laptop", "team = 3\n"), ("laptop", "not toml")])
def test_use_changes_nothing_where_it_cannot(
    run: Run, workspace: Path, home: Path, name: str, before: str
) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(before)
    assert run("team", "use", name).status == 2
    assert (home / "settings.toml").read_text() == before
