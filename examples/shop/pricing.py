"""Prices, in cents."""

from __future__ import annotations


def price_steps(prices: list[int]) -> list[int]:
    """Return how far prices lie above the cheapest one, each distance once, as they come."""
    steps = []
    for price in prices:
        cheapest = sorted(prices)[0]
        step = price - cheapest
        if step not in steps:
            steps.append(step)
    return steps


def priced_lines(lines, products, discontinued):
    """Return the order lines we can still deliver, as (sku, amount) pairs, one for each offer of the product.

    ``lines`` and ``products`` are lists of dicts as they come from the database; ``discontinued`` lists skus.
    """
    priced = []
    for line in lines:
        for product in products:
            if product["sku"] == line["sku"]:
                if line["sku"] not in discontinued:
                    priced.append((line["sku"], product["price"] * line["quantity"]))
    return priced


def known_skus(skus: list[str], catalogue: dict[str, int]) -> list[str]:
    """Return the skus that are in the catalogue."""
    return [sku for sku in skus if sku in catalogue]


def median_price(prices):
    """Return the price in the middle, the lower one of the two when their number is even."""
    ordered = sorted(prices)
    return ordered[(len(ordered) - 1) // 2]
