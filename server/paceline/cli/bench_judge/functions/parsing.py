"""Parsing: small formats that turn up in configuration files and messages."""


def parse_settings(text: str) -> dict[str, dict[str, str]]:
    """Read sections of ``key = value`` lines; ``#`` starts a comment.

    >>> parse_settings("[a]\\nx = 1  # one\\ny=2")
    {'a': {'x': '1', 'y': '2'}}
    """
    sections: dict[str, dict[str, str]] = {}
    current = sections.setdefault("", {})
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1].strip(), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            current[key.strip()] = value.strip()
        else:
            current[line] = ""
    if not sections[""]:
        del sections[""]
    return sections


def parse_duration(text: str) -> int:
    """Return the seconds of ``1h 30m``, ``90s`` or ``2d``. Raises ValueError for anything else.

    >>> parse_duration("1h 30m")
    5400
    >>> parse_duration("2d 5s")
    172805
    """
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    total = 0
    number = ""
    for character in text.strip():
        if character.isdigit():
            number += character
        elif character in units:
            if not number:
                raise ValueError(f"no number before {character!r}")
            total += int(number) * units[character]
            number = ""
        elif not character.isspace():
            raise ValueError(f"unknown unit {character!r}")
    if number:
        raise ValueError("a unit is missing at the end")
    return total


def split_row(row: str, separator: str = ",") -> list[str]:
    '''Split a line of a table whose cells may be quoted.

    >>> split_row('a,"b, ""c""",d')
    ['a', 'b, "c"', 'd']
    '''
    cells = []
    cell = ""
    quoted = False
    at = 0
    while at < len(row):
        character = row[at]
        if quoted:
            if character == '"' and row[at + 1 : at + 2] == '"':
                cell += '"'
                at += 1
            elif character == '"':
                quoted = False
            else:
                cell += character
        elif character == '"' and not cell:
            quoted = True
        elif character == separator:
            cells.append(cell)
            cell = ""
        else:
            cell += character
        at += 1
    cells.append(cell)
    return cells


def calculate(expression: str) -> int:
    """Return the value of sums and products of whole numbers, products first.

    >>> calculate("2 + 3 * 4 - 1")
    13
    >>> calculate("10*10-99+7*2")
    15
    """
    total = 0
    sign = 1
    product = 1
    number = ""
    for character in expression.replace(" ", "") + "+":
        if character.isdigit():
            number += character
            continue
        if not number or character not in "+-*":
            raise ValueError("not an expression: " + expression)
        product *= int(number)
        number = ""
        if character != "*":
            total += sign * product
            product = 1
            sign = 1 if character == "+" else -1
    return total


def version_key(version):
    """Return what versions sort by.

    >>> version_key("1.10.0rc1")
    ((1, ''), (10, ''), (0, 'rc1'))
    >>> version_key("2.0")
    ((2, ''), (0, ''))
    """
    parts = []
    for part in version.split("."):
        digits = 0
        while digits < len(part) and part[digits].isdigit():
            digits += 1
        number = int(part[:digits]) if digits else -1
        parts.append((number, part[digits:]))
    return tuple(parts)


def roman(number: int) -> str:
    """Return a number from 1 to 3999 in Roman numerals.

    >>> roman(1994)
    'MCMXCIV'
    >>> roman(3888)
    'MMMDCCCLXXXVIII'
    """
    if not 0 < number < 4000:
        raise ValueError(f"{number} has no Roman numeral")
    signs = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L")]
    signs += [(40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    out = ""
    for value, sign in signs:
        while number >= value:
            out += sign
            number -= value
    return out


def parse_query(query: str) -> dict[str, list[str]]:
    """Read the part of an address after the question mark, plus signs being spaces."""
    found: dict[str, list[str]] = {}
    for pair in query.lstrip("?").split("&"):
        if not pair:
            continue
        name, equals, value = pair.partition("=")
        name = name.replace("+", " ")
        value = value.replace("+", " ") if equals else ""
        found.setdefault(name, []).append(value)
    return found
