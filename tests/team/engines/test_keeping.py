"""Engines from start to end: up, status and down, and everything that may become of one in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from paceline.errors import EngineCannotStart, PortTaken
from paceline.team.engines import (
    EnginePlan,
    EngineStatus,
    Standing,
    engine_statuses,
    launch_engines,
    outdated,
    stop_engines,
    wait_until_settled,
)
from paceline.team.engines.processes import Process, born, send, this_process
from paceline.team.engines.records import Pace, folder_of, is_kept, read_launch, read_state, write_state
from paceline.team.engines.status import status_of
from tests.team.engines.conftest import QUICK, MakePlan, how_started, play, processes_of, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


def up(*plans: EnginePlan, pace: Pace = QUICK, idle_s: float = 0.0) -> tuple[EngineStatus, ...]:
    async def both() -> tuple[EngineStatus, ...]:
        await launch_engines(plans, pace=pace, idle_s=idle_s)
        return await wait_until_settled(plans)

    return asyncio.run(both())


def test_up_status_and_down_agree(make_plan: MakePlan) -> None:
    plan = make_plan(members=("careful", "bold"))
    (status,) = up(plan)
    assert status.standing is Standing.READY
    assert status.is_kept
    assert engine_statuses() == (status,) or engine_statuses()[0].pid == status.pid
    folder = folder_of(plan.port)
    # Its keeper, its leash, and the engine's two processes.
    assert len(processes_of(folder)) == 4
    assert status.log.read_text().count("paceline: ready") == 1
    (stopped,) = stop_engines()
    assert stopped.standing is Standing.STOPPED
    assert processes_of(folder) == set()
    assert stop_engines() == ()


def test_what_is_written_is_the_owners_alone(make_plan: MakePlan) -> None:
    plan = make_plan()
    up(plan)
    folder = folder_of(plan.port)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_the_engine_is_told_what_it_should_and_no_keys(
    make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_KEY", "sk-of-another-server")
    monkeypatch.setenv("OWN_KEY", "sk-its-own-secret")
    monkeypatch.setenv("HF_TOKEN", "hf_something_secret")
    plan = make_plan(
        api_key_env="OWN_KEY",
        gpu_memory=0.4,
        devices="1",
        arguments=("--tells-secrets",),
    )
    asyncio.run(launch_engines([plan], pace=QUICK, members_keys={"OTHER_KEY", "OWN_KEY"}))
    (status,) = asyncio.run(wait_until_settled([plan]))
    started = how_started(plan)
    assert started["argv"][:11] == [
        "--model", plan.model, "--host", "127.0.0.1", "--port", str(plan.port),
        "--served-model-name", "coder", "--enable-prefix-caching", "--gpu-memory-utilization", "0.4",
    ]  # fmt: skip
    environment = started["environment"]
    assert environment["VLLM_API_KEY"] == "sk-its-own-secret"
    assert "OTHER_KEY" not in environment
    assert environment["VLLM_NO_USAGE_STATS"] == "1"
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["CUDA_VISIBLE_DEVICES"] == "1"
    log = status.log.read_text()
    assert "keys: *** *** None" in log
    written = "".join(file.read_text() for file in folder_of(plan.port).iterdir())
    assert not any(secret in written for secret in ("sk-its", "hf_some", "sk-of"))


def test_a_second_up_starts_nothing(make_plan: MakePlan) -> None:
    plan = make_plan()
    (first,) = up(plan)
    (second,) = up(plan)
    assert second.pid == first.pid


def test_two_ups_at_once_start_one(make_plan: MakePlan) -> None:
    plan = make_plan()

    async def twice() -> None:
        await asyncio.gather(*(launch_engines([plan], pace=QUICK) for _ in range(2)))
        await wait_until_settled([plan])

    asyncio.run(twice())
    assert status_of(plan.base_url).log.read_text().count("paceline: starting") == 1
    assert len(processes_of(folder_of(plan.port))) == 4


def test_an_engine_that_dies_is_started_again(make_plan: MakePlan) -> None:
    plan = make_plan()
    up(plan)
    play(plan, "die")
    status = until(
        lambda: (s := status_of(plan.base_url)).restarts == 1 and s.standing is Standing.READY and s
    )
    log = status.log.read_text()
    assert "it ended with status 3" in log
    assert "illegal memory access" in log.split("paceline: backing-off")[1].splitlines()[0]
    # The first life's child did not outlive it.
    assert len(processes_of(folder_of(plan.port))) == 4


def test_an_engine_that_is_killed_is_started_again(make_plan: MakePlan) -> None:
    plan = make_plan()
    up(plan)
    os.kill(how_started(plan)["pid"], signal.SIGKILL)
    status = until(
        lambda: (s := status_of(plan.base_url)).restarts == 1 and s.standing is Standing.READY and s
    )
    assert "it ended with SIGKILL" in status.log.read_text()


@pytest.mark.parametrize(("how", "words"), [("hang", "did not answer"), ("busy", "requests and no token")])
def test_an_engine_that_hangs_is_ended_and_started_again(make_plan: MakePlan, how: str, words: str) -> None:
    plan = make_plan()
    up(plan)
    play(plan, how)
    status = until(
        lambda: (s := status_of(plan.base_url)).restarts == 1 and s.standing is Standing.READY and s
    )
    assert words in status.log.read_text()


def test_an_engine_that_never_comes_up_is_given_up_with_its_last_words(make_plan: MakePlan) -> None:
    plan = make_plan(arguments=("--dies",))
    (status,) = up(plan)
    assert status.standing is Standing.FAILED
    assert status.restarts == 2
    assert "died 3 times" in status.message
    assert "No available memory for the cache blocks" in status.message
    assert str(status.log) in status.message
    until(lambda: not processes_of(folder_of(plan.port)))


def test_an_engine_that_is_never_ready_is_ended(make_plan: MakePlan, tmp_path: Path) -> None:
    plan = make_plan(arguments=("--ready-when", str(tmp_path / "never")))
    (status,) = up(plan, pace=Pace(**{**_values(QUICK), "start_s": 0.3, "quick_deaths": 1}))
    assert status.standing is Standing.FAILED
    assert "not ready after 0.3 s" in status.message


def test_down_ends_an_engine_that_is_starting(make_plan: MakePlan, tmp_path: Path) -> None:
    plan = make_plan(arguments=("--ready-when", str(tmp_path / "never")))
    asyncio.run(launch_engines([plan], pace=QUICK))
    until(lambda: len(processes_of(folder_of(plan.port))) == 4)
    (status,) = stop_engines([plan.port])
    assert status.standing is Standing.STOPPED
    assert processes_of(folder_of(plan.port)) == set()


def test_an_idle_engine_is_stopped_and_one_that_works_is_not(make_plan: MakePlan) -> None:
    idle, busy = make_plan("idle"), make_plan("busy")
    pace = Pace(**{**_values(QUICK), "stuck_s": 1000.0})
    up(idle, busy, pace=pace, idle_s=2.0)
    play(busy, "busy")
    status = until(lambda: (s := status_of(idle.base_url)).standing is Standing.STOPPED and s)
    assert "nobody asked" in status.message
    assert status_of(busy.base_url).standing is Standing.READY


def test_an_engine_that_was_started_on_demand_stays_once_a_person_asks_for_it(make_plan: MakePlan) -> None:
    plan, other = make_plan(gpu_memory=0.4), make_plan("other", gpu_memory=0.4)
    (first,) = up(plan, idle_s=3.0)
    (second,) = up(plan)
    assert second.pid == first.pid
    # What was started later, and is stopped when idle, shows that the time is over.
    up(other, idle_s=3.0)
    until(lambda: status_of(other.base_url).standing is Standing.STOPPED)
    assert status_of(plan.base_url).standing is Standing.READY


def test_an_engine_that_runs_otherwise_than_the_settings_say_is_known(make_plan: MakePlan) -> None:
    plan = make_plan()
    assert outdated([plan]) == ()
    up(plan)
    assert outdated([plan]) == ()
    assert outdated([replace(plan, gpu_memory=0.3)]) == ()
    for changed in ({"arguments": ("--tells-secrets",)}, {"devices": "1"}, {"command": ("/no/such",)}):
        assert len(outdated([replace(plan, **changed)])) == 1


def test_nothing_is_left_when_the_keeper_is_killed(make_plan: MakePlan) -> None:
    plan = make_plan()
    (status,) = up(plan)
    assert status.pid is not None
    os.kill(status.pid, signal.SIGKILL)
    until(lambda: not processes_of(folder_of(plan.port)), why="the engine outlives its keeper")
    lost = status_of(plan.base_url)
    assert lost.standing is Standing.LOST
    assert "killed while the engine was ready" in lost.message
    # And it can be started anew.
    (again,) = up(plan)
    assert again.standing is Standing.READY


def test_down_ends_what_is_left_of_an_engine_whose_keeper_and_leash_were_killed(make_plan: MakePlan) -> None:
    plan = make_plan()
    (status,) = up(plan)
    state = read_state(folder_of(plan.port))
    assert state is not None
    assert status.pid is not None
    # The fake's child heeds no SIGTERM: nobody is left who would end it.
    os.kill(state.session, signal.SIGSTOP)
    os.kill(status.pid, signal.SIGKILL)
    os.kill(state.session, signal.SIGKILL)
    until(lambda: not is_kept(folder_of(plan.port)))
    assert processes_of(folder_of(plan.port))
    assert "still run" in status_of(plan.base_url).message
    stop_engines()
    assert processes_of(folder_of(plan.port)) == set()


def test_a_number_that_was_given_to_somebody_else_is_not_signalled(make_plan: MakePlan) -> None:
    mine = this_process()
    assert born(mine.pid) == mine.born
    assert send(Process(mine.pid, "another birth"), signal.SIGKILL) is False
    # So does down, where the state names a keeper that is long gone.
    plan = make_plan()
    up(plan)
    folder = folder_of(plan.port)
    state = read_state(folder)
    assert state is not None
    stop_engines()
    write_state(
        folder,
        type(state)(phase=state.phase, keeper=Process(mine.pid, "another birth"), session=os.getsid(0)),
    )
    assert stop_engines() == ()
    assert status_of(plan.base_url).standing is Standing.LOST


def test_a_port_that_another_program_has_is_said_before_anything_starts(make_plan: MakePlan) -> None:
    free, taken = make_plan("free"), make_plan("taken")
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken.port))
        other.listen()
        with pytest.raises(PortTaken, match=f"port {taken.port}, where taken shall answer"):
            asyncio.run(launch_engines([free, taken], pace=QUICK))
    assert not is_kept(folder_of(free.port))


def test_a_server_that_has_the_model_is_left_alone(make_plan: MakePlan) -> None:
    plan = make_plan()
    up(plan)
    # Another data folder knows nothing of the first one's engine.
    first = os.environ["PACELINE_HOME"]
    os.environ["PACELINE_HOME"] = f"{first}-other"
    try:
        assert asyncio.run(launch_engines([plan], pace=QUICK)) == (plan,)
        assert not is_kept(folder_of(plan.port))
    finally:
        os.environ["PACELINE_HOME"] = first
    assert status_of(plan.base_url).standing is Standing.READY


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 1}', '{"schema": 99, "phase": "ready"}', "\x00" * 99]
)
@pytest.mark.parametrize("file", ["state.json", "launch.json"])
def test_a_damaged_file_hides_no_engine_and_up_starts_it_anew(
    make_plan: MakePlan, file: str, text: str
) -> None:
    plan, folder = make_plan(), None
    folder = folder_of(plan.port)
    folder.mkdir(parents=True)
    (folder / file).write_text(text)
    (status,) = engine_statuses([plan])
    assert status.standing is Standing.LOST
    assert "cannot be read" in status.message
    assert stop_engines() == ()


def test_up_starts_anew_over_damaged_files(make_plan: MakePlan) -> None:
    plan = make_plan()
    folder = folder_of(plan.port)
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("{")
    (folder / "launch.json").write_text("{")
    (status,) = up(plan)
    assert status.standing is Standing.READY


def test_state_that_lies_about_types_is_unknown(make_plan: MakePlan) -> None:
    plan = make_plan()
    folder = folder_of(plan.port)
    folder.mkdir(parents=True)
    record = {"schema": 1, "phase": "ready", "keeper": {"pid": "x", "born": 1}, "session": [], "since": "now"}
    (folder / "state.json").write_text(json.dumps(record))
    assert read_state(folder) is None
    launch = {"schema": 1, "base_url": 1, "model": [], "served_as": None, "members": ["a"], "argv": ["a"]}
    (folder / "launch.json").write_text(json.dumps({**launch, "environment": {}, "without": [], "pace": {}}))
    assert read_launch(folder) is None


def test_a_program_that_is_not_there_is_a_message(make_plan: MakePlan) -> None:
    plan = make_plan(command=("/no/such/vllm", "serve"))
    with pytest.raises(EngineCannotStart, match="no such program"):
        asyncio.run(launch_engines([plan], pace=QUICK))


def _values(pace: Pace) -> dict[str, float]:
    return {name: getattr(pace, name) for name in Pace.__slots__}
