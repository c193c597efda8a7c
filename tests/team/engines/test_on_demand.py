"""What a member comes through before it asks: engines on first use, turns on one GPU, and who has to wait."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from pathlib import Path

import pytest

from paceline.errors import EngineNotReady
from paceline.team.engines import EnginePlan, Standing, launch_engines, stop_engines, wait_until_settled
from paceline.team.engines import doorway as doorway_module
from paceline.team.engines.doorway import Doorway, doorways
from paceline.team.engines.records import folder_of, is_kept
from paceline.team.engines.status import status_of
from paceline.team.exchange import Answer, Message
from paceline.team.models.endpoint import Asked, Endpoint
from paceline.workspace import ModelSettings, TeamSettings
from tests.team.engines.conftest import QUICK, MakePlan, how_started, play

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    async def quickly(plans: list[EnginePlan], **how: object) -> tuple[EnginePlan, ...]:
        return await launch_engines(plans, **{**how, "pace": QUICK})  # type: ignore[arg-type]

    monkeypatch.setattr(doorway_module, "launch_engines", quickly)


def asked(plan: EnginePlan, what: str = "hello") -> Asked:
    return Asked(
        model=plan.served_as,
        messages=[Message("user", what)],
        temperature=0,
        top_p=1,
        max_tokens=64,
        timeout_s=60,
        first_token_s=60,
    )


def endpoint(plan: EnginePlan, *, starts: bool, within_s: float = 60.0) -> Endpoint:
    door = Doorway(plan=plan, starts=starts, within_s=within_s, idle_s=900)
    return Endpoint(plan.base_url, backoff_s=0.05, door=door)


async def test_an_engine_is_started_on_first_use(make_plan: MakePlan) -> None:
    plan = make_plan()
    model = endpoint(plan, starts=True)
    assert await model.context_length("coder") == 2048
    answers = await asyncio.gather(*(model.ask(asked(plan, what)) for what in ("one", "two")))
    assert [answer.text for answer in answers] == ["coder heard one", "coder heard two"]
    assert status_of(plan.base_url).log.read_text().count("paceline: starting") == 1


async def test_an_engine_is_not_started_where_nobody_asked_for_that(make_plan: MakePlan) -> None:
    plan = make_plan()
    with pytest.raises(Exception, match="nothing answers"):
        await endpoint(plan, starts=False).ask(asked(plan))
    assert not is_kept(folder_of(plan.port))


async def test_an_engine_that_takes_long_costs_the_turn_and_not_more(
    make_plan: MakePlan, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    plan = make_plan(arguments=("--ready-when", str(ready)))
    model = endpoint(plan, starts=True, within_s=0.3)
    with pytest.raises(EngineNotReady, match="first_token_timeout"):
        await model.ask(asked(plan))
    assert is_kept(folder_of(plan.port))
    ready.touch()
    await wait_until_settled([plan])
    assert (await model.ask(asked(plan))).text == "coder heard hello"


async def test_a_question_waits_for_an_engine_that_is_started_again(make_plan: MakePlan) -> None:
    plan = make_plan()
    model = endpoint(plan, starts=True)
    await model.ask(asked(plan))
    await asyncio.to_thread(play, plan, "die")
    assert (await model.ask(asked(plan, "again"))).text == "coder heard again"
    assert status_of(plan.base_url).restarts == 1


async def test_an_engine_that_has_given_up_is_not_tried_in_every_turn(make_plan: MakePlan) -> None:
    plan = make_plan(arguments=("--dies",))
    model = endpoint(plan, starts=True)
    for _ in range(2):
        with pytest.raises(EngineNotReady, match="No available memory"):
            await model.ask(asked(plan))
    assert status_of(plan.base_url).log.read_text().count("paceline: starting") == QUICK.quick_deaths


async def test_what_cannot_be_started_says_why(make_plan: MakePlan) -> None:
    plan = make_plan(command=("/no/such/vllm",))
    with pytest.raises(EngineNotReady, match="no such program"):
        await endpoint(plan, starts=True).ask(asked(plan))


def test_the_way_follows_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def member(name: str, **more: object) -> ModelSettings:
        return ModelSettings(name=name, base_url="http://127.0.0.1:8000/v1", model="m", **more)  # type: ignore[arg-type]

    members = (member("a", first_token_timeout=5.0), member("b", first_token_timeout=30.0))
    (door,) = doorways(TeamSettings(members=members, launch="on-demand", idle_minutes=2)).values()
    assert (door.starts, door.within_s, door.idle_s) == (True, 30.0, 120.0)
    (door,) = doorways(TeamSettings(members=members)).values()
    assert not door.starts
    assert doorways(TeamSettings()) == {}
    # Where there is no data folder, members are asked without.
    monkeypatch.setenv("PACELINE_HOME", "relative")
    assert doorways(TeamSettings(members=members)) == {}
    monkeypatch.setenv("PACELINE_HOME", "/dev/null/no")
    assert doorways(TeamSettings(members=members)) == {}


async def test_engines_that_take_turns_are_awake_one_at_a_time(make_plan: MakePlan) -> None:
    plans = [make_plan(name, takes_turns=True) for name in ("a", "b")]
    await launch_engines(plans, pace=QUICK)
    for status in await wait_until_settled(plans):
        assert status.standing is Standing.READY
    assert how_started(plans[0])["environment"]["VLLM_SERVER_DEV_MODE"] == "1"
    assert "--enable-sleep-mode" in how_started(plans[0])["argv"]
    # One had to go to sleep for the other to start.
    assert sorted(map(_sleeps, plans)) == [False, True]
    models = [endpoint(plan, starts=False) for plan in plans]

    async def talk(number: int) -> Answer:
        return await models[number % 2].ask(asked(plans[number % 2], str(number)))

    # The fake answers 500 while it sleeps: whoever asks has to have woken it, and kept it awake.
    answers = await asyncio.gather(*map(talk, range(8)))
    assert [answer.text for answer in answers] == [f"{'ab'[n % 2]} heard {n}" for n in range(8)]
    assert sorted(map(_sleeps, plans)) == [False, True]


async def test_a_turn_is_given_back_by_who_is_cancelled(make_plan: MakePlan) -> None:
    first, second = plans = [make_plan(name, takes_turns=True) for name in ("a", "b")]
    await launch_engines(plans, pace=QUICK)
    await wait_until_settled(plans)
    doors = [Doorway(plan=plan, starts=False, within_s=60) for plan in plans]
    held = asyncio.Event()

    async def hold() -> None:
        async with doors[0].turn():
            held.set()
            await asyncio.Event().wait()

    async def ask_second() -> None:
        async with doors[1].turn():
            assert _sleeps(first)
            assert not _sleeps(second)

    holding = asyncio.create_task(hold())
    await held.wait()
    waiting = asyncio.create_task(ask_second())
    _, pending = await asyncio.wait({waiting}, timeout=0.3)
    assert pending, "the second woke up while the first was in use"
    holding.cancel()
    await waiting


async def test_a_dead_holder_of_a_turn_keeps_nobody_waiting(make_plan: MakePlan) -> None:
    plans = [make_plan(name, takes_turns=True) for name in ("a", "b")]
    await launch_engines(plans, pace=QUICK)
    await wait_until_settled(plans)
    stop_engines([plans[0].port])
    async with Doorway(plan=plans[1], starts=False, within_s=60).turn():
        assert not _sleeps(plans[1])


def _sleeps(plan: EnginePlan) -> bool:
    with urllib.request.urlopen(f"{plan.address}/is_sleeping", timeout=10) as reply:
        return bool(json.load(reply)["is_sleeping"])
