"""How much of each part of the benchmark is run."""

from __future__ import annotations

from dataclasses import dataclass

PARTS = ("same", "mutants", "planted", "tricks", "escapes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The sizes of one run."""

    comparisons: int
    """A/A comparisons under each load."""
    mutants: int
    planted: int
    """Judged of each size of gain."""
    loads: tuple[bool, ...]
    """Whether the other core is kept busy: one round of comparisons for each."""
    tricks: int | None
    """None is all of them."""
    escapes: int | None
    kinds: int | None
    """Kinds of planted work; None is all of them."""


FULL = Sizes(
    comparisons=1000, mutants=600, planted=100, loads=(False, True), tricks=None, escapes=None, kinds=None
)
QUICK = Sizes(comparisons=4, mutants=24, planted=1, loads=(False, True), tricks=12, escapes=8, kinds=1)
