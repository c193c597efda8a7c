"""A judge that needs no sandbox and no clock: it counts which slow places are left in a chained function.

Like the functions of the set, it gives each place the same cost, so that one change alone gains little. What
it is given are the simulated team's own rewrites; it runs them, to find those that are wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lessonbank.outcome import Outcome
from paceline.judge.verdict import Checks, Verdict
from paceline.syntax.target import Replacement, Target
from tests.engine.scripted import verdict

LEFT = 0.1
"""What the rest costs, beside 1 for each slow place."""

PLACES: Mapping[str, tuple[str, ...]] = {
    "weighted_shares": ("in known:", ".count(", "(1 + sum("),
    "quantiles": ("in samples:", "(1 + sum(", "if sample < mark"),
}

ARGUMENTS: Mapping[str, tuple[object, ...]] = {
    "weighted_shares": (["a", "b", "a", "c"], ["a", "c", "d"], [1, 2, 4]),
    "quantiles": ([5, 1, 4, 1, 9], [4, 1, 7]),
}


@dataclass
class QuickJudge:
    """Judges one function of the set chains."""

    target: Target
    finds_all_equal: bool = False
    closed: bool = False

    async def prepare(self) -> Checks | Verdict:
        return Checks(inputs=1, sources={"recorded": 1})

    async def judge(
        self, replacement: Replacement, *, on_stage: Callable[[str, str], None] = lambda _s, _d: None
    ) -> Verdict:
        on_stage("check", "")
        try:
            got = self._called(replacement)
        except SyntaxError:
            return verdict(Outcome.DOES_NOT_BUILD)
        if got != self._called(Replacement(definition=self.target.source)):
            return verdict(Outcome.WRONG)
        places = PLACES[self.target.name]
        speedup = self._cost(self.target.source, places) / self._cost(replacement.definition, places)
        if self.finds_all_equal:
            speedup = 1.0
        return verdict(Outcome.FASTER if speedup > 1.05 else Outcome.NOT_PROVEN_FASTER, speedup)

    async def close(self) -> None:
        self.closed = True

    def _called(self, replacement: Replacement) -> object:
        names: dict[str, object] = {}
        text = "\n".join([*replacement.imports, replacement.helpers, replacement.definition])
        exec(f"from __future__ import annotations\n{text}", names)
        function = names[self.target.name]
        assert callable(function)
        try:
            return function(*ARGUMENTS[self.target.name])
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            return type(error)

    @staticmethod
    def _cost(definition: str, places: tuple[str, ...]) -> float:
        return LEFT + sum(place in definition for place in places)
