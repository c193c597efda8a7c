"""What a function is, whatever its layout: a hash of its normalised tree, and counts of its parts."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from operator import attrgetter, itemgetter

import tree_sitter

from paceline.syntax.languages import Language, language_named

_OPEN, _CLOSE, _GAP = b"\x01", b"\x02", b"\x00"
_ERROR = b"ERROR"


def normal_hash(source: str, language: str) -> str:
    """Return the SHA-256, in hex, of the normalised tree of a piece of source.

    Comments, layout and commas before a closing bracket make no difference; docstrings and names do. The
    kinds of node are part of it, so a new grammar version can change the hash of unchanged code.
    """
    entry = language_named(language)
    text = source.encode("utf-8", "surrogateescape")
    return hash_of(entry.parse(text).root_node.children, text, entry)


def features(source: str, language: str) -> Mapping[str, int]:
    """Return what a piece of source is made of: loops, calls, operations, containers, with their counts.

    ``loop`` counts loops, ``loop:2`` those that stand inside another (a comprehension counts as one there),
    and so on; ``call:NAME`` counts calls of a function or method, ``op:SIGN`` operations,
    ``container.KIND`` displays and comprehensions, ``recursion`` calls of the source's first definition.
    """
    entry = language_named(language)
    text = source.encode("utf-8", "surrogateescape")
    tree = entry.parse(text)
    marks = feature_marks(tree.root_node, text, entry)
    outline = entry.matches("outline", tree.root_node)
    names = [found["name"][0] for _, found in outline if "function" in found]
    first = min(names, key=attrgetter("start_byte"), default=None)
    return count_features(marks, name=_said(first, text) if first else None)


Mark = tuple[int, int, str, str]
"""Start, end, feature, and what nests (its kind, or nothing)."""


def feature_marks(
    node: tree_sitter.Node, text: bytes, language: Language, *, within: tuple[int, int] | None = None
) -> list[Mark]:
    """Return every feature under a node with its place, in document order."""
    start, end = within or (node.start_byte, node.end_byte)
    marks: list[Mark] = []
    for capture, nodes in language.captures("features", node, start=start, end=end).items():
        if capture.endswith(".text"):
            prefix = capture.removesuffix(".text")
            marks += [(n.start_byte, n.end_byte, f"{prefix}:{_said(n, text)}", "") for n in nodes]
            continue
        name = capture.removeprefix("nest.")
        kind = name if capture.startswith("nest.") else ""
        marks += [(n.start_byte, n.end_byte, name, kind) for n in nodes]
    marks = [mark for mark in marks if mark[0] >= start and mark[1] <= end]
    marks.sort(key=itemgetter(0, 1))
    return marks


def count_features(
    marks: list[Mark], *, start: int = 0, end: int | None = None, name: str | None = None
) -> Mapping[str, int]:
    """Count the features between two offsets; ``name`` is the function whose own calls are recursion."""
    first = bisect_left(marks, start, key=itemgetter(0))
    last = len(marks) if end is None else bisect_left(marks, end, key=itemgetter(0))
    counts = Counter(feature for _, _, feature, _ in marks[first:last])
    open_until: list[int] = []
    for begin, until, _, kind in marks[first:last]:
        if not kind:
            continue
        while open_until and open_until[-1] <= begin:
            open_until.pop()
        open_until.append(until)
        if len(open_until) > 1:
            counts[f"loop:{len(open_until)}"] += 1
    if name is not None and (calls := counts[f"call:{name}"]):
        counts["recursion"] = calls
    return {feature: counts[feature] for feature in sorted(counts) if counts[feature]}


def hash_of(nodes: Iterable[tree_sitter.Node], text: bytes, language: Language) -> str:
    """Return the hash of a sequence of sibling nodes of a tree of ``text``."""
    parts: list[bytes] = []
    for node in nodes:
        _normalise(node, text, language, parts)
    return hashlib.sha256(_GAP.join(parts).replace(b"\r\n", b"\n")).hexdigest()


def _normalise(root: tree_sitter.Node, text: bytes, language: Language, parts: list[bytes]) -> None:
    # A loop with a cursor, not recursion: generated code nests deeper than any stack allows. It visits every
    # node of a file, so it asks each node for as little as it can.
    layout, atoms, kinds, trailing = language.layout, language.atoms, language.kinds, language.trailing_comma
    cursor = root.walk()
    down, right = cursor.goto_first_child, cursor.goto_next_sibling
    open_kinds: list[int] = []
    while True:
        node = cursor.node
        assert node is not None
        kind = node.kind_id
        if kind not in layout:
            if kind not in atoms and down():
                # What does not parse has a kind that is not the grammar's.
                parts.append(_OPEN + (kinds[kind] if kind < len(kinds) else _ERROR))
                open_kinds.append(kind)
                continue
            parts.append(text[node.start_byte : node.end_byte])
        if not open_kinds:
            return
        while not right():
            cursor.goto_parent()
            if open_kinds.pop() in trailing and parts[-2] == b",":
                del parts[-2]
            parts.append(_CLOSE)
            if not open_kinds:
                return


def _said(node: tree_sitter.Node, text: bytes) -> str:
    # An operator of two words can be spaced in any way; its kind is its name.
    if not node.is_named:
        return node.type
    return text[node.start_byte : node.end_byte].decode("utf-8", "replace")
