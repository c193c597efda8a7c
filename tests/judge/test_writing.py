"""Functions that write files: into a copy of the workspace of their own, compared by what they write."""

from __future__ import annotations

import asyncio
import venv
from pathlib import Path

import pytest

from paceline.judge.python import writing
from paceline.judge.python.worker import heavy
from paceline.judge.python.worker.files import Files
from paceline.judge.sandbox import Isolation
from paceline.judge.verdict import Checks, Outcome, Verdict

WRITES = """
    def f(items: list[int]):
        with open("out.txt", "w") as out:
            for x in items:
                out.write(f"{x};")
        return len(items)
"""
SAME = """
    def f(items: list[int]):
        with open("out.txt", "w") as out:
            out.write("".join(f"{x};" for x in items))
        return len(items)
"""


@pytest.fixture
def bubblewrap(isolation: Isolation) -> None:
    if isolation is not Isolation.BUBBLEWRAP:
        pytest.skip("only bubblewrap gives a copy of the workspace")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("bubblewrap")
async def test_nothing_outside_the_sandbox_changes(judging, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "data" / "there.txt").write_text("there")
    async with judging(WRITES.replace('"out.txt"', '"data/there.txt"'), "f", max_verdict_s=0.1) as bench:
        before = tree(project)
        same = await bench.ask(SAME.replace('"out.txt"', '"data/there.txt"'))
        wrong = await bench.ask(SAME)
        assert tree(project) == before
    assert same.outcome.is_behaviour_preserving, same.reason
    assert wrong.outcome is Outcome.WRONG
    assert wrong.evidence.counterexample is not None
    assert wrong.evidence.counterexample.difference == "files"


@pytest.mark.usefixtures("bubblewrap")
async def test_what_a_rewrite_leaves_beside_is_seen(judging) -> None:
    leaving = SAME.replace(
        '        with open("out', '        open("left", "w").close()\n        with open("out', 1
    )
    async with judging(WRITES, "f") as bench:
        verdict = await bench.ask(leaving)
    assert verdict.outcome is Outcome.WRONG, verdict.reason
    assert verdict.evidence.counterexample is not None
    assert "left: 0 bytes ''" in verdict.evidence.counterexample.got


@pytest.mark.usefixtures("bubblewrap")
async def test_the_copy_holds_the_workspace_without_its_secrets(judging, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "node_modules").mkdir(parents=True)
    (project / "node_modules" / "big.txt").write_text("big")
    (project / "pkg").mkdir()
    (project / "pkg" / "names.txt").write_text("ada")
    (project / ".env").write_text("TOKEN=secret")
    module = """
        from pathlib import Path

        def f(n: int):
            Path("pkg/seen.txt").write_text(str(n))
            secret = Path(".env").read_text() if Path(".env").exists() else ""
            return Path("pkg/names.txt").read_text(), Path("node_modules/big.txt").read_text(), secret
    """
    probing = """
        def f(n: int):
            Path("pkg/seen.txt").write_text(str(n))
            secret = Path("/run/paceline/workspace/.env").read_text()
            return "ada", "big", secret
    """
    async with judging(module, "f", max_verdict_s=0.1) as bench:
        wrong = await bench.ask(module.partition("\n\n")[2].replace(", secret", ', secret + "!"'))
        reaching = await bench.ask(probing)
    assert wrong.evidence.counterexample is not None
    assert wrong.evidence.counterexample.expected == "('ada', 'big', '')"
    # The view has no secret either: reading it gives nothing, which is what the original gets.
    assert reaching.outcome.is_behaviour_preserving, reaching.reason


@pytest.mark.usefixtures("bubblewrap")
async def test_a_module_that_writes_when_it_is_loaded(judging) -> None:
    module = """
        import os

        os.makedirs("cache", exist_ok=True)

        def f(items: list[int]):
            return sorted(items)
    """
    async with judging(module, "f") as bench:
        prepared = await bench.judge.prepare()
        wrong = await bench.ask("def f(items: list[int]):\n    return items\n")
    assert isinstance(prepared, Checks), prepared
    assert wrong.outcome is Outcome.WRONG


