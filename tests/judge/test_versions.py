"""The whole chain on every Python from 3.9 on: its own packages, its own syntax, every kind of function."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from paceline.judge.python.trees import may_be_newer
from paceline.judge.verdict import Checks, Outcome
from paceline.workspace import Settings, python_for
from paceline.workspace.pythons.tools import poetry_name
from tests.judge.test_loading import interpreters

OLDEST, NEWEST = (3, 9), (3, 14)
VERSIONS = [(3, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)]
SAME, WRONG = "behaves the same", "wrong"

MODULE = """
    from dataclasses import dataclass
    from typing import Dict, List, Optional
    import asyncio

    from only_here import key


    @dataclass
    class Item:
        name: str
        size: int = 0


    def unique(items: List[int]) -> List[int]:
        found = []
        for item in items:
            if item not in found:
                found.append(item)
        return sorted(found, key=key)


    def named(items: List[Item]) -> Dict[str, int]:
        return {item.name: item.size for item in items}


    def evens(items: List[int]):
        for item in items:
            if item % 2 == 0:
                yield item


    async def summed(items: List[int]) -> int:
        await asyncio.sleep(0)
        return sum(items)


    def first_long(words: List[str]) -> Optional[str]:
        for word in words:
            if (size := len(word)) > 3:
                return word[:size]
        return None
"""
CANDIDATES = {
    "unique": {
        SAME: "def unique(items):\n    return sorted(dict.fromkeys(items), key=key)\n",
        WRONG: "def unique(items):\n    return sorted(items, key=key)\n",
    },
    "named": {
        SAME: "def named(items):\n    return dict([(i.name, i.size) for i in items])\n",
        WRONG: "def named(items):\n    return {i.name: i.size or 1 for i in items}\n",
    },
    "evens": {
        SAME: "def evens(items):\n    yield from [i for i in items if not i & 1]\n",
        WRONG: "def evens(items):\n    yield from [i for i in items if i & 1]\n",
    },
    "summed": {
        SAME: "async def summed(items):\n    await asyncio.sleep(0)\n    return 0 + sum(items)\n",
        WRONG: "async def summed(items):\n    return len(items)\n",
    },
    "first_long": {
        SAME: "def first_long(words):\n    return next((w for w in words if len(w) > 3), None)\n",
        WRONG: "def first_long(words):\n    return next((w for w in words if len(w) > 4), None)\n",
    },
}
SYNTAX = {
    "X | Y": (
        (3, 10),
        """
        def f(items: list[int | str], most: int | None = None) -> list[str]:
            return [str(item) for item in items][:most]
        """,
        "def f(items, most=None):\n    return [str(item) + '.' for item in items][:most]\n",
    ),
    "match": (
        (3, 10),
        """
        def f(items: list[tuple[int, int]]) -> list[int]:
            found = []
            for item in items:
                match item:
                    case (0, y):
                        found.append(y)
                    case (x, y) if x > y:
                        found.append(x)
            return found
        """,
        """
        def f(items):
            found = []
            for item in items:
                match item:
                    case (0, y):
                        found.append(y)
            return found
        """,
    ),
    "except*": (
        (3, 11),
        """
        def f(numbers: list[int]) -> int:
            try:
                raise ExceptionGroup("several", [ValueError(n) for n in numbers] or [KeyError()])
            except* ValueError as group:
                total = sum(error.args[0] for error in group.exceptions)
            except* KeyError:
                total = 0
            return total
        """,
        """
        def f(numbers):
            try:
                raise ExceptionGroup("several", [ValueError(n) for n in numbers] or [KeyError()])
            except* ValueError as group:
                total = len(group.exceptions)
            except* KeyError:
                total = 0
            return total
        """,
    ),
    "type parameters and aliases": (
        (3, 12),
        """
        type Numbers = list[int]

        def f[T: int](items: Numbers, more: list[T]) -> list[T]:
            return [*items, *more]
        """,
        """
        type Pair = tuple[int, int]

        def f[T: int](items: Numbers, more: list[T]) -> list[T]:
            pair: Pair = (1, 2)
            return [*more, *items]
        """,
    ),
    "quotes in f-strings": (
        (3, 12),
        """
        def f(words: list[str]) -> str:
            return f"{", ".join(f"{word!r}" for word in words)}"
        """,
        'def f(words):\n    return f"{"; ".join(f"{word!r}" for word in words)}"\n',
    ),
    "template strings": (
        (3, 14),
        """
        def f(words: list[str]) -> list[str]:
            return [t"{word}".interpolations[0].value for word in words]
        """,
        'def f(words):\n    return [t"{word}".strings[0] for word in words]\n',
    ),
    "except without parentheses": (
        (3, 14),
        """
        def f(words: list[str]) -> list[int]:
            try:
                return [int(word) for word in words]
            except ValueError, TypeError:
                return []
        """,
        """
        def f(words):
            try:
                return [1 for word in words]
            except ValueError, TypeError:
                return []
        """,
    ),
}


def _python(version: tuple[int, int]) -> Path:
    if version == sys.version_info[:2]:
        return Path(sys.executable)
    shown = f"{version[0]}.{version[1]}"
    found = next((p for p in interpreters() if p.parts[-3].startswith(f"{shown}.")), None)
    if found is None:
        pytest.skip(f"Python {shown} is not installed here")
    return found


def _shown(version: object) -> str | None:
    return f"3.{version[1]}" if isinstance(version, tuple) else None


@pytest.fixture
def environment(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An environment of the version, with a module that is installed in it and nowhere else."""
    return _environment(tmp_path / "environment", request.param)


