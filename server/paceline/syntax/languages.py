"""The language table: which files Paceline understands, and with which grammar and queries."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import tree_sitter

from paceline.errors import UnsupportedLanguage


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One entry of ``languages.toml``, with its grammar and queries at hand."""

    name: str
    extensions: tuple[str, ...]
    grammar: tree_sitter.Language
    queries: Mapping[str, str]
    """Source of each part of the query file, by the part's name."""
    scope: str
    statements: Mapping[str, str]
    """The part a statement plays in a module, by kind of node."""
    layout: frozenset[int]
    atoms: frozenset[int]
    trailing_comma: frozenset[int]
    kinds: tuple[bytes, ...]
    """Name of each kind of node, by its id in the grammar."""
    stubs: frozenset[str]
    accessors: frozenset[str]
    objects: frozenset[str]

    def parse(self, text: bytes, old: tree_sitter.Tree | None = None) -> tree_sitter.Tree:
        """Parse text; ``old`` is an earlier tree that was already told of the edit between the two."""
        # A parser of its own for each call keeps parsing safe on several threads, and costs microseconds.
        parser = tree_sitter.Parser(self.grammar)
        return parser.parse(text) if old is None else parser.parse(text, old)

    def captures(
        self,
        part: str,
        node: tree_sitter.Node,
        *,
        start: int | None = None,
        end: int | None = None,
    ) -> dict[str, list[tree_sitter.Node]]:
        """Run one part of the query file on a node, optionally on a range of bytes of it."""
        cursor = tree_sitter.QueryCursor(_query(self.name, part))
        if start is not None and end is not None:
            cursor.set_byte_range(start, end)
        return cursor.captures(node)

    def matches(
        self, part: str, node: tree_sitter.Node
    ) -> list[tuple[int, dict[str, list[tree_sitter.Node]]]]:
        """Run one part of the query file on a node, keeping together what one pattern matched."""
        return tree_sitter.QueryCursor(_query(self.name, part)).matches(node)


def languages() -> tuple[Language, ...]:
    """Return every language of the table, in its order."""
    return tuple(_table().values())


def language_named(name: str) -> Language:
    """Return the entry of a language.

    Raises UnsupportedLanguage naming the languages there are.
    """
    table = _table()
    if name not in table:
        raise UnsupportedLanguage(f"no language is called {name!r}; Paceline knows {', '.join(table)}")
    return table[name]


def language_of(path: Path) -> str:
    """Return the name of the language a file is written in, going by its ending.

    Raises UnsupportedLanguage naming the endings there are.
    """
    suffix = path.suffix.lower()
    for language in languages():
        if suffix in language.extensions:
            return language.name
    known = ", ".join(ending for language in languages() for ending in language.extensions)
    raise UnsupportedLanguage(
        f"{path}: no language covers {suffix or 'a file without an ending'}; Paceline reads {known}"
    )


@cache
def _table() -> Mapping[str, Language]:
    folder = resources.files("paceline.syntax")
    table = tomllib.loads((folder / "languages.toml").read_text("utf-8"))
    entries = [
        _entry(entry, (folder / "queries" / entry["queries"]).read_text("utf-8"))
        for entry in table["language"]
    ]
    return MappingProxyType({entry.name: entry for entry in entries})


def _entry(entry: Mapping[str, object], queries: str) -> Language:
    grammar = tree_sitter.Language(importlib.import_module(str(entry["grammar"])).language())
    normal, statements, definitions = (
        _lists(entry[section]) for section in ("normal", "statements", "definitions")
    )

    def ids(kinds: tuple[str, ...]) -> frozenset[int]:
        return frozenset(
            number for number in range(grammar.node_kind_count) if grammar.node_kind_for_id(number) in kinds
        )

    return Language(
        name=str(entry["name"]),
        extensions=_lists({"extensions": entry["extensions"]})["extensions"],
        grammar=grammar,
        queries=_parts(queries),
        scope=str(entry["scope"]),
        statements={kind: part for part, kinds in statements.items() for kind in kinds},
        layout=ids(normal["layout"]),
        atoms=ids(normal["atoms"]),
        trailing_comma=ids(normal["trailing_comma"]),
        kinds=tuple(
            (grammar.node_kind_for_id(number) or "").encode() for number in range(grammar.node_kind_count)
        ),
        stubs=frozenset(definitions["stubs"]),
        accessors=frozenset(definitions["accessors"]),
        objects=frozenset(definitions["objects"]),
    )


def _lists(section: object) -> dict[str, tuple[str, ...]]:
    assert isinstance(section, Mapping)
    return {str(key): tuple(str(value) for value in values) for key, values in section.items()}


def _parts(queries: str) -> dict[str, str]:
    pieces = re.split(r"^; part: (\w+)$", queries, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@cache
def _query(language: str, part: str) -> tree_sitter.Query:
    entry = _table()[language]
    return tree_sitter.Query(entry.grammar, entry.queries[part])
