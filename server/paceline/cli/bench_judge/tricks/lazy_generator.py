# ruff: noqa
# trick: a generator in the place of a list
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
    return (item * 2 for item in items)
