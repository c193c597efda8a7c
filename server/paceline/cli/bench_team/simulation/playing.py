"""What a simulated member answers: rewrites made of what it knows, and lessons that name what it did."""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lessonbank.recipe import Recipe, apply
from paceline.cli.bench_team.simulation.cast import SimulatedMember
from paceline.cli.bench_team.simulation.reading import Prompt, told_of
from paceline.errors import TargetNotFound
from paceline.syntax import Snapshot, target_named
from paceline.team import ModuleBindings

SITES = 8
"""Places of one function that a recipe is applied to, at most."""

TITLE_LENGTH = 80

_SLIPS = (
    (" not in ", " in "),
    (" in ", " not in ", "if "),
    (" < ", " <= "),
    (" == ", " != "),
    (" + 1", " + 2"),
    (" + ", " - "),
)
"""What is taken for what by mistake, in this order; with a third text only in lines that hold it."""


def answer(member: SimulatedMember, prompt: Prompt, recipes: Sequence[Recipe], rng: random.Random) -> str:
    """Return what the member says. All chance is drawn from ``rng``."""
    return _lesson(prompt, recipes) if prompt.wants_lesson else _rewrite(member, prompt, recipes, rng)


def _rewrite(
    member: SimulatedMember, prompt: Prompt, recipes: Sequence[Recipe], rng: random.Random
) -> str:
    mistake = rng.choice(("slip", "unbuildable", "prose")) if rng.random() < member.errors else ""
    if mistake == "prose":
        return f"`{prompt.name}` does its work in a loop. One could think about what that loop repeats."
    draft = _Draft.of(prompt, recipes)
    for group in _known(member, prompt, recipes):
        # Of what it knows, a member takes up one thing after the other until it has had enough.
        for recipe in rng.sample(group, len(group)):
            further = draft.with_recipe(recipe)
            if further is None:
                continue
            draft = further
            if rng.random() >= member.diligence:
                return draft.as_answer(mistake)
    return draft.as_answer(mistake)


def _known(
    member: SimulatedMember, prompt: Prompt, recipes: Sequence[Recipe]
) -> tuple[list[Recipe], list[Recipe]]:
    """What the member knows: first its skills and what lessons praise, then what they say did no good."""
    praised = {r.id for one in prompt.lessons if one.is_gain for r in told_of(one.text, recipes)}
    doubted = {
        r.id
        for one in prompt.lessons
        if one.is_harmless and not one.is_gain
        for r in told_of(one.text, recipes)
    } - praised
    first = [
        r for r in recipes if r.id in praised or (r.category in member.skills and r.id not in doubted)
    ]
    return first, [r for r in recipes if r.id in doubted]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A rewrite in the making. What was done to it stands in comments, as people leave them."""

    name: str
    definition: str
    before: str
    """Imports and helpers of the rewrite, in front of the definition."""
    around: str
    steps: tuple[str, ...]
    """Titles of the recipes applied so far, those of whoever wrote what this builds on included."""
    is_new: bool = False

    @classmethod
    def of(cls, prompt: Prompt, recipes: Sequence[Recipe]) -> _Draft:
        """Begin with the best rewrite that the prompt shows, else with the function as it is."""
        for code in prompt.shown:
            if found := _taken_apart(code, prompt.name):
                before, definition = found
                definition, steps = _without_notes(definition, {recipe.title for recipe in recipes})
                return cls(
                    name=prompt.name,
                    definition=definition,
                    before=before,
                    around=prompt.around,
                    steps=steps,
                )
        return cls(
            name=prompt.name, definition=f"{prompt.source}\n", before="", around=prompt.around, steps=()
        )

    def with_recipe(self, recipe: Recipe) -> _Draft | None:
        """Return the draft with the recipe applied wherever it fits, None where it fits nowhere."""
        draft, changed = self, False
        for _ in range(SITES):
            module = _bindings(f"{draft.around}\n\n\n{draft.before}\n\n\n{draft.definition}")
            found = apply(
                recipe, draft.definition, module_names=module.names, module_imports=module.imports
            )
            if not found:
                break
            parts = dict.fromkeys([*found[0].imports, draft.before, found[0].helpers])
            draft = _Draft(
                name=draft.name,
                definition=found[0].source,
                before="\n".join(part for part in parts if part),
                around=draft.around,
                steps=tuple(dict.fromkeys([*self.steps, recipe.title])),
                is_new=True,
            )
            changed = True
        return draft if changed else None

    def as_answer(self, mistake: str) -> str:
        """Return the answer in the form that was asked for, with a mistake in it."""
        definition = self.definition
        if mistake == "slip":
            definition = _with_slip(definition)
        elif mistake == "unbuildable":
            definition = f"{definition.rstrip()}\n    continue\n"
        code = "\n\n\n".join(part for part in (self.before, _with_notes(definition, self.steps)) if part)
        title = _title(self.steps) if self.steps else "left as it is"
        return f"Change: {title}\n```python\n{code.strip(chr(10))}\n```\n"


def _lesson(prompt: Prompt, recipes: Sequence[Recipe]) -> str:
    """Say what was done, from the rewrite's own comments, and how it went."""
    _, steps = _without_notes(prompt.rewrite, {recipe.title for recipe in recipes})
    done = ", then ".join(steps) or prompt.change
    category, why = "other", ""
    if steps:
        last = next(recipe for recipe in recipes if recipe.title == steps[-1])
        category, why = last.category, last.explanation.partition(". ")[0].strip() + "."
    told = {
        "faster": f"What helped: {done}. {why}",
        "no proven speedup": f"This alone does not pay: {done}. The time goes elsewhere.",
        "slower": f"This costs more than it saves here: {done}.",
        "does not build": "The last statement stands where the language does not allow it: take it out.",
        "not equivalent": "A comparison or an operator was changed on the way; the rest has to stay as it is.",
    }
    text = told.get(prompt.found, "The rewrite did not do what the function does; change less at a time.")
    return json.dumps({"lesson": " ".join(text.split()), "category": category})


