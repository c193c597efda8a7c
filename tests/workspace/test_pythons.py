"""Environments are found where the tools put them, by their own rules, and nothing of them is run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paceline.workspace import Settings, interpreter_for, is_too_old, python_for, version_of
from paceline.workspace.pythons.tools import pipenv_names, poetry_name
from tests.workspace.environments import conda, environment, plain

OWN = Path(sys.executable)
ELSEWHERE = Path("/nowhere/my/shop")

Layout = Callable[[Path, Path, pytest.MonkeyPatch], Path]
"""Lays out a home folder and a workspace, and returns the interpreter that ought to be found."""


def _poetry(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "pyproject.toml").write_text('[tool.poetry]\nname = "My.Shop"\n')
    name = poetry_name({"tool": {"poetry": {"name": "My.Shop"}}}, root)
    folder = home / ".cache" / "pypoetry" / "virtualenvs"
    environment(folder / f"{name}-py3.9")
    environment(folder / "my-shop-AAAAAAAA-py3.14")
    return environment(folder / f"{name}-py3.10")


def _poetry_told_which(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    _poetry(home, root, monkeypatch)
    folder = home / ".cache" / "pypoetry" / "virtualenvs"
    name = next(folder.glob("*-py3.10")).name.removesuffix("-py3.10")
    (folder / "envs.toml").write_text(f'[{name}]\nminor = "3.9"\npatch = "3.9.18"\n')
    return folder / f"{name}-py3.9" / "bin" / "python"


def _poetry_in_a_folder_of_its_own(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    (root / "poetry.lock").write_text("")
    (home / ".config" / "pypoetry").mkdir(parents=True)
    (home / ".config" / "pypoetry" / "config.toml").write_text(
        'cache-dir = "~/cold"\n[virtualenvs]\npath = "{cache-dir}/envs"\n'
    )
    name = poetry_name({"project": {"name": "shop"}}, root)
    return environment(home / "cold" / "envs" / f"{name}-py3.11")


def _pipenv(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "Pipfile").write_text("")
    return environment(home / ".local" / "share" / "virtualenvs" / next(pipenv_names(root)))


def _pipenv_pointer(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "Pipfile").write_text("")
    (root / ".venv").write_text("shop-env\n")
    monkeypatch.setenv("WORKON_HOME", str(home / "envs"))
    return environment(home / "envs" / "shop-env")


def _pdm(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    environment(root / ".venv")
    python = environment(home / "pdm" / "venvs" / "shop-x1-3.12")
    (root / ".pdm-python").write_text(f"{python}\n")
    return python


def _hatch(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "pyproject.toml").write_text('[project]\nname = "My_Shop"\n')
    key = poetry_name({"project": {"name": "x"}}, root).partition("-")[2]
    return environment(home / ".local/share/hatch/env/virtual/my-shop" / key / "my-shop")


def _hatch_path(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "hatch.toml").write_text('[envs.default]\npath = ".envs/default"\n')
    return environment(root / ".envs" / "default")


def _uv(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "uv.lock").write_text("")
    environment(root / ".venv")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "envs/uv")
    return environment(root / "envs" / "uv")


def _uv_of_another(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", str(home / "uv"))
    environment(home / "uv")
    return environment(root / ".venv")


def _conda(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "environment.yml").write_text('channels: [x]\nname: "shop"  # ours\ndependencies:\n  - python\n')
    conda(home / "miniforge3" / "envs" / "other")
    return conda(home / "miniforge3" / "envs" / "shop")


def _conda_listed(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "environment.yaml").write_text("name: shop\n")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{home / 'gone'}\n{home / 'far' / 'shop'}\n")
    return conda(home / "far" / "shop")


def _pixi(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return conda(root / ".pixi" / "envs" / "default")


def _any_folder(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plain(root / "tools")
    return environment(root / "my-env")


def _top_of_repository(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root.parent / ".git").mkdir()
    return environment(root.parent / ".venv")


def _pyenv(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / ".python-version").write_text("# ours\n3.11\n")
    plain(home / ".pyenv" / "shims")
    plain(home / ".pyenv" / "versions" / "3.11.9")
    plain(home / ".pyenv" / "versions" / "3.11-dev")
    plain(home / ".pyenv" / "versions" / "3.11.20rc1")
    return plain(home / ".pyenv" / "versions" / "3.11.10")


def _pyenv_virtualenv(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYENV_ROOT", str(home / "py"))
    (root / ".python-version").write_text("shop\n")
    environment(home / "py" / "versions" / "3.11.9" / "envs" / "shop")
    (home / "py" / "versions" / "shop").symlink_to(home / "py" / "versions" / "3.11.9" / "envs" / "shop")
    return home / "py" / "versions" / "shop" / "bin" / "python"


def _uv_python(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / ".python-version").write_text("3.13\n")
    folder = home / ".local" / "share" / "uv" / "python"
    plain(folder / "cpython-3.13.0-linux-x86_64-gnu")
    plain(folder / "cpython-3.1.30-linux-x86_64-gnu")
    return plain(folder / "cpython-3.13.11-linux-x86_64-gnu")


LAYOUTS: dict[str, Layout] = {
    "Poetry, the newest of several": _poetry,
    "Poetry, as it was told": _poetry_told_which,
    "Poetry, in a folder of the person's": _poetry_in_a_folder_of_its_own,
    "Pipenv": _pipenv,
    "Pipenv, .venv is a file": _pipenv_pointer,
    "PDM, before .venv": _pdm,
    "Hatch": _hatch,
    "Hatch, with a path": _hatch_path,
    "uv, another name for .venv": _uv,
    "uv's variable where there is no uv project": _uv_of_another,
    "conda, by name": _conda,
    "conda, by its list": _conda_listed,
    "pixi": _pixi,
    "a folder of any name": _any_folder,
    "the top of the repository": _top_of_repository,
    "pyenv, the newest that fits": _pyenv,
    "pyenv-virtualenv": _pyenv_virtualenv,
    "uv's own Python": _uv_python,
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_environments_are_found_where_tools_put_them(
    layout: Layout, home: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = layout(home, root, monkeypatch)
    assert python_for(root, Settings(), trusted=True) == expected
    told = interpreter_for(root, Settings(), trusted=True)
    assert told.python == expected
    assert told.reason
    # Of a workspace that is not trusted, nothing counts that only its own files or folders lead to.
    assert python_for(root, Settings(), trusted=False) == OWN
    assert not list(home.rglob("*.was-run"))


def test_names_are_those_of_the_tools() -> None:
    """Computed once with openssl, by the rules in the tools' sources."""
    assert poetry_name({"project": {"name": "My.Shop_2"}}, ELSEWHERE) == "my-shop-2-mS3VEno6"
    assert poetry_name({}, ELSEWHERE) == "non-package-mode-mS3VEno6"
    assert next(pipenv_names(ELSEWHERE)) == "shop-pvNHjbGI"


