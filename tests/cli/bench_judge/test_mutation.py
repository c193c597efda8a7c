"""Mutants: the same ones for the same seed, each with one slip, none that is its original."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import pytest

from paceline.cli.bench_judge import mutants as mutants_module
from paceline.cli.bench_judge.corpus import corpus
from paceline.cli.bench_judge.mutation import chosen, mutants
from paceline.cli.bench_judge.operators import OPERATORS

SOURCE = '''
def total(items: list[int], limit: int = 10) -> int:
    """Add up what is below the limit."""
    found = 0
    for at in range(1, len(items)):
        if not items[at] or items[at] >= limit:
            continue
        found += items[at] - items[at - 1]
    return max(found, 0)
'''
EXAMPLES = {
    "comparison-boundary": "items[at] > limit",
    "comparison-turned": "items[at] <= limit",
    "not-removed": "if items[at] or items[at] >= limit",
    "and-or": "not items[at] and items[at] >= limit",
    "constant-off-by-one": "items[at - 2]",
    "arithmetic-swapped": "items[at] + items[at - 1]",
    "not-added-up": "found = items[at] - items[at - 1]",
    "exit-swapped": "            break",
    "range-bounds": "range(1, len(items) + 1)",
    "loop-reversed": "reversed(list(range(1, len(items))))",
    "other-function": "min(found, 0)",
    "nothing-returned": "return None",
    "default-changed": "limit: int=11",
    "guard-removed": "        pass",
}


@pytest.mark.parametrize("operator", EXAMPLES)
def test_an_operator_makes_its_slip(operator: str) -> None:
    made = [mutant.definition for mutant in mutants("example", SOURCE) if mutant.operator == operator]
    assert any(EXAMPLES[operator] in text for text in made), made


def test_mutants_differ_from_each_other_and_from_their_original() -> None:
    every = mutants("example", SOURCE)
    texts = [mutant.definition for mutant in every]
    assert len(set(texts)) == len(texts) > 40
    assert len({mutant.hash for mutant in every}) == len(every)
    assert all('"""Add up what is below the limit."""' in text for text in texts)


def test_what_compiles_to_the_same_instructions_is_no_mutant() -> None:
    assert mutants("example", "def f():\n    if False:\n        print('never')\n    return 1\n")
    assert not [
        mutant
        for mutant in mutants("example", "def f(x):\n    pass\n    return x\n")
        if mutant.operator == "statement-removed"
    ]


def test_the_choice_is_the_same_for_the_same_seed_and_of_many_operators() -> None:
    every = mutants("example", SOURCE)
    picked = chosen(every, 12, seed=5)
    assert picked == chosen(every, 12, seed=5)
    assert picked != chosen(every, 12, seed=6)
    assert len({mutant.operator for mutant in picked}) == 12


@pytest.mark.slow
def test_every_operator_finds_something_in_the_corpus_and_every_reviewed_mutant_is_there() -> None:
    known = {}
    for entry in corpus():
        with tempfile.TemporaryDirectory() as folder:
            source = entry.place(Path(folder)).source
        known.update({mutant.hash: mutant for mutant in mutants(entry.name, source)})
    used = {mutant.operator for mutant in known.values()}
    assert used == {operator.name for operator in OPERATORS}
    assert len(OPERATORS) >= 40
    path = Path(mutants_module.__file__).parent / "equivalent.toml"
    own = {entry.name for entry in corpus() if not entry.is_library}
    for entry in tomllib.loads(path.read_text())["equivalent"]:
        assert entry["reason"].endswith(".")
        # The library's functions are another text in another version of Python.
        if entry["function"] in own:
            assert known[entry["mutant"]].operator == entry["operator"]
            assert known[entry["mutant"]].function == entry["function"]