def _environment(folder: Path, version: tuple[int, int]) -> Path:
    subprocess.run([_python(version), "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "only_here.py").write_text("def key(x):\n    return -x\n")
    return folder / "bin" / "python"


@pytest.mark.parametrize("environment", VERSIONS, indirect=True, ids=_shown)
async def test_every_kind_of_function_with_a_package_of_its_own(environment: Path, judging) -> None:
    for name, candidates in CANDIDATES.items():
        async with judging(MODULE, name, python=environment, max_verdict_s=0.1) as bench:
            prepared = await bench.judge.prepare()
            assert isinstance(prepared, Checks), (name, prepared)
            assert prepared.sources.get("type-hints", 0) > 0, (name, prepared)
            same, wrong = await bench.ask(candidates[SAME]), await bench.ask(candidates[WRONG])
        assert same.outcome.is_behaviour_preserving, (name, same.reason)
        assert wrong.outcome is Outcome.WRONG, (name, wrong.reason)


async def test_the_environment_that_poetry_made_is_found_and_judged_in(
    judging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("POETRY_VIRTUALENVS_PATH", str(tmp_path / "kept"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[tool.poetry]\nname = "shop"\n')
    name = poetry_name({"tool": {"poetry": {"name": "shop"}}}, root)
    folder = tmp_path / "kept" / f"{name}-py3.12"
    _environment(folder, (3, 12))
    python = python_for(root, Settings(), trusted=True)
    assert python == folder / "bin" / "python"
    async with judging(MODULE, "unique", python=python) as bench:
        verdict = await bench.ask(CANDIDATES["unique"][WRONG])
    assert verdict.outcome is Outcome.WRONG, verdict.reason


@pytest.mark.parametrize("version", VERSIONS, ids=_shown)
@pytest.mark.parametrize("syntax", SYNTAX)
async def test_syntax_is_that_of_the_workspace_s_python(
    version: tuple[int, int], syntax: str, judging
) -> None:
    python = _python(version)
    since, module, candidate = SYNTAX[syntax]
    async with judging(module, "f", python=python) as bench:
        wrong = await bench.ask(candidate)
        bad = await bench.ask("def f(:\n    return 1\n")
    if version < since:
        assert wrong.outcome is Outcome.CANNOT_JUDGE, wrong.reason
        assert "Error" in wrong.reason
        return
    assert wrong.outcome is Outcome.WRONG, wrong.reason
    assert wrong.evidence.counterexample is not None
    assert bad.outcome is Outcome.DOES_NOT_BUILD, bad.reason


async def test_a_rewrite_may_not_be_newer_than_the_workspace_s_python(judging) -> None:
    async with judging("def f(x: int):\n    return x\n", "f", python=_python((3, 9))) as bench:
        verdict = await bench.ask("def f(x):\n    match x:\n        case _:\n            return x\n")
    assert verdict.outcome is Outcome.DOES_NOT_BUILD
    assert "SyntaxError" in verdict.reason


TAMPERING = {
    "in a bound": "def f[T: __import__('os')](items: list[T]) -> list[T]:\n    return items\n",
    "in the body": "def f[T](items: list[T]) -> list[T]:\n    import threading\n    return items\n",
    "in an alias": "type A = __import__('os')\n\ndef f[T](items: list[T]) -> list[T]:\n    return items\n",
    "in a nested f-string": "def f[T](x: list[T]) -> list[T]:\n    f'{f'{globals()}'}'\n    return x\n",
}


@pytest.mark.parametrize("candidate", TAMPERING.values(), ids=TAMPERING)
async def test_new_syntax_hides_nothing(candidate: str, judging) -> None:
    module = "def f[T](items: list[T]) -> list[T]:\n    return items\n"
    candidate = candidate.replace("x:", "items:").replace("return x", "return items")
    async with judging(module, "f", python=_python((3, 13))) as bench:
        verdict = await bench.ask(candidate)
    assert verdict.outcome is Outcome.TAMPERED, verdict.reason


def test_the_workspace_s_python_is_asked_only_where_it_may_be_newer(tmp_path: Path) -> None:
    def environment(version: str) -> Path:
        python = tmp_path / version / "bin" / "python"
        python.parent.mkdir(parents=True)
        (tmp_path / version / "pyvenv.cfg").write_text(f"version = {version}\n")
        return python

    here = sys.version_info
    assert not may_be_newer(Path(sys.executable))
    assert not may_be_newer(environment("3.9.1"))
    assert may_be_newer(environment(f"{here[0]}.{here[1] + 1}.0"))
    assert may_be_newer(tmp_path / "nobody" / "knows" / "python")
