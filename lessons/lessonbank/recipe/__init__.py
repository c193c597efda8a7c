"""Recipes: structural rewrites with conditions, kept as data and applied to one function at a time.

A recipe is one ``[[recipe]]`` table of a pack file, ``packs/<language>/<category>.toml``:

    id, title, explanation   what it is called, why the old way is slow, and when the new one does not pay
    match, rewrite           Python text with holes: ``$X`` one expression, ``$_`` any, ``$$$BODY`` any number
                             of statements or arguments. A list of patterns takes one rewrite, or one each
    where                    conditions, all of which must hold (`conditions`)
    fresh                    names made up, which never collide: ``{ SEEN = "seen" }``, ``"{L}_set"``
    derive                   text computed from holes or the whole ``MATCH`` (`derive`)
    hoist                    statements put before the outermost loop that leaves what they use alone;
                             matches that share them are rewritten together. ``keeps = "object"`` lets the
                             contents change; ``hoist_from = "statement"`` needs no loop
    [[recipe.inside]]        ``in`` a bound region, every ``match`` becomes ``rewrite``; ``least`` so many;
                             ``covers`` a hole none of whose occurrences there may be left over
    [recipe.uses]            every occurrence ``of`` a variable outside the match must be one of ``as``, a
                             list of ``{ match, rewrite }``, or the recipe refuses: so no value escapes
    imports, helpers         what the new definition needs at module level
    hints                    false: too speculative to show before the judge has measured it
    refuses                  functions that look alike and must be left alone
    [recipe.example]         before, after, arguments, and if need be setup and requires

All edits of one application are made together or not at all. A name a recipe writes down must mean what its
author meant: builtins must be Python's own, imported names get an alias where they are taken. What comes out
must parse and keep the function's name and signature, else the application is dropped.

How it works, in the order of the data: `loading` reads and compiles packs, `tree` makes light nodes of
source, `pattern` finds matches, `scope`, `kinds` and `effects` answer the `conditions`, `application`
plans the edits, `template` and `rewriting` turn them into text. ``facts.toml`` holds what is known of
Python's own names.
"""

from lessonbank.recipe.application import apply, apply_all, find_hints
from lessonbank.recipe.loading import load_pack, read_recipe, shipped_recipes
from lessonbank.recipe.model import Application, Example, Hint, Recipe

__all__ = [
    "Application",
    "Example",
    "Hint",
    "Recipe",
    "apply",
    "apply_all",
    "find_hints",
    "load_pack",
    "read_recipe",
    "shipped_recipes",
]
