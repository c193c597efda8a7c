from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from paceline.cli import checkup, checkup_models
from paceline.workspace import ModelSettings, TeamSettings
from tests.cli.conftest import Ran
from tests.team.scripted_endpoint import ScriptedEndpoint, beside

Run = Callable[..., Ran]

LOOKED_AT = {
    "paceline",
    "workspace",
    "settings",
    "interpreter",
    "tests",
    "isolation",
    "bank",
    "languages",
    "members",
    "editors",
}


def findings(ran: Ran) -> dict[str, dict[str, str]]:
    return {each["name"]: each for each in ran.json["checks"]}


def test_json_names_everything_that_was_looked_at(workspace: Path, run: Run) -> None:
    ran = run("doctor", "--json")
    assert ran.status == 0
    assert ran.json["schema"] == 1
    found = findings(ran)
    assert set(found) == LOOKED_AT
    assert all(set(each) == {"state", "name", "message", "advice"} for each in found.values())
    assert str(workspace) in found["workspace"]["message"]
    assert "not trusted" in found["workspace"]["message"]
    assert found["bank"]["message"].startswith("0 lessons")
    assert "python (.py" in found["languages"]["message"]
    assert "no model member" in found["members"]["message"]


def test_a_person_reads_a_line_each_and_what_to_do(workspace: Path, run: Run) -> None:
    out = run("doctor").out
    assert max(map(len, out.splitlines())) <= 80
    assert all(name in out for name in LOOKED_AT)
    assert "tests that call a function" in out


def test_bad_settings_are_named(workspace: Path, run: Run) -> None:
    (workspace / ".paceline.toml").write_text("runds = 3\n")
    problem = findings(run("doctor", "--json"))["settings"]
    assert problem["state"] == "warn"
    assert "runds" in problem["message"]
    (workspace / ".paceline.toml").write_text("rounds = = 3\n")
    assert findings(run("doctor", "--json"))["settings"]["state"] == "fail"


def test_tests_are_counted(workspace: Path, run: Run) -> None:
    folder = workspace / "tests"
    folder.mkdir()
    (folder / "test_shop.py").write_text("")
    (workspace / "node_modules").mkdir()
    (workspace / "node_modules" / "test_x.py").write_text("")
    assert "1 test file," in findings(run("doctor", "--json"))["tests"]["message"]


def test_the_workspaces_own_interpreter_is_not_run(workspace: Path, run: Run) -> None:
    python = workspace / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch {workspace / 'ran'}\n")
    python.chmod(0o755)
    (workspace / ".venv" / "pyvenv.cfg").write_text("version = 3.12.4\n")
    assert run("doctor").status == 0
    assert not (workspace / "ran").exists()


def test_the_interpreter_is_told_with_the_reason_and_what_was_passed_over(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_VERSION"):
        monkeypatch.delenv(name, raising=False)
    for folder, version in ((".venv", "3.12.4"), ("venv", "3.8.18")):
        python = workspace / folder / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text("#!/bin/sh\n")
        python.chmod(0o755)
        (workspace / folder / "pyvenv.cfg").write_text(f"version = {version}\n")
    told = findings(run("doctor", "--json"))["interpreter"]
    assert told["state"] == "ok"
    assert told["message"].endswith(".venv/bin/python (3.12.4), because .venv is in the workspace")
    assert "venv is in the workspace, but what was chosen comes first" in told["advice"]
    (workspace / ".venv" / "bin" / "python").unlink()
    told = findings(run("doctor", "--json"))["interpreter"]
    assert told["state"] == "fail"
    assert "3.8.18" in told["message"]
    assert "3.9 or newer" in told["advice"]


def test_a_check_that_breaks_hides_no_other(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(checkup, "languages", broken)
    found = findings(run("doctor", "--json"))
    assert set(found) == LOOKED_AT
    assert found["languages"]["state"] == "fail"
    assert "the disk is gone" in found["languages"]["message"]


MEMBER = """
[[team.members]]
name = "{name}"
base_url = "{url}"
model = "{model}"
{more}
"""


def test_model_members_are_asked_whether_they_are_there(
    workspace: Path, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODER_KEY", raising=False)
    home.mkdir(exist_ok=True)
    with beside(ScriptedEndpoint(models={"coder": {"max_model_len": 8192}, "\x1b[2Jother": {}})) as server:
        url = server.base_url
        members = [
            ("good", url, "coder", ""),
            ("unknown", url, "mistral", ""),
            ("locked", url, "coder", 'api_key_env = "CODER_KEY"'),
            ("gone", "http://127.0.0.1:9/v1", "coder", ""),
            ("lost", url.removesuffix("/v1"), "coder", ""),
        ]
        (home / "settings.toml").write_text(
            "".join(MEMBER.format(name=n, url=u, model=m, more=more) for n, u, m, more in members)
        )
        found = findings(run("doctor", "--json"))
    assert set(found) == LOOKED_AT | {f"member {name}" for name, *_ in members}
    assert "5 model members" in found["members"]["message"]
    states = {name: found[f"member {name}"]["state"] for name, *_ in members}
    assert states == {"good": "ok", "unknown": "warn", "locked": "warn", "gone": "warn", "lost": "warn"}
    assert "a context of 8,192 tokens" in found["member good"]["message"]
    assert "it has [2Jother, coder" in found["member unknown"]["message"]
    assert "CODER_KEY is not set" in found["member locked"]["message"]
    assert "start the model's server" in found["member gone"]["message"]
    assert "/v1" in found["member lost"]["message"]


def test_a_workspace_that_is_not_trusted_has_no_endpoint_asked(workspace: Path, run: Run) -> None:
    with beside(ScriptedEndpoint()) as server:
        text = MEMBER.format(name="theirs", url=server.base_url, model="coder", more="")
        (workspace / ".paceline.toml").write_text(text)
        found = findings(run("doctor", "--json"))
    assert set(found) == LOOKED_AT
    assert "no model member" in found["members"]["message"]
    assert "paceline trust" in found["settings"]["message"]


def test_a_team_of_nobody_is_said(workspace: Path, run: Run) -> None:
    (workspace / ".paceline.toml").write_text("team.recipes = false\n")
    assert findings(run("doctor", "--json"))["members"]["state"] == "warn"


def test_what_a_preset_needs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ModelSettings(name="a", base_url="http://127.0.0.1:11434/v1", model="big")
    needs = "vllm serve big-one --port 1\nvllm serve big --port 2\n"
    monkeypatch.setattr(checkup_models, "WAIT_S", 0.5)
    (finding,) = checkup_models.answering(TeamSettings(members=(model,)), needs=needs)
    assert finding.advice == "start it: vllm serve big --port 2"
    ours = replace(model, base_url="http://127.0.0.1:9/v1")
    (finding,) = checkup_models.answering(TeamSettings(members=(ours,)), needs=needs)
    assert finding.advice == "start it: paceline team up"
