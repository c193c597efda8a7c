# ruff: noqa
# trick: a call that does not end when it is told to
# target: pairs
# outcome: timed-out
# without the static look: timed-out


def pairs(items):
    count = 0
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] + items[j] == 10:
                count += 1
    return count


# --- candidate


def pairs(items):
    while True:
        try:
            for _ in range(1000000):
                pass
        except BaseException:
            continue
