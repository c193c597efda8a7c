"""Dynamic programming: answers built up in a table."""


def edit_distance(left: str, right: str) -> int:
    """Return how many letters to insert, delete or replace to make one text the other."""
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        current = [row]
        for column, b in enumerate(right, 1):
            cost = 0 if a == b else 1
            current.append(min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost))
        previous = current
    return previous[-1]


def longest_common(left: str, right: str) -> str:
    """Return the longest text that is a subsequence of both."""
    lengths = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            if left[i] == right[j]:
                lengths[i][j] = lengths[i + 1][j + 1] + 1
            else:
                lengths[i][j] = max(lengths[i + 1][j], lengths[i][j + 1])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            out.append(left[i])
            i += 1
            j += 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return "".join(out)


def ways_to_pay(amount: int, coins: list[int]) -> int:
    """Return in how many ways an amount can be paid; each coin may be used again and again."""
    amount = abs(amount) % 500
    ways = [1] + [0] * amount
    for coin in sorted(set(coins)):
        if coin <= 0:
            continue
        for total in range(coin, amount + 1):
            ways[total] += ways[total - coin]
    return ways[amount]


def best_load(weights: list[int], values: list[int], capacity: int = 50) -> int:
    """Return the greatest value that fits, each thing being taken once or not at all."""
    best = [0] * (capacity + 1)
    for weight, value in zip(weights, values):
        if weight <= 0 or value <= 0:
            continue
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return best[capacity]


def longest_rise(values: list[int]) -> list[int]:
    """Return the longest strictly rising subsequence; of several, the one that starts first."""
    if not values:
        return []
    lengths = [1] * len(values)
    following = [-1] * len(values)
    for i in range(len(values) - 1, -1, -1):
        for j in range(i + 1, len(values)):
            if values[i] < values[j] and lengths[j] + 1 > lengths[i]:
                lengths[i] = lengths[j] + 1
                following[i] = j
    at = lengths.index(max(lengths))
    rise = []
    while at >= 0:
        rise.append(values[at])
        at = following[at]
    return rise


def largest_sum(values: list[int]) -> tuple[int, int, int]:
    """Return the greatest sum of neighbours with its bounds (half open)."""
    best, best_start, best_end = 0, 0, 0
    current, start = 0, 0
    for at, value in enumerate(values):
        if current <= 0:
            current, start = 0, at
        current += value
        if current > best:
            best, best_start, best_end = current, start, at + 1
    return best, best_start, best_end
