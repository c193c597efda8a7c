# ruff: noqa
# escape: output without end
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
    while True:
        print("x" * 1_000_000)
