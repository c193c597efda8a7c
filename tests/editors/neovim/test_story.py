"""The whole story in a real Neovim over the real engine, from the question about trust to the evidence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from paceline.workspace import trust
from tests.editors.neovim.conftest import Neovim, commit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_function_made_faster_in_neovim(neovim: Neovim, shop: Path, encoding: str) -> None:
    module = shop / "shop" / "customers.py"
    before = module.read_text()
    seen = neovim(module, "story", encoding=encoding)

    assert seen["encoding"] == encoding
    assert "dedupe-with-seen-set in line 8, severity 4" in seen["hints"]
    (question,) = seen["asked"]
    assert question.startswith(f"Trust {shop} and run its code in the sandbox?")

    # It was watched: the stages in a corner and in the statusline, what is proven below them.
    watched = [line for screen in seen["watched"] for line in screen]
    assert " Making unique_emails faster" in watched
    assert any("timing: remember what was seen in a set" in line for line in watched)
    assert any(line.startswith(" ✓ ") for line in watched)
    assert any("timing:" in words for words in seen["status"])

    # The diff stood beside the choice, and what was applied is what it showed.
    assert " faster (" in seen["choices"][0]
    added = [line[1:] for line in seen["diff"] if line.startswith("+")]
    after = module.read_text()
    assert added
    assert all(f"{line}\n" in after for line in added)
    assert seen["windows_left"] == 1, "the picker is closed"
    start, end = before.index("def unique_emails"), before.index("def repeat_buyers")
    assert after.startswith(before[:start].rstrip()), "what stands above the function is as it was"
    assert before[end:] in after, "and what stands below it"
    assert all(passes(shop).values())

    # What worked is a hint at the sibling, which was written after it.
    assert seen["hint_at_sibling"] in seen["hints_after"]
    assert seen["hint_at_sibling"] not in seen["hints"]
    assert "dedupe-with-seen-set in line 8, severity 4" not in seen["hints_after"], "it is done there"

    evidence = "\n".join(seen["evidence"])
    assert "no difference in" in evidence
    assert "95% interval over" in evidence
    assert "elements     before      after  speedup" in evidence
    assert "+    " in evidence
    assert seen["lessons"][0] == " counting"
    assert "faster" in seen["lessons"][1]
    assert any("learnt" in line and "on unique_emails" in line for line in seen["lesson"])
    assert seen["learnt_on"].startswith("def unique_emails(")


def test_a_server_killed_in_the_middle_of_a_run(neovim: Neovim, shop: Path) -> None:
    trust(shop)
    seen = neovim(shop / "shop" / "customers.py", "killed")
    assert seen["runs"][0] == " Making unique_emails faster"
    assert seen["heard"] == (
        "Paceline: the server ended by signal 9. The run on your function is lost; "
        "what was learnt until then is kept. It is started anew."
    )
    assert seen["status"] == "", "nothing of the lost run is shown any more"
    assert seen["windows_left"] == 1
    assert seen["choices"]


def passes(shop: Path) -> dict[str, bool]:
    """Which of the project's tests pass now."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", "tests/test_customers.py"],
        cwd=shop,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [
        line.split() for line in ran.stdout.splitlines() if line.startswith(("PASSED", "FAILED", "ERROR"))
    ]
    assert lines, ran.stdout
    return {words[1]: words[0] == "PASSED" for words in lines}


def test_a_change_made_by_hand_is_taught(neovim: Neovim, shop: Path) -> None:
    trust(shop)
    commit(shop)
    seen = neovim(shop / "shop" / "customers.py", "teach")
    assert "unique_emails is what it was before" in seen["unchanged"]
    assert seen["taught"] == "unique_emails: faster. Banked as a lesson; :PacelineLessons shows it"
    assert any("a dict keeps the order of what it has seen" in line for line in seen["lessons"])
