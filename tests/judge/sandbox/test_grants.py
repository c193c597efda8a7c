"""What a Python is let see."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from paceline.judge.sandbox import Isolation, Limits, launch, python_grants

from .conftest import PYTHON, Place


def test_neither_home_nor_everything(place: Place) -> None:
    for root in (place.root, place.home, place.home.parent, Path("/")):
        readable = python_grants(PYTHON, root).readable
        assert not {Path("/"), place.home, place.home.parent} & set(readable)


def test_a_script_in_the_home_folder_brings_no_more_than_scripts(place: Place) -> None:
    (place.home / "script.py").write_text("")
    (place.home / "notes.txt").write_text("")
    grants = python_grants(PYTHON, place.home)
    assert [path for path in grants.readable if place.home in path.parents] == [place.home / "script.py"]


def test_the_real_interpreter_and_its_environment(place: Place) -> None:
    grants = python_grants(PYTHON, place.root)
    for needed in (
        PYTHON.resolve(),
        Path(sys.prefix, "bin"),
        Path(os.__file__),
        Path(sysconfig.get_path("purelib")),
    ):
        assert any(path == needed or path in needed.parents for path in grants.readable), needed
    assert "versions" not in {path.name for path in grants.readable}


def test_each_place_once(place: Place) -> None:
    readable = python_grants(PYTHON, place.root, [place.root / "package", place.root]).readable
    assert len(set(readable)) == len(readable)
    assert place.root / "package" not in readable


def test_links_on_the_way_are_granted_as_links(place: Place) -> None:
    real = place.home / "real"
    place.root.rename(real)
    place.root.symlink_to("real")
    grants = python_grants(PYTHON, place.root)
    assert {place.root, real} <= set(grants.readable)
    assert grants.workdir == real


def test_secrets_are_hidden_wherever_they_point(place: Place) -> None:
    (place.root / ".env.local").symlink_to("package/inner.py")
    (place.root / ".envrc").symlink_to(place.key)
    (place.root / ".env.d").mkdir()
    hidden = {path.relative_to(place.root) for path in python_grants(PYTHON, place.root).hidden}
    assert hidden == {Path(".env"), Path(".git"), Path("package/inner.py")}


def test_a_virtual_environment_may_be_called_env(place: Place) -> None:
    (place.root / ".env").unlink()
    (place.root / ".env" / "bin").mkdir(parents=True)
    assert place.root / ".env" not in python_grants(PYTHON, place.root).hidden


async def test_an_environment_outside_the_workspace_works(
    isolation: Isolation, place: Place, tmp_path: Path
) -> None:
    """Links to links, as uv and pyenv make them, and packages of its own."""
    (tmp_path / "installation").symlink_to(Path(sys.base_prefix), target_is_directory=True)
    environment = place.home / "environments" / "one"
    venv.create(environment, symlinks=True, with_pip=False)
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").symlink_to(tmp_path / "installation" / "bin" / PYTHON.resolve().name)
    packages = next(environment.glob("lib/python3*/site-packages"))
    (packages / "mine.py").write_text("mine = 'found'\n")
    python = environment / "bin" / "python"
    code = "import sys, mine; open(int(sys.argv[1]), 'w').write(mine.mine + sys.prefix)"
    grants = python_grants(python, place.root)
    async with await launch(
        [str(python), "-c", code, "{result_fd}"], grants, Limits(), isolation=isolation
    ) as process:
        assert (await process.reader.read()).decode() == f"found{environment}", process.stderr_tail


def test_the_modules_import_where_posix_is_absent() -> None:
    code = """
import sys
for name in ("fcntl", "resource", "termios", "pwd", "grp"):
    sys.modules[name] = None
import paceline.judge.sandbox
"""
    subprocess.run([PYTHON, "-c", code], check=True)
