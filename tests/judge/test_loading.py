"""Modules as projects really lay them out, on every interpreter at hand, imported from memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from paceline.judge.verdict import Checks, Outcome, Verdict

GOOD = "def f(items: list):\n    return sorted(items)\n"
BAD = "def f(items: list):\n    return sorted(items)[::-1]\n"


def interpreters() -> list[Path]:
    """Every Python from 3.9 on that is installed side by side here, and the one that runs the tests."""
    found = {sys.version_info[:2]: Path(sys.executable)}
    for path in sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3")):
        version = tuple(int(part) for part in path.parts[-3].split(".")[:2])
        if version >= (3, 9):
            found.setdefault(version, path)
    return [found[version] for version in sorted(found)]


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: path.parts[-3])
async def test_every_interpreter_can_be_judged_on(python: Path, judging) -> None:
    module = "import math\n\ndef f(items):\n    return [math.sqrt(abs(x)) for x in items]\n"
    async with judging(module, "f", python=python, max_verdict_s=0.1) as bench:
        same = await bench.ask(
            "def f(items):\n    root = math.sqrt\n    return [root(abs(x)) for x in items]\n"
        )
        wrong = await bench.ask("def f(items):\n    return [abs(x) ** 0.5 * 1.0001 for x in items]\n")
    assert same.outcome.is_behaviour_preserving, same.reason
    assert wrong.outcome is Outcome.WRONG, wrong.reason


LAYOUTS = {
    "a script beside another": (
        "work.py",
        "import shapes\nimport codec\n\ndef f(items: list):\n    return sorted(items, key=shapes.key)\n",
        {"shapes.py": "def key(x):\n    return (str(type(x)), x)\n", "codec.py": ""},
    ),
    "a package": (
        "pkg/sub/work.py",
        "from ..base import key\nfrom . import near\n\ndef f(items):\n    return sorted(items, key=key)\n",
        {
            "pkg/__init__.py": "",
            "pkg/sub/__init__.py": "from .work import f\n",
            "pkg/sub/near.py": "from pkg.sub import work\n",
            "pkg/base.py": "def key(x):\n    return str(x)\n",
        },
    ),
    "a source folder": (
        "src/pkg/work.py",
        "from pkg import base\n\ndef f(items: list):\n    return sorted(items, key=base.key)\n",
        {
            "src/pkg/__init__.py": "",
            "src/pkg/base.py": "def key(x):\n    return str(x)\n",
            "pyproject.toml": "",
        },
    ),
    "a namespace package": (
        "space/work.py",
        "from .base import key\n\ndef f(items: list):\n    return sorted(items, key=key)\n",
        {"space/base.py": "def key(x):\n    return str(x)\n"},
    ),
    "a package's own file": (
        "pkg/__init__.py",
        "from pkg.base import key\n\ndef f(items: list):\n    return sorted(items, key=key)\n",
        {"pkg/base.py": "def key(x):\n    return str(x)\n"},
    ),
    "a script with a main part": (
        "tool.py",
        "import sys\n\ndef f(items: list):\n    return sorted(items, key=str)\n\n"
        "if __name__ == '__main__':\n    sys.exit(f([]))\n",
        {},
    ),
    "a module named like one of the library, imported ahead": (
        "work.py",
        "import colorsys\n\ndef f(items: list):\n    return sorted(items, key=colorsys.key)\n",
        {"colorsys.py": "def key(x):\n    return str(x)\n"},
    ),
    "the target's own file named like one of the library": (
        "json.py",
        "def f(items: list):\n    return sorted(items, key=str)\n",
        {},
    ),
    "names of the worker's own modules": (
        "observe.py",
        "import turns\nimport wire\n\ndef f(items: list):\n    return sorted(items, key=turns.key)\n",
        {"turns.py": "def key(x):\n    return str(x)\n", "wire.py": "", "limits.py": "raise RuntimeError\n"},
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
async def test_projects_are_imported_as_they_lie(
    layout: tuple[str, str, dict[str, str]], judging, tmp_path: Path
) -> None:
    file, module, others = layout
    for name, text in others.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    async with judging(module, "f", file=file) as bench:
        prepared = await bench.judge.prepare()
        verdict = await bench.ask(BAD)
    assert isinstance(prepared, Checks), prepared
    assert verdict.outcome is Outcome.WRONG, verdict.reason


async def test_a_definition_that_a_later_statement_replaces_is_not_judged(judging) -> None:
    module = "def f(items: list):\n    return sum(items)\n\nfrom math import fsum as f\n"
    async with judging(module, "f") as bench:
        prepared = await bench.judge.prepare()
    assert isinstance(prepared, Verdict)
    assert prepared.outcome is Outcome.CANNOT_JUDGE
    assert "a later statement gives the name a built-in one" in prepared.reason


@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        ("Box.plain", "def plain(self, n: int):\n    return self.size + n + 1\n"),
        ("Box.fixed", "@staticmethod\ndef fixed(n: int):\n    return n * 2 + 1\n"),
        ("Box.made", "@classmethod\ndef made(cls, n: int):\n    return [cls.__name__, n + 1]\n"),
        ("Box.double", "@property\ndef double(self):\n    return self.size * 2 + 1\n"),
        ("Box.Inner.deep", "def deep(self, n: int):\n    return n - 1\n"),
    ],
)
async def test_every_kind_of_method_is_found(name: str, candidate: str, judging) -> None:
    module = """
        class Box:
            def __init__(self, size: int):
                self.size = size

            def plain(self, n: int):
                return self.size + n

            @staticmethod
            def fixed(n: int):
                return n * 2

            @classmethod
            def made(cls, n: int):
                return [cls.__name__, n]

            @property
            def double(self):
                return self.size * 2

            class Inner:
                def deep(self, n: int):
                    return n
    """
    async with judging(module, name) as bench:
        verdict = await bench.ask(candidate)
    assert verdict.outcome is Outcome.WRONG, verdict.reason


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "handy.py").write_text("def key(x):\n    return str(x)\n")
    return folder


async def test_packages_of_the_environment_are_found_when_they_are_needed(judging, environment: Path) -> None:
    module = "from handy import key\n\ndef f(items: list):\n    return sorted(items, key=key)\n"
    async with judging(module, "f", python=environment / "bin" / "python") as bench:
        verdict = await bench.ask(BAD)
    assert verdict.outcome is Outcome.WRONG, verdict.reason


async def test_an_interpreter_that_is_none_runs_in_the_sandbox_only(judging, tmp_path: Path) -> None:
    """A repository can bring any program as its ``.venv/bin/python``."""
    python = tmp_path / "project" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho hello; echo bad > {tmp_path}/project/ran\n")
    python.chmod(0o755)
    async with judging(GOOD, "f", python=python) as bench:
        verdict = await bench.ask(BAD)
    assert verdict.outcome is Outcome.CANNOT_JUDGE
    assert "could not compile the judge's worker" in verdict.reason
    assert not (tmp_path / "project" / "ran").exists()


async def test_an_interpreter_that_is_too_old_is_named(judging) -> None:
    old = [
        path
        for version in ("3.6", "3.7", "3.8")
        for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python3")
    ]
    if not old:
        pytest.skip("no Python older than 3.9 is installed here")
    for python in old:
        async with judging(GOOD, "f", python=python) as bench:
            verdict = await bench.ask(BAD)
        assert verdict.outcome is Outcome.CANNOT_JUDGE
        assert f"is Python {python.parts[-3]}; the judge needs 3.9 or newer" in verdict.reason


async def test_what_is_judged_is_what_was_sent_and_not_the_file(judging, tmp_path: Path) -> None:
    async with judging(GOOD, "f") as bench:
        bench.target.file.write_text("raise RuntimeError('read from the disk')\n")
        verdict = await bench.ask(BAD)
    assert verdict.outcome is Outcome.WRONG, verdict.reason
