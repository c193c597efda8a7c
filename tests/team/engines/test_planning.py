"""Which engines settings come to, and what is refused before anything is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import EnginesMisconfigured
from paceline.team.engines import EnginePlan, planned
from paceline.team.engines.plan import with_shares
from paceline.team.engines.program import Program
from paceline.team.models import presets
from paceline.workspace import EngineSettings, ModelSettings, TeamSettings

ONE, TWO, THREE = (f"http://127.0.0.1:{port}/v1" for port in (8000, 8001, 8002))


def team(*members: tuple[str, str], engines: tuple[EngineSettings, ...] = (), **more: Any) -> TeamSettings:
    return TeamSettings(
        members=tuple(
            ModelSettings(name=f"m{number}", base_url=url, model=model, **more)
            for number, (url, model) in enumerate(members)
        ),
        engines=engines,
    )


def test_members_of_one_address_share_an_engine() -> None:
    plan = planned(team((ONE, "big"), (ONE, "big"), (TWO, "small")))
    assert [(one.base_url, one.model, one.members) for one in plan.engines] == [
        (ONE, "big", ("m0", "m1")),
        (TWO, "small", ("m2",)),
    ]
    assert plan.left_out == ()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:11434/v1", "Ollama's usual port"),
        ("http://127.0.0.1:1234/v1", "LM Studio's usual port"),
        ("http://gpu.example:8000/v1", "on another machine"),
        ("https://127.0.0.1:8000/v1", "answer at http://127.0.0.1:PORT/v1"),
        ("http://127.0.0.1:8000/api/v1", "answer at http://127.0.0.1:PORT/v1"),
    ],
)
def test_what_is_not_ours_to_run_is_left_alone(url: str, why: str) -> None:
    plan = planned(team((url, "coder")))
    assert plan.engines == ()
    ((name, reason),) = plan.left_out
    assert name == "m0"
    assert why in reason


def test_a_server_of_many_models_is_left_alone() -> None:
    ((_, reason), _) = planned(team((ONE, "a"), (ONE, "b"))).left_out
    assert "2 models (a, b)" in reason


def test_a_table_makes_an_engine_of_any_port_and_launch_false_of_none() -> None:
    ollama = "http://127.0.0.1:11434/v1"
    table = EngineSettings(base_url=ollama, model="/models/coder", arguments=("--max-model-len", "8192"))
    (plan,) = planned(team((ollama, "coder"), engines=(table,))).engines
    assert (plan.model, plan.served_as, plan.arguments) == (
        "/models/coder",
        "coder",
        ("--max-model-len", "8192"),
    )
    off = EngineSettings(base_url=ONE, launch=False)
    assert planned(team((ONE, "coder"), engines=(off,))).left_out == (
        ("m0", "yours to start (launch = false)"),
    )


@pytest.mark.parametrize(
    ("engine", "members", "words"),
    [
        ({"base_url": TWO}, ((ONE, "a"),), "no member is there"),
        ({"base_url": ONE}, ((ONE, "a"), (ONE, "b")), "vLLM serves one an address"),
        ({"base_url": "http://far.example:1/v1"}, (("http://far.example:1/v1", "a"),), "not on this machine"),
        ({"base_url": ONE, "arguments": ("--port", "1")}, ((ONE, "a"),), "follows from base_url"),
        (
            {"base_url": ONE, "arguments": ("--gpu_memory_utilization=0.5",)},
            ((ONE, "a"),),
            "follows from gpu_memory",
        ),
        ({"base_url": ONE, "model": "./model"}, ((ONE, "a"),), "whole path"),
        ({"base_url": ONE}, ((ONE, "a"), ("http://localhost:8000/v1", "a")), "are one port"),
    ],
)
def test_contradictions_are_said_with_what_to_do(
    engine: dict[str, Any], members: tuple[tuple[str, str], ...], words: str
) -> None:
    with pytest.raises(EnginesMisconfigured, match=words):
        planned(team(*members, engines=(EngineSettings(**engine),)))


def test_one_engine_is_left_to_vllms_own_share_and_several_get_equal_parts() -> None:
    (alone,) = planned(team((ONE, "a"))).engines
    assert alone.gpu_memory == 0
    shares = [one.gpu_memory for one in planned(team((ONE, "a"), (TWO, "b"), (THREE, "c"))).engines]
    assert len(set(shares)) == 1
    assert 0.85 < sum(shares) <= 0.9
    named = EngineSettings(base_url=ONE, gpu_memory=0.6)
    first, second = planned(team((ONE, "a"), (TWO, "b"), engines=(named,))).engines
    assert first.gpu_memory == 0.6
    assert 0.25 < second.gpu_memory <= 0.3


def test_shares_that_do_not_fit_are_refused_with_the_sum() -> None:
    tables = (EngineSettings(base_url=ONE, gpu_memory=0.6), EngineSettings(base_url=TWO, gpu_memory=0.4))
    with pytest.raises(EnginesMisconfigured, match=r"come to 1\.00 \(a 0\.6, b 0\.4\), and 0\.95"):
        planned(team((ONE, "a"), (TWO, "b"), engines=tables))
    full = (EngineSettings(base_url=ONE, gpu_memory=0.9),)
    with pytest.raises(EnginesMisconfigured, match="leaves b room"):
        planned(team((ONE, "a"), (TWO, "b"), engines=full))


def test_engines_of_other_gpus_and_of_other_turns_need_no_room() -> None:
    apart = (
        EngineSettings(base_url=ONE, gpu_memory=0.9, devices="0"),
        EngineSettings(base_url=TWO, gpu_memory=0.9, devices="1"),
    )
    assert len(planned(team((ONE, "a"), (TWO, "b"), engines=apart)).engines) == 2
    in_turn = tuple(EngineSettings(base_url=url, gpu_memory=0.8, takes_turns=True) for url in (ONE, TWO))
    assert len(planned(team((ONE, "a"), (TWO, "b"), engines=in_turn)).engines) == 2
    differing = (
        EngineSettings(base_url=ONE, devices="0,1", takes_turns=True),
        EngineSettings(base_url=TWO, devices="1", takes_turns=True),
    )
    with pytest.raises(EnginesMisconfigured, match="same devices"):
        planned(team((ONE, "a"), (TWO, "b"), engines=differing))


def test_what_runs_for_another_team_takes_room() -> None:
    def plan(url: str, name: str, share: float) -> EnginePlan:
        return EnginePlan(base_url=url, model=name, served_as=name, members=(name,), gpu_memory=share)

    (beside,) = with_shares([plan(TWO, "b", 0.0)], beside=[plan(ONE, "a", 0.5)])
    assert 0.35 < beside.gpu_memory <= 0.4
    # One that was left to vLLM's own share has nearly all.
    with pytest.raises(EnginesMisconfigured):
        with_shares([plan(TWO, "b", 0.4)], beside=[plan(ONE, "a", 0.0)])


@pytest.mark.parametrize("name", ["paper", "gpu-24gb"])
def test_what_a_preset_says_it_needs_is_what_the_launcher_runs(name: str) -> None:
    vllm = Program(argv=("vllm", "serve"), needs_gpu=True)
    runs = [vllm.serving(plan) for plan in planned(TeamSettings(preset=name)).engines]  # type: ignore[arg-type]
    said = presets()[name].needs.strip().splitlines()
    assert len(runs) == len(said)
    for argv, line in zip(runs, said, strict=True):
        words = list(argv)
        # What the launcher says beside it: the loopback, and the name that is the default anyway.
        for option in ("--host", "--served-model-name"):
            place = words.index(option)
            del words[place : place + 2]
        assert " ".join(words) == line


def test_a_team_over_ollama_has_no_engine() -> None:
    plan = planned(TeamSettings(preset="laptop"))
    assert plan.engines == ()
    assert {reason for _, reason in plan.left_out} == {"Ollama's usual port"}
