# ruff: noqa
# escape: a loop without end that never returns to Python
# target: pairs
# outcome: timed-out
# without the static look: timed-out crashed


def pairs(items):
    count = 0
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] + items[j] == 10:
                count += 1
    return count


# --- candidate

import itertools


def pairs(items):
    return sum(itertools.repeat(1))
