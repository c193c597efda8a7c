"""Sorting, grouping and adding up records."""

from collections import defaultdict
from dataclasses import dataclass


@dataclass
class Line:
    """One line of an order."""

    sku: str
    quantity: int
    price: int
    customer: str = ""


def merge_sorted(left: list[int], right: list[int]) -> list[int]:
    """Merge two sorted lists; of equal items the left one comes first."""
    merged = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    merged.extend(left[i:])
    merged.extend(right[j:])
    return merged


def insertion_sort(items):
    result = list(items)
    for at in range(1, len(result)):
        item = result[at]
        place = at - 1
        while place >= 0 and result[place] > item:
            result[place + 1] = result[place]
            place -= 1
        result[place + 1] = item
    return result


def merge_intervals(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join intervals that overlap or touch."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if end < start:
            start, end = end, start
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def totals_by_customer(lines: list[Line]) -> dict[str, int]:
    """Add up orders by customer, the best customer first; returns are subtracted."""
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.quantity == 0:
            continue
        totals[line.customer or "unknown"] += line.quantity * line.price
    ranked = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ranked)


def invoice(lines: list[Line], discount: int = 10) -> tuple[int, int]:
    """Return the sum in cents and what was taken off: a share of every line of ten pieces and more."""
    total = 0
    saved = 0
    for line in lines:
        amount = line.quantity * line.price
        if line.quantity >= 10 and amount > 0:
            off = amount * discount // 100
            saved += off
            amount -= off
        total += amount
    return total, saved


def leaders(scores: dict[str, int], places: int = 3) -> list[tuple[int, str]]:
    """Return who is in the first places, with ties sharing one."""
    ranking = sorted(scores, key=lambda name: (-scores[name], name))
    found = []
    place = 0
    previous = None
    for number, name in enumerate(ranking, 1):
        if scores[name] != previous:
            place = number
            previous = scores[name]
        if place > places:
            break
        found.append((place, name))
    return found


def differences(before: dict[str, int], after: dict[str, int]) -> list[str]:
    """Return what changed between two states, a line each."""
    lines = []
    for key in sorted(set(before) | set(after)):
        if key not in after:
            lines.append("- " + key)
        elif key not in before:
            lines.append(f"+ {key}: {after[key]}")
        elif before[key] != after[key]:
            lines.append(f"~ {key}: {before[key]} -> {after[key]}")
    return lines


def dedupe_rows(rows, key="id"):
    seen = set()
    kept = []
    for row in rows:
        value = row.get(key)
        if value is None or value in seen:
            continue
        seen.add(value)
        copy = dict(row)
        copy[key] = value
        kept.append(copy)
    return kept


def pivot(rows: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """Turn (row, column, value) into a table; values of one cell are added up."""
    table: dict[str, dict[str, int]] = {}
    for row, column, value in rows:
        cells = table.setdefault(row, {})
        if column in cells:
            cells[column] += value
        else:
            cells[column] = value
    return {row: dict(sorted(cells.items())) for row, cells in sorted(table.items())}
