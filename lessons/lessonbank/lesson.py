"""Lessons: what a member, a pack or a person learnt, with the evidence for it.

A lesson is text for models and people, and structure for the machine. Where its change generalises it names
the recipes, in the order they were applied, that carry it out.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from lessonbank.errors import UnreadableLesson
from lessonbank.outcome import Outcome

SCHEMA = 1


class Source(StrEnum):
    """Who a lesson comes from."""

    SHIPPED = "shipped"
    LEARNT = "learnt"
    IMPORTED = "imported"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonEvidence:
    """What was measured when the lesson was learnt. Ratios are original time / candidate time."""

    outcome: Outcome
    speedup: float | None = None
    low: float | None = None
    high: float | None = None
    inputs: int = 0
    counterexample: str | None = None
    diagnostics: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a lesson was learnt. The hash stands for the target's normalised source."""

    source: Source
    member: str = ""
    target: str = ""
    file: str = ""
    target_hash: str = ""
    candidate_hash: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One banked lesson. Immutable; what changes over time (its credit) stands beside it in the bank."""

    text: str
    category: str
    language: str
    transformation: str
    evidence: LessonEvidence
    origin: Origin
    recipes: tuple[str, ...] = ()
    features: Mapping[str, int] = field(default_factory=dict)
    created: str = ""
    """When the lesson was learnt: ISO 8601, UTC. Not part of the identity."""
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """Fields written by a newer Paceline, kept as they are; the parts' stand under their names."""

    @property
    def id(self) -> str:
        """Derived from the content, so that the same lesson learnt twice is one lesson."""
        identity = [
            self.language,
            self.category,
            self.transformation,
            list(self.recipes),
            self.evidence.outcome.value,
            self.origin.source.value,
            self.origin.target_hash,
            # A recipe's lesson is the same lesson however its measured figures fell out this time.
            "" if self.recipes else self.text,
        ]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values, with the schema version and any unknown fields.

        A ratio that is not finite has no JSON and becomes null.
        """
        evidence, origin = _plain(self.evidence), _plain(self.origin)
        for name in _RATIOS:
            if evidence[name] is not None and not math.isfinite(evidence[name]):
                evidence[name] = None
        return {
            **self.unknown,
            **{name: value for name, value in _plain(self).items() if name != "unknown"},
            "evidence": {**self.unknown.get("evidence", {}), **evidence},
            "origin": {**self.unknown.get("origin", {}), **origin},
            "schema": max(SCHEMA, self.unknown.get("schema", SCHEMA)),
            "id": self.id,
        }

    @classmethod
    def from_json(cls, record: object) -> Lesson:
        """Read a record of this schema, an older one (which is migrated) or a newer one.

        What a newer version has added is kept in ``unknown`` and written back. Raises UnreadableLesson with
        the reason when the record is no lesson.
        """
        if not isinstance(record, dict):
            raise UnreadableLesson(f"a lesson is a JSON object, not {type(record).__name__}")
        schema = record.get("schema")
        if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
            raise UnreadableLesson(f"a lesson states its schema version; this one says {schema!r}")
        for version in range(schema, SCHEMA):
            record = MIGRATIONS[version](record)
        try:
            evidence, origin = dict(record["evidence"]), dict(record["origin"])
            lesson = cls(
                text=_text(record, "text"),
                category=_text(record, "category"),
                language=_text(record, "language"),
                transformation=_text(record, "transformation"),
                evidence=_evidence(evidence),
                origin=_origin(origin),
                recipes=tuple(str(name) for name in _of(list, record.get("recipes", []))),
                features={str(k): int(v) for k, v in record.get("features", {}).items()},
                created=_text(record, "created", ""),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise UnreadableLesson(f"field missing or of the wrong kind: {error}") from error
        unknown = {k: v for k, v in record.items() if k not in _names(cls) and k not in {"schema", "id"}}
        for name, part, kind in (("evidence", evidence, LessonEvidence), ("origin", origin, Origin)):
            if extra := {k: v for k, v in part.items() if k not in _names(kind)}:
                unknown[name] = extra
        if schema > SCHEMA:
            unknown["schema"] = schema
        return replace(lesson, unknown=unknown)


MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({})
"""How a record of one schema becomes one of the next, by the older one's number: pure functions."""

_RATIOS = ("speedup", "low", "high")


def _evidence(record: dict[str, Any]) -> LessonEvidence:
    ratios = {name: record.get(name) for name in _RATIOS}
    for name, ratio in ratios.items():
        if ratio is not None and (isinstance(ratio, bool) or not math.isfinite(_of((int, float), ratio))):
            raise ValueError(f"{name!r} is a ratio")
    return LessonEvidence(
        outcome=Outcome(record["outcome"]),
        **ratios,
        inputs=_of(int, record.get("inputs", 0)),
        counterexample=_optional(record, "counterexample"),
        diagnostics=_optional(record, "diagnostics"),
        environment={str(k): str(v) for k, v in record.get("environment", {}).items()},
    )


def _origin(record: dict[str, Any]) -> Origin:
    texts = {name: _text(record, name, "") for name in _names(Origin) - {"source"}}
    return Origin(source=Source(record["source"]), **texts)


def _text(record: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = record[name] if default is None else record.get(name, default)
    if not isinstance(value, str):
        raise TypeError(f"{name!r} is text")
    return value


def _optional(record: Mapping[str, Any], name: str) -> str | None:
    return None if record.get(name) is None else _text(record, name)


def _of(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not what belongs there")
    return value


def _names(cls: type) -> set[str]:
    return {f.name for f in fields(cls)}


def _plain(record: Any) -> dict[str, Any]:
    """Return a dataclass's fields with tuples as lists and mappings as dicts."""
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {
        name: dict(value)
        if isinstance(value, Mapping)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in values.items()
    }
