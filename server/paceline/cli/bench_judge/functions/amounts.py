"""Numbers: statistics, money and number theory as applications need them."""

import math


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Return the three quartiles, interpolated. Raises ValueError where there are no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    found = []
    for quarter in (1, 2, 3):
        place = quarter * (len(ordered) - 1) / 4
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        share = place - below
        found.append(ordered[below] * (1 - share) + ordered[above] * share)
    return found[0], found[1], found[2]


def moving_average(values: list[float], window: int = 3) -> list[float]:
    """Return the mean of each window of values that lie next to each other."""
    if window < 1:
        raise ValueError("a window holds at least one value")
    means = []
    for end in range(window, len(values) + 1):
        part = values[end - window : end]
        means.append(sum(part) / window)
    return means


def primes_below(limit: int) -> list[int]:
    """Return the primes below a limit, by the sieve of Eratosthenes."""
    if limit < 3:
        return []
    is_prime = [True] * limit
    is_prime[0] = is_prime[1] = False
    for number in range(2, int(limit**0.5) + 1):
        if is_prime[number]:
            for multiple in range(number * number, limit, number):
                is_prime[multiple] = False
    return [number for number, prime in enumerate(is_prime) if prime]


def factors(number: int) -> dict[int, int]:
    """Return the prime factors of a positive number with their exponents."""
    if number < 1:
        raise ValueError("only positive numbers have prime factors")
    found: dict[int, int] = {}
    divisor = 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            found[divisor] = found.get(divisor, 0) + 1
            number //= divisor
        divisor += 1 if divisor == 2 else 2
    if number > 1:
        found[number] = found.get(number, 0) + 1
    return found


def split_amount(cents: int, shares: list[int]) -> list[int]:
    """Split an amount by shares so that nothing is lost: the first ones get the cents left over."""
    whole = sum(abs(share) for share in shares)
    if not whole:
        return [0] * len(shares)
    parts = [cents * abs(share) // whole for share in shares]
    left = cents - sum(parts)
    for at in range(len(parts)):
        if left <= 0:
            break
        if shares[at] != 0:
            parts[at] += 1
            left -= 1
    return parts


def correlation(xs: list[float], ys: list[float]) -> float:
    """Return Pearson's coefficient of pairs, 0 where one side does not vary."""
    count = min(len(xs), len(ys))
    if count < 2:
        return 0.0
    mean_x = sum(xs[:count]) / count
    mean_y = sum(ys[:count]) / count
    above = below_x = below_y = 0.0
    for x, y in zip(xs, ys):
        above += (x - mean_x) * (y - mean_y)
        below_x += (x - mean_x) ** 2
        below_y += (y - mean_y) ** 2
    if below_x == 0 or below_y == 0:
        return 0.0
    return above / math.sqrt(below_x * below_y)


def to_base(number, base=16):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    if base < 2 or base > len(digits):
        raise ValueError("base must be between 2 and 36")
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    number = abs(number)
    out = []
    while number:
        number, rest = divmod(number, base)
        out.append(digits[rest])
    return sign + "".join(reversed(out))


def histogram(values: list[int], width: int = 10) -> dict[int, int]:
    """Count values by bins of equal width, empty bins between the first and the last included."""
    if width <= 0:
        raise ValueError("a bin has a width")
    counts: dict[int, int] = {}
    for value in values:
        start = value // width * width
        counts[start] = counts.get(start, 0) + 1
    if not counts:
        return {}
    if (max(counts) - min(counts)) // width > 10_000:
        return dict(sorted(counts.items()))
    return {start: counts.get(start, 0) for start in range(min(counts), max(counts) + width, width)}
