"""Generators, recursion and what is lazy."""

from collections.abc import Iterator


def batches(items: list[int], size: int = 3) -> Iterator[list[int]]:
    """Yield the items in lists of ``size``, the last one perhaps shorter."""
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def changes(values: list[int]) -> Iterator[tuple[int, int]]:
    """Yield where a value differs from the one before, with the difference."""
    previous = None
    for at, value in enumerate(values):
        if previous is not None and value != previous:
            yield at, value - previous
        previous = value


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a text: lines between blank lines, joined by spaces."""
    lines: list[str] = []
    for line in text.splitlines():
        line = line.strip()
        if line:
            lines.append(line)
        elif lines:
            yield " ".join(lines)
            lines = []
    if lines:
        yield " ".join(lines)


def flatten(value, prefix=""):
    found = {}
    if isinstance(value, dict):
        for key, item in value.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            found.update(flatten(item, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            found.update(flatten(item, f"{prefix}[{at}]"))
    else:
        found[prefix] = value
    return found


def arrangements(items: list[int]) -> list[list[int]]:
    """Return every order of up to five items, in the order of their places; repeated ones once."""
    items = items[:5]
    if len(items) <= 1:
        return [items]
    found = []
    for at, first in enumerate(items):
        if first in items[:at]:
            continue
        rest = items[:at] + items[at + 1 :]
        for following in arrangements(rest):
            found.append([first] + following)
    return found


def subset_sums(numbers: list[int], target: int) -> list[list[int]]:
    """Return the subsets of up to ten numbers that add up to a target."""
    numbers = sorted(numbers[:10])
    found: list[list[int]] = []

    def search(start: int, chosen: list[int], left: int) -> None:
        if left == 0 and chosen:
            found.append(chosen[:])
        for at in range(start, len(numbers)):
            chosen.append(numbers[at])
            search(at + 1, chosen, left - numbers[at])
            chosen.pop()

    search(0, [], target)
    return found
