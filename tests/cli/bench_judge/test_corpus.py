"""The functions, tricks and escapes that the benchmark is made of."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from paceline.cli.bench_judge.catalogue import Attempt, escapes, tricks
from paceline.cli.bench_judge.corpus import corpus, spread

CORPUS = corpus()


def test_there_are_enough_real_functions() -> None:
    own = [entry for entry in CORPUS if not entry.is_library]
    assert len(own) >= 40
    assert len(CORPUS) - len(own) >= 30
    assert len({entry.name for entry in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry.name)
def test_every_function_is_a_target(entry, tmp_path: Path) -> None:
    target = entry.place(tmp_path)
    assert not target.is_nested
    assert len(ast.parse(target.source).body) == 1
    assert Path(target.file).name.partition(".")[0] not in sys.stdlib_module_names


def test_functions_written_in_c_do_not_take_the_place_of_those_that_are_judged() -> None:
    for entry in CORPUS:
        if entry.is_library and entry.name.startswith(("bisect:", "heapq:")):
            assert b"import *" not in entry.module


def test_no_function_comes_twice_before_all_came() -> None:
    drawn = spread(CORPUS, len(CORPUS) + 5, seed=3)
    assert len(set(drawn[: len(CORPUS)])) == len(CORPUS)
    assert drawn == spread(CORPUS, len(CORPUS) + 5, seed=3)
    assert drawn != spread(CORPUS, len(CORPUS) + 5, seed=4)


@pytest.mark.parametrize("attempt", [*tricks(), *escapes()], ids=lambda attempt: attempt.name)
def test_every_attempt_is_a_whole_candidate(attempt: Attempt, tmp_path: Path) -> None:
    assert attempt.entry.place(tmp_path).source
    assert attempt.replacement.definition
    assert attempt.outcomes
    assert attempt.unguarded
    places = set(re.findall(r"@[A-Z]+@", attempt.candidate))
    assert places <= {"@PORT@", "@SOCKET@", "@SECRET@", "@HOME@", "@WORKSPACE@", "@CACHE@", "@PACKAGE@",
                      "@PARENT@", "@NAME@", "@MARK@"}  # fmt: skip


def test_the_catalogue_of_escapes_is_broad() -> None:
    assert len(escapes()) >= 35
    assert len({escape.says for escape in escapes()}) == len(escapes())
