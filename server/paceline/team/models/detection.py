"""Which servers of models answer on this machine's usual ports (``ports.toml``), and what they have."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from paceline.errors import ModelFailed
from paceline.team.models.endpoint import Endpoint

WAIT_S = 1.0
"""Seconds a server on this machine has to say which models it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere a server may listen."""

    server: str
    """What usually listens there; empty where that is not known."""
    port: int
    member: Mapping[str, Any] = field(default_factory=dict)
    """Settings of a member whose model is there."""

    @property
    def base_url(self) -> str:
        """The address on this machine."""
        return f"http://127.0.0.1:{self.port}/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundServer:
    """A server that answers."""

    place: Place
    models: tuple[str, ...]
    """By name, as the server lists them."""
    fit: tuple[str, ...]
    """Those to ask for code: made for it, or any that chats where none is."""


def usual_places() -> tuple[Place, ...]:
    """Return where servers usually listen."""
    return tuple(
        Place(server=server["name"], port=port, member=server.get("member", {}))
        for server in _known()["servers"]
        for port in server["ports"]
    )


def places_at(ports: Sequence[int]) -> tuple[Place, ...]:
    """Return the places of these ports, with what is known of the usual ones."""
    usual = {place.port: place for place in usual_places()}
    return tuple(usual.get(port, Place(server="", port=port)) for port in ports)


async def detect(places: Sequence[Place]) -> tuple[FoundServer, ...]:
    """Ask at every place at once which models are there. Nothing else is sent."""
    answers = await asyncio.gather(*map(_models_at, places))
    return tuple(
        FoundServer(place=place, models=names, fit=fit_for_code(names))
        for place, names in zip(places, answers, strict=True)
        if names is not None
    )


def fit_for_code(names: Sequence[str]) -> tuple[str, ...]:
    """Return those made for code by their names; the first that chats where there are none."""
    known = _known()
    chat = [name for name in names if not any(word in name.lower() for word in known["not_chat"])]
    for_code = [name for name in chat if any(word in name.lower() for word in known["for_code"])]
    return tuple(for_code or chat[:1])


async def _models_at(place: Place) -> tuple[str, ...] | None:
    try:
        return tuple(await Endpoint(place.base_url).models(timeout_s=WAIT_S))
    except ModelFailed:
        return None


@cache
def _known() -> Mapping[str, Any]:
    text = files("paceline.team").joinpath("models/ports.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
