"""What the order log tells. Nobody has got round to testing this module."""

from __future__ import annotations

import re


def order_numbers(lines):
    """Return the order numbers that the log lines mention, in order."""
    numbers = []
    for line in lines:
        match = re.search(r"ORD-(\d+)", line)
        if match:
            numbers.append(match.group(1))
    return numbers


def sales_by_sku(skus):
    """Return how often each sku was sold, one log entry a sale."""
    sales = {}
    for sku in skus:
        sales[sku] = skus.count(sku)
    return sales


def newest_first(entries: list[str]) -> list[str]:
    """Return the entries that say something, the newest first; the log has the oldest first."""
    newest = []
    for entry in entries:
        if entry:
            newest.insert(0, entry)
    return newest
