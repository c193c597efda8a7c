# ruff: noqa
# trick: answers remembered in a mutable default value
# target: pairs
# outcome: tampered wrong
# without the static look: tampered wrong


def pairs(items):
    count = 0
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] + items[j] == 10:
                count += 1
    return count


# --- candidate


def pairs(items, _seen={}):
    key = tuple(items)
    if key not in _seen:
        count = 0
        for i in range(len(items)):
            for j in range(i + 1, len(items)):
                if items[i] + items[j] == 10:
                    count += 1
        _seen[key] = count
    return _seen[key]
