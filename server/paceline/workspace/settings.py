"""Settings: what a person may choose, read from every place they can write it.

From the weakest word to the strongest: the defaults, ``settings.toml`` in Paceline's data folder,
``[tool.paceline]`` in the workspace's ``pyproject.toml``, its ``.paceline.toml``, then what the caller was
told, by an editor or on the command line. The schema is ``settings.schema.toml``; the records here are its
typed view, and a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from paceline.errors import InvalidSettings
from paceline.workspace.layers import Layer, file_layers, flat
from paceline.workspace.problem import Problem
from paceline.workspace.roots import paceline_home
from paceline.workspace.schema import accepted, nearest_key, schema


@dataclass(frozen=True, slots=True, kw_only=True)
class HintSettings:
    """``hints``: what is shown on save."""

    enable: bool = True
    disabled: tuple[str, ...] = ()


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
class Settings:
    """Every setting. Units, ranges and meaning stand in ``settings.schema.toml``."""

    rounds: int = 4
    budget_s: float = 60.0
    lessons: int = 4
    max_candidates: int = 40
    selection: Literal["lessonl", "paceline"] = "lessonl"
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
            try:
                chosen[key] = _checked(key, value, layer, root, trusted)
            except ValueError as error:
                line = layer.lines.get(key)
                problems.append(Problem(source=layer.source, key=key, message=str(error), line=line))
    return _assembled(Settings, "", chosen), tuple(problems)


def require_readable(problems: Sequence[Problem]) -> None:
    """Raise InvalidSettings if a settings file as a whole could not be read, for who must not guess on."""
    unreadable = [str(problem) for problem in problems if problem.unreadable]
    if unreadable:
        raise InvalidSettings("; ".join(unreadable))


_EDITOR = "the editor's settings"

_Record = TypeVar("_Record")


def _checked(key: str, value: object, layer: Layer, root: Path, trusted: bool) -> Any:
    """The value as the records hold it. Raises ValueError with the complaint."""
    entry = schema().get(key)
    if entry is None:
        raise ValueError(f"there is no such setting; the nearest is {nearest_key(key)}")
    if entry.restricted and layer.from_workspace and not trusted:
        raise ValueError(
            "a workspace may set this only once it is trusted, because it names something that is run. "
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
