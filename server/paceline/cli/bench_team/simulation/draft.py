"""A rewrite in the making: recipes are applied to it one after the other, and comments say which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from lessonbank.recipe import Recipe, apply
from paceline.syntax import Snapshot, target_named
from paceline.syntax.target import Replacement
from paceline.team import ModuleBindings

SITES = 8
"""Places of one function that a recipe is applied to, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A function as it has become so far."""

    definition: str
    before: str = ""
    """Imports and helpers of the rewrite, in front of the definition."""
    around: str = ""
    """What is known of the module."""
    steps: tuple[str, ...] = ()
    """Titles of the recipes applied so far, those of whoever wrote what this builds on included."""

    @classmethod
    def of(cls, code: str, name: str, *, around: str, titles: frozenset[str]) -> Draft:
        """Begin with a text that holds the definition of ``name``. Raises TargetNotFound.

        Comments that are one of the ``titles`` are taken for the steps that led there.
        """
        snapshot = Snapshot.open(Path("shown.py"), f"{code}\n".encode())
        target = target_named(snapshot, name)
        definition, steps = without_notes(f"{target.source}\n", titles)
        before = snapshot.text[: target.span.start].decode().strip("\n")
        return cls(definition=definition, before=before, around=around, steps=steps)

    def with_recipe(self, recipe: Recipe) -> Draft | None:
        """Return the draft with the recipe applied wherever it fits, None where it fits nowhere."""
        draft = self
        for _ in range(SITES):
            module = _bindings(f"{draft.around}\n\n\n{draft.before}\n\n\n{draft.definition}")
            found = apply(recipe, draft.definition, module_names=module.names, module_imports=module.imports)
            if not found:
                break
            parts = dict.fromkeys([*found[0].imports, draft.before, found[0].helpers])
            draft = replace(
                draft,
                definition=found[0].source,
                before="\n".join(part for part in parts if part),
                steps=tuple(dict.fromkeys([*self.steps, recipe.title])),
            )
        return draft if draft is not self else None

    def with_all(self, recipes: Iterable[Recipe]) -> Draft:
        """Return the draft with recipes applied until none brings anything new."""
        draft, seen, every = self, {self.definition}, tuple(recipes)
        while True:
            further = next(
                (d for r in every if (d := draft.with_recipe(r)) and d.definition not in seen), None
            )
            if further is None:
                return draft
            draft = further
            seen.add(draft.definition)

    def replacement(self) -> Replacement:
        """Return it as the judge takes it; what stands in front of the definition counts as helpers."""
        lines = self.before.splitlines()
        imports = tuple(line for line in lines if line.startswith(("import ", "from ")))
        helpers = "\n".join(line for line in lines if line not in imports).strip("\n")
        return Replacement(definition=self.definition, imports=imports, helpers=helpers)


# A member tries one recipe after the other on the same text. A pure function of that text.
@lru_cache(maxsize=64)
def _bindings(module: str) -> ModuleBindings:
    return ModuleBindings.of_snapshot(Snapshot.open(Path("module.py"), module.encode()))


def with_notes(definition: str, steps: Iterable[str]) -> str:
    """Put a comment for each step above the body, where the body has lines of its own."""
    # Python's own parser must not be used here: up to 3.11 it fails when two threads use it at once.
    snapshot = Snapshot.open(Path("noted.py"), definition)
    top = snapshot.tree.root_node.named_children
    node = top[0].child_by_field_name("definition") or top[0] if top else None
    body = node.child_by_field_name("body") if node is not None else None
    if node is None or body is None or body.start_point.row == node.start_point.row:
        return definition
    at = body.start_byte - body.start_point.column
    indent = " " * body.start_point.column
    notes = "".join(f"{indent}# {step}\n" for step in steps).encode()
    return (snapshot.text[:at] + notes + snapshot.text[at:]).decode()


def without_notes(definition: str, titles: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """Return a definition without the comments that are one of the titles, and those titles in order."""
    kept, steps = [], []
    for line in definition.splitlines(keepends=True):
        note = line.strip().removeprefix("# ")
        if line.lstrip().startswith("# ") and note in titles:
            steps.append(note)
        else:
            kept.append(line)
    return "".join(kept), tuple(steps)
