"""Starting the engines of a team, waiting for them, and stopping them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from paceline.errors import EngineCannotStart, ModelFailed, PortTaken
from paceline.team.engines.needs import require_gpu, require_weights
from paceline.team.engines.plan import EnginePlan, port_of, with_shares
from paceline.team.engines.processes import is_alive, left_of, send
from paceline.team.engines.program import environment_for, program_for
from paceline.team.engines.records import (
    Launch,
    Pace,
    engines_folder,
    folder_of,
    is_kept,
    known_folders,
    read_launch,
    read_state,
    try_lock,
    write_launch,
)
from paceline.team.engines.status import EngineStatus, Standing, status_in
from paceline.team.models.endpoint import Endpoint

LOOK_S = 0.1
"""Between two looks at what keepers write."""
KEEPER_S = 30.0
"""For a keeper to take its lock: it only has to be loaded."""
OTHERS_UP_S = 60.0
"""For another ``up`` to have started its keepers."""
ANSWER_S = 2.0
DOWNLOAD_S = 6 * 3600.0
"""Until an engine has to be ready that fetches its weights first."""


async def launch_engines(
    plans: Sequence[EnginePlan],
    *,
    members_keys: Collection[str] = (),
    download: bool = False,
    idle_s: float = 0.0,
    pace: Pace | None = None,
) -> tuple[EnginePlan, ...]:
    """Start the engines that are not up, and return the plans of those that answer without our help.

    An engine that was started on demand, and would be stopped when idle, stays where ``idle_s`` is 0 now.
    Returns once each has a keeper, which is long before it is ready. Everything that an engine needs is
    looked at before the first is started: raises EngineCannotStart with all that is missing, and
    EnginesMisconfigured where there is no room beside those that run. ``members_keys`` are variables that
    hold keys.
    """
    async with _only_one():
        down = [plan for plan in plans if not is_kept(folder_of(plan.port))]
        outside = await served_elsewhere(down)
        waiting = with_shares(
            [plan for plan in down if plan not in outside],
            beside=_running(besides=[p.port for p in plans]),
        )
        launches = await asyncio.to_thread(
            _prepared, waiting, members_keys, download=download, idle_s=idle_s, pace=pace or Pace()
        )
        for launch in launches:
            await asyncio.to_thread(_start, launch)
        if not idle_s:
            for plan in plans:
                _let_stay(folder_of(plan.port))
        return outside


def outdated(plans: Sequence[EnginePlan]) -> tuple[EnginePlan, ...]:
    """Return those whose engine runs otherwise than the settings now say.

    Shares of memory are not compared: they follow from what ran when the engine was started.
    """

    def differs(plan: EnginePlan) -> bool:
        folder = folder_of(plan.port)
        launch = read_launch(folder) if is_kept(folder) else None
        if launch is None:
            return False
        try:
            program = program_for(plan)
        except EngineCannotStart:
            return True
        argv = program.serving(replace(plan, gpu_memory=launch.gpu_memory))
        return (launch.argv, launch.devices, launch.takes_turns) != (argv, plan.devices, plan.takes_turns)

    return tuple(plan for plan in plans if differs(plan))


async def wait_until_settled(
    plans: Sequence[EnginePlan], *, on_look: Callable[[Sequence[EngineStatus]], None] = lambda _: None
) -> tuple[EngineStatus, ...]:
    """Wait until each engine is ready, or has failed, and return how they do. Cancelling stops no engine."""
    while True:
        statuses = tuple(status_in(folder_of(plan.port), plan) for plan in plans)
        on_look(statuses)
        if not any(status.standing in {Standing.STARTING, Standing.RESTARTING} for status in statuses):
            return statuses
        await asyncio.sleep(LOOK_S)


async def served_elsewhere(plans: Sequence[EnginePlan]) -> tuple[EnginePlan, ...]:
    """Return those whose model is served at their address already, by somebody else's server."""

    async def serves(plan: EnginePlan) -> bool:
        try:
            models = await Endpoint(plan.base_url, api_key_env=plan.api_key_env).models(timeout_s=ANSWER_S)
        except ModelFailed:
            return False
        return plan.served_as in models

    answers = await asyncio.gather(*map(serves, plans))
    return tuple(plan for plan, is_there in zip(plans, answers, strict=True) if is_there)