def _title(steps: Sequence[str]) -> str:
    title = ", then ".join(steps)
    return title if len(title) <= TITLE_LENGTH else f"{steps[-1]}, and {len(steps) - 1} more changes"


def _taken_apart(code: str, name: str) -> tuple[str, str] | None:
    """Return what stands in front of the definition of ``name``, and the definition."""
    snapshot = Snapshot.open(Path("shown.py"), f"{code}\n".encode())
    try:
        target = target_named(snapshot, name)
    except TargetNotFound:
        return None
    return snapshot.text[: target.span.start].decode().strip("\n"), f"{target.source}\n"


def _bindings(module: str) -> ModuleBindings:
    return ModuleBindings.of_snapshot(Snapshot.open(Path("module.py"), module.encode()))


def _with_notes(definition: str, steps: Iterable[str]) -> str:
    """Put a comment for each step above the body. What is no Python keeps its looks."""
    try:
        first = ast.parse(definition).body[0]
    except SyntaxError:
        return definition
    assert isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef)
    lines = definition.splitlines(keepends=True)
    at = first.body[0].lineno - 1
    indent = " " * first.body[0].col_offset
    return "".join([*lines[:at], *(f"{indent}# {step}\n" for step in steps), *lines[at:]])


def _without_notes(definition: str, titles: set[str]) -> tuple[str, tuple[str, ...]]:
    kept, steps = [], []
    for line in definition.splitlines(keepends=True):
        note = line.strip().removeprefix("# ")
        if line.lstrip().startswith("# ") and note in titles:
            steps.append(note)
        else:
            kept.append(line)
    return "".join(kept), tuple(steps)


def _with_slip(definition: str) -> str:
    """Return the definition with one thing taken for another; where nothing is found, it returns nothing."""
    lines = definition.splitlines(keepends=True)
    for before, after, *only in _SLIPS:
        for at in range(len(lines) - 1, 0, -1):
            if before in lines[at] and all(text in lines[at] for text in only):
                lines[at] = lines[at].replace(before, after, 1)
                return "".join(lines)
    return re.sub(r"\breturn .+", "return None", definition, count=1)
