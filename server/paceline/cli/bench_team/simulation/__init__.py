"""A team that is simulated: members with hidden skills, behind the same wire as a model.

It shows that the loop passes knowledge from one member to another, and nothing about how good a model is. A
member knows nothing but its skills and the prompt: what another member found out reaches it in the prompt's
words or not at all. Wherever its figures appear they are called *simulated*.
"""

from paceline.cli.bench_team.simulation.cast import Cast, SimulatedMember, cast
from paceline.cli.bench_team.simulation.server import SimulatedServer

__all__ = ["Cast", "SimulatedMember", "SimulatedServer", "cast"]
