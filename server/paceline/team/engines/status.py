"""How the engines do, as anybody may read it: a terminal, the doctor, an editor."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from paceline.team.engines.plan import EnginePlan, port_of
from paceline.team.engines.processes import left_of
from paceline.team.engines.records import (
    LIVE,
    LOG,
    EngineState,
    Launch,
    Phase,
    folder_of,
    is_kept,
    known_folders,
    read_launch,
    read_state,
)


class Standing(StrEnum):
    """How an engine stands, in the word a person is shown."""

    READY = "ready"
    STARTING = "starting"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    """Its keeper was killed, or what is written of it cannot be read."""
    NEVER_STARTED = "never started"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """One engine."""

    base_url: str
    model: str
    """The name that members ask for."""
    members: tuple[str, ...]
    standing: Standing
    message: str
    """Why it stands so, for a person; empty where there is nothing to say."""
    for_s: float
    """Seconds it has stood so."""
    restarts: int
    gpu_memory: float
    takes_turns: bool
    is_kept: bool
    """Whether a keeper is at work on it."""
    pid: int | None
    """Of its keeper."""
    log: Path

    @property
    def is_live(self) -> bool:
        """Whether it is up, or on the way there."""
        return self.standing in {Standing.READY, Standing.STARTING, Standing.RESTARTING}


def engine_statuses(plans: Iterable[EnginePlan] = ()) -> tuple[EngineStatus, ...]:
    """Return how the engines do that were started here, and those of the plans that never were.

    Reads files and asks the system which locks are held: no engine is talked to. Raises InvalidSettings where
    there is no data folder.
    """
    by_port = {plan.port: plan for plan in plans}
    known = {int(folder.name): folder for folder in known_folders()}
    return tuple(
        status_in(known.get(port, folder_of(port)), by_port.get(port)) for port in sorted({*by_port, *known})
    )


def status_of(base_url: str) -> EngineStatus:
    """Return how the engine at an address does."""
    return status_in(folder_of(port_of(base_url)))


def status_in(folder: Path, plan: EnginePlan | None = None) -> EngineStatus:
    """Return how the engine of a folder does."""
    launch, state, kept = read_launch(folder), read_state(folder), is_kept(folder)
    standing, message = _standing(folder, launch, state, kept)
    about = launch or plan
    return EngineStatus(
        base_url=about.base_url if about else f"http://127.0.0.1:{folder.name}/v1",
        model=about.served_as if about else "",
        members=about.members if about else (),
        standing=standing,
        message=message,
        for_s=max(0.0, time.time() - state.since) if state and state.since else 0.0,
        restarts=state.restarts if state else 0,
        gpu_memory=about.gpu_memory if about else 0.0,
        takes_turns=about.takes_turns if about else False,
        is_kept=kept,
        pid=state.keeper.pid if state and state.keeper and kept else None,
        log=folder / LOG,
    )


_STANDING = {
    Phase.WAITING: Standing.STARTING,
    Phase.STARTING: Standing.STARTING,
    Phase.READY: Standing.READY,
    Phase.BACKING_OFF: Standing.RESTARTING,
    Phase.STOPPING: Standing.STOPPING,
    Phase.STOPPED: Standing.STOPPED,
    Phase.FAILED: Standing.FAILED,
}


def _standing(
    folder: Path, launch: Launch | None, state: EngineState | None, kept: bool
) -> tuple[Standing, str]:
    if state is None or launch is None:
        if kept:
            return Standing.STARTING, "its keeper has just been started"
        if not any(folder.glob("*.json")):
            return Standing.NEVER_STARTED, ""
        return (
            Standing.LOST,
            f"what is written of it in {folder} cannot be read; paceline team up starts it anew",
        )
    if state.phase not in LIVE:
        return _STANDING[state.phase], state.message
    if not kept:
        left = len(left_of(state.session, folder)) if state.session else 0
        still = f", and {left} of its processes still run; paceline team down ends them" if left else ""
        return Standing.LOST, f"its keeper was killed while the engine was {state.phase.value}{still}"
    return _STANDING[state.phase], state.message
