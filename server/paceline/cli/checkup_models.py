"""What ``paceline doctor`` finds out of model members: whether their servers answer, and know the model."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from paceline.cli.checkup import Finding, State
from paceline.errors import ModelFailed
from paceline.team.models import ModelMember, model_team
from paceline.team.models.words import one_line
from paceline.workspace import ModelSettings

WAIT_S = 2.0
"""Seconds an endpoint has to answer. It is only asked which models it has."""
NAMES_SHOWN = 5


def answering(models: Sequence[ModelSettings]) -> Iterator[Finding]:
    """Ask every member's server for its list of models, all at once, and yield what came of it."""
    team = model_team(models)
    for member, listed in zip(team, asyncio.run(_asked(team)), strict=True):
        yield _finding(member, listed)


async def _asked(team: Sequence[ModelMember]) -> list[Mapping[str, Any] | BaseException]:
    asking = (member.endpoint.models(timeout_s=WAIT_S) for member in team)
    return list(await asyncio.gather(*asking, return_exceptions=True))


def _finding(member: ModelMember, listed: Mapping[str, Any] | BaseException) -> Finding:
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
        return Finding(State.WARN, name, f"{where}: {listed}", "without it the rest of the team still works")
    if isinstance(listed, BaseException):
        raise listed
    if settings.model not in listed:
        names = one_line(", ".join(sorted(listed)[:NAMES_SHOWN]), limit=200) or "none"
        return Finding(
            State.WARN,
            name,
            f"{where}: the server answers, but has no such model; it has {names}",
            "change the member's model, or load it there",
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
