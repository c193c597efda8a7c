"""Classes with state of their own."""

from dataclasses import dataclass, field


@dataclass
class Account:
    """An account that remembers what was paid in and out."""

    balance: int = 0
    limit: int = 0
    history: list[tuple[str, int]] = field(default_factory=list)

    def settle(self, payments: list[int]) -> int:
        """Book payments in order, refuse those beyond the limit; return how many were refused."""
        refused = 0
        for payment in payments:
            if payment < 0 and self.balance + payment < -self.limit:
                refused += 1
                self.history.append(("refused", payment))
                continue
            self.balance += payment
            if payment != 0:
                self.history.append(("out" if payment < 0 else "in", payment))
        return refused


@dataclass
class Stock:
    """What lies on the shelves."""

    amounts: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)

    def reserve(self, wanted: dict[str, int]) -> list[str]:
        """Reserve all of an order or nothing; return what is missing."""
        missing = []
        for name, amount in wanted.items():
            free = self.amounts.get(name, 0) - self.reserved.get(name, 0)
            if amount > free:
                missing.append(name)
        if missing:
            return sorted(missing)
        for name, amount in wanted.items():
            if amount > 0:
                self.reserved[name] = self.reserved.get(name, 0) + amount
        return []


class Recent:
    """The last few different things, the latest first."""

    def __init__(self, size: int = 4) -> None:
        self.size = size
        self.items: list[str] = []

    def visit(self, names: list[str]) -> list[str]:
        """Note visits and return what fell out at the end."""
        dropped = []
        for name in names:
            if name in self.items:
                self.items.remove(name)
            self.items.insert(0, name)
            if len(self.items) > self.size:
                dropped.append(self.items.pop())
        return dropped


class Counter:
    """Counts things under names, with a ceiling."""

    def __init__(self, ceiling: int = 100) -> None:
        self.ceiling = ceiling
        self.counts: dict[str, int] = {}
        self.overflows = 0

    def add_all(self, names: list[str], step: int = 1) -> int:
        """Add a step for each name and return the largest count there is now."""
        for name in names:
            key = name.strip().lower()
            if not key:
                continue
            count = self.counts.get(key, 0) + step
            if count > self.ceiling:
                count = self.ceiling
                self.overflows += 1
            self.counts[key] = count
        return max(self.counts.values(), default=0)
