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


def by_target() -> dict[str, list[Path]]:
    """The tricks on the same function, which share a judge: preparing it is most of what a refusal costs."""
    found: dict[str, list[Path]] = {}
    for path in CATALOGUE:
        trick = read(path)
        found.setdefault(trick.module + trick.target, []).append(path)
    return {paths[0].stem if len(paths) == 1 else read(paths[0]).target: paths for paths in found.values()}


@pytest.mark.parametrize("paths", by_target().values(), ids=by_target())
async def test_no_trick_passes(paths: list[Path], judging) -> None:
    first = read(paths[0])
    found = {}
    async with judging(first.module, first.target) as bench:
        for path in paths:
            verdict = await bench.ask(read(path).candidate)
            if verdict.outcome not in read(path).outcomes:
                found[path.stem] = (verdict.outcome, verdict.reason)
    assert not found


@pytest.mark.slow
@pytest.mark.parametrize("paths", by_target().values(), ids=by_target())
async def test_no_trick_passes_without_the_static_look(
    paths: list[Path], judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static, "reject", lambda target, replacement: None)
    first = read(paths[0])
    found = {}
    async with judging(first.module, first.target) as bench:
        for path in paths:
            verdict = await bench.ask(read(path).candidate)
            if verdict.outcome not in read(path).unguarded:
                found[path.stem] = (verdict.outcome, verdict.reason)
    assert not found


def test_the_catalogue_is_broad() -> None:
    assert len(CATALOGUE) >= 30