def stop_engines(ports: Collection[int] = ()) -> tuple[EngineStatus, ...]:
    """Stop the engines at these ports, all where none is named; return how those stand that were up.

    Returns when no process of theirs is left. Raises OSError where the data folder cannot be read.
    """
    folders = [folder for folder in known_folders() if not ports or int(folder.name) in ports]
    live = [folder for folder in folders if is_kept(folder) or _left(folder)]
    for folder in live:
        _tell(folder, signal.SIGTERM)
    for folder in live:
        launch = read_launch(folder)
        grace_s = launch.pace.grace_s if launch else Pace().grace_s
        if not _is_let_go(folder, grace_s + 20.0):
            # Its engine ends with it, on its leash.
            _tell(folder, signal.SIGKILL)
            _is_let_go(folder, 10.0)
        _sweep(folder, grace_s)
    return tuple(status_in(folder) for folder in live)


def launch_of(
    plan: EnginePlan,
    *,
    members_keys: Collection[str] = (),
    download: bool = False,
    idle_s: float = 0.0,
    pace: Pace | None = None,
) -> Launch:
    """Return how an engine is to be run. Raises VllmMissing, GpuMissing and WeightsMissing."""
    program = program_for(plan)
    require_gpu(program)
    require_weights(plan, download=download)
    return Launch(
        base_url=plan.base_url,
        model=plan.model,
        served_as=plan.served_as,
        members=plan.members,
        argv=program.serving(plan),
        environment=environment_for(plan, program, download=download),
        without=tuple(sorted(set(members_keys) - {plan.api_key_env, ""})),
        api_key_env=plan.api_key_env,
        gpu_memory=plan.gpu_memory,
        devices=plan.devices,
        takes_turns=plan.takes_turns,
        starts_alone=program.needs_gpu is not False,
        idle_s=idle_s,
        pace=_pace(pace or Pace(), download=download),
    )


def _pace(pace: Pace, *, download: bool) -> Pace:
    return replace(pace, start_s=max(pace.start_s, DOWNLOAD_S)) if download else pace


def _prepared(
    plans: Sequence[EnginePlan], keys: Collection[str], *, download: bool, idle_s: float, pace: Pace
) -> tuple[Launch, ...]:
    """Return how to run each. Raises what one of them lacks, or all that they lack in one message."""
    launches, missing = [], []
    for plan in plans:
        try:
            _require_free_port(plan)
            launches.append(launch_of(plan, members_keys=keys, download=download, idle_s=idle_s, pace=pace))
        except EngineCannotStart as error:
            missing.append(error)
    if missing:
        words = dict.fromkeys(map(str, missing))
        kind = type(missing[0]) if len({type(one) for one in missing}) == 1 else EngineCannotStart
        raise kind("; ".join(words))
    return tuple(launches)


@asynccontextmanager
async def _only_one() -> AsyncGenerator[None, None]:
    """Have nobody else start engines meanwhile: two would start the same."""
    deadline = time.monotonic() + OTHERS_UP_S
    while True:
        with try_lock(engines_folder() / "up.lock") as is_mine:
            if is_mine:
                yield
                return
        if time.monotonic() > deadline:
            raise EngineCannotStart(
                f"somebody else has been starting engines for {OTHERS_UP_S:.0f} s; end that, and try again"
            )
        await asyncio.sleep(LOOK_S)


def _require_free_port(plan: EnginePlan) -> None:
    import socket

    family = socket.AF_INET6 if ":" in plan.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # What a server that has just ended leaves behind does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((plan.host, plan.port))
        except OSError as error:
            raise PortTaken(
                f"port {plan.port}, where {plan.served_as} shall answer, is not to be had "
                f"({error.strerror}): another program listens there, which does not serve this model. End "
                "it, or give the member a base_url with another port"
            ) from None


