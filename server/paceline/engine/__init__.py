"""The engine: one run is a stream of typed events, read alike by server, command line and benchmarks."""

from paceline.engine.engine import Engine, Hint, Request
from paceline.engine.events import Event, Finished, Suggestion
from paceline.engine.teaching import Change, Taught

__all__ = ["Change", "Engine", "Event", "Finished", "Hint", "Request", "Suggestion", "Taught"]
