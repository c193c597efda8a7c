"""The plugin's parts in a real Neovim, over a server whose engine follows a script."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from paceline.workspace import trust
from tests.editors.neovim.conftest import Neovim, commit
from tests.lsp.conftest import REPOSITORY, SCRIPTED

pytestmark = pytest.mark.slow

MODULE = """\
def total(items):
    return sum(items)  # é😀 é


def hangs(items):
    return sum(items)


def nothing(items):
    return items


def unjudgeable(items):
    return items


def broken(items):
    return items
"""


@pytest.fixture
def module(tmp_path: Path, home: Path) -> Path:
    """A file in a trusted project."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')
    trust(root)
    file = root / "module.py"
    file.write_text(MODULE)
    return file


def test_the_picker_shows_each_diff_and_applies_to_the_buffer_as_it_is_now(
    neovim: Neovim, module: Path
) -> None:
    seen = neovim(module, "picker", server=SCRIPTED, encoding="utf-16")
    assert seen["choices"] == [
        " 1  3.1x faster (2.8-3.4): use a set for membership",
        " 2  2.0x faster (1.8-2.2): do less work",
    ]
    assert "+    return sum(items)  # é😀 é  # faster: set" in seen["first_diff"]
    assert "+    return sum(items)  # é😀 é  # faster: less" in seen["second_diff"]
    assert seen["windows_left"] == 1
    assert seen["left"] == seen["choices"][:1], "the one that was dismissed is offered no more"
    assert "# é😀 on top" in seen["text"]
    assert "    return sum(items)  # é😀 é  # faster: set" in seen["text"]


@pytest.mark.parametrize("columns", [120, 50])
def test_a_cancelled_run_leaves_what_was_proven(neovim: Neovim, module: Path, columns: int) -> None:
    seen = neovim(module, "cancelled", server=SCRIPTED, columns=columns)
    assert seen["windows_left"] == 1, "the corner closes with the run"
    assert "Paceline: nothing runs" in seen["said"]
    assert seen["listed"] == ["2.0x faster (1.8-2.2): do less work"]
    assert "    return sum(items)  # faster: less" in seen["text"]


def test_what_goes_wrong_is_said_with_what_to_do(neovim: Neovim, module: Path) -> None:
    config = '{ settings = { paceline = { ronds = 2, hints = "all" } } }'
    seen = neovim(module, "words", server=SCRIPTED, config=config)
    assert "rounds" in seen["settings"], "the nearest setting is named"
    assert "no inputs were found" in seen["nothing"]
    assert "add a test that calls it" in seen["unjudgeable"]
    assert "install bubblewrap" in seen["broken"]
    assert "put the cursor inside one" in seen["nowhere"]
    assert ":checkhealth paceline" in seen["elsewhere"]


def test_a_lesson_leads_to_the_file_it_was_learnt_on(neovim: Neovim, module: Path) -> None:
    for folder in (module.parent / "below", module.parent.parent / "outside"):
        folder.mkdir()
        (folder / module.name).write_text(MODULE)
    seen = neovim(module, "origin", server=SCRIPTED)
    there = ["module.py", "below/module.py"]
    assert seen["of_two"] == there
    for other in ("moved", "outside", "older"):
        assert seen[other] in there, "one of that name in the workspace, and none outside of it"


def test_runs_on_several_functions_take_their_turns(neovim: Neovim, module: Path) -> None:
    file = module
    functions = MODULE.replace("def hangs", "def other").partition("def unjudgeable")[0]
    file.write_text(functions)
    commit(file.parent)
    file.write_text(functions.replace("def nothing(items):", "def nothing(items):\n    # new"))
    seen = neovim(file, "several", server=SCRIPTED)
    assert "2 of 3 functions can be faster: total, other" in seen["file"]
    assert seen["best"] == [" 1  Apply the fastest proven version of 2 functions (Paceline)"]
    assert sum(line.endswith("# faster: set") for line in seen["best_diff"]) == 2
    assert "1 of 1 functions can be faster: other" in seen["range"]
    assert "0 of 1 functions can be faster" in seen["changed"]


def test_checkhealth_looks_at_the_set_up(neovim: Neovim, module: Path) -> None:
    # Neovim writes an index beside the help, which is no part of the repository.
    shutil.copytree(REPOSITORY / "editors" / "neovim" / "doc", module.parent / "help" / "doc")
    seen = neovim(module, "health")
    health = "\n".join(seen["health"])
    assert "positions in utf-8" in health
    assert "isolation:" in health, "the doctor was asked"
    assert "ERROR" not in health
    assert seen["help"] == "paceline.txt"


def test_the_configuration_works_alone(neovim: Neovim, module: Path) -> None:
    seen = neovim(module, "alone", server=SCRIPTED, plugin=False)
    assert seen["commands"] == 0, "there is no plugin"
    assert any("Making total faster" in words for words in seen["progress"])
    assert any("faster: set" in line for line in seen["text"])


def test_a_server_that_keeps_dying_is_left_alone(neovim: Neovim, module: Path) -> None:
    config = "{ on_exit = function() vim.g.heard_by_the_person = (vim.g.heard_by_the_person or 0) + 1 end }"
    seen = neovim(module, "dying", server=("sh", "-c", "exit 3"), config=config)
    ends = [words for words in seen["said"] if words.startswith("Paceline: the server ended with status 3.")]
    assert len(ends) == 4
    assert [words.endswith("It is started anew.") for words in ends] == [True, True, True, False]
    assert seen["also_heard"] == 4, "what the person has set is called as well"
    assert seen["servers"] == 0
