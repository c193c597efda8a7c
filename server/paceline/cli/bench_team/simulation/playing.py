"""What a simulated member answers: rewrites made of what it knows, and lessons that name what it did."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence

from lessonbank.recipe import Recipe
from paceline.cli.bench_team.simulation.cast import SimulatedMember
from paceline.cli.bench_team.simulation.draft import Draft, with_notes, without_notes
from paceline.cli.bench_team.simulation.reading import Prompt, told_of

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


def _rewrite(member: SimulatedMember, prompt: Prompt, recipes: Sequence[Recipe], rng: random.Random) -> str:
    mistake = rng.choice(("slip", "unbuildable", "prose")) if rng.random() < member.errors else ""
    if mistake == "prose":
        return f"`{prompt.name}` does its work in a loop. One could think about what that loop repeats."
    draft = _begun(prompt, recipes, rng)
    for group in _known(member, prompt, recipes):
        # Of what it knows, a member takes up one thing after the other until it has had enough.
        in_order = sorted(rng.sample(group, len(group)), key=lambda recipe: recipe.category != prompt.focus)
        for recipe in in_order:
            further = draft.with_recipe(recipe)
            if further is None:
                continue
            draft = further
            if rng.random() >= member.diligence:
                return _said(draft, mistake)
    return _said(draft, mistake)


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
    first = [r for r in recipes if r.id in praised or (r.category in member.skills and r.id not in doubted)]
    return first, [r for r in recipes if r.id in doubted]


def _begun(prompt: Prompt, recipes: Sequence[Recipe], rng: random.Random) -> Draft:
    """Begin with the best rewrite that the prompt shows, else with the function as it is.

    Where answers are shown without a verdict, any of them may be what it begins with.
    """
    code = prompt.best or rng.choice((*prompt.answers, prompt.source))
    return Draft.of(code, prompt.name, around=prompt.around, titles=_titles(recipes))


def _said(draft: Draft, mistake: str) -> str:
    """Return the answer in the form that was asked for, with a mistake in it."""
    definition = draft.definition
    if mistake == "slip":
        definition = _with_slip(definition)
    elif mistake == "unbuildable":
        definition = f"{definition.rstrip()}\n    continue\n"
    code = "\n\n\n".join(part for part in (draft.before, with_notes(definition, draft.steps)) if part)
    title = _title(draft.steps) if draft.steps else "left as it is"
    return f"Change: {title}\n```python\n{code.strip(chr(10))}\n```\n"


def _lesson(prompt: Prompt, recipes: Sequence[Recipe]) -> str:
    """Say what was done, from the rewrite's own comments, and how it went."""
    _, steps = without_notes(prompt.rewrite, _titles(recipes))
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
        "not equivalent": "A comparison or an operator was changed on the way; the rest has to stay.",
    }
    text = told.get(prompt.found, "The rewrite did not do what the function does; change less at a time.")
    return json.dumps({"lesson": " ".join(text.split()), "category": category})


def _titles(recipes: Sequence[Recipe]) -> frozenset[str]:
    return frozenset(recipe.title for recipe in recipes)


def _title(steps: Sequence[str]) -> str:
    title = ", then ".join(steps)
    return title if len(title) <= TITLE_LENGTH else f"{steps[-1]}, and {len(steps) - 1} more changes"


def _with_slip(definition: str) -> str:
    """Return the definition with one thing taken for another; where nothing is found, it returns nothing."""
    lines = definition.splitlines(keepends=True)
    for before, after, *only in _SLIPS:
        for at in range(len(lines) - 1, 0, -1):
            if before in lines[at] and all(text in lines[at] for text in only):
                lines[at] = lines[at].replace(before, after, 1)
                return "".join(lines)
    return re.sub(r"\breturn .+", "return None", definition, count=1)
