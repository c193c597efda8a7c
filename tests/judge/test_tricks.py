"""The catalogue of tricks, as it meets the judge, and once more with the static look taken away."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from paceline.judge.python import static

CATALOGUE = sorted((Path(__file__).parent / "tricks").glob("*.py"))


class Trick(NamedTuple):
    target: str
    outcomes: set[str]
    unguarded: set[str]
    module: str
    candidate: str


def read(path: Path) -> Trick:
    text = path.read_text()
    head = dict(line[2:].split(": ", 1) for line in text.splitlines()[:5])
    module, _, candidate = text.partition("# --- candidate\n")
    return Trick(
        target=head["target"],
        outcomes=set(head["outcome"].split()),
        unguarded=set(head["without the static look"].split()),
        module=module.partition("\n\n")[2],
        candidate=candidate,
    )


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
async def test_no_trick_passes(path: Path, judging) -> None:
    trick = read(path)
    async with judging(trick.module, trick.target) as bench:
        verdict = await bench.ask(trick.candidate)
    assert verdict.outcome in trick.outcomes, verdict.reason


@pytest.mark.slow
@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
async def test_no_trick_passes_without_the_static_look(
    path: Path, judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    trick = read(path)
    monkeypatch.setattr(static, "reject", lambda target, replacement: None)
    async with judging(trick.module, trick.target) as bench:
        verdict = await bench.ask(trick.candidate)
    assert verdict.outcome in trick.unguarded, verdict.reason


def test_the_catalogue_is_broad() -> None:
    assert len(CATALOGUE) >= 30
