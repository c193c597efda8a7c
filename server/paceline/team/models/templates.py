"""Prompts as data: files in ``paceline/team/prompts/LANGUAGE``, each with a header that says what it takes.

    ---
    prompt: propose
    version: 1
    fields: lessons best name
    ---
    text with ${lessons}, ${best} and ${name}

A template takes exactly the fields it declares, and what is put in is never read for fields again.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lessonbank.outcome import Outcome

_HEADER = re.compile(r"---\nprompt: ([\w-]+)\nversion: (\d+)\nfields:([ \w]*)\n---\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplate:
    """One prompt file."""

    name: str
    version: int
    fields: frozenset[str]
    text: string.Template

    def render(self, **fields: str) -> str:
        """Return the text with the fields filled in. Raises ValueError for one too many or too few."""
        if fields.keys() != self.fields:
            different = sorted(self.fields.symmetric_difference(fields))
            raise ValueError(f"the prompt {self.name} takes {sorted(self.fields)}; see {different}")
        return self.text.substitute(fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """All prompts for one language."""

    language: str
    templates: Mapping[str, PromptTemplate]
    categories: Mapping[str, str]
    """What a lesson may be about, with a description."""

    def render(self, template: str, /, **fields: str) -> str:
        """Fill in one of the templates. Raises KeyError where there is none, ValueError for wrong fields."""
        return self.templates[template].render(**fields)

    def asks_about(self, outcome: Outcome) -> bool:
        """Whether something can be learnt from a verdict with this outcome."""
        return f"reflect-{outcome.value}" in self.templates


@cache
def prompts_for(language: str) -> Prompts | None:
    """Return the prompts for a language, None where there are none."""
    folder = files("paceline.team").joinpath("prompts", language)
    if not re.fullmatch(r"\w+", language) or not folder.is_dir():
        return None
    read = [
        read_template(file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".md")
    ]
    categories = tomllib.loads(folder.joinpath("categories.toml").read_text(encoding="utf-8"))["categories"]
    return Prompts(language=language, templates={one.name: one for one in read}, categories=categories)


def read_template(text: str) -> PromptTemplate:
    """Read one prompt file. Raises ValueError where header and text do not agree."""
    header = _HEADER.match(text)
    if header is None:
        raise ValueError("a prompt begins with its header: prompt, version, fields")
    template = string.Template(text[header.end() :].strip("\n"))
    declared = frozenset(header[3].split())
    if not template.is_valid() or set(template.get_identifiers()) != declared:
        raise ValueError(f"the prompt {header[1]} does not use exactly the fields that it declares")
    return PromptTemplate(name=header[1], version=int(header[2]), fields=declared, text=template)


@cache
def effects() -> Mapping[str, object]:
    """Return how measured effects are said: ``prompts/effects.toml``."""
    text = files("paceline.team").joinpath("prompts/effects.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
