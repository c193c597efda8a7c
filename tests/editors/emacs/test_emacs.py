"""The story in a real Emacs with eglot, a server killed in the middle of it, and where lessons lead."""

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

from paceline.workspace import trust
from tests.lsp.conftest import REPOSITORY

EMACS = shutil.which("emacs")
HERE = Path(__file__).parent
EDITOR = REPOSITORY / "editors" / "emacs"
SERVER = (sys.executable, "-m", "paceline", "serve", "--stdio")

pytestmark = pytest.mark.slow

Emacs = Callable[[str], dict[str, Any]]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example as a repository, which nobody has trusted yet, an emoji on the cursor's line."""
    monkeypatch.setenv("PACELINE_HOME", str(tmp_path / "home"))
    root = tmp_path / "shop"
    shutil.copytree(REPOSITORY / "examples", root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    module = root / "shop" / "customers.py"
    module.write_text(module.read_text().replace('"""Return the addresses', '"""😀é Return the addresses'))
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


@pytest.fixture
def emacs(tmp_path: Path, shop: Path) -> Emacs:
    """Let a person's script run in Emacs, set up as the README says, and return what was seen."""

    def run(script: str) -> dict[str, Any]:
        assert EMACS is not None, "Emacs is not installed: make test-editors does that"
        set_up, told = tmp_path / "set-up.el", tmp_path / "seen.json"
        set_up.write_text(readme_set_up())
        finished = subprocess.run(
            [EMACS, "--batch", "--load", str(HERE / f"{script}.el")],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "HOME": str(tmp_path),
                "SET_UP": str(set_up),
                "SEEN": str(told),
                "SERVER": "\n".join(SERVER),
                "FILE": str(shop / "shop" / "customers.py"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert told.exists(), finished.stdout + finished.stderr
        seen = json.loads(told.read_text())
        assert isinstance(seen, dict)
        assert "problem" not in seen, seen["problem"]
        return seen

    return run


def readme_set_up() -> str:
    """Return what the README tells people to put into their init file, with the path filled in."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    block = text.partition("```elisp\n")[2].partition("```")[0]
    assert "paceline.el" in block
    return block.replace("/path/to/paceline", str(REPOSITORY))


def test_a_function_made_faster_in_emacs(emacs: Emacs, shop: Path) -> None:
    module = shop / "shop" / "customers.py"
    before = module.read_text()
    seen = emacs("story")

    assert any(hint.startswith("8: paceline [dedupe-with-seen-set]") for hint in seen["hints"])
    assert seen["actions"] == ["Make `unique_emails` faster (Paceline)"]
    (question,) = seen["asked"]
    assert f"Trust {shop} and run its code in the sandbox?" in question
    assert "timing: remember what was seen in a set" in seen["status"]

    added = [line[1:] for line in seen["choice"].splitlines() if line.startswith("+")]
    after = module.read_text()
    assert added
    assert all(f"{line}\n" in after for line in added), "what was applied is what the diff showed"
    start, end = before.index("def unique_emails"), before.index("def repeat_buyers")
    assert after.startswith(before[:start].rstrip())
    assert after.endswith(before[end:])

    assert any("membership-in-set" in hint for hint in seen["hints_after"]), "its siblings still have hints"
    assert "95% interval over" in seen["evidence"]
    assert "elements     before      after  speedup" in seen["evidence"]
    assert "unique_emails" in seen["lessons"]


def test_a_killed_server_is_said_and_started_anew_by_eglot(emacs: Emacs, shop: Path) -> None:
    trust(shop)
    seen = emacs("killed")
    assert seen["heard"].startswith("Paceline: the server died")
    assert seen["status"] == "", "nothing of the lost run is shown any more"
    assert "Make `unique_emails` faster (Paceline)" in seen["actions"]


def test_a_cancelled_run_ends(emacs: Emacs, shop: Path) -> None:
    trust(shop)
    seen = emacs("cancelled")
    assert seen["running"] is True
    assert seen["status"] == ""


def test_a_lesson_leads_to_its_function_where_two_files_have_one_name(emacs: Emacs, shop: Path) -> None:
    folder = shop / "shop"
    for other in (folder / "below", folder / ".hidden", shop / "outside"):
        other.mkdir()
    method = "    def total(self):\n        return 1\n"
    for file in (folder / "module.py", folder / "below" / "module.py"):
        file.write_text(f"# def total(\nclass Cart:\n{method}")
    for file in (folder / ".hidden" / "module.py", shop / "outside" / "module.py"):
        file.write_text(method)
    seen = emacs("origin")
    there = ["module.py:     def total(self):", "below/module.py:     def total(self):"]
    assert seen["of_two"] == there
    for other in ("moved", "outside", "older"):
        assert seen[other] in there, "one of that name in the workspace, and none outside of it"
    assert seen["gone"] == "Paceline: Cart.total is not there any more"


def test_the_file_compiles_without_a_warning(tmp_path: Path) -> None:
    assert EMACS is not None, "Emacs is not installed: make test-editors does that"
    shutil.copy(EDITOR / "paceline.el", tmp_path)
    strict = "(progn (package-initialize) (setq byte-compile-error-on-warn t))"
    compiled = subprocess.run(
        [EMACS, "--batch", "--eval", strict, "--funcall", "batch-byte-compile", "paceline.el"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert compiled.returncode == 0, compiled.stderr
