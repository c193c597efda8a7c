"""A real Neovim with the set-up we ship: open, ask, run, apply, save; and the project's tests still pass."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from paceline.workspace import trust
from tests.lsp.conftest import REPOSITORY, SCRIPTED

NVIM = shutil.which("nvim", path=str(Path(sys.executable).parent)) or shutil.which("nvim")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NVIM is None, reason="Neovim is not installed (dependency group: editors)"),
]


@pytest.fixture
def shop(tmp_path: Path, home: Path) -> Path:
    """A copy of the example, trusted, with an emoji on the line the cursor will be on."""
    root = tmp_path / "shop"
    shutil.copytree(REPOSITORY / "examples", root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    module = root / "shop" / "customers.py"
    module.write_text(module.read_text().replace('"""Return the addresses', '"""😀é Return the addresses'))
    trust(root)
    return root


def in_neovim(shop: Path, encoding: str, server: tuple[str, ...]) -> dict[str, object]:
    script = Path(__file__).parent / "neovim" / "session.lua"
    module = shop / "shop" / "customers.py"
    finished = subprocess.run(
        [
            str(NVIM), "--headless", "--clean", "-l", str(script),
            str(REPOSITORY / "editors" / "neovim"), str(module), "first came in", encoding, *server,
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout[finished.stdout.index("{") :])
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_function_made_faster_in_neovim_still_passes_its_tests(shop: Path, encoding: str) -> None:
    module = shop / "shop" / "customers.py"
    before = module.read_text()
    told = in_neovim(shop, encoding, (sys.executable, "-m", "paceline", "serve", "--stdio"))
    assert told["encoding"] == encoding
    assert "dedupe-with-seen-set in line 8, severity 4" in told["hints"]
    after = module.read_text()
    start, end = before.index("def unique_emails"), before.index("def repeat_buyers")
    assert after != before
    assert "seen: " in after or "set(" in after or "dict.fromkeys(" in after
    assert after.endswith(before[end:]), "what stands below the function is as it was"
    assert after.startswith(before[:start].rstrip()), "and what stands above it"
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_customers.py"],
        cwd=shop,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout


def test_neovim_lists_what_is_proven_fastest_first(shop: Path) -> None:
    module = shop / "shop" / "customers.py"
    text = module.read_text().replace("unique_emails", "total").replace("in seen", "in items")
    module.write_text(text.replace("seen.append", "items.append"))
    told = in_neovim(shop, "utf-16", SCRIPTED)
    assert told["picked"] == [
        ["3.1x faster (2.8-3.4): use a set for membership", "2.0x faster (1.8-2.2): do less work"]
    ]
    assert "    return seen  # faster: set\n" in module.read_text()
