"""The corpus: real functions as data, each judged in a workspace made for it.

Which functions there are stands in ``corpus.toml``, our own in the folder ``functions``. Functions of the
standard library are taken from the interpreter that runs, by reference.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paceline.syntax import Snapshot
from paceline.syntax.target import Target
from paceline.syntax.targets import target_named

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One function of the corpus."""

    name: str
    """Unique: ``text:slug``, ``textwrap:dedent``."""
    function: str
    """Qualified inside its module."""
    file: str
    """What the module is called in the workspace."""
    module: bytes
    is_library: bool

    def place(self, folder: Path) -> Target:
        """Write the module into ``folder``, an empty workspace, and return the function as a target."""
        root = folder.resolve()
        (root / "pyproject.toml").write_text("", encoding="utf-8")
        path = root / self.file
        path.write_bytes(self.module)
        return target_named(Snapshot.open(path, self.module), self.function)


def corpus() -> tuple[Entry, ...]:
    """Return every function there is here, our own first. A library module that is missing is left out."""
    listed = tomllib.loads((_HERE / "corpus.toml").read_text(encoding="utf-8"))
    found = []
    for group in listed["own"]:
        path = _HERE / "functions" / group["file"]
        found += _entries(path.stem, group["file"], path, group["functions"], is_library=False)
    for group in listed["library"]:
        path = _library_file(group["module"])
        if path is not None:
            # Under another name, so that it does not take the place of the module itself.
            file = f"library_{group['module'].replace('.', '_')}.py"
            found += _entries(
                group["module"], file, path, group["functions"], is_library=True, cut=group.get("cut", "")
            )
    return tuple(found)


def spread(entries: Sequence[Entry], count: int, *, seed: int) -> list[Entry]:
    """Return ``count`` of the entries in an order drawn by ``seed``; none comes twice before all came."""
    drawn: list[Entry] = []
    rng = random.Random(seed)
    while len(drawn) < count:
        drawn += rng.sample(list(entries), len(entries))
    return drawn[:count]


def _entries(
    module: str, file: str, path: Path, functions: Sequence[str], *, is_library: bool, cut: str = ""
) -> list[Entry]:
    text = path.read_bytes()
    if cut:
        text = text.replace(cut.encode(), b"pass")
    return [
        Entry(name=f"{module}:{name}", function=name, file=file, module=text, is_library=is_library)
        for name in functions
    ]


def _library_file(module: str) -> Path | None:
    """Return the source of a module of the standard library, which is not imported for that."""
    if module.split(".")[0] not in sys.stdlib_module_names:
        raise ValueError(f"corpus.toml: {module} is not a module of the standard library")
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)
