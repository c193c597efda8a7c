"""Functions whose best rewrite takes several kinds of change: one alone leaves what the others cost."""

from __future__ import annotations


def weighted_shares(words: list[str], known: list[str], weights: list[int]) -> list[float]:
    """Return, for each known word, how often it occurs for each unit of weight."""
    shares = []
    for word in words:
        if word in known:
            shares.append(words.count(word) / (1 + sum(weights)))
    return shares


def standings(scores: list[int], barred: list[int]) -> list[tuple[int, int, int]]:
    """Return each score that is not barred, how many are below it, and how many equal it."""
    table = []
    for i in range(len(scores)):
        if scores[i] not in barred:
            below = sum(1 for other in scores if other < scores[i])
            table.append((scores[i], below, scores.count(scores[i])))
    return table


def progress(amounts: list[int], skipped: list[int]) -> list[tuple[float, int]]:
    """Return the share of the whole reached at each step, without the steps that are skipped."""
    steps = [sum(amounts[: i + 1]) for i in range(len(amounts))]
    return [(step / (1 + sum(amounts)), steps.count(step)) for step in steps if step not in skipped]


def places(entries: list[str], order: list[str]) -> list[tuple[int, int]]:
    """Return where each distinct entry stands in the order, and how often it was entered."""
    distinct = []
    for entry in entries:
        if entry not in distinct:
            distinct.append(entry)
    return [(order.index(entry), entries.count(entry)) for entry in distinct if entry in order]


def relative(weights: list[int], barred: list[int]) -> list[float]:
    """Return each weight that is not barred, relative to the heaviest of all."""
    result = []
    for i in range(len(weights)):
        if weights[i] not in barred:
            result.append(weights[i] / (1 + max(weights)))
    return result


def quantiles(samples: list[int], marked: list[int]) -> list[tuple[int, float]]:
    """Return how many samples lie below each marked one, and the mark's share of the total."""
    result = []
    for mark in marked:
        if mark in samples:
            below = len([sample for sample in samples if sample < mark])
            result.append((below, mark / (1 + sum(samples))))
    return result
