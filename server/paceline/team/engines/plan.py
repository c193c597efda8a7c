"""Which engines a team's settings come to: one for each address of a member on this machine.

Pure: nothing is looked for, started or asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from paceline.errors import EnginesMisconfigured
from paceline.team.models.detection import usual_places
from paceline.team.models.presets import configured, configured_engines
from paceline.workspace import EngineSettings, ModelSettings, TeamSettings

LARGEST_SUM = 0.95
"""Of the shares of one GPU: vLLM's own programs and the driver need the rest."""
SHARED_OUT = 0.9
"""What engines without a share of their own get together, less the shares of the others."""
SMALLEST_SHARE = 0.05
LEFT_ASLEEP = 0.06
"""What an engine that sleeps may still hold: its contexts and graphs. An estimate, for a GPU of 24 GB."""

OWN_ARGUMENTS = {
    "--model": "model",
    "--served-model-name": "the members' model",
    "--host": "base_url",
    "--port": "base_url",
    "--api-key": "the members' api_key_env",
    "--gpu-memory-utilization": "gpu_memory",
    "--enable-sleep-mode": "takes_turns",
}
"""Arguments that follow from settings, each with the setting that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePlan:
    """One engine that the launcher runs: what it serves, where, and for whom."""

    base_url: str
    model: str
    """What vLLM loads: a name on the hub, or a folder."""
    served_as: str
    """The name that members ask for."""
    members: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    gpu_memory: float = 0.0
    """Share of each of its GPUs; 0 leaves it to vLLM."""
    devices: str = ""
    takes_turns: bool = False
    command: tuple[str, ...] = ()
    """The program as the person named it; empty where it has to be found."""
    api_key_env: str = ""

    @property
    def host(self) -> str:
        """The loopback address it listens at."""
        host = urlsplit(self.base_url).hostname or ""
        return "::1" if ":" in host else "127.0.0.1"

    @property
    def port(self) -> int:
        """Its port: unique on a machine, so that it names the engine."""
        return port_of(self.base_url)

    @property
    def address(self) -> str:
        """Where it answers, without the /v1: for /health and /metrics."""
        return self.base_url.removesuffix("/v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlan:
    """The engines of a team, and the members that have none."""

    engines: tuple[EnginePlan, ...]
    left_out: tuple[tuple[str, str], ...]
    """Members whose server is not ours to run, each with the reason."""


def planned(team: TeamSettings) -> TeamPlan:
    """Return the engines that these settings ask for.

    A member's address has an engine where it is on this machine, and is not the usual port of a server of
    another kind (Ollama, LM Studio, ...) unless ``team.engines`` has a table for it. Raises
    EnginesMisconfigured.
    """
    tables = {table.base_url: table for table in configured_engines(team)}
    members = configured(team)
    engines, left_out = [], []
    for base_url in dict.fromkeys(member.base_url for member in members):
        here = [member for member in members if member.base_url == base_url]
        table = tables.pop(base_url, None)
        reason = _reason_to_leave(base_url, table, here)
        if reason:
            left_out += [(member.name, reason) for member in here]
        else:
            engines.append(_plan(base_url, table or EngineSettings(base_url=base_url), here))
    for table in tables.values():
        if table.launch:
            raise EnginesMisconfigured(
                f"team.engines has a table for {table.base_url}, and no member is there; add a member with "
                "this base_url, or remove the table"
            )
    _require_one_a_port(engines)
    return TeamPlan(engines=with_shares(engines), left_out=tuple(left_out))


def with_shares(plans: Sequence[EnginePlan], *, beside: Iterable[EnginePlan] = ()) -> tuple[EnginePlan, ...]:
    """Return the plans with a share of the GPU's memory for each that has to leave room for another.

    ``beside`` are engines that run already. Those that take turns need their memory one at a time. Raises
    EnginesMisconfigured where the shares come to more than LARGEST_SUM.
    """
    running = [replace(plan, gpu_memory=plan.gpu_memory or SHARED_OUT) for plan in beside]
    return tuple(
        _with_share(plan, [other for other in plans if other is not plan], running) for plan in plans
    )


def keys_of(team: TeamSettings) -> frozenset[str]:
    """Return the variables that hold members' keys: no engine gets another server's."""
    return frozenset(member.api_key_env for member in configured(team) if member.api_key_env)


def is_loopback(base_url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def port_of(base_url: str) -> int:
    """Return an address's port."""
    parts = urlsplit(base_url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _reason_to_leave(base_url: str, table: EngineSettings | None, members: Sequence[ModelSettings]) -> str:
    if not is_loopback(base_url):
        if table is not None and table.launch:
            raise EnginesMisconfigured(
                f"team.engines has a table for {base_url}, which is not on this machine; start that server "
                "there, and remove the table or set launch = false in it"
            )
        return "on another machine"
    if table is not None and not table.launch:
        return "yours to start (launch = false)"
    obstacle = _obstacle(base_url, members)
    if table is not None:
        if obstacle:
            raise EnginesMisconfigured(f"team.engines has a table for {base_url}, but {obstacle}")
        return ""
    usual = next((place.server for place in usual_places() if place.port == port_of(base_url)), "vLLM")
    return obstacle if usual == "vLLM" else f"{usual}'s usual port"


def _obstacle(base_url: str, members: Sequence[ModelSettings]) -> str:
    """Return why one vLLM cannot serve these members at this address, empty where it can."""
    parts = urlsplit(base_url)
    if parts.scheme != "http" or parts.path != "/v1":
        return "the launcher's engines answer at http://127.0.0.1:PORT/v1"
    names = dict.fromkeys(member.model for member in members)
    if len(names) > 1:
        return (
            f"it has members of {len(names)} models ({', '.join(names)}), and vLLM serves one an address: "
            "give each model a base_url with a port of its own"
        )
    if len({member.api_key_env for member in members}) > 1:
        return "its members have several keys: name the same api_key_env in all of them"
    return ""


def _plan(base_url: str, table: EngineSettings, members: Sequence[ModelSettings]) -> EnginePlan:
    first = members[0]
    model = str(Path(table.model).expanduser()) if table.model.startswith("~") else table.model or first.model
    if model.startswith((".", "~")):
        raise EnginesMisconfigured(f"team.engines: write the whole path of the folder {model} for {base_url}")
    for argument in table.arguments:
        name = argument.partition("=")[0].replace("_", "-")
        if name in OWN_ARGUMENTS:
            raise EnginesMisconfigured(
                f"team.engines: {name} among the arguments for {base_url} follows from "
                f"{OWN_ARGUMENTS[name]}; say it there"
            )
    return EnginePlan(
        base_url=base_url,
        model=model,
        served_as=first.model,
        members=tuple(member.name for member in members),
        arguments=table.arguments,
        gpu_memory=table.gpu_memory,
        devices=table.devices.replace(" ", ""),
        takes_turns=table.takes_turns,
        command=table.command,
        api_key_env=first.api_key_env,
    )


def _require_one_a_port(plans: Sequence[EnginePlan]) -> None:
    seen: dict[int, EnginePlan] = {}
    for plan in plans:
        other = seen.setdefault(plan.port, plan)
        if other is not plan:
            raise EnginesMisconfigured(
                f"{other.base_url} and {plan.base_url} are one port; write the same base_url in both "
                "members, or give one another port"
            )


def _with_share(plan: EnginePlan, others: Sequence[EnginePlan], running: Sequence[EnginePlan]) -> EnginePlan:
    beside = [other for other in (*others, *running) if _meet(plan, other)]
    for other in beside:
        if plan.takes_turns and other.takes_turns and plan.devices != other.devices:
            raise EnginesMisconfigured(
                f"{plan.base_url} and {other.base_url} take turns on GPUs that differ in part; name the same "
                "devices in both"
            )
    in_turn = [other for other in beside if plan.takes_turns and other.takes_turns]
    at_once = [other for other in beside if other not in in_turn]
    taken = _together(at_once)
    if plan.gpu_memory:
        if round(taken + plan.gpu_memory, 6) > LARGEST_SUM:
            raise _too_much(plan, at_once, taken + plan.gpu_memory)
        return plan
    if not beside:
        return plan
    waiting = [other for other in at_once if not other.gpu_memory and not other.takes_turns]
    groups = {other.devices for other in at_once if not other.gpu_memory and other.takes_turns}
    share = (SHARED_OUT - taken) / (1 + len(waiting) + len(groups)) - LEFT_ASLEEP * len(in_turn)
    if share < SMALLEST_SHARE:
        raise _too_much(plan, at_once, taken)
    return replace(plan, gpu_memory=round(share - 0.0005, 3))


def _together(plans: Sequence[EnginePlan]) -> float:
    """The shares that are held at one time: of those that take turns, the largest."""
    steady = sum(plan.gpu_memory for plan in plans if not plan.takes_turns)
    return steady + max((plan.gpu_memory for plan in plans if plan.takes_turns), default=0.0)


def _too_much(plan: EnginePlan, others: Sequence[EnginePlan], total: float) -> EnginesMisconfigured:
    named = ", ".join(f"{one.served_as} {one.gpu_memory:g}" for one in (plan, *others) if one.gpu_memory)
    return EnginesMisconfigured(
        f"the engines' shares of GPU memory come to {total:.2f} ({named}), and {LARGEST_SUM:g} is the most "
        f"that leaves {plan.served_as} room; make gpu_memory smaller in team.engines, give an engine other "
        "devices, or let them take turns"
    )


def _meet(one: EnginePlan, other: EnginePlan) -> bool:
    """Whether two engines may use one GPU."""
    mine, theirs = set(one.devices.split(",")), set(other.devices.split(","))
    return not one.devices or not other.devices or bool(mine & theirs)