def _running(*, besides: Collection[int]) -> tuple[EnginePlan, ...]:
    """Return plans of the engines that run for other teams, as far as sharing a GPU goes."""
    found = []
    for folder in known_folders():
        launch = read_launch(folder)
        if launch is not None and int(folder.name) not in besides and is_kept(folder):
            found.append(
                EnginePlan(
                    base_url=launch.base_url,
                    model=launch.model,
                    served_as=launch.served_as,
                    members=launch.members,
                    gpu_memory=launch.gpu_memory,
                    devices=launch.devices,
                    takes_turns=launch.takes_turns,
                )
            )
    return tuple(found)


def _start(launch: Launch) -> None:
    """Start a keeper, and wait until it is at work. Raises EngineCannotStart."""
    folder = folder_of(port_of(launch.base_url))
    _sweep(folder, launch.pace.grace_s)
    try:
        write_launch(folder, launch)
        (folder / "state.json").unlink(missing_ok=True)
        descriptor = os.open(folder / "keeper.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise EngineCannotStart(
            f"the engine of {launch.served_as} cannot be written down in {folder} ({error.strerror}); make "
            "the folder writable, or set PACELINE_HOME to one that is"
        ) from error
    try:
        keeper = subprocess.Popen(
            # -P: what lies in the folder it stands in is not imported.
            [sys.executable, "-P", "-m", "paceline.team.engines.keeper", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd=folder,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    deadline = time.monotonic() + KEEPER_S
    while time.monotonic() < deadline:
        # Its first word comes with its number: whoever wants to stop it knows whom to tell from here on.
        if read_state(folder) is not None:
            _reap_later(keeper)
            return
        if keeper.poll() is not None:
            break
        time.sleep(0.02)
    keeper.kill()
    raise EngineCannotStart(
        f"the keeper of {launch.served_as} did not come up; what it said is in {folder / 'keeper.log'}"
    )


def _let_stay(folder: Path) -> None:
    """Have the keeper of an engine no longer stop it when it is idle."""
    launch = read_launch(folder)
    if launch is not None and launch.idle_s and is_kept(folder):
        # Where that cannot be written, the engine stops and is started again when it is needed.
        with suppress(OSError):
            write_launch(folder, replace(launch, idle_s=0.0))


def _reap_later(keeper: subprocess.Popen[bytes]) -> None:
    """Wait for the keeper in a thread that keeps nobody: a server that started it may outlive it."""
    import threading

    threading.Thread(target=keeper.wait, name=f"keeper {keeper.pid}", daemon=True).start()


def _tell(folder: Path, number: signal.Signals) -> None:
    state = read_state(folder)
    if state is not None and state.keeper is not None and is_kept(folder):
        send(state.keeper, number)


def _is_let_go(folder: Path, seconds: float) -> bool:
    """Whether the keeper ends in time: it gives its lock back a moment before it is gone."""
    state, deadline = read_state(folder), time.monotonic() + seconds
    keeper = state.keeper if state else None
    while is_kept(folder) or (keeper is not None and is_alive(keeper)):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S / 2)
    return True


def _left(folder: Path) -> bool:
    state = read_state(folder)
    return bool(state and state.session and left_of(state.session, folder))


def _sweep(folder: Path, seconds: float) -> None:
    """End what is left of an engine whose keeper was killed; its leash does so by itself where it can."""
    state = read_state(folder)
    if state is None or not state.session or is_kept(folder):
        return
    deadline = time.monotonic() + seconds
    number = signal.SIGTERM
    while left := left_of(state.session, folder):
        for process in left:
            send(process, number)
        number = signal.SIGKILL if time.monotonic() > deadline else number
        if time.monotonic() > deadline + 10.0:
            return
        time.sleep(LOOK_S)
