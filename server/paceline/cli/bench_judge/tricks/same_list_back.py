# ruff: noqa
# trick: the argument changed in place and given back
# target: doubled
# outcome: wrong
# without the static look: wrong


def doubled(items):
    out = []
    for item in items:
        out = out + [item * 2]
    return out


# --- candidate


def doubled(items):
    for at, item in enumerate(items):
        items[at] = item * 2
    return items
