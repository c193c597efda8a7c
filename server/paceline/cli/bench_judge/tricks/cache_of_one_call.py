# ruff: noqa
# trick: a cache made and dropped inside the call: no trick at all
# target: powers
# outcome: faster
# without the static look: faster


def powers(items):
    out = []
    for item in items:
        total = 0
        for step in range(60):
            total += (item % 7) ** step
        out.append(total)
    return out


# --- candidate


def powers(items):
    known = {}
    out = []
    for item in items:
        rest = item % 7
        if rest not in known:
            known[rest] = sum(rest**step for step in range(60))
        out.append(known[rest])
    return out
