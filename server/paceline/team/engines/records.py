"""What is written down of each engine, in Paceline's data folder: how it is to run, and how it does.

An engine's folder is named by its port. In it: ``launch.json`` (how to run it, written by who starts it),
``state.json`` (how it does, written by its keeper), ``lock`` (held by the keeper as long as it lives) and the
log. No key is written down. The files are their owner's alone, and what cannot be read is treated as unknown.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from paceline.team.engines.processes import Process
from paceline.workspace import paceline_home

SCHEMA = 1
LOG = "engine.log"


class Phase(StrEnum):
    """How an engine does, as its keeper sees it."""

    WAITING = "waiting"
    """For another engine to have started, or to sleep."""
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing-off"
    """It ended, and will be started again after a pause."""
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    """It ended too often; its keeper has given up."""


LIVE = frozenset({Phase.WAITING, Phase.STARTING, Phase.READY, Phase.BACKING_OFF, Phase.STOPPING})
"""Phases in which a keeper is at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient a keeper is. All in seconds."""

    poll_s: float = 2.0
    """Between two looks at a ready engine."""
    look_s: float = 0.5
    """Between two looks at one that starts."""
    answer_s: float = 10.0
    """For one answer to "are you well"."""
    start_s: float = 1800.0
    """Until it has to be ready: large weights may come from a slow disk, or over the network."""
    hung_s: float = 60.0
    """Without an answer, after which an engine that was ready is taken for hung."""
    stuck_s: float = 300.0
    """With requests, and without a token of prompt or answer, after which it is taken for hung."""
    backoff_s: float = 1.0
    longest_backoff_s: float = 60.0
    quick_s: float = 60.0
    """An engine that was ready for less than this died quickly."""
    quick_deaths: int = 3
    """In a row, after which the keeper gives up."""
    grace_s: float = 20.0
    """From being told to end until being made to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How an engine is run. Written by who starts it, read by its keeper."""

    base_url: str
    model: str
    served_as: str
    members: tuple[str, ...]
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    """What is added to the keeper's own environment. Holds no key."""
    without: tuple[str, ...] = ()
    """Variables that the engine does not get: the keys of other servers."""
    api_key_env: str = ""
    """The variable that holds the key it shall ask for; empty: none."""
    gpu_memory: float = 0.0
    devices: str = ""
    takes_turns: bool = False
    starts_alone: bool = True
    """Whether no other engine may start meanwhile: each looks how much GPU memory is free."""
    idle_s: float = 0.0
    """Seconds without a request after which it is stopped; 0: never."""
    pace: Pace = field(default_factory=Pace)

    @property
    def address(self) -> str:
        """Where it answers, without the /v1."""
        return self.base_url.removesuffix("/v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """How an engine does. Times are seconds since the epoch."""

    phase: Phase
    keeper: Process | None = None
    session: int = 0
    """The session all processes of the engine are in; 0 while there is none."""
    since: float = 0.0
    """When the phase began."""
    restarts: int = 0
    message: str = ""
    """Why it is in this phase, for a person."""


def engines_folder() -> Path:
    """Return where engines are kept: in the data folder, for their owner alone."""
    folder = paceline_home() / "engines"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def folder_of(port: int) -> Path:
    """Return the folder of the engine at a port; it need not exist."""
    return engines_folder() / str(port)


def known_folders() -> tuple[Path, ...]:
    """Return the folders of all engines that were ever started here, by port."""
    folders = [path for path in engines_folder().iterdir() if path.name.isdecimal() and path.is_dir()]
    return tuple(sorted(folders, key=lambda path: int(path.name)))


def write_launch(folder: Path, launch: Launch) -> None:
    """Write how an engine is to run. Raises OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    _write(folder / "launch.json", {"schema": SCHEMA, **asdict(launch)})


def read_launch(folder: Path) -> Launch | None:
    """Return how an engine is to run, None where that is not known."""
    record = _read(folder / "launch.json")
    if record is None:
        return None
    with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
        pace = _made(Pace, record["pace"])
        texts = {name: tuple(map(str, record[name])) for name in ("members", "argv", "without")}
        launch = _made(Launch, {**record, **texts, "pace": pace})
        numbers = (launch.gpu_memory, launch.idle_s, *astuple(pace))
        words = (launch.base_url, launch.model, launch.served_as, launch.devices, launch.api_key_env)
        if all(isinstance(one, str) for one in words) and all(
            isinstance(one, (int, float)) for one in numbers
        ):
            return launch
    return None


def write_state(folder: Path, state: EngineState) -> None:
    """Write how an engine does. Raises OSError."""
    _write(folder / "state.json", {"schema": SCHEMA, **asdict(state)})


def read_state(folder: Path) -> EngineState | None:
    """Return how an engine does by its keeper's last word, None where that is not known."""
    record = _read(folder / "state.json")
    if record is None:
        return None
    with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
        told = record["keeper"]
        keeper = Process(int(told["pid"]), str(told["born"])) if told else None
        state = _made(EngineState, {**record, "phase": Phase(record["phase"]), "keeper": keeper})
        if isinstance(state.session, int) and isinstance(state.since, (int, float)):
            return state
    return None


def is_kept(folder: Path) -> bool:
    """Whether a keeper is at work: it holds the lock, which the system takes from it however it ends."""
    # Shared, so that two who look do not take each other for a keeper.
    with try_lock(folder / "lock", shared=True) as is_free:
        return not is_free


@contextlib.contextmanager
def try_lock(file: Path, *, shared: bool = False, within_s: float = 0.0) -> Iterator[bool]:
    """Hold a lock for as long as the block lasts; False where somebody else has it, for ``within_s``."""
    import fcntl

    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        # The engine has no folder: nobody has ever started it.
        yield True
        return
    deadline = time.monotonic() + within_s
    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    try:
        while True:
            try:
                fcntl.flock(descriptor, kind)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    yield False
                    return
                time.sleep(0.02)
        yield True
    finally:
        os.close(descriptor)


_Record = TypeVar("_Record", bound="Pace | Launch | EngineState")


def _made(kind: type[_Record], values: Mapping[str, Any]) -> _Record:
    """Make a record of what is known of it: a newer version may have written more."""
    names = {one.name for one in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in names})


def _read(file: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and record.get("schema") == SCHEMA else None


def _write(file: Path, record: Mapping[str, Any]) -> None:
    """Replace the file in one step, so that no reader ever sees half of it."""
    # Made by mkstemp, it can be read and written by its owner alone.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
    try:
        with open(descriptor, "w", encoding="utf-8") as new:  # noqa: PTH123 - it is open already.
            json.dump(record, new, indent=1)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
