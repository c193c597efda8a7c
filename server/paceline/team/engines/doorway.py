"""What a member comes through before it asks its model: the engine is up, and it is its turn.

A turn waits for an engine that is starting as long as its member's ``first_token_timeout``; then it is lost,
the rest of the team goes on, and the next turn finds the engine further on its way.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from paceline.errors import EngineCannotStart, EngineNotReady, EnginesMisconfigured, InvalidSettings
from paceline.team.engines import asking
from paceline.team.engines.launching import launch_engines, served_elsewhere
from paceline.team.engines.plan import EnginePlan, keys_of, planned
from paceline.team.engines.records import engines_folder, folder_of, is_kept, read_launch
from paceline.team.engines.status import EngineStatus, Standing, status_in
from paceline.team.engines.turns import turn_of
from paceline.team.models.presets import configured
from paceline.workspace import TeamSettings

LOOK_S = 0.1
ANSWER_S = 5.0

_ON_ITS_WAY = frozenset({Standing.STARTING, Standing.RESTARTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """The way to one engine. Knows how it is started, where that is wanted."""

    plan: EnginePlan
    starts: bool
    """Whether an engine that is not up is started."""
    within_s: float
    """Seconds a turn waits for an engine that is starting."""
    idle_s: float = 0.0
    members_keys: Collection[str] = ()
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> None:
        """Return when the engine is ready, or is nobody's of ours. Raises EngineNotReady."""
        status = self._status()
        if self.starts and not status.is_kept:
            async with self._starting:
                await self._start()
        try:
            async with asyncio.timeout(self.within_s):
                # Another process looks after it.
                while await self._is_on_its_way():  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            status = self._status()
            raise EngineNotReady(
                f"the engine of {self.plan.served_as} is {status.standing.value}, and was not ready within "
                f"{self.within_s:g} s; the run goes on without it until it is. paceline team status shows "
                "it, and a longer first_token_timeout waits longer"
            ) from None
        status = self._status()
        has_given_up = status.standing is Standing.FAILED and not status.is_kept
        # Somebody may have put another server in its place.
        if has_given_up and not await served_elsewhere([self.plan]):
            raise EngineNotReady(
                f"the engine of {self.plan.served_as} has failed: {status.message}. paceline team up tries "
                "again"
            )

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Hold the engine's turn on its GPU. Raises EngineNotReady."""
        launch = read_launch(folder_of(self.plan.port)) if self.plan.takes_turns else None
        if launch is None or not is_kept(folder_of(self.plan.port)):
            return nullcontext()
        return turn_of(launch)

    async def _is_on_its_way(self) -> bool:
        status = self._status()
        if status.standing is not Standing.READY or not status.is_kept:
            return status.standing in _ON_ITS_WAY
        # It may have died a moment ago, before its keeper could say so.
        return not await asking.is_well(self.plan.address, timeout_s=ANSWER_S)

    def _status(self) -> EngineStatus:
        return status_in(folder_of(self.plan.port), self.plan)

    async def _start(self) -> None:
        # One that has given up is started again by a person only: it would fail once more in every turn.
        status = self._status()
        if status.is_kept or status.standing is Standing.FAILED:
            return
        try:
            await launch_engines([self.plan], members_keys=self.members_keys, idle_s=self.idle_s)
        except (EngineCannotStart, EnginesMisconfigured) as error:
            raise EngineNotReady(f"the engine of {self.plan.served_as} cannot be started: {error}") from error


def doorways(team: TeamSettings) -> dict[str, Doorway]:
    """Return the ways to the engines of a team, by address: none where no launcher works.

    Settings of engines that contradict each other open no way: ``paceline team up`` and the doctor say why.
    """
    if sys.platform == "win32":
        return {}
    try:
        plans = planned(team).engines
        engines_folder()
    except (EnginesMisconfigured, InvalidSettings, OSError):
        return {}
    members = configured(team)
    return {
        plan.base_url: Doorway(
            plan=plan,
            starts=team.launch == "on-demand",
            within_s=max(one.first_token_timeout for one in members if one.base_url == plan.base_url),
            idle_s=60 * team.idle_minutes,
            members_keys=keys_of(team),
        )
        for plan in plans
    }
