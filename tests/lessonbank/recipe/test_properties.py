"""Laws that hold whatever the function looks like."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonbank.recipe import apply_all, find_hints, shipped_recipes

RECIPES = shipped_recipes("python")
NAMES = st.sampled_from(["a", "b", "items", "out", "n", "set"])
EXPRESSIONS = st.recursive(
    st.one_of(NAMES, st.sampled_from(["1", "''", "[]", "{}", "set()", "()", "'x'"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " in ", " not in ", " == ", " < ", " or "]), inner).map(
            "".join
        ),
        st.tuples(NAMES, inner).map(lambda p: f"{p[0]}[{p[1]}]"),
        st.tuples(NAMES, st.sampled_from(["append", "count", "pop", "index", "insert", "lower"]), inner).map(
            lambda p: f"{p[0]}.{p[1]}({p[2]})"
        ),
        st.tuples(st.sampled_from(["sorted", "len", "sum", "set", "list", "max"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        st.tuples(inner, NAMES, inner, inner).map(lambda p: f"[{p[0]} for {p[1]} in {p[2]} if {p[3]}]"),
        inner.map(lambda e: f"({e})[0]"),
        inner.map(lambda e: f"(lambda n: {e})"),
    ),
    max_leaves=6,
)


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def compound(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    blocks = st.lists(inner, min_size=1, max_size=3).map(
        lambda parts: [line for part in parts for line in part]
    )
    return st.one_of(
        st.tuples(NAMES, EXPRESSIONS, blocks).map(lambda p: [f"for {p[0]} in {p[1]}:", *indented(p[2])]),
        st.tuples(EXPRESSIONS, blocks).map(lambda p: [f"if {p[0]}:", "    # why", *indented(p[1])]),
        st.tuples(EXPRESSIONS, blocks).map(lambda p: [f"while {p[0]}:", *indented(p[1])]),
        blocks.map(lambda b: ["try:", *indented(b), "except KeyError:", "    pass  # never"]),
    )


STATEMENTS = st.recursive(
    st.one_of(
        st.tuples(NAMES, EXPRESSIONS).map(lambda p: [f"{p[0]} = {p[1]}"]),
        st.tuples(NAMES, EXPRESSIONS).map(lambda p: [f"{p[0]} += {p[1]}"]),
        st.tuples(NAMES, EXPRESSIONS).map(lambda p: [f"{p[0]} = {p[0]} + [{p[1]}]"]),
        st.tuples(NAMES, EXPRESSIONS).map(lambda p: [f"{p[0]}.append({p[1]})"]),
        EXPRESSIONS.map(lambda e: [f"return {e}"]),
        EXPRESSIONS.map(lambda e: [e]),
    ),
    compound,
    max_leaves=6,
)


@st.composite
def functions(draw: st.DrawFn) -> str:
    body = [line for part in draw(st.lists(STATEMENTS, min_size=1, max_size=4)) for line in part]
    return "\n".join(["def f(a, items):", *indented(body), ""])


@settings(max_examples=150, deadline=None)
@given(functions())
def test_every_output_parses_and_keeps_name_and_signature(source: str) -> None:
    ast.parse(source)
    applications = apply_all(RECIPES, source)
    for application in applications:
        (definition,) = ast.parse(application.source).body
        assert isinstance(definition, ast.FunctionDef)
        assert definition.name == "f"
        assert [argument.arg for argument in definition.args.args] == ["a", "items"]
        assert 0 <= application.start < application.end <= len(source.encode())
    hints = find_hints(RECIPES, source)
    hinted = [a for a in applications if next(r for r in RECIPES if r.id == a.recipe).hints]
    assert {(a.recipe, a.start) for a in hinted} <= {(h.recipe, h.start) for h in hints}


@settings(max_examples=60, deadline=None)
@given(functions())
def test_applying_again_and_again_comes_to_rest(source: str) -> None:
    for _ in range(60):
        applications = apply_all(RECIPES, source)
        if not applications:
            return
        source = applications[0].source
    pytest.fail(f"still going:\n{source}")


def functions_of(module: types.ModuleType) -> Iterator[str]:
    source = inspect.getsource(module)
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield textwrap.dedent("".join(lines[first - 1 : node.end_lineno]))


@pytest.mark.parametrize("module", [ast, inspect, textwrap], ids=lambda module: module.__name__)
def test_real_code_stays_code(module: types.ModuleType) -> None:
    for source in functions_of(module):
        for application in apply_all(RECIPES, source):
            before, after = ast.parse(source).body[0], ast.parse(application.source).body[0]
            assert isinstance(before, ast.FunctionDef) and isinstance(after, ast.FunctionDef)
            assert ast.dump(before.args) == ast.dump(after.args)
            assert ast.get_docstring(before, clean=False) == ast.get_docstring(after, clean=False)
