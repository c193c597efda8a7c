"""A real vLLM, from ``paceline team up`` to ``paceline team down``. The tests go on from each other."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lessonbank.outcome import Outcome
from paceline.engine import Engine, Finished, Request
from paceline.engine.events import (
    CandidateJudged,
    Event,
    LessonBanked,
    MemberFailed,
    ModelAsked,
    RoundStarted,
)
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Target
from paceline.team.engines import Standing, engine_statuses
from paceline.team.engines.doorway import doorways
from paceline.team.engines.records import engines_folder, folder_of
from paceline.team.exchange import Message
from paceline.team.models.endpoint import Asked, Endpoint
from paceline.team.models.templates import prompts_for
from paceline.workspace import Settings, load_settings
from tests.models.conftest import ANSWERS, SOURCE, Team, processes_of, until

pytestmark = [pytest.mark.models, pytest.mark.timeout(1200)]

NAMES = tuple(ANSWERS)


def settings_of(team: Team) -> Settings:
    settings, problems = load_settings(team.root, trusted=True)
    assert not problems
    return settings


def target_of(team: Team) -> Target:
    return target_named(Snapshot.open(team.root / "stock.py", SOURCE.encode()), "repeated")


def asked(events: Sequence[Event], purpose: str) -> list[ModelAsked]:
    return [e for e in events if isinstance(e, ModelAsked) and e.exchange.purpose == purpose]


def question(name: str, *, max_tokens: int, schema: dict[str, Any] | None = None) -> Asked:
    return Asked(
        model=name,
        messages=[Message("user", "Say something.")],
        temperature=1.0,
        top_p=1.0,
        max_tokens=max_tokens,
        timeout_s=600,
        first_token_s=600,
        schema=schema,
    )


def test_up_starts_an_engine_for_each_model_and_all_agree_that_they_are_ready(engines: Team) -> None:
    report = engines.paceline("team", "status", "--json").json
    assert {one["model"]: one["standing"] for one in report["engines"]} == dict.fromkeys(NAMES, "ready")
    assert "ready" in engines.paceline("team", "status").out
    for one in engine_statuses():
        # The keeper, the leash, and vLLM's server, engine and worker.
        assert len(processes_of(one.log.parent)) >= 5
    doctor = engines.paceline("doctor", "--json").json
    members = {one["name"]: one["state"] for one in doctor["checks"] if one["name"].startswith("member ")}
    assert members == {f"member {name}": "ok" for name in NAMES}


def test_a_second_up_starts_nothing(engines: Team) -> None:
    before = {one.base_url: one.pid for one in engine_statuses()}
    assert engines.paceline("team", "up", "--json").status == 0
    assert {one.base_url: one.pid for one in engine_statuses()} == before


async def test_a_run_of_four_rounds_with_lessons_and_a_shared_prefix(engines: Team) -> None:
    before = {name: engines.load(name) for name in NAMES}
    async with Engine.open(engines.root, settings=settings_of(engines), trusted=True) as engine:
        events = [event async for event in engine.optimize(Request(target=target_of(engines)))]
    end = events[-1]
    assert isinstance(end, Finished)
    # Nobody lost a turn but by an answer that held no lesson, as words drawn by chance may.
    failures = [e for e in events if isinstance(e, MemberFailed)]
    assert {failure.kind for failure in failures} <= {"AnswerUnusable"}, failures
    assert len([e for e in events if isinstance(e, RoundStarted)]) == 4
    proposals = asked(events, "propose")
    assert sorted(one.exchange.member for one in proposals) == sorted(NAMES * 4)
    # What they know by heart went through the real judge.
    outcomes = {e.judged.verdict.outcome for e in events if isinstance(e, CandidateJudged)}
    assert Outcome.FASTER in outcomes or Outcome.WRONG in outcomes or Outcome.CRASHED in outcomes
    assert {e.judged.candidate.member for e in events if isinstance(e, CandidateJudged)} == set(NAMES)

    # Lessons were asked for with a schema, and what the engine let through is JSON of that schema. Of its own
    # accord neither model writes any: they know code by heart, and else string words together.
    prompts = prompts_for("python")
    assert prompts is not None
    texts = []
    for one in asked(events, "reflect"):
        assert one.exchange.answer is not None
        assert not one.exchange.answer.is_cut
        said = json.loads(one.exchange.answer.text)
        assert set(said) == {"lesson", "category"}
        assert said["category"] in prompts.categories
        texts.append(" ".join(said["lesson"].split()))
    assert len(texts) >= 4
    banked = [e.lesson.text for e in events if isinstance(e, LessonBanked)]
    assert sum(any(lesson.rstrip(".") in text for text in texts) for lesson in banked) >= 4
    # And the later rounds were shown them.
    later = [one.exchange.messages[-1].content for one in proposals[2 * len(NAMES) :]]
    assert any(lesson in prompt for prompt in later for lesson in banked)

    # Prompts that begin alike are not worked out again: the engine's own figures.
    for name in NAMES:
        after = engines.load(name)
        queries = after.prefix_queries - before[name].prefix_queries
        hits = after.prefix_hits - before[name].prefix_hits
        print(
            f"{name}: {hits:.0f} of {queries:.0f} prompt tokens from the prefix cache ({hits / queries:.0%})"
        )
        assert hits / queries > 0.5, f"{name}: {hits:.0f} of {queries:.0f}"


async def test_json_is_the_engines_doing(engines: Team) -> None:
    """The same model, asked with a schema and without."""
    endpoint = Endpoint(engines.base_url("counter"))
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    with_schema = await endpoint.ask(question("counter", max_tokens=200, schema=schema))
    without = await endpoint.ask(question("counter", max_tokens=200))
    assert json.loads(with_schema.text)["answer"] in {"yes", "no"}
    assert without.text in ANSWERS["counter"]


async def test_cancelling_a_run_frees_the_engine(engines: Team) -> None:
    """The rambler goes on until it is cut off: an answer of thousands of tokens, unless somebody ends it."""
    tokens = 12_000
    settings = settings_of(engines)
    members = tuple(replace(one, max_tokens=tokens) for one in settings.team.members if one.name == "rambler")
    settings = replace(settings, team=replace(settings.team, members=members, engines=()))
    before = engines.load("rambler")

    async def run() -> None:
        async with Engine.open(engines.root, settings=settings, trusted=True) as engine:
            async for _ in engine.optimize(Request(target=target_of(engines))):
                pass

    running = asyncio.create_task(run())
    await _until_async(lambda: engines.load("rambler").running == 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await _until_async(lambda: engines.load("rambler").running == 0)
    after = engines.load("rambler")
    # It was broken off: no request was finished, and prompt and answer together are fewer tokens than the
    # whole answer would have had.
    assert after.finished == before.finished
    assert after.tokens - before.tokens < tokens
    # Nobody ends this one, and it goes on to the last token.
    answer = await Endpoint(engines.base_url("rambler")).ask(question("rambler", max_tokens=tokens))
    assert answer.usage.completion_tokens == tokens
    assert answer.is_cut
    assert engines.load("rambler").finished == before.finished + 1


async def test_a_killed_engine_is_started_again_and_the_question_is_answered(engines: Team) -> None:
    """Its core is killed, as the kernel does when memory runs out, while a member waits for an answer."""
    folder = folder_of(engines.ports["rambler"])
    before = processes_of(folder)
    (core,) = [pid for pid, name in before.items() if "Engine" in name]
    endpoint = Endpoint(
        engines.base_url("rambler"), door=doorways(settings_of(engines).team)[engines.base_url("rambler")]
    )
    waiting = asyncio.create_task(endpoint.ask(question("rambler", max_tokens=5000)))
    await _until_async(lambda: engines.load("rambler").running == 1)
    os.kill(core, signal.SIGKILL)
    answer = await waiting
    assert answer.usage.completion_tokens == 5000
    (status,) = [one for one in engine_statuses() if one.model == "rambler"]
    assert (status.standing, status.restarts) == (Standing.READY, 1)
    assert "started again" in status.log.read_text()
    after = processes_of(folder)
    # The same keeper; of the first life nothing else is left.
    assert set(before) & set(after) == {status.pid}
    (other,) = [one for one in engine_statuses() if one.model == "counter"]
    assert other.restarts == 0


def test_a_killed_keeper_takes_its_engine_with_it(engines: Team) -> None:
    """vLLM's own processes outlive a server that is killed; on its leash none does."""
    folder = folder_of(engines.ports["counter"])
    (status,) = [one for one in engine_statuses() if one.model == "counter"]
    assert status.pid is not None
    assert len(processes_of(folder)) >= 5
    os.kill(status.pid, signal.SIGKILL)
    until(lambda: not any(map(_runs, processes_of(folder))))
    (status,) = [one for one in engine_statuses() if one.model == "counter"]
    assert status.standing is Standing.LOST


