"""A real Neovim, set up as the README says, and a person's script in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import REPOSITORY

NVIM = shutil.which("nvim", path=str(Path(sys.executable).parent)) or shutil.which("nvim")
SCRIPTS = Path(__file__).parent / "scripts"
REAL = (sys.executable, "-m", "paceline", "serve", "--stdio")

Neovim = Callable[..., dict[str, Any]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Paceline home of the test's own."""
    home = tmp_path / "home"
    monkeypatch.setenv("PACELINE_HOME", str(home))
    return home


@pytest.fixture
def shop(tmp_path: Path, home: Path) -> Path:
    """A copy of the example that nobody has trusted yet, an emoji on the line the cursor will be on."""
    root = tmp_path / "shop"
    shutil.copytree(REPOSITORY / "examples", root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    module = root / "shop" / "customers.py"
    module.write_text(module.read_text().replace('"""Return the addresses', '"""😀é Return the addresses'))
    return root


@pytest.fixture
def neovim(tmp_path: Path) -> Neovim:
    """Open a file in Neovim, let a person's script go on from there, and return what was seen."""

    def open_file(
        file: Path,
        script: str,
        *,
        server: tuple[str, ...] = REAL,
        encoding: str = "utf-8",
        config: str = "{}",
        columns: int = 120,
        plugin: bool = True,
    ) -> dict[str, Any]:
        assert NVIM is not None, "Neovim is not installed: make test-editors does that"
        set_up = tmp_path / "init.lua"
        if not plugin:
            shutil.copytree(REPOSITORY / "editors" / "neovim" / "lsp", tmp_path / "CONFIG" / "nvim" / "lsp")
        set_up.write_text(
            (readme_set_up() if plugin else "vim.lsp.enable('paceline')\n")
            + "vim.lsp.config('paceline', vim.tbl_deep_extend('force', {\n"
            + f"  cmd = {lua(server)},\n"
            + f"  capabilities = {{ general = {{ positionEncodings = {lua((encoding,))} }} }},\n"
            + f"}}, {config}))\n"
            + f"vim.o.columns, vim.o.lines = {columns}, 40\n"
        )
        told = tmp_path / "seen.json"
        finished = subprocess.run(
            [
                str(NVIM), "--headless", "-n", "-i", "NONE", "-u", str(set_up),
                str(file), "-S", str(SCRIPTS / f"{script}.lua"),
            ],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "PERSON": str(SCRIPTS / "person.lua"),
                "SEEN": str(told),
                **{f"XDG_{name}_HOME": str(tmp_path / name) for name in ("STATE", "CACHE", "DATA", "CONFIG")},
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )  # fmt: skip
        assert told.exists(), finished.stdout + finished.stderr
        seen = json.loads(told.read_text())
        assert isinstance(seen, dict)
        assert "problem" not in seen, seen["problem"]
        return seen

    return open_file


def readme_set_up() -> str:
    """Return the lines that the README tells people to put into init.lua, with the path filled in."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    block = text.partition("```lua\n")[2].partition("```")[0]
    assert "vim.lsp.enable('paceline')" in block
    return block.replace("/path/to/paceline", str(REPOSITORY))


def commit(root: Path) -> None:
    """Make a repository of a folder, all of it committed."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    for words in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "--message", "first")):
        subprocess.run(["git", *words], cwd=root, check=True)


def lua(words: tuple[str, ...]) -> str:
    """Return words as a Lua list."""
    return "{ " + ", ".join(f"[==[{word}]==]" for word in words) + " }"
