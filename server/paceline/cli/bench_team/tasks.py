"""The functions that teams are compared on: sets of them as data, or those below a path.

    chains   take changes of several kinds (``chains.toml``)
    packs    the examples of the shipped recipes: one change each
    corpus   our own functions of the judge's benchmark
    PATH     a file, a folder, or ``PATH::NAME``

ParEval and PolyBench, which the published method was measured on, are C++ and no part of this version.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lessonbank.recipe import Recipe, shipped_recipes
from paceline.cli.bench_judge.corpus import corpus
from paceline.cli.places import Place, places_in, target_at_place
from paceline.errors import TargetNotFound
from paceline.syntax import Snapshot, find_targets, target_named
from paceline.syntax.target import Target
from paceline.workspace import find_root

_FUNCTIONS = Path(__file__).parent / "functions"

SETS = ("chains", "packs", "corpus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One function that a team is asked to make faster."""

    name: str
    """Unique in a comparison: ``chains:standings``."""
    function: str
    file: str
    """What its module is called in the workspace that is made for it."""
    module: bytes
    test: str = ""
    """A test that calls the function with what it really gets; the judge takes its inputs from there."""
    chain: tuple[str, ...] = ()
    """The recipes that make up the best known rewrite, in order; empty where that is not known."""
    solved_from: float | None = None
    """The measured speedup from which on it counts as solved, None where no such thing is known."""
    mutants: tuple[tuple[str, str], ...] = ()
    """Known-bad rewrites: what stands there, and what is put there. Empty: slips are made at random."""
    place: Place | None = None
    """Where it stands, for a function of a person's own; None for one of a set."""

    def placed(self, folder: Path) -> tuple[Path, Target]:
        """Return its workspace and the target; a function of a set is written into ``folder`` first.

        Raises TargetNotFound where the file has changed.
        """
        if self.place is not None:
            target = target_at_place(self.place)
            if target is None:
                raise TargetNotFound(f"{self.place.file}: {self.function} is no longer there; run again")
            return find_root(target.file), target
        root = (folder / self.name.replace(":", "-")).resolve()
        root.mkdir(parents=True, exist_ok=True)
        (root / "pyproject.toml").write_text("", encoding="utf-8")
        path = root / self.file
        path.write_bytes(self.module)
        if self.test:
            (root / f"test_{self.file}").write_text(self.test, encoding="utf-8")
        return root, target_named(Snapshot.open(path, self.module), self.function)


def tasks_named(names: Iterable[str]) -> tuple[Task, ...]:
    """Return the tasks by the names of sets, of single tasks (``chains:standings``) or by paths, each once.

    Raises TargetNotFound.
    """
    found: dict[str, Task] = {}
    for name in names:
        for task in _named(name):
            found[task.name] = task
    return tuple(found.values())


def _named(name: str) -> Sequence[Task]:
    whole, _, single = name.partition(":")
    if whole not in SETS or single.startswith(":"):
        return tuple(_at(name))
    every = {"chains": _chains, "packs": _packs, "corpus": _corpus}[whole]()
    if not single:
        return every
    chosen = [task for task in every if task.name == name]
    if not chosen:
        names = ", ".join(task.name for task in every[:8])
        raise TargetNotFound(
            f"there is no task {name}; the set has {names}{', ...' if len(every) > 8 else ''}"
        )
    return chosen


@cache
def _chains() -> tuple[Task, ...]:
    listed = tomllib.loads((_FUNCTIONS / "chains.toml").read_text(encoding="utf-8"))
    module = (_FUNCTIONS / "chains.py").read_bytes()
    return tuple(
        Task(
            name=f"chains:{entry['function']}",
            function=entry["function"],
            file="chains.py",
            module=module,
            test=_test("chains", entry["function"], entry["arguments"]),
            chain=tuple(entry["chain"]),
            solved_from=float(entry["solved_from"]),
            mutants=tuple((before, after) for before, after in entry["mutants"]),
        )
        for entry in listed["task"]
    )


@cache
def _packs() -> tuple[Task, ...]:
    return tuple(_example(recipe) for recipe in shipped_recipes("python") if not recipe.example.requires)


def _example(recipe: Recipe) -> Task:
    example = recipe.example
    parts = (example.setup.strip("\n"), example.before.strip("\n"))
    text = "\n\n\n".join(part for part in parts if part) + "\n"
    target = find_targets(Snapshot.open(Path("example.py"), text))[-1]
    last = example.before.rstrip("\n").splitlines()[-1].lstrip()
    return Task(
        name=f"packs:{recipe.id}",
        function=target.name,
        file="example.py",
        module=text.encode(),
        test=_test("example", target.name, example.arguments),
        chain=(recipe.id,),
        # What hands nothing back is wrong. A slip made at random may by chance be the improvement itself.
        mutants=((last, "return None"),) if last.startswith("return ") else (),
    )


@cache
def _corpus() -> tuple[Task, ...]:
    return tuple(
        Task(name=f"corpus:{entry.name}", function=entry.function, file=entry.file, module=entry.module)
        for entry in corpus()
        if not entry.is_library
    )


def _at(request: str) -> Iterator[Task]:
    for place in places_in(request):
        yield Task(
            name=f"{place.file.name}::{place.name}",
            function=place.name,
            file=place.file.name,
            module=place.file.read_bytes(),
            place=place,
        )


def _test(module: str, function: str, arguments: str) -> str:
    return (
        f"from {module} import *\nimport {module}\n\n\n"
        f"def test_it():\n    {module}.{function}(*{arguments})\n"
    )