@pytest.mark.usefixtures("bubblewrap")
async def test_an_environment_in_the_workspace_still_runs(judging, tmp_path: Path) -> None:
    environment = tmp_path / "project" / ".venv"
    await asyncio.to_thread(venv.create, environment, with_pip=False)
    async with judging(WRITES, "f", python=environment / "bin" / "python", max_verdict_s=0.1) as bench:
        same = await bench.ask(SAME)
    assert same.outcome.is_behaviour_preserving, same.reason


async def test_a_workspace_too_large_to_copy_is_not_judged(
    judging, isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isolation is not Isolation.BUBBLEWRAP:
        pytest.skip("only bubblewrap gives a copy of the workspace")
    monkeypatch.setattr(heavy, "MOST_FILES", 0)
    monkeypatch.setattr(writing.heavy, "MOST_FILES", 0)
    async with judging(WRITES, "f") as bench:
        prepared = await bench.judge.prepare()
    assert isinstance(prepared, Verdict)
    assert prepared.outcome is Outcome.CANNOT_JUDGE
    assert "too large to be copied" in prepared.reason


@pytest.mark.parametrize("weaker", [Isolation.LANDLOCK, Isolation.LIMITS])
async def test_without_bubblewrap_the_reason_says_what_to_install(weaker: Isolation, judging) -> None:
    async with judging(WRITES, "f", isolated_by=weaker) as bench:
        prepared = await bench.judge.prepare()
    assert isinstance(prepared, Verdict)
    assert prepared.outcome is Outcome.CANNOT_JUDGE
    assert "install bubblewrap" in prepared.reason


def test_files_are_told_and_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view, root, scratch = tmp_path / "view", tmp_path / "root", tmp_path / "scratch"
    for folder in (view / "sub", view / "node_modules", root, scratch):
        folder.mkdir(parents=True)
    (view / "a.txt").write_text("a")
    (view / "sub" / "b.txt").write_text("b")
    (view / "node_modules" / "x").write_text("x")
    (view / "link").symlink_to("a.txt")
    monkeypatch.setenv("TMPDIR", str(scratch))
    files = Files(str(root), str(view))
    start = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert {str(p.relative_to(root)) for p in start} == {"a.txt", "link", "sub/b.txt"}
    assert (root / "node_modules" / "x").read_text() == "x"

    (root / "a.txt").write_text("changed")
    (root / "sub" / "b.txt").unlink()
    (root / "sub").rmdir()
    (root / "new").mkdir()
    (root / "new" / "c.txt").write_bytes(b"\xff")
    (scratch / "d.txt").write_text("d")
    (root / "gone").write_text("")
    (root / "gone").unlink()
    touched = ["a.txt", "sub", "new", "gone"]
    found = files.changes([*(str(root / name) for name in touched), str(scratch / "d.txt"), "/etc/passwd"])
    assert list(found) == ["$TMPDIR/d.txt", "a.txt", "new", "new/c.txt", "sub", "sub/b.txt"]
    assert found["a.txt"]["begins"] == "changed"
    assert found["new/c.txt"]["begins"] == "\\xff"
    assert found["sub"] == found["sub/b.txt"] == "removed"
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == start
    assert list(scratch.iterdir()) == []

    (root / "a.txt").write_text("once more")
    (root / "late").write_text("late")
    (scratch / "late").write_text("late")
    files.put_back()
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == start
    assert list(scratch.iterdir()) == []


def test_a_file_written_with_what_it_held_has_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, root, scratch = tmp_path / "view", tmp_path / "root", tmp_path / "scratch"
    for folder in (view, root, scratch):
        folder.mkdir()
    (view / "a.txt").write_text("a")
    monkeypatch.setenv("TMPDIR", str(scratch))
    files = Files(str(root), str(view))
    (root / "a.txt").write_text("a")
    assert files.changes([str(root / "a.txt")]) == {}
