"""A function in other words is another text and the same function."""

from __future__ import annotations

import doctest
import tempfile
import types
from pathlib import Path

import pytest

from paceline.cli.bench_judge.corpus import corpus
from paceline.cli.bench_judge.rewording import reworded
from paceline.syntax.splice import splice
from paceline.syntax.target import Replacement

TESTED = [
    entry for entry in corpus() if not entry.is_library and b">>> " + entry.function.encode() in entry.module
]


def test_local_names_change_and_others_stay() -> None:
    source = """
        def f(items, key=len):  # a comment
            total = 0
            for item in items:
                total += key(item)
            keep = [item for item in items if total]
            def inner(keep):
                return keep
            return inner(keep)
    """
    text = reworded(source)
    assert "total_again += key(item_again)" in text
    assert "def inner(keep):" in text
    assert "comment" not in text
    assert "items" in text
    assert "items_again" not in text


@pytest.mark.parametrize("entry", TESTED, ids=lambda entry: entry.name)
def test_the_examples_of_a_function_hold_in_other_words(entry, tmp_path: Path) -> None:
    target = entry.place(tmp_path)
    text = splice(target, Replacement(definition=reworded(target.source)))
    module = types.ModuleType("reworded")
    exec(compile(text, "reworded", "exec"), module.__dict__)
    results = doctest.testmod(module)
    assert results.attempted
    assert not results.failed


def test_every_function_of_the_corpus_can_be_put_in_other_words() -> None:
    changed = 0
    for entry in corpus():
        with tempfile.TemporaryDirectory() as folder:
            source = entry.place(Path(folder)).source
        text = reworded(source)
        compile(text, entry.name, "exec")
        changed += text != source
    assert changed == len(corpus())
