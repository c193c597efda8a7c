"""Who buys from us, and whom we may write to."""

from __future__ import annotations


def unique_emails(addresses: list[str]) -> list[str]:
    """Return the addresses in the order they first came in, without repeats, in one spelling."""
    seen = []
    for address in addresses:
        email = address.strip().lower()
        if email not in seen:
            seen.append(email)
    return seen


def repeat_buyers(buyers, staff):
    """Return every purchase made by a customer who came back, staff purchases left out.

    ``buyers`` holds one name a purchase.
    """
    found = []
    for buyer in buyers:
        if buyer in staff:
            continue
        if buyers.count(buyer) > 1:
            found.append(buyer)
    return found


def newsletter_list(customers: list[str], unsubscribed: list[str]) -> str:
    """Return the greetings to be printed, the newest customer first, those who unsubscribed left out.

    ``customers`` has the oldest first.
    """
    text = ""
    for customer in customers:
        if customer not in unsubscribed:
            text = f"Dear {customer}, here is what is new in the shop this week.\n" + text
    return text
