"""Reading recipes: pack files and single records.

A pack is a TOML file that may come from anywhere, so nothing in it is ever run: texts are parsed by
tree-sitter, conditions are looked up in a table, and whatever is not understood is an error that names the
file, the recipe and the field.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from lessonbank.errors import InvalidRecipe
from lessonbank.recipe.conditions import Clause, read_condition
from lessonbank.recipe.derive import DERIVATIONS, MATCH
from lessonbank.recipe.model import Case, Example, HoistFrom, Inside, Recipe, UseCase, Uses
from lessonbank.recipe.pattern import Pattern, PatternError, compile_pattern
from lessonbank.recipe.template import Template, compile_template
from lessonbank.recipe.tree import parse

_IMPORT = re.compile(r"import ([A-Za-z_]\w*)|from [A-Za-z_][\w.]* import ([A-Za-z_]\w*)")
_FIELDS = {
    "id",
    "title",
    "category",
    "language",
    "explanation",
    "match",
    "rewrite",
    "where",
    "helpers",
    "hints",
    "hoist",
    "hoist_from",
    "keeps",
    "fresh",
    "derive",
    "inside",
    "uses",
    "imports",
    "example",
    "refuses",
}
MAX_PACK_BYTES = 1 << 18
"""A pack file larger than this is no pack a person reviews."""
MAX_DOTS = 100
"""In one line. Reading a dotted key takes quadratic time, so a hostile file could stall the reader."""


def shipped_recipes(language: str) -> tuple[Recipe, ...]:
    """The recipes that come with Paceline, in file order; none for a language without a pack."""
    return _shipped(language)


def load_pack(path: Path) -> list[Recipe]:
    """Read one pack file.

    Raises InvalidRecipe, naming file, recipe and field, at the first thing that is not understood.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidRecipe(f"{path}: cannot be read: {error.strerror}") from error
    return _read_pack(data, str(path))


def read_recipe(record: Mapping[str, Any], *, file: str) -> Recipe:
    """Build a recipe from plain values, as a pack or a stored lesson holds them.

    Raises InvalidRecipe; ``file`` is where the message says the record stands.
    """
    return _Reader(record, file).recipe()


@cache
def _shipped(language: str) -> tuple[Recipe, ...]:
    folder = files("lessonbank").joinpath("packs", language)
    if not re.fullmatch(r"[a-z]+", language) or not folder.is_dir():
        return ()
    packs: list[Traversable] = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    recipes = tuple(recipe for pack in packs for recipe in _read_pack(pack.read_bytes(), pack.name))
    _refuse_twins(recipes, str(folder))
    return recipes


