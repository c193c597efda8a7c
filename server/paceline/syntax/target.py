"""Targets: the functions Paceline can be asked to make faster, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of bytes in one immutable document."""

    start: int
    end: int

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class HotLine:
    """A line of a target on which much of its time is spent, as traced: a rough figure, no timing."""

    line: int
    """1-based, in the target's source."""
    text: str
    share: float
    """Of the time spent in the target and in what it calls, 0 to 1."""
    executions: float
    """In one call, on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a member needs beside the target's own source. Sources are verbatim, in file order."""

    imports: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    """Functions, classes and constants of the same module that the target names."""
    fields: tuple[str, ...] = ()
    """Names of the attributes of the target's class, for a method."""
    hot: tuple[HotLine, ...] = ()
    """The hottest first; empty until somebody has run the target and looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One function of one file, as it stood in one snapshot."""

    name: str
    """Qualified inside its module: ``function``, ``Class.method``, ``outer.<locals>.inner``."""
    file: Path
    language: str
    span: Span
    """The definition, decorators included, in bytes of the document."""
    source: str
    """The definition, dedented."""
    indent: str
    """The whitespace in front of the definition in the document."""
    start_line: int
    """1-based, of the first line of the span."""
    end_line: int
    """1-based, inclusive."""
    parameters: tuple[str, ...]
    is_method: bool
    is_async: bool
    is_nested: bool
    """Defined inside another function: found and shown, but out of the judge's reach."""
    decorators: tuple[str, ...]
    context: Context
    features: Mapping[str, int]
    """The structural fingerprint: counts of loop nests, calls, operations and container kinds."""
    hash: str
    """Of the normalised syntax tree: layout and comments do not change it."""
    module: bytes
    """The whole document the span refers to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A rewrite of a target, in parts that each have their place in the file."""

    definition: str
    """A definition with the target's own name, dedented."""
    imports: tuple[str, ...] = ()
    """Import statements to add after the module's own, where they are not there yet."""
    helpers: str = ""
    """Module-level helper definitions, placed before the target's outermost definition."""
