# ruff: noqa
# trick: the work done by a child process that is not waited for
# target: pairs
# outcome: tampered
# without the static look: tampered wrong crashed timed-out


def pairs(items):
    count = 0
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] + items[j] == 10:
                count += 1
    return count


# --- candidate

import os


def pairs(items):
    if os.fork() == 0:
        for i in range(len(items)):
            for j in range(i + 1, len(items)):
                items[i] + items[j]
        os._exit(0)
    return 0
