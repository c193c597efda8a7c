"""Lessons: what a member, a pack or a person learnt, with the evidence for it.

A lesson is text for models and people, and structure for the machine. Where its change generalises it names
the recipes, in the order they were applied, that carry it out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
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
    """Fields written by a newer Paceline, kept as they are."""

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
        """Return the record as plain JSON values, with the schema version and any unknown fields."""
        record = {**self.unknown, **asdict(self), "schema": SCHEMA, "id": self.id}
        del record["unknown"]
        return record

    @classmethod
    def from_json(cls, record: object) -> Lesson:
        """Read a record of this or an older schema.

        Raises UnreadableLesson with the reason when it is not one.
        """
        if not isinstance(record, dict):
            raise UnreadableLesson(f"a lesson is a JSON object, not {type(record).__name__}")
        schema = record.get("schema")
        if not isinstance(schema, int) or schema < 1:
            raise UnreadableLesson(f"a lesson states its schema version; this one says {schema!r}")
        known = {f.name for f in fields(cls)} - {"unknown"}
        try:
            values = {name: record[name] for name in known if name in record}
            evidence = _pick(LessonEvidence, values["evidence"])
            evidence["outcome"] = Outcome(evidence["outcome"])
            origin = _pick(Origin, values["origin"])
            origin["source"] = Source(origin["source"])
            values["evidence"] = LessonEvidence(**evidence)
            values["origin"] = Origin(**origin)
            values["recipes"] = tuple(str(name) for name in values.get("recipes", ()))
            values["features"] = {str(k): int(v) for k, v in values.get("features", {}).items()}
            for name in ("text", "category", "language", "transformation"):
                if not isinstance(values[name], str):
                    raise UnreadableLesson(f"{name!r} is text")
            lesson = cls(**values)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableLesson(f"field missing or of the wrong kind: {error}") from error
        unknown = {k: v for k, v in record.items() if k not in known and k not in {"schema", "id"}}
        return replace(lesson, unknown=unknown)


def _pick(cls: type, value: Any) -> dict[str, Any]:
    return {f.name: value[f.name] for f in fields(cls) if f.name in value}
