# ruff: noqa
# escape: an exception with an endless message
# target: pairs
# outcome: wrong timed-out crashed tampered
# without the static look: tampered wrong crashed timed-out does-not-build not-proven-faster slower


def pairs(items):
    count = 0
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] + items[j] == 10:
                count += 1
    return count


# --- candidate


def pairs(items):
    raise ValueError("x" * 300_000_000)
