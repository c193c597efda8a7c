"""What ``paceline doctor`` looks at. Nothing here runs code of the workspace, its interpreter included."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

import paceline
from lessonbank.bank import Bank
from lessonbank.errors import LessonBankError
from lessonbank.recipe import shipped_recipes
from paceline.cli.places import files_below, is_test
from paceline.errors import IsolationUnavailable
from paceline.judge.sandbox import Isolation, require_isolation
from paceline.syntax.languages import languages
from paceline.team import recipe_team
from paceline.workspace import (
    Interpreter,
    allows_unsandboxed,
    find_root,
    interpreter_for,
    is_too_old,
    is_trusted,
    load_settings,
    trust_problem,
    version_of,
    workspace_folder,
)

EDITORS = {
    "nvim": "Neovim",
    "hx": "Helix",
    "helix": "Helix",
    "emacs": "Emacs",
    "kak": "Kakoune",
    "subl": "Sublime Text",
}
"""Programs that Paceline has set-up for in ``editors/``, or that speak LSP on their own."""

ISOLATION = {
    Isolation.BUBBLEWRAP: "bubblewrap: no network, and only the project and its interpreter can be seen",
    Isolation.LANDLOCK: "landlock: no network, and only the project and its interpreter can be opened",
    Isolation.LIMITS: "none but limits on time and memory, as you allowed for this workspace",
}
"""What each kind keeps a rewrite from."""

TEST_FILES_COUNTED = 1000


class State(StrEnum):
    """How well one thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the doctor looked at."""

    state: State
    name: str
    message: str
    advice: str = ""
    """What to do, empty where nothing needs doing."""


def check_up(path: Path) -> tuple[Finding, ...]:
    """Look at everything Paceline needs for the workspace that ``path`` stands in."""
    root = find_root(path)
    return tuple(finding for check in CHECKS for finding in _guarded(check, root))


def _guarded(check: Callable[[Path], Iterator[Finding]], root: Path) -> Iterator[Finding]:
    """Yield the check's findings; a check that breaks is a finding itself and hides no other."""
    name = check.__name__.removeprefix("_").replace("_", " ")
    try:
        yield from check(root)
    except Exception as error:
        yield Finding(
            State.FAIL, name, f"the check broke: {type(error).__name__}: {error}", "please report this"
        )


def _paceline(root: Path) -> Iterator[Finding]:
    here = f"{platform.system()} {platform.machine()}"
    message = f"{paceline.__version__} on Python {platform.python_version()}, {here}"
    if sys.platform == "win32":
        yield Finding(
            State.WARN,
            "paceline",
            message,
            "on Windows nothing can be judged yet: no sandbox and no process limits",
        )
        return
    yield Finding(State.OK, "paceline", message)


def _workspace(root: Path) -> Iterator[Finding]:
    if (problem := trust_problem()) is not None:
        yield Finding(State.WARN, "workspace", str(problem))
    if is_trusted(root):
        yield Finding(State.OK, "workspace", f"{root}, trusted")
        return
    yield Finding(
        State.OK,
        "workspace",
        f"{root}, not trusted: its code runs only when you type a command that names it",
        f"for editors: paceline trust {root}",
    )


def _settings(root: Path) -> Iterator[Finding]:
    _, problems = load_settings(root, trusted=is_trusted(root))
    for problem in problems:
        yield Finding(State.FAIL if problem.unreadable else State.WARN, "settings", str(problem))
    if not problems:
        yield Finding(State.OK, "settings", "every key is known and in range")


def _interpreter(root: Path) -> Iterator[Finding]:
    chosen = _chosen(root)
    python, version = chosen.python, version_of(chosen.python)
    shown = f"{python}{f' ({version})' if version else ''}, because {chosen.reason}"
    others = "; ".join(map(str, chosen.passed_over))
    if not python.exists():
        yield Finding(
            State.FAIL,
            "interpreter",
            f"{python} does not exist, and {chosen.reason}",
            "set python.interpreter, or make a .venv",
        )
    elif is_too_old(version):
        yield Finding(
            State.FAIL, "interpreter", shown, "the judge runs on 3.9 or newer: set python.interpreter to one"
        )
    else:
        yield Finding(State.OK, "interpreter", shown, f"passed over: {others}" if others else "")


