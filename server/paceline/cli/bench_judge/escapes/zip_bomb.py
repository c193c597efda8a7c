# ruff: noqa
# escape: a text that grows to all memory in one step
# target: pairs
# outcome: wrong crashed tampered timed-out
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
    text = "x" * 1024
    for _ in range(40):
        text += text
    return len(text)
