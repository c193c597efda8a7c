"""The catalogues of tricks and of escapes: candidates as files, each with the outcomes it must get.

A file is a module with its function, the line ``# --- candidate``, and the candidate. Its head says what it
tries, on which function, the outcomes that are right for it, and those that are right without the static
look, when only what stands behind that look can stop it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from lessonbank.outcome import Outcome
from paceline.cli.bench_judge.corpus import Entry
from paceline.syntax.target import Replacement, Target

_HERE = Path(__file__).parent
_CANDIDATE = "# --- candidate\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One trick or escape."""

    name: str
    says: str
    target: str
    outcomes: frozenset[Outcome]
    unguarded: frozenset[Outcome]
    """Right when the static look is taken away."""
    module: str
    candidate: str

    @property
    def entry(self) -> Entry:
        """The function it is tried on, as an entry of a corpus."""
        return Entry(
            name=self.target,
            function=self.target,
            file="work.py",
            module=self.module.encode(),
            is_library=False,
        )

    @property
    def replacement(self) -> Replacement:
        """The candidate in its parts."""
        return in_parts(self.candidate, self.target.rpartition(".")[2])


def tricks() -> tuple[Attempt, ...]:
    """Return every way of bending the measurement, by name."""
    return _read(_HERE / "tricks")


def escapes() -> tuple[Attempt, ...]:
    """Return every way out of the sandbox, by name. Their texts have places to fill in, as ``@PORT@``."""
    return _read(_HERE / "escapes")


def in_parts(text: str, name: str) -> Replacement:
    """Split a candidate without any of the checks that stand before the judge: it has to do without them."""
    parts: dict[str, list[str]] = {"import": [], "helper": [], "definition": []}
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return Replacement(definition=text)
    for node in tree.body:
        first = min([getattr(node, "lineno", 1), *(d.lineno for d in getattr(node, "decorator_list", []))])
        source = "\n".join(text.splitlines()[first - 1 : node.end_lineno]) + "\n"
        kind = "definition" if getattr(node, "name", "") == name else "helper"
        parts["import" if isinstance(node, ast.Import | ast.ImportFrom) else kind].append(source)
    return Replacement(
        definition="".join(parts["definition"]),
        imports=tuple(line.strip() for line in parts["import"]),
        helpers="\n\n".join(parts["helper"]),
    )


def nothing_refused(target: Target, replacement: Replacement) -> None:
    """Take the place of the static look, so that what stands behind it has to do."""


def _read(folder: Path) -> tuple[Attempt, ...]:
    return tuple(_attempt(path) for path in sorted(folder.glob("*.py")))


def _attempt(path: Path) -> Attempt:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()[:5]
    head = dict(line.removeprefix("# ").split(": ", 1) for line in lines)
    module, _, candidate = text.partition(_CANDIDATE)
    return Attempt(
        name=path.stem,
        says=head.get("trick") or head["escape"],
        target=head["target"],
        outcomes=_outcomes(head["outcome"]),
        unguarded=_outcomes(head["without the static look"]),
        module=module.partition("\n\n")[2].lstrip("\n"),
        candidate=candidate,
    )


def _outcomes(words: str) -> frozenset[Outcome]:
    return frozenset(Outcome(word) for word in words.split())
