"""The launcher: runs vLLM for the members of the team whose model stands on this machine.

``plan`` says which engines the settings come to; ``launching`` starts and stops them; each has a ``keeper``,
a process that watches it; ``status`` is what anybody may read of them; ``turns`` lets several share a GPU one
at a time; ``doorway`` is what a member comes through before it asks.
"""

from paceline.team.engines.launching import (
    launch_engines,
    outdated,
    served_elsewhere,
    stop_engines,
    wait_until_settled,
)
from paceline.team.engines.plan import EnginePlan, TeamPlan, planned
from paceline.team.engines.status import EngineStatus, Standing, engine_statuses

__all__ = [
    "EnginePlan",
    "EngineStatus",
    "Standing",
    "TeamPlan",
    "engine_statuses",
    "launch_engines",
    "outdated",
    "planned",
    "served_elsewhere",
    "stop_engines",
    "wait_until_settled",
]