def test_logs_hold_no_prompt_and_files_are_the_owners(engines: Team) -> None:
    for status in engine_statuses():
        log = status.log.read_text()
        assert "items.count" not in log
        assert re.search(r"--served-model-name|served_model_name", log)
        assert {file.stat().st_mode & 0o077 for file in status.log.parent.iterdir()} == {0}


def test_down_leaves_no_process(engines: Team) -> None:
    folders = [one.log.parent for one in engine_statuses()]
    ours = {pid for folder in folders for pid in processes_of(folder)}
    assert len(ours) >= 5
    assert engines.paceline("team", "down").status == 0
    assert [processes_of(folder) for folder in folders] == [{}, {}]
    assert not [pid for pid in ours if _runs(pid)]
    assert _mentioning(str(engines.root)) == []
    standings = {one.model: one.standing for one in engine_statuses()}
    assert standings == {"counter": Standing.LOST, "rambler": Standing.STOPPED}
    assert engines.paceline("team", "down").status == 0
    assert engines_folder().is_dir()


async def _until_async(holds: Any) -> None:
    await asyncio.to_thread(until, holds)


def _runs(pid: int) -> bool:
    """Whether a process runs: one that has ended may wait for its parent to ask how."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _mentioning(words: str) -> list[str]:
    """Command lines of processes that name the models' folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if words in line:
                found.append(line)
    return found
