# ruff: noqa
# escape: a pattern that searches for ever
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

import re


def pairs(items):
    return len(re.findall(r"(x+x+)+y", "x" * 200))
