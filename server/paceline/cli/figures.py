"""Figures as people read them: times, ratios, intervals."""

from __future__ import annotations

from collections.abc import Mapping

from paceline.judge.verdict import Checks

SOURCES: Mapping[str, str] = {
    "recorded": "recorded",
    "call-site": "from call sites",
    "doctest": "from doctests",
    "type-hints": "from type hints",
    "probed": "probed",
    "edge": "edge cases",
    "fresh": "fresh to confirm",
}
"""The judge's names of where inputs come from, in words, the worthiest first."""

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def seconds(value: float) -> str:
    """Return a duration with three figures and its unit: ``112 µs``, ``1.25 ms``, ``34 s``."""
    if value >= 100:
        return f"{value:.0f} s"
    for size, unit in _UNITS:
        # What would be rounded up to the next unit is said in it.
        if value >= size * 0.9995:
            return f"{_three_figures(value / size)} {unit}"
    return f"{_three_figures(value / 1e-9)} ns"


def memory(size: int) -> str:
    """Return bytes with three figures at most: ``0 KiB``, ``840 KiB``, ``12.5 MiB``, ``1.2 GiB``."""
    if size < 1024 * 1024:
        return f"{size // 1024} KiB"
    return f"{size / 2**20:.1f} MiB" if size < 2**30 else f"{size / 2**30:.1f} GiB"


def ratio(value: float) -> str:
    """Return a speedup: ``173x``, ``3.1x``, ``1.12x``. Two decimals only where they decide something."""
    return f"{_bare(value)}x"


def interval(low: float, high: float) -> str:
    """Return the bounds of a speedup's confidence interval: ``(2.8-3.4)``."""
    return f"({_bare(low)}-{_bare(high)})"


def checks(counted: Checks) -> str:
    """Return what was compared: ``no difference in 34 inputs: 12 recorded, 22 edge cases``.

    And, where the project's own tests reach the function, how many pass: ``; 3 project tests pass``.
    """
    inputs = f"{counted.inputs:,} input{'' if counted.inputs == 1 else 's'}"
    named = sources(counted.sources)
    words = f"no difference in {inputs}{': ' + named if named else ''}"
    if counted.tests:
        words += f"; {counted.tests:,} project {'test passes' if counted.tests == 1 else 'tests pass'}"
    return words


def sources(counts: Mapping[str, int]) -> str:
    """Return inputs by where they came from, in order of worth: ``12 recorded, 40 from type hints``."""
    worth = list(SOURCES)
    ordered = sorted(counts, key=lambda name: worth.index(name) if name in SOURCES else len(worth))
    return ", ".join(f"{counts[name]:,} {SOURCES.get(name, name)}" for name in ordered if counts[name])


def _bare(value: float) -> str:
    if value >= 99.5:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1.95 else f"{value:.2f}"


def _three_figures(value: float) -> str:
    decimals = 0 if value >= 99.5 else 1 if value >= 9.95 else 2
    return f"{value:.{decimals}f}"
