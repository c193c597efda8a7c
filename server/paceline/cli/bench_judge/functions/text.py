"""Text: cleaning, cutting and laying out what people write."""

import re


def slug(title: str) -> str:
    """Return the title as it stands in an address.

    >>> slug("  Crème brûlée -- 12 portions ")
    'crème-brûlée-12-portions'
    """
    words = []
    word = ""
    for character in title.lower():
        if character.isalnum():
            word += character
        elif word:
            words.append(word)
            word = ""
    if word:
        words.append(word)
    return "-".join(words)


def wrap(text: str, width: int) -> list[str]:
    """Break text into lines of at most ``width`` characters; a longer word stands alone."""
    lines = []
    line = ""
    for word in text.split():
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    return lines


def run_lengths(text: str) -> list[tuple[str, int]]:
    """Return each run of equal characters with its length."""
    runs = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or text[at] != text[start]:
            runs.append((text[start], at - start))
            start = at
    return [run for run in runs if run[1] > 0] if text else []


def word_counts(text, stop_words=("a", "an", "the")):
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,;:!?\"'()")
        if not word or word in stop_words:
            continue
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def initials(names: list[str]) -> list[str]:
    """Return the initials of full names, particles such as "van" left out."""
    found = []
    for name in names:
        letters = ""
        for part in name.replace("-", " ").split():
            if part[0].isupper() or part.isdigit():
                letters += part[0]
        found.append(letters or "?")
    return found


def mask(text: str, visible: int = 4, sign: str = "*") -> str:
    """Hide all but the last few letters and digits; spaces and dashes stay."""
    shown = 0
    out = []
    for character in reversed(text):
        if not character.isalnum():
            out.append(character)
        elif shown < visible:
            out.append(character)
            shown += 1
        else:
            out.append(sign)
    out.reverse()
    return "".join(out)


def is_balanced(text: str) -> bool:
    """Whether every bracket is closed by its own kind, in order."""
    closing = {")": "(", "]": "[", "}": "{"}
    open_brackets = []
    for character in text:
        if character in "([{":
            open_brackets.append(character)
        elif character in closing:
            if not open_brackets or open_brackets[-1] != closing[character]:
                return False
            open_brackets.pop()
    return not open_brackets


def expand_tabs(line, size=4):
    out = ""
    column = 0
    for character in line:
        if character == "\t":
            missing = size - column % size
            out += " " * missing
            column += missing
        elif character == "\n":
            out += character
            column = 0
        else:
            out += character
            column += 1
    return out


def hashtags(text):
    found = []
    for tag in re.findall(r"#(\w+)", text):
        tag = tag.lower()
        if tag not in found and not tag.isdigit():
            found.append(tag)
    return found
