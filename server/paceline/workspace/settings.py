"""Settings: what a person may choose, read from every place they can write it.

From the weakest word to the strongest: the defaults, ``settings.toml`` in Paceline's data folder,
``[tool.paceline]`` in the workspace's ``pyproject.toml``, its ``.paceline.toml``, then what the caller was
told, by an editor or on the command line. The schema is ``settings.schema.toml``; the records here are its
typed view, and a test keeps them equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from paceline.errors import InvalidSettings
from paceline.workspace.layers import Layer, file_layers, flat
from paceline.workspace.problem import Problem
from paceline.workspace.roots import paceline_home
from paceline.workspace.schema import Entry, accepted, accepted_table, aliases, nearest_key, schema


@dataclass(frozen=True, slots=True, kw_only=True)
class HintSettings:
    """``hints``: what is shown on save."""

    enable: bool = True
    disabled: tuple[str, ...] = ()
    lens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """``judge``: what counts as proven, and what proving may cost."""

    minimum_gain: float = 0.05
    confidence: float = 0.95
    max_check_s: float = 10.0
    max_verdict_s: float = 60.0
    float_tolerance: float = 0.0
    memory_mb: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonSettings:
    """``python``: how Python code of the workspace is run."""

    interpreter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTestSettings:
    """``tests``: the use made of the workspace's own tests."""

    enable: bool = True
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """One table of ``team.members``: a model behind a server, and how it is asked."""

    name: str
    base_url: str
    model: str
    api_key_env: str = ""
    temperature: float = 0.2
    top_p: float = 0.95
    max_tokens: int = 2048
    timeout: float = 120.0
    first_token_timeout: float = 60.0
    concurrency: int = 2
    context_length: int = 0
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """One table of ``team.engines``: how the server at an address is run."""

    base_url: str
    model: str = ""
    arguments: tuple[str, ...] = ()
    gpu_memory: float = 0.0
    devices: str = ""
    takes_turns: bool = False
    command: tuple[str, ...] = ()
    launch: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSettings:
    """``team``: who is in it, and how they work together."""

    strategy: Literal["paceline", "lessonl", "reflexion", "moa", "best-of-n", "single"] = "paceline"
    lead: str = ""
    recipes: bool = True
    preset: Literal["", "paper", "gpu-24gb", "laptop"] = ""
    members: tuple[ModelSettings, ...] = ()
    engines: tuple[EngineSettings, ...] = ()
    launch: Literal["never", "on-demand"] = "never"
    idle_minutes: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting. Units, ranges and meaning stand in ``settings.schema.toml``."""

    rounds: int = 4
    budget_s: float = 60.0
    lessons: int = 4
    max_candidates: int = 40
    max_tokens: int = 0
    selection: Literal["paceline", "lessonl"] = "paceline"
    team: TeamSettings = field(default_factory=TeamSettings)
    hints: HintSettings = field(default_factory=HintSettings)
    judge: JudgeSettings = field(default_factory=JudgeSettings)
    python: PythonSettings = field(default_factory=PythonSettings)
    tests: ProjectTestSettings = field(default_factory=ProjectTestSettings)


def load_settings(
    root: Path, *, trusted: bool, overrides: Sequence[Layer | Mapping[str, Any]] = ()
) -> tuple[Settings, tuple[Problem, ...]]:
    """Read the settings of a workspace, and say what of them does not apply.

    ``overrides`` go from weak to strong; a bare mapping is what an editor said. Keys may be nested or dotted.
    An unknown key, a value out of range, a file that is no TOML, a restricted setting from a workspace that
    is not trusted: each is a problem, and all the rest still applies.
    """
    layers, problems = file_layers(root)
    layers += [
        one if isinstance(one, Layer) else Layer(source=_EDITOR, values=one or {}) for one in overrides
    ]
    chosen: dict[str, Any] = {}
    for layer in layers:
        for key, value in flat(layer.values):
            name = aliases().get(key, key)
            try:
                chosen[name] = _checked(name, value, layer, root, trusted)
            except ValueError as error:
                problems.append(_problem(layer, key, str(error)))
                continue
            if schema()[name].type == "tables":
                chosen[name], complaints = _RECORDS[name](schema()[name], chosen[name])
                problems += [_problem(layer, inner, message) for inner, message in complaints]
    return _assembled(Settings, "", chosen), tuple(problems)


def members_from(
    entry: Entry, tables: Sequence[Mapping[str, object]]
) -> tuple[tuple[ModelSettings, ...], tuple[tuple[str, str], ...]]:
    """The members that tables describe, and what of the tables does not apply: keys with their messages."""
    members: dict[str, ModelSettings] = {}
    complaints = []
    for number, table in enumerate(tables):
        key = f"{entry.key}[{number}]"
        values, said = accepted_table(entry, table)
        complaints += [(f"{key}.{name}", message) for name, message in said.items()]
        if values is None:
            continue
        name = _member_name(values["name"]) or _member_name(values["model"].rpartition("/")[2])
        if not name:
            complaints.append((f"{key}.name", "has no letter or digit in it; the member does not apply"))
        elif name in members:
            complaints.append((f"{key}.name", f"{name!r} is another member's; this one does not apply"))
        else:
            members[name] = ModelSettings(**{**values, "name": name})
    return tuple(members.values()), tuple(complaints)


def engines_from(
    entry: Entry, tables: Sequence[Mapping[str, object]]
) -> tuple[tuple[EngineSettings, ...], tuple[tuple[str, str], ...]]:
    """The engines that tables describe, and what of the tables does not apply: keys with their messages."""
    engines: dict[str, EngineSettings] = {}
    complaints = []
    for number, table in enumerate(tables):
        key = f"{entry.key}[{number}]"
        values, said = accepted_table(entry, table)
        complaints += [(f"{key}.{name}", message) for name, message in said.items()]
        if values is None:
            continue
        if values["base_url"] in engines:
            complaints.append(
                (f"{key}.base_url", "an earlier table is for this address; this one does not apply")
            )
        else:
            engines[values["base_url"]] = EngineSettings(**values)
    return tuple(engines.values()), tuple(complaints)


def require_readable(problems: Sequence[Problem]) -> None:
    """Raise InvalidSettings if a settings file as a whole could not be read, for who must not guess on."""
    unreadable = [str(problem) for problem in problems if problem.unreadable]
    if unreadable:
        raise InvalidSettings("; ".join(unreadable))


_EDITOR = "the editor's settings"

_RECORDS: Mapping[str, Callable[..., tuple[Any, tuple[tuple[str, str], ...]]]] = {
    "team.members": members_from,
    "team.engines": engines_from,
}
"""What makes records of each list of tables."""

_Record = TypeVar("_Record")


def _problem(layer: Layer, key: str, message: str) -> Problem:
    table = key.rpartition(".")[0] if "[" in key else key
    line = layer.lines.get(key, layer.lines.get(table, layer.lines.get(table.partition("[")[0])))
    return Problem(source=layer.source, key=key, message=message, line=line)


def _member_name(name: str) -> str:
    """A name as it can stand in a line of a report: what would break it becomes a dash."""
    return re.sub(r"[^\w.+:@-]+", "-", name).strip("-")[:60]


def _checked(key: str, value: object, layer: Layer, root: Path, trusted: bool) -> Any:
    """The value as the records hold it. Raises ValueError with the complaint."""
    entry = schema().get(key)
    if entry is None:
        raise ValueError(f"there is no such setting; the nearest is {nearest_key(key)}")
    if entry.restricted and layer.from_workspace and not trusted:
        raise ValueError(
            "a workspace may set this only once it is trusted, because it names something that is run or "
            "talked to. "
            f"Run: paceline trust {root}, or set it in {paceline_home() / 'settings.toml'}"
        )
    return accepted(entry, value)


def _assembled(kind: type[_Record], prefix: str, chosen: Mapping[str, Any]) -> _Record:
    """A record, and the records in it, with what was chosen in place of the defaults."""
    defaults = kind()
    values = {}
    for one in fields(kind):  # type: ignore[arg-type]
        inner = getattr(defaults, one.name)
        key = prefix + one.name
        values[one.name] = (
            _assembled(type(inner), f"{key}.", chosen) if is_dataclass(inner) else chosen.get(key, inner)
        )
    return kind(**values)
