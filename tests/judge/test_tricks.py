"""The catalogue of tricks, as it meets the judge, and once more with the static look taken away."""

from __future__ import annotations

import pytest

from paceline.cli.bench_judge.catalogue import Attempt, tricks
from paceline.judge.python import static

CATALOGUE = tricks()


def by_target() -> dict[str, list[Attempt]]:
    """The tricks on the same function, which share a judge: preparing it is most of what a refusal costs."""
    found: dict[str, list[Attempt]] = {}
    for trick in CATALOGUE:
        found.setdefault(trick.module + trick.target, []).append(trick)
    return {group[0].name if len(group) == 1 else group[0].target: group for group in found.values()}


@pytest.mark.parametrize("group", by_target().values(), ids=by_target())
async def test_no_trick_passes(group: list[Attempt], judging) -> None:
    found = {}
    async with judging(group[0].module, group[0].target) as bench:
        for trick in group:
            verdict = await bench.ask(trick.candidate)
            if verdict.outcome not in trick.outcomes:
                found[trick.name] = (verdict.outcome, verdict.reason)
    assert not found


@pytest.mark.slow
@pytest.mark.parametrize("group", by_target().values(), ids=by_target())
async def test_no_trick_passes_without_the_static_look(
    group: list[Attempt], judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static, "reject", lambda target, replacement: None)
    found = {}
    async with judging(group[0].module, group[0].target) as bench:
        for trick in group:
            verdict = await bench.ask(trick.candidate)
            if verdict.outcome not in trick.unguarded:
                found[trick.name] = (verdict.outcome, verdict.reason)
    assert not found


def test_the_catalogue_is_broad() -> None:
    assert len(CATALOGUE) >= 40
    assert len({trick.says for trick in CATALOGUE}) == len(CATALOGUE)
