"""Mutants: a function with one slip in it, made by the operators on its syntax tree.

A mutant that compiles to the very instructions of the original is none, and is left out: that is the one
rule by which equivalence is decided without a person. All others are decided by ``equivalent.toml``.
"""

from __future__ import annotations

import ast
import hashlib
import random
import textwrap
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paceline.cli.bench_judge.operators import OPERATORS

_SHOWN = 70
_LEFT_ALONE = frozenset(
    {"annotation", "returns", "decorator_list", "ctx", "op", "ops", "defaults", "kw_defaults"}
)
"""Fields of nodes. Defaults are part of the signature, which is compared as a whole: one operator will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One slip in one function."""

    function: str
    """The name of the corpus entry."""
    operator: str
    line: int
    """Of the function's own lines, 1-based."""
    change: str
    """What stood there and what stands there now."""
    definition: str

    @property
    def hash(self) -> str:
        """Identifies the mutant as long as neither the function nor the slip changes."""
        words = f"{self.function}\0{self.definition}"
        return hashlib.sha256(words.encode()).hexdigest()[:12]


def mutants(function: str, source: str) -> list[Mutant]:
    """Return every mutant of one function definition, in the order of the operators and of the text.

    Two slips with the same effect on the text are one mutant, that of the first operator.
    """
    tree = ast.parse(textwrap.dedent(source))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    original = _instructions(ast.unparse(tree) + "\n")
    seen: set[str] = set()
    found = []
    for operator in OPERATORS:
        for place in list(_places(definition, tree)):
            for replacement in operator.of(place.node):
                mutant = _made(function, operator.name, definition, tree, place, replacement)
                if mutant is None or mutant.definition in seen:
                    continue
                seen.add(mutant.definition)
                instructions = _instructions(mutant.definition)
                if instructions not in (None, original):
                    found.append(mutant)
    return found


def chosen(every: Sequence[Mutant], count: int, *, seed: int) -> list[Mutant]:
    """Return ``count`` mutants of one function, of as many operators as there are."""
    rng = random.Random(f"{seed}:{every[0].function if every else ''}")
    by_operator: dict[str, list[Mutant]] = {}
    for mutant in rng.sample(list(every), len(every)):
        by_operator.setdefault(mutant.operator, []).append(mutant)
    queues = rng.sample(list(by_operator.values()), len(by_operator))
    picked: list[Mutant] = []
    while len(picked) < count and queues:
        picked += [queue.pop() for queue in queues]
        queues = [queue for queue in queues if queue]
    return picked[:count]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node hangs in its parent."""

    parent: ast.AST
    field: str
    at: int | None
    node: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.at is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.at] = node


def _places(definition: ast.AST, tree: ast.AST) -> Iterator[_Place]:
    """Every node whose change can change what the function does: no annotations, docstrings, defaults."""
    yield _Place(tree, "body", 0, definition)
    waiting = [definition]
    while waiting:
        parent = waiting.pop(0)
        for field, value in ast.iter_fields(parent):
            if field in _LEFT_ALONE:
                continue
            if isinstance(parent, ast.JoinedStr | ast.FormattedValue) and field == "format_spec":
                continue
            children = value if isinstance(value, list) else [value]
            for at, node in enumerate(children):
                if not isinstance(node, ast.AST) or _is_text_alone(node):
                    continue
                # A piece of an f-string can only be text.
                if not isinstance(parent, ast.JoinedStr):
                    yield _Place(parent, field, at if isinstance(value, list) else None, node)
                waiting.append(node)


def _is_text_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _made(
    function: str,
    operator: str,
    definition: ast.AST,
    tree: ast.Module,
    place: _Place,
    replacement: ast.AST,
) -> Mutant | None:
    line = getattr(place.node, "lineno", getattr(definition, "lineno", 1))
    before = _words(place.node)
    ast.copy_location(replacement, place.node)
    place.put(replacement)
    try:
        text = ast.unparse(tree) + "\n"
    except ValueError:
        return None
    finally:
        place.put(place.node)
    return Mutant(
        function=function,
        operator=operator,
        line=line,
        change=f"{before} -> {_words(replacement)}",
        definition=text,
    )


def _words(node: ast.AST) -> str:
    if isinstance(node, ast.comprehension):
        text = f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
        text += "".join(f" if {ast.unparse(test)}" for test in node.ifs)
    elif isinstance(node, ast.For | ast.FunctionDef):
        text = ast.unparse(node).splitlines()[0]
    else:
        text = " / ".join(line.strip() for line in ast.unparse(node).splitlines())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _instructions(text: str) -> object:
    """Return what a definition compiles to, without line numbers and names of files; None if it does not."""
    try:
        return _plain(compile(text, "function", "exec"))
    except (SyntaxError, ValueError):
        return None


def _plain(code: types.CodeType) -> object:
    constants = tuple(
        _plain(c) if isinstance(c, types.CodeType) else (type(c).__name__, repr(c)) for c in code.co_consts
    )
    return (code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants, code.co_flags)
