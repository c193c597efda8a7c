"""``paceline team up|status|down``: the engines that Paceline runs for the team."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from paceline.cli.exits import FAILED, RAN, complain, stderr_is_terminal
from paceline.errors import UnusableRequest

if TYPE_CHECKING:
    # Loaded in the commands themselves, so that their help is there at once.
    from paceline.team.engines import EnginePlan, EngineStatus
    from paceline.team.engines.asking import Load

AS_JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there."
)


@click.command()
@click.option("--download", is_flag=True, help="Let vLLM fetch weights that are not here, over the network.")
@click.option("--no-wait", is_flag=True, help="Return as soon as they are being started.")
@AS_JSON
def up(download: bool, no_wait: bool, as_json: bool) -> int:
    """Start vLLM for every model of the team that stands on this machine, and wait until they are ready.

    The engines go on when this command has ended, until "paceline team down". Ctrl-C ends the waiting only.
    """
    _require_a_launcher()
    import asyncio

    from paceline.cli.engines_shown import Watch, print_engines
    from paceline.cli.workspaces import settings_of
    from paceline.team.engines import Standing, launch_engines, outdated, planned, wait_until_settled
    from paceline.team.engines.plan import keys_of
    from paceline.workspace import find_root

    team = settings_of(find_root(Path.cwd()), warn=_warn).team
    plan = planned(team)
    if not plan.engines:
        raise UnusableRequest(_nothing_to_run(plan.left_out))

    for engine in outdated(plan.engines):
        _warn(
            f"the engine of {engine.served_as} at {engine.base_url} runs otherwise than the settings now "
            f"say; paceline team down {engine.port}, then paceline team up, brings it up to date"
        )

    async def start_and_wait() -> tuple[Collection[str], Sequence[EngineStatus]]:
        outside = await launch_engines(plan.engines, members_keys=keys_of(team), download=download)
        addresses = {engine.base_url for engine in outside}
        if no_wait:
            return addresses, ()
        ours = [engine for engine in plan.engines if engine not in outside]
        with Watch(is_shown=stderr_is_terminal() and not as_json) as watch:
            return addresses, await wait_until_settled(ours, on_look=watch.look)

    outside, settled = asyncio.run(start_and_wait())
    failed = [one for one in settled if one.standing is not Standing.READY]
    if as_json:
        from paceline.cli.reports import print_json

        print_json(_report(plan.engines, outside, {}))
    else:
        print_engines(_statuses(plan.engines), outside=outside, left_out=plan.left_out)
    for one in failed:
        why = f": {one.message}" if as_json else ""
        complain(f"the engine of {one.model} is not up ({one.standing.value}){why}")
    return FAILED if failed else RAN


@click.command()
@AS_JSON
def status(as_json: bool) -> int:
    """Show how the engines do that Paceline runs on this machine, and those that the team would have."""
    _require_a_launcher()
    import asyncio

    from paceline.cli.workspaces import settings_of
    from paceline.errors import EnginesMisconfigured
    from paceline.team.engines import planned
    from paceline.workspace import find_root

    team = settings_of(find_root(Path.cwd()), warn=_warn).team
    try:
        plan = planned(team)
        engines, left_out = plan.engines, plan.left_out
    except EnginesMisconfigured as error:
        # What runs can be seen all the same.
        _warn(str(error))
        engines, left_out = (), ()
    outside, loads = asyncio.run(_asked(engines))
    if as_json:
        from paceline.cli.reports import print_json

        print_json(_report(engines, outside, loads))
        return RAN
    from paceline.cli.engines_shown import print_engines

    print_engines(_statuses(engines), outside=outside, loads=loads, left_out=left_out)
    return RAN


@click.command()
@click.argument("names", metavar="[MEMBER|PORT]...", nargs=-1)
@AS_JSON
def down(names: tuple[str, ...], as_json: bool) -> int:
    """Stop the engines that Paceline runs on this machine: all of them, or those named.

    Returns when no process of theirs is left. Servers that somebody else started are left alone.
    """
    _require_a_launcher()
    from paceline.team.engines import engine_statuses, stop_engines

    ports = _ports_of(names, engine_statuses()) if names else ()
    stopped = stop_engines(ports)
    if as_json:
        from paceline.cli.reports import SCHEMA, print_json

        print_json({"schema": SCHEMA, "stopped": [_engine(one) for one in stopped]})
    else:
        from paceline.cli.engines_shown import print_stopped

        print_stopped(stopped)
    still = [one for one in stopped if one.is_kept]
    for one in still:
        complain(f"the engine at {one.base_url} could not be ended; its keeper is process {one.pid}")
    return FAILED if still else RAN


def _require_a_launcher() -> None:
    if sys.platform == "win32":
        raise UnusableRequest(
            "vLLM does not run on Windows, so that there is nothing to start here. Run it on Linux or in "
            "WSL, and name its address as the base_url of a member; Ollama and LM Studio run on Windows"
        )


def _nothing_to_run(left_out: Sequence[tuple[str, str]]) -> str:
    if left_out:
        named = "; ".join(f"{name}: {reason}" for name, reason in left_out)
        return f"none of the team's models is Paceline's to run ({named})"
    return (
        'the team has no model member. Name a team in the settings (team.preset = "gpu-24gb"), or a model: '
        "[[team.members]] with base_url and model; the README shows how"
    )


def _ports_of(names: Sequence[str], statuses: Sequence[EngineStatus]) -> tuple[int, ...]:
    """Return the ports that are meant. Raises UnusableRequest."""
    from paceline.team.engines.plan import port_of

    ports = []
    for name in names:
        found = [
            port_of(one.base_url)
            for one in statuses
            if name in {*one.members, one.model, str(port_of(one.base_url))}
        ]
        if not found:
            known = [f"{' '.join(one.members)} ({port_of(one.base_url)})" for one in statuses]
            raise UnusableRequest(f"no engine goes by {name!r}; there are {', '.join(known) or 'none'}")
        ports += found
    return tuple(ports)


def _statuses(plans: Sequence[EnginePlan]) -> tuple[EngineStatus, ...]:
    """Return the team's engines and all others that are up."""
    from paceline.team.engines import engine_statuses

    mine = {plan.base_url for plan in plans}
    return tuple(one for one in engine_statuses(plans) if one.base_url in mine or one.is_kept)


