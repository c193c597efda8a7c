# ruff: noqa
# escape: a loop without end that catches everything
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


def pairs(items):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
