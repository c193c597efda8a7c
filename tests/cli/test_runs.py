"""The run log: what a run with a model leaves behind, and how it is read."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from lessonbank.bank import Bank
from lessonbank.outcome import Outcome
from paceline.engine import Engine, Request
from paceline.engine import records as records_module
from paceline.engine.engine import runs_folder
from paceline.engine.records import events_of, recorded, runs_in
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target
from paceline.team.models import model_team
from paceline.workspace import ModelSettings, find_root, load_settings
from tests.cli.conftest import SHOP, Ran
from tests.engine.scripted import ScriptedJudge, verdict
from tests.team.scripted_endpoint import Asked, Reply, ScriptedEndpoint, fails, says

Run = Callable[..., Ran]

SECRET = "sk-not-to-be-seen-0123456789"


@pytest.fixture
def target(workspace: Path) -> Target:
    return target_named(Snapshot.open(workspace / "shop.py", SHOP.encode()), "total")


async def run_once(target: Target, server: ScriptedEndpoint) -> None:
    root = find_root(target.file)
    settings, _ = load_settings(root, trusted=True)
    member = ModelSettings(
        name="qwen", base_url=server.base_url, model="coder", api_key_env="CODER_KEY", max_tokens=64
    )
    engine = Engine(
        root,
        settings=settings,
        trusted=True,
        bank=Bank.ephemeral(),
        members=model_team([member]),
        judge_of=lambda _: ScriptedJudge({"sum(": verdict(Outcome.FASTER, 2.0), "": verdict(Outcome.WRONG)}),
        records=runs_folder(root),
    )
    async with engine:
        async for _ in engine.optimize(Request(target=target, rounds=2)):
            pass


def choose(asked: Asked) -> Reply:
    if "that was judged" in asked.prompt:
        return says('{"lesson": "Let builtins loop.", "category": "builtins"}')
    body = "return sum(prices)" if "# Lessons" in asked.prompt else "return 0"
    return says(f"Change: \x1b[2Jsum\n```python\ndef total(prices: list[int]) -> int:\n    {body}\n```")


async def test_a_run_is_kept_whole_and_without_its_key(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODER_KEY", SECRET)
    async with ScriptedEndpoint(choose=choose) as server:
        await run_once(target, server)
    async with ScriptedEndpoint([fails(401, f"wrong key {SECRET}")]) as server:
        await run_once(target, server)
    folder = runs_folder(find_root(target.file))
    refused, whole = runs_in(folder)
    assert (whole.function, whole.status, whole.asked, whole.judged) == ("total", "faster", 4, 2)
    assert whole.prompt_tokens > 100
    assert (refused.status, refused.judged) == ("not-proven-faster", 0)
    events = events_of(folder, whole.id)
    assert [event["event"] for event in events] == [
        "target",
        "round",
        "inputs",
        *["asked", "proposed", "judged", "asked", "banked", "round"],
        *["asked", "proposed", "judged", "asked", "banked", "finished"],
    ]
    asked = next(event for event in events if event["event"] == "asked")
    assert asked["messages"][-1]["content"].startswith("# The function: `total`")
    assert "return 0" in asked["answer"]
    for file in folder.iterdir():
        assert SECRET not in file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "***" in json.dumps(events_of(folder, refused.id))


async def test_they_are_listed_and_shown(
    target: Target, run_apart: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No run is kept" in run_apart("runs", "list").out
    assert run_apart("runs", "show").status == 2
    monkeypatch.setenv("CODER_KEY", SECRET)
    async with ScriptedEndpoint(choose=choose) as server:
        await run_once(target, server)
    (listed,) = run_apart("runs", "list", "--json").json["runs"]
    assert listed["status"] == "faster"
    assert "total" in run_apart("runs", "list").out
    out = run_apart("runs", "show").out
    for words in (
        "qwen was asked to propose: ",
        "wrong; scripted wrong",
        "faster, 1.80-2.20x; scripted faster",
        "Let builtins loop.",
    ):
        assert words in " ".join(out.split())
    assert "You make Python functions faster" not in out
    whole = run_apart("runs", "show", listed["id"], "--prompts").out
    assert "You make Python functions faster" in whole
    assert "\x1b" not in whole
    assert run_apart("runs", "show", listed["id"][:4], "--json").json["id"] == listed["id"]
    assert run_apart("runs", "show", "nonsense").status == 2


def test_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    monkeypatch.setattr(records_module, "RUNS_KEPT", 3)
    for _ in range(5):
        with recorded(tmp_path / "runs") as record:
            record.take(records_module.TargetFound(target=target))
    runs = runs_in(tmp_path / "runs")
    assert [run.status for run in runs] == ["broken off"] * 3


def test_a_folder_that_cannot_be_written_costs_the_record_only(tmp_path: Path, target: Target) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    with recorded(tmp_path / "runs") as record:
        record.take(records_module.TargetFound(target=target))
    assert runs_in(tmp_path / "runs") == []


def test_half_a_line_and_nonsense_are_passed_over(tmp_path: Path, target: Target) -> None:
    folder = tmp_path / "runs"
    with recorded(folder) as record:
        record.take(records_module.TargetFound(target=target))
    (file,) = folder.iterdir()
    file.write_text(f'{file.read_text()}3\n{{"event": "asked"}}\n{{"event": "jud')
    (folder / "zzz.jsonl").write_bytes(b"\xff")
    (run,) = runs_in(folder)
    assert (run.asked, run.status) == (1, "broken off")
