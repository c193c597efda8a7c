# ruff: noqa
# trick: answers remembered in a variable of the module
# target: pairs
# outcome: tampered
# without the static look: tampered


def pairs(items):
    count = 0
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if items[i] + items[j] == 10:
                count += 1
    return count


# --- candidate

_answers = {}


def pairs(items):
    key = tuple(items)
    if key not in _answers:
        count = 0
        for i in range(len(items)):
            for j in range(i + 1, len(items)):
                if items[i] + items[j] == 10:
                    count += 1
        _answers[key] = count
    return _answers[key]
