"""What an engine needs beside vLLM: a GPU, and the model's weights. Looked at before anything is started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from paceline.errors import GpuMissing, WeightsMissing
from paceline.team.engines.plan import EnginePlan
from paceline.team.engines.program import Program, on_path

LOOK_S = 15.0
"""For nvidia-smi to answer: the first call after a start may load the driver."""
WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.gguf")


def require_gpu(program: Program) -> None:
    """Raise GpuMissing where the program needs a GPU and this machine has none that can be used."""
    if program.needs_gpu is not True or Path("/dev/kfd").exists():
        return
    found = on_path("nvidia-smi")
    if found is None:
        raise GpuMissing(
            f"{program.argv[0]} needs a GPU, and none was found (no nvidia-smi on PATH, no /dev/kfd). On a "
            "machine with one, install its driver; without one, install vLLM's build for processors, or let "
            'Ollama or llama.cpp serve the models (preset = "laptop")'
        )
    try:
        listed = subprocess.run(
            [found, "-L"], capture_output=True, text=True, errors="replace", timeout=LOOK_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GpuMissing(f"{found} -L does not answer ({error}); see to the GPU's driver") from None
    if listed.returncode or "GPU" not in listed.stdout:
        said = " ".join((listed.stdout + listed.stderr).split())[:200]
        raise GpuMissing(
            f"{program.argv[0]} needs a GPU, and {found} -L shows none{f' ({said})' if said else ''}; see to "
            "its driver"
        )


def require_weights(plan: EnginePlan, *, download: bool) -> None:
    """Raise WeightsMissing where the model is not here, unless it may be downloaded."""
    if _is_path(plan.model):
        folder = Path(plan.model)
        if not folder.exists():
            raise WeightsMissing(f"{plan.model} does not exist; team.engines names it as the model to load")
        if folder.is_dir() and not (folder / "config.json").exists():
            raise WeightsMissing(f"{plan.model} is no model: there is no config.json in it")
        return
    if download or _option(plan, "--load-format") == "dummy" or os.environ.get("VLLM_USE_MODELSCOPE"):
        return
    cache = Path(_option(plan, "--download-dir") or _hub_cache())
    home = cache / f"models--{plan.model.replace('/', '--')}"
    if not any(any(home.glob(f"snapshots/*/{kind}")) for kind in WEIGHTS):
        raise WeightsMissing(
            f"the weights of {plan.model} are not on this machine (looked for in {home}). paceline team up "
            "--download has vLLM fetch them, which needs the network and may be many gigabytes; or name a "
            "folder that holds them as the model of this engine in team.engines"
        )


def _is_path(model: str) -> bool:
    return model.startswith("/") or model.endswith(".gguf")


def _option(plan: EnginePlan, name: str) -> str:
    for place, argument in enumerate(plan.arguments):
        option, is_one, value = argument.partition("=")
        if option == name:
            return value if is_one else next(iter(plan.arguments[place + 1 : place + 2]), "")
    return ""


def _hub_cache() -> Path:
    """Where Hugging Face's libraries keep what they download."""
    if named := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(named)
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("HF_HOME") or Path(caches) / "huggingface") / "hub"
