"""What ``paceline doctor`` finds out of model members: whether their servers answer, and know the model."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from paceline.cli.checkup import Finding, State
from paceline.errors import EnginesMisconfigured, ModelFailed
from paceline.team.engines import EngineStatus, Standing, planned
from paceline.team.engines.records import folder_of
from paceline.team.engines.status import status_in
from paceline.team.models import ModelMember, configured, model_team
from paceline.team.models.words import one_line
from paceline.workspace import TeamSettings

WAIT_S = 2.0
"""Seconds an endpoint has to answer. It is only asked which models it has."""
NAMES_SHOWN = 5


def answering(team_settings: TeamSettings, *, needs: str = "") -> Iterator[Finding]:
    """Ask every member's server for its list of models, all at once, and yield what came of it.

    ``needs`` are the commands that start what a preset names, a line each. Where Paceline can run a server,
    what it knows of that is said as well.
    """
    engines = {}
    for one in engines_of(team_settings):
        if isinstance(one, Finding):
            yield one
        else:
            engines[one.base_url] = one
    models = configured(team_settings)
    team = model_team(models)
    for member, listed in zip(team, asyncio.run(_asked(team)), strict=True):
        engine = engines.get(member.settings.base_url)
        starts = next((line for line in needs.splitlines() if member.settings.model in line.split()), "")
        yield _finding(member, listed, "paceline team up" if engine is not None else starts)
        if engine is not None and engine.message and engine.standing is not Standing.READY:
            state = State.OK if engine.standing is Standing.STOPPED else State.WARN
            yield Finding(
                state, f"engine {member.name}", f"{engine.standing.value}: {engine.message}", str(engine.log)
            )


def engines_of(team: TeamSettings) -> Iterator[Finding | EngineStatus]:
    """Yield how the engines do that Paceline would run for a team, or why there can be none."""
    if sys.platform == "win32":
        return
    try:
        plans = planned(team).engines
    except EnginesMisconfigured as error:
        yield Finding(State.WARN, "engines", str(error))
        return
    yield from (status_in(folder_of(plan.port), plan) for plan in plans)


async def _asked(team: Sequence[ModelMember]) -> list[Mapping[str, Any] | BaseException]:
    asking = (member.endpoint.models(timeout_s=WAIT_S) for member in team)
    return list(await asyncio.gather(*asking, return_exceptions=True))


def _finding(member: ModelMember, listed: Mapping[str, Any] | BaseException, starts: str) -> Finding:
    settings, name = member.settings, f"member {member.name}"
    where = f"{settings.model} at {settings.base_url}"
    if settings.api_key_env and not os.environ.get(settings.api_key_env):
        return Finding(
            State.WARN,
            name,
            f"{where}: the environment variable {settings.api_key_env} is not set",
            "set it to the server's key where Paceline is started",
        )
    if isinstance(listed, ModelFailed):
        advice = f"start it: {starts}" if starts else "without it the rest of the team still works"
        return Finding(State.WARN, name, f"{where}: {listed}", advice)
    if isinstance(listed, BaseException):
        raise listed
    if settings.model not in listed:
        names = one_line(", ".join(sorted(listed)[:NAMES_SHOWN]), limit=200) or "none"
        return Finding(
            State.WARN,
            name,
            f"{where}: the server answers, but has no such model; it has {names}",
            f"load it there: {starts}" if starts else "change the member's model, or load it there",
        )
    length = listed[settings.model].get("max_model_len")
    said = f", with a context of {length:,} tokens" if isinstance(length, int) else ""
    if not member.endpoint.is_local:
        return Finding(
            State.OK,
            name,
            f"{where}: answers{said}",
            "not on this machine: the functions you optimize, and what they use of their module, go there",
        )
    return Finding(State.OK, name, f"{where}: answers{said}")
