"""What the analyses know of Python's own names; the knowledge itself stands in ``facts.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Facts:
    """Names by what they do, and the kind of value that names and literals give."""

    pure_builtins: frozenset[str]
    pure_methods: frozenset[str]
    pure_modules: frozenset[str]
    mutating_methods: frozenset[str]
    reading_methods: frozenset[str]
    draining_calls: frozenset[str]
    immutable_kinds: frozenset[str]
    pure_nodes: frozenset[str]
    reading_places: frozenset[str]
    array_makers: frozenset[str]
    kind_of_literal: Mapping[str, str]
    kind_of_call: Mapping[str, str]
    kind_of_method: Mapping[str, str]
    kind_of_annotation: Mapping[str, str]


@cache
def python_facts() -> Facts:
    """The facts about Python, read once."""
    table = tomllib.loads(files("lessonbank.recipe").joinpath("facts.toml").read_text("utf-8"))

    def words(text: str) -> frozenset[str]:
        return frozenset(text.split())

    return Facts(
        pure_builtins=words(table["pure_builtins"]),
        pure_methods=words(table["pure_methods"]),
        pure_modules=words(table["pure_modules"]),
        mutating_methods=words(table["mutating_methods"]),
        reading_methods=words(table["reading_methods"]),
        draining_calls=words(table["draining_calls"]),
        immutable_kinds=words(table["immutable_kinds"]),
        pure_nodes=words(table["pure_nodes"]),
        reading_places=words(table["reading_places"]),
        array_makers=words(table["array_makers"]["names"]),
        kind_of_literal=table["kind_of_literal"],
        kind_of_call=table["kind_of_call"],
        kind_of_method=table["kind_of_method"],
        kind_of_annotation=table["kind_of_annotation"],
    )