def _read_pack(data: bytes, file: str) -> list[Recipe]:
    if len(data) > MAX_PACK_BYTES:
        raise InvalidRecipe(f"{file}: larger than {MAX_PACK_BYTES} bytes; split the pack")
    if any(line.count(b".") > MAX_DOTS for line in data.splitlines()):
        raise InvalidRecipe(f"{file}: a line with more than {MAX_DOTS} dots; no recipe needs one")
    try:
        pack = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidRecipe(f"{file}: not a TOML file: {error}") from error
    unknown = set(pack) - {"category", "language", "recipe"}
    if unknown:
        raise InvalidRecipe(f"{file}: unknown field {sorted(unknown)[0]!r} at the top of the file")
    entries = pack.get("recipe", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidRecipe(f"{file}: recipes are written as [[recipe]] tables")
    shared: dict[str, Any] = {name: pack[name] for name in ("category", "language") if name in pack}
    recipes = [read_recipe({**shared, **entry}, file=file) for entry in entries]
    _refuse_twins(recipes, file)
    return recipes


def _refuse_twins(recipes: list[Recipe] | tuple[Recipe, ...], file: str) -> None:
    seen = set[str]()
    for recipe in recipes:
        if recipe.id in seen:
            raise InvalidRecipe(f"{file}: recipe {recipe.id!r}: field 'id': used twice")
        seen.add(recipe.id)


class _Reader:
    """Reads one record, knowing what to call it in a complaint."""

    def __init__(self, record: Mapping[str, Any], file: str) -> None:
        self._record = record
        self._file = file
        self._id = str(record.get("id", "(without id)"))

    def recipe(self) -> Recipe:
        self._refuse_unknown(self._record, _FIELDS, "")
        if not re.fullmatch(r"[a-z][a-z0-9-]*", self._text("id")):
            raise self._wrong("id", "lower-case words joined by hyphens")
        rewrites = self._texts("rewrite", one_or_more=True)
        matches = self._texts("match", one_or_more=True)
        if len(rewrites) not in {1, len(matches)}:
            raise self._wrong("rewrite", "one for all patterns, or one for each")
        imports = self._texts("imports")
        helper_names = self._helper_names()
        renamed = self._imported(imports) | helper_names
        fresh = self._table("fresh")
        derive = self._table("derive")
        cases = self._cases(matches, rewrites, renamed)
        bound = frozenset.intersection(*(case.pattern.holes for case in cases))
        for name, text in derive.items():
            self._check_derivation(name, text, bound)
        known = bound | fresh.keys() | derive.keys()
        for case in cases:
            self._refuse_unbound(case.rewrite, case.pattern.holes | fresh.keys() | derive.keys(), "rewrite")
        hoist = self._template("hoist", self._text("hoist"), renamed) if "hoist" in self._record else None
        if hoist is not None:
            self._refuse_unbound(hoist, known, "hoist")
            if not all(case.pattern.is_expression for case in cases):
                raise self._wrong("hoist", "a recipe that hoists matches one expression")
        return Recipe(
            id=self._id,
            title=self._text("title"),
            category=self._text("category"),
            language=self._text("language"),
            explanation=self._text("explanation").strip(),
            match=tuple(matches),
            rewrite=tuple(rewrites),
            where=tuple(self._texts("where")),
            example=self._example(),
            refuses=tuple(self._texts("refuses")),
            hints=self._hints(),
            imports=tuple(imports),
            helpers=self._helpers(renamed),
            helper_names=tuple(sorted(helper_names)),
            hoist_text=self._text("hoist") if hoist is not None else "",
            cases=cases,
            conditions=self._conditions(bound),
            hoist=hoist,
            hoist_from=self._hoist_from(),
            keeps=self._keeps(),
            fresh=fresh,
            derive=derive,
            inside=self._inside(bound, known, renamed),
            uses=self._uses(bound, known, renamed),
        )

    def _cases(self, matches: list[str], rewrites: list[str], renamed: frozenset[str]) -> tuple[Case, ...]:
        if len(rewrites) == 1:
            rewrites = rewrites * len(matches)
        cases = []
        for match, rewrite in zip(matches, rewrites, strict=True):
            template = self._template("rewrite", rewrite, renamed)
            pattern = self._pattern("match", match, as_statements=not template.is_expression)
            if not pattern.is_expression and template.is_expression:
                template = compile_template(rewrite, renamed=renamed)
            cases.append(Case(pattern, template))
        return tuple(cases)

    def _inside(
        self, bound: frozenset[str], known: frozenset[str], renamed: frozenset[str]
    ) -> tuple[Inside, ...]:
        entries = self._record.get("inside", [])
        if not isinstance(entries, list):
            raise self._wrong("inside", "written as [[recipe.inside]] tables")
        result = []
        for entry in entries:
            self._refuse_unknown(entry, {"in", "match", "rewrite", "least", "covers"}, "inside.")
            region, covers = self._text("in", entry, "inside."), entry.get("covers", "")
            if region not in bound:
                raise self._wrong("inside.in", f"a hole of the pattern, not {region!r}")
            if covers and covers not in bound:
                raise self._wrong("inside.covers", f"a hole of the pattern, not {covers!r}")
            pattern, template = self._rule(entry, "inside.", known, renamed)
            least = entry.get("least", 0)
            if type(least) is not int or not 0 <= least <= 9:
                raise self._wrong("inside.least", "a number of matches from 0 to 9")
            result.append(Inside(region, pattern, template, least=least, covers=str(covers)))
        return tuple(result)

    def _uses(self, bound: frozenset[str], known: frozenset[str], renamed: frozenset[str]) -> Uses | None:
        table = self._record.get("uses")
        if table is None:
            return None
        if not isinstance(table, dict):
            raise self._wrong("uses", "written as a [recipe.uses] table")
        self._refuse_unknown(table, {"of", "as"}, "uses.")
        of = self._text("of", table, "uses.")
        if of not in bound:
            raise self._wrong("uses.of", f"a hole of the pattern, not {of!r}")
        cases = []
        for entry in table.get("as", []):
            self._refuse_unknown(entry, {"match", "rewrite"}, "uses.as.")
            if "rewrite" in entry:
                cases.append(UseCase(*self._rule(entry, "uses.as.", known, renamed)))
            else:
                cases.append(
                    UseCase(self._pattern("uses.as.match", self._text("match", entry, "uses.as.")), None)
                )
        if not all(of in case.pattern.holes for case in cases):
            raise self._wrong("uses.as.match", f"each must hold ${of}")
        return Uses(of, tuple(cases))

    def _rule(
        self, entry: Mapping[str, Any], prefix: str, known: frozenset[str], renamed: frozenset[str]
    ) -> tuple[Pattern, Template]:
        template = self._template(f"{prefix}rewrite", self._text("rewrite", entry, prefix), renamed)
        pattern = self._pattern(
            f"{prefix}match", self._text("match", entry, prefix), as_statements=not template.is_expression
        )
        self._refuse_unbound(template, known | pattern.holes, f"{prefix}rewrite")
        return pattern, template

    def _conditions(self, bound: frozenset[str]) -> tuple[tuple[Clause, ...], ...]:
        result = []
        for text in self._texts("where"):
            try:
                result.append(read_condition(text, bound))
            except ValueError as error:
                raise self._wrong("where", str(error)) from error
        return tuple(result)

    def _example(self) -> Example:
        table = self._record.get("example")
        if not isinstance(table, dict):
            raise self._wrong("example", "missing: every recipe shows what it does")
        self._refuse_unknown(table, {"before", "after", "arguments", "setup", "requires"}, "example.")
        return Example(
            before=self._text("before", table, "example."),
            after=self._text("after", table, "example."),
            arguments=self._text("arguments", table, "example."),
            setup=self._text("setup", table, "example.") if "setup" in table else "",
            requires=self._text("requires", table, "example.") if "requires" in table else "",
        )

    def _hoist_from(self) -> HoistFrom:
        try:
            return HoistFrom(self._record.get("hoist_from", "loop"))
        except ValueError as error:
            raise self._wrong("hoist_from", "loop or statement") from error

    def _keeps(self) -> str:
        keeps = self._record.get("keeps", "value")
        if keeps not in {"value", "object"}:
            raise self._wrong("keeps", "value or object")
        return str(keeps)

    def _helper_names(self) -> frozenset[str]:
        if "helpers" not in self._record:
            return frozenset()
        definitions = parse(self._text("helpers")).root.children
        if not definitions or any(node.type != "function_definition" for node in definitions):
            raise self._wrong("helpers", "function definitions and nothing else")
        names = (node.child("name") for node in definitions)
        return frozenset(name.text or "" for name in names if name is not None)

    def _helpers(self, renamed: frozenset[str]) -> Template | None:
        return (
            self._template("helpers", self._text("helpers"), renamed) if "helpers" in self._record else None
        )

    def _hints(self) -> bool:
        hints = self._record.get("hints", True)
        if not isinstance(hints, bool):
            raise self._wrong("hints", "true or false")
        return hints

    def _imported(self, imports: list[str]) -> frozenset[str]:
        names = set[str]()
        for statement in imports:
            found = _IMPORT.fullmatch(statement)
            if found is None:
                raise self._wrong("imports", f"'import NAME' or 'from MODULE import NAME', not {statement!r}")
            names.add(found[1] or found[2])
        return frozenset(names)

    def _check_derivation(self, name: str, text: str, bound: frozenset[str]) -> None:
        found = re.fullmatch(r"([a-z_]+)\(([A-Z0-9_]+(?:, [A-Z0-9_]+)*)\)", text)
        if found is None or found[1] not in DERIVATIONS:
            raise self._wrong(
                f"derive.{name}", f"one of {', '.join(sorted(DERIVATIONS))} of holes, not {text!r}"
            )
        if not set(found[2].split(", ")) <= bound | {MATCH}:
            raise self._wrong(f"derive.{name}", f"{text!r} names a hole the pattern does not bind")

    def _pattern(self, field: str, text: str, *, as_statements: bool = False) -> Pattern:
        try:
            return compile_pattern(text, as_statements=as_statements)
        except PatternError as error:
            raise self._wrong(field, f"a pattern; {text!r} {error}") from error

    def _template(self, field: str, text: str, renamed: frozenset[str]) -> Template:
        try:
            return compile_template(text, renamed=renamed)
        except PatternError as error:
            raise self._wrong(field, f"a template; {text!r} {error}") from error

    def _refuse_unbound(self, template: Template, known: frozenset[str] | set[str], field: str) -> None:
        for hole in sorted(template.holes - known):
            raise self._wrong(field, f"uses ${hole}, which nothing binds")

    def _refuse_unknown(self, table: object, fields: set[str], prefix: str) -> None:
        if not isinstance(table, Mapping):
            raise self._wrong(prefix.rstrip("."), "a table")
        for name in sorted(set(table) - fields):
            raise InvalidRecipe(f"{self._file}: recipe {self._id!r}: unknown field {prefix + str(name)!r}")

    def _text(self, field: str, table: Mapping[str, Any] | None = None, prefix: str = "") -> str:
        value = (self._record if table is None else table).get(field)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(prefix + field, "text")
        return value

    def _texts(self, field: str, *, one_or_more: bool = False) -> list[str]:
        value = self._record.get(field, [])
        if one_or_more and isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self._wrong(field, "a list of texts")
        if one_or_more and not value:
            raise self._wrong(field, "text")
        return list(value)

    def _table(self, field: str) -> dict[str, str]:
        value = self._record.get(field, {})
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise self._wrong(field, "a table of texts")
        for name, text in value.items():
            if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
                raise self._wrong(field, f"names holes in capitals, not {name!r}")
            if field == "fresh" and not re.fullmatch(
                r"[A-Za-z0-9_]*(\{[A-Z][A-Z0-9_]*\}[A-Za-z0-9_]*)?", text
            ):
                raise self._wrong(field, f"a name, perhaps with one {{HOLE}} in it, not {text!r}")
        return dict(value)

    def _wrong(self, field: str, expected: str) -> InvalidRecipe:
        return InvalidRecipe(f"{self._file}: recipe {self._id!r}: field {field!r}: {expected}")