async def _asked(plans: Sequence[EnginePlan]) -> tuple[Collection[str], Mapping[str, Load]]:
    """Return which addresses somebody else's server answers at, and what ready engines say of their work."""
    import asyncio

    from paceline.team.engines import Standing, served_elsewhere
    from paceline.team.engines.asking import load_of

    statuses = {one.base_url: one for one in _statuses(plans)}
    ready = [address for address, one in statuses.items() if one.standing is Standing.READY]
    outside = await served_elsewhere([plan for plan in plans if not statuses[plan.base_url].is_kept])
    loads = await asyncio.gather(*(load_of(one.removesuffix("/v1"), timeout_s=2.0) for one in ready))
    told = {address: load for address, load in zip(ready, loads, strict=True) if load is not None}
    return {plan.base_url for plan in outside}, told


def _report(
    plans: Sequence[EnginePlan], outside: Collection[str], loads: Mapping[str, Load]
) -> dict[str, Any]:
    from paceline.cli.reports import SCHEMA

    engines = [
        _engine(one, is_outside=one.base_url in outside, load=loads.get(one.base_url))
        for one in _statuses(plans)
    ]
    return {"schema": SCHEMA, "engines": engines}


def _engine(one: EngineStatus, *, is_outside: bool = False, load: Load | None = None) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "base_url": one.base_url,
        "model": one.model,
        "members": list(one.members),
        "standing": "running outside" if is_outside else one.standing.value,
        "message": one.message,
        "for_s": round(one.for_s, 1),
        "restarts": one.restarts,
        "gpu_memory": one.gpu_memory,
        "takes_turns": one.takes_turns,
        "pid": one.pid,
        "log": str(one.log),
        "load": asdict(load) if load is not None else None,
    }


def _warn(message: str) -> None:
    complain(message, kind="warning")
