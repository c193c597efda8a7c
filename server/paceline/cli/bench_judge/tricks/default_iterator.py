# ruff: noqa
# trick: a cache handed out by an iterator that is a default value
# target: pairs
# outcome: tampered wrong
# without the static look: tampered


def pairs(items):
    count = 0
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] + items[j] == 10:
                count += 1
    return count


# --- candidate

from itertools import repeat


def pairs(items, _caches=repeat({})):
    cache = next(_caches)
    key = tuple(items)
    if key not in cache:
        count = 0
        for i in range(len(items)):
            for j in range(i + 1, len(items)):
                if items[i] + items[j] == 10:
                    count += 1
        cache[key] = count
    return cache[key]