def test_conda_s_base_does_not_win_over_the_project(
    home: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = conda(home / "miniconda3")
    monkeypatch.setenv("CONDA_PREFIX", str(home / "miniconda3"))
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "base")
    assert python_for(root, Settings(), trusted=True) == base
    own = environment(root / ".venv")
    told = interpreter_for(root, Settings(), trusted=True)
    assert told.python == own
    assert "conda's base" in str(told.passed_over[0])
    chosen = conda(home / "miniconda3" / "envs" / "shop")
    monkeypatch.setenv("CONDA_PREFIX", str(home / "miniconda3" / "envs" / "shop"))
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "shop")
    assert python_for(root, Settings(), trusted=True) == chosen


def test_another_project_s_environment_does_not_win(
    home: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = environment(home / "work" / "other" / ".venv")
    (home / "work" / "other" / "pyproject.toml").write_text("")
    monkeypatch.setenv("VIRTUAL_ENV", str(home / "work" / "other" / ".venv"))
    assert python_for(root, Settings(), trusted=True) == other
    own = environment(root / ".venv")
    told = interpreter_for(root, Settings(), trusted=True)
    assert told.python == own
    assert any("another project" in str(each) for each in told.passed_over)


def test_an_environment_above_its_packages_is_theirs(
    home: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = root / "packages" / "one"
    environment(package / ".venv")
    (root / "pyproject.toml").write_text("")
    active = environment(root / ".venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(root / ".venv"))
    assert python_for(package, Settings(), trusted=True) == active


def test_where_paceline_is_installed_is_not_the_workspace_s(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    own = environment(root / ".venv")
    assert python_for(root, Settings(), trusted=True) == own


def test_what_is_broken_is_passed_over_and_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(root / ".venv").unlink()
    monkeypatch.setenv("VIRTUAL_ENV", str(root / "gone"))
    (root / ".python-version").write_text("3.99\n")
    (root / "environment.yml").write_text("name: nowhere\n")
    (root / ".pdm-python").write_text("/gone/python\n")
    (root / "Pipfile").write_text("")
    told = interpreter_for(root, Settings(), trusted=True)
    assert told.python == OWN
    said = "\n".join(map(str, told.passed_over))
    for words in (
        "gone: VIRTUAL_ENV names it",
        ".venv",
        "3.99",
        "nowhere",
        ".pdm-python",
        "Pipenv has made no",
    ):
        assert words in said


@pytest.mark.parametrize(
    "written", ["../../etc", "/etc", "..", "3.11\x00", "a/b", ".", "-c", "", "name: [broken"]
)
def test_names_that_are_no_names_lead_nowhere(written: str, home: Path, root: Path) -> None:
    plain(home / ".pyenv" / "versions" / "3.11.9")
    (root / ".python-version").write_text(written)
    (root / "environment.yml").write_text(f"name: {written}\n")
    (root / ".pdm-python").write_text(written)
    (root / "pyproject.toml").write_text("[tool.poetry\n")
    assert python_for(root, Settings(), trusted=True) == OWN


@pytest.fixture
def versions(home: Path) -> Iterator[Path]:
    yield home / ".pyenv" / "versions"


def test_a_shim_is_seen_through(
    home: Path, root: Path, versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from paceline.workspace import PythonSettings

    shims = plain(home / "shims").parent
    shims.rename(home / ".pyenv-shims")
    (home / ".pyenv").mkdir()
    (home / ".pyenv-shims").rename(home / ".pyenv" / "shims")
    plain(versions / "3.10.1")
    plain(versions / "3.12.1")
    (home / ".pyenv" / "version").write_text("3.10.1\n")
    monkeypatch.setenv("PATH", str(home / ".pyenv" / "shims"))
    named = replace(Settings(), python=PythonSettings(interpreter="python"))
    assert python_for(root, named, trusted=True) == versions / "3.10.1" / "bin" / "python"
    (root / ".python-version").write_text("3.12\n")
    assert python_for(root, named, trusted=True) == versions / "3.12.1" / "bin" / "python"
    assert python_for(root, named, trusted=False) == versions / "3.10.1" / "bin" / "python"


def test_versions_are_told_from_files(home: Path, root: Path) -> None:
    assert version_of(environment(root / ".venv", version="3.8.18.final.0")) == "3.8.18"
    assert version_of(conda(root / "conda")) == "3.11.9"
    assert version_of(plain(home / ".pyenv" / "versions" / "3.10.13")) == "3.10.13"
    assert version_of(plain(root / "any")) == ""
    assert [is_too_old(version) for version in ("3.8.18", "2.7", "3.9.0", "3.14", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
