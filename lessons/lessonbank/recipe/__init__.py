"""Recipes: structural rewrites with conditions, kept as data and applied to one function at a time."""

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