def _tests(root: Path) -> Iterator[Finding]:
    count = sum(1 for _ in islice(_test_files(root), TEST_FILES_COUNTED))
    if not count:
        yield Finding(
            State.WARN,
            "tests",
            "no test_*.py below the workspace: inputs come from type hints and probing",
            "tests that call a function give the judge the inputs it really gets",
        )
        return
    files = f"{count}{' or more' if count == TEST_FILES_COUNTED else ''} test file{'' if count == 1 else 's'}"
    if not _has_pytest(_chosen(root).python):
        yield Finding(
            State.WARN, "tests", f"{files}, but the interpreter has no pytest", "install pytest in it"
        )
        return
    yield Finding(State.OK, "tests", f"{files}, and pytest to run them")


def _isolation(root: Path) -> Iterator[Finding]:
    try:
        isolation = require_isolation(allow_unsandboxed=allows_unsandboxed(root), root=root)
    except IsolationUnavailable as error:
        yield Finding(State.FAIL, "isolation", str(error))
        return
    if isolation is Isolation.LIMITS:
        yield Finding(State.WARN, "isolation", ISOLATION[isolation], "install bubblewrap where there is one")
        return
    yield Finding(State.OK, "isolation", ISOLATION[isolation])


def _bank(root: Path) -> Iterator[Finding]:
    folder = workspace_folder(root) / "bank"
    try:
        with Bank.open(folder) as bank:
            count, problems = len(bank.lessons()), bank.problems()
    except (LessonBankError, OSError) as error:
        yield Finding(
            State.FAIL, "bank", f"{folder}: {error}", "lessons last only for a session until this works"
        )
        return
    lessons = f"{count} lesson{'' if count == 1 else 's'} in {folder}"
    if problems:
        yield Finding(State.WARN, "bank", f"{lessons}; set aside: {'; '.join(problems)}")
        return
    yield Finding(State.OK, "bank", lessons)


def _languages(root: Path) -> Iterator[Finding]:
    names = []
    for language in languages():
        language.parse(b"")
        names.append(f"{language.name} ({', '.join(language.extensions)})")
    yield Finding(State.OK, "languages", ", ".join(names))


def _members(root: Path) -> Iterator[Finding]:
    settings, _ = load_settings(root, trusted=is_trusted(root))
    recipes = shipped_recipes("python") if settings.team.recipes else ()
    team = recipe_team(recipes, language="python")
    have = f"{len(team)} recipe members with {len(recipes)} recipes" if team else "no recipe members"
    if settings.team.preset or settings.team.members:
        # What speaks http is loaded only where somebody has a model.
        from paceline.cli.checkup_models import answering
        from paceline.team.models import configured, presets

        models = configured(settings.team)
        yield Finding(State.OK, "members", f"{have}; {len(models)} model member{'s' * (len(models) != 1)}")
        needs = presets()[settings.team.preset].needs if settings.team.preset else ""
        yield from answering(settings.team, needs=needs)
    elif team:
        yield Finding(State.OK, "members", f"{have}; no model member, and none is needed")
    else:
        yield Finding(
            State.WARN,
            "members",
            "none: team.recipes is false, and no model member is configured",
            "set team.recipes to true, or name a model in team.members or a team.preset",
        )


def _editors(root: Path) -> Iterator[Finding]:
    found = dict.fromkeys(name for program, name in EDITORS.items() if shutil.which(program))
    if found:
        yield Finding(State.OK, "editors", f"{', '.join(found)}: set-up is in editors/ and the README")
        return
    yield Finding(
        State.OK,
        "editors",
        "none of those with ready set-up; any LSP client can start paceline serve --stdio",
    )


CHECKS = (
    _paceline,
    _workspace,
    _settings,
    _interpreter,
    _tests,
    _isolation,
    _bank,
    _languages,
    _members,
    _editors,
)


def _chosen(root: Path) -> Interpreter:
    """Return the interpreter that a typed command would run the workspace's code with."""
    settings, _ = load_settings(root, trusted=is_trusted(root))
    return interpreter_for(root, settings, trusted=True)


def _has_pytest(python: Path) -> bool:
    if python == Path(sys.executable):
        from importlib.util import find_spec

        return find_spec("pytest") is not None
    libraries = python.parent.parent / "lib"
    return any(libraries.glob("python*/site-packages/pytest"))


def _test_files(root: Path) -> Iterator[Path]:
    return (file for file in files_below(root) if file.suffix == ".py" and is_test(file))
