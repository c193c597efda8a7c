"""Light syntax trees: what recipes are matched against.

tree-sitter's nodes cross into C at every attribute; a whole pack matched against one function touches each
node many times. So the tree is converted once into plain nodes, normalised where Python has several
spellings of one thing:

- comments and punctuation are gone (comments are kept beside the tree, for the rewrites),
- parentheses around an expression are a flag of the expression,
- ``a, b`` and ``(a, b)`` are the same ``tuple`` node, on either side of an assignment and as an index,
- ``f(x for x in y)`` has an argument list like any other call,
- the annotation of a local variable is a note on the assignment,
- ``'x'`` and ``"x"`` are the same string.

Nodes are never changed once `parse` has returned.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

import tree_sitter
import tree_sitter_python

_PUNCTUATION = frozenset("()[]{};")
_SAME_THING = {
    "tuple_pattern": "tuple",
    "pattern_list": "tuple",
    "expression_list": "tuple",
    "list_pattern": "list",
    "list_splat_pattern": "list_splat",
}
_BARE = frozenset({"pattern_list", "expression_list"})


MAX_DEPTH = 200
"""Levels of nesting. What walks the tree does so on Python's own stack, which other code needs too."""


class TooDeepError(ValueError):
    """The source is nested too deeply to be looked at."""


class Node:
    """One node. ``start`` and ``end`` are byte offsets without the parentheses around the expression."""

    __slots__ = (
        "_key",
        "annotation",
        "bare",
        "children",
        "docstring",
        "end",
        "field",
        "hole",
        "named",
        "parent",
        "parenthesised",
        "start",
        "text",
        "type",
    )

    def __init__(self, type_: str, start: int, end: int, *, named: bool, field: str | None) -> None:
        self.type = type_
        self.start = start
        self.end = end
        self.named = named
        self.field = field
        self.children: tuple[Node, ...] = ()
        self.parent: Node | None = None
        self.text: str | None = None
        """Of a leaf; None for a node with children."""
        self.annotation: str | None = None
        """Of an assignment: the annotation's source."""
        self.docstring: Node | None = None
        """Of the body of a function: its docstring, which is not among the children."""
        self.parenthesised = False
        self.bare = False
        """Of a tuple: written without parentheses."""
        self.hole: str | None = None
        """In a pattern: the hole this node is; with ``$$$`` in front where it takes several nodes."""
        self._key: str | None = None

    @property
    def key(self) -> str:
        """The structure as text: two nodes with one key are structurally equal."""
        if self._key is None:
            inner = (
                repr(self.text) if self.text is not None else " ".join(child.key for child in self.children)
            )
            self._key = f"({self.type} {inner})"
        return self._key

    def child(self, field: str) -> Node | None:
        """The first child that stands in the grammar's ``field``."""
        for child in self.children:
            if child.field == field:
                return child
        return None

    def ancestors(self) -> Iterator[Node]:
        """The parents, innermost first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def contains(self, other: Node) -> bool:
        """Whether ``other`` stands inside this node (or is it)."""
        return self.start <= other.start and other.end <= self.end

    def __repr__(self) -> str:
        return f"<{self.type} {self.start}:{self.end}>"


class Tree:
    """A parsed piece of Python: the nodes, the comments, and where strings span lines."""

    def __init__(self, source: bytes, root: Node, comments: tuple[Node, ...], *, has_error: bool) -> None:
        self.source = source
        self.root = root
        self.comments = comments
        self.has_error = has_error
        self.by_type: dict[str, list[Node]] = {}
        self._text_lines = set[int]()
        """Offsets of lines that begin inside a string: their indentation is part of the value."""
        for node in root.walk():
            self.by_type.setdefault(node.type, []).append(node)
            text = node if node.type == "string" else node.docstring
            if text is not None:
                at = source.find(b"\n", text.start, text.end)
                while at >= 0:
                    self._text_lines.add(at + 1)
                    at = source.find(b"\n", at + 1, text.end)
        self._line_starts = [0, *(i + 1 for i, byte in enumerate(source) if byte == 10)]

    def text(self, node: Node) -> str:
        """The node's source, without parentheses around it."""
        return self.source[node.start : node.end].decode()

    def begins_in_text(self, line_start: int) -> bool:
        """Whether the line that begins at this offset begins inside a string."""
        return line_start in self._text_lines

    def line_start(self, offset: int) -> int:
        """Where the line holding ``offset`` begins."""
        return self._line_starts[bisect_right(self._line_starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Where the line holding ``offset`` ends, its newline excluded."""
        at = self.source.find(b"\n", offset)
        return len(self.source) if at < 0 else at

    def indent(self, offset: int) -> str:
        """The whitespace that begins the line holding ``offset``."""
        line = self.source[self.line_start(offset) : offset]
        return line[: len(line) - len(line.lstrip())].decode()

    def begins_line(self, offset: int) -> bool:
        """Whether nothing but whitespace stands before ``offset`` on its line."""
        return not self.source[self.line_start(offset) : offset].strip()


def parse(source: str) -> Tree:
    """Parse Python source. A broken source gives a tree with ``has_error`` set.

    Raises TooDeepError where the nesting goes beyond `MAX_DEPTH`, UnicodeEncodeError for what is no text.
    """
    data = source.encode()
    # A parser is not safe to share between threads, and costs next to nothing.
    tree = tree_sitter.Parser(_python()).parse(data)
    comments: list[Node] = []
    root = _convert(tree.walk(), data, None, comments)
    return Tree(data, root, tuple(comments), has_error=tree.root_node.has_error)


@cache
def _python() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_python.language())


def _convert(
    cursor: tree_sitter.TreeCursor, source: bytes, field: str | None, comments: list[Node], depth: int = 0
) -> Node:
    if depth > MAX_DEPTH:
        raise TooDeepError(f"nested more than {MAX_DEPTH} levels deep")
    raw = cursor.node
    assert raw is not None
    kind = raw.type
    node = Node(_SAME_THING.get(kind, kind), raw.start_byte, raw.end_byte, named=raw.is_named, field=field)
    node.bare = kind in _BARE
    children: list[Node] = []
    if raw.is_named and cursor.goto_first_child():
        while True:
            child = _convert(cursor, source, cursor.field_name, comments, depth + 1)
            if child.type == "comment":
                comments.append(child)
            elif child.type != "line_continuation" and not _is_noise(child, kind):
                children.append(child)
            if not cursor.goto_next_sibling():
                break
        cursor.goto_parent()
    return _normalised(node, kind, children, source)


def _is_noise(child: Node, parent: str) -> bool:
    if child.named:
        return False
    if child.type in _PUNCTUATION:
        return True
    if child.type == ":":
        return parent != "slice"
    # The comma makes x[1,] a different thing from x[1].
    return child.type == "," and parent != "subscript"


def _normalised(node: Node, kind: str, children: list[Node], source: bytes) -> Node:
    if kind == "parenthesized_expression" and len(children) == 1:
        inner = children[0]
        inner.parenthesised = True
        inner.field = node.field
        return inner
    if kind == "assignment":
        for child in children:
            if child.type == "type":
                node.annotation = source[child.start : child.end].decode()
        if any(child.field == "right" for child in children):
            children = [child for child in children if child.type != "type"]
    if kind == "call" and children and children[-1].type == "generator_expression":
        generator = children[-1]
        arguments = Node("argument_list", generator.start, generator.end, named=True, field="arguments")
        generator.field = None
        _adopt(arguments, [generator])
        children[-1] = arguments
    if kind == "subscript" and any(child.type == "," for child in children):
        children = _with_one_index(children)
    if kind == "function_definition":
        _set_docstring_aside(children)
    if kind == "string" and not any(child.type == "interpolation" for child in children):
        node.text = _string_text(source[node.start : node.end].decode())
        return node
    if children:
        _adopt(node, children)
    else:
        node.text = source[node.start : node.end].decode() if node.named else node.type
        if kind in {"list", "dictionary", "tuple", "argument_list", "parameters", "block"}:
            node.text = None
    return node


def _with_one_index(children: list[Node]) -> list[Node]:
    """What stands between the brackets of ``x[a, b]`` as the one tuple that it is."""
    value, *parts = children
    index = Node("tuple", parts[0].start, parts[-1].end, named=True, field="subscript")
    index.bare = True
    _adopt(index, [part for part in parts if part.type != ","])
    return [value, index]


def _set_docstring_aside(parts: list[Node]) -> None:
    """Take a docstring out of the body, as comments are: it computes nothing, and it stays where it is."""
    body = parts[-1]
    if body.type != "block" or len(body.children) < 2 or body.children[0].type != "expression_statement":
        return
    first = body.children[0].children[0]
    if first.type == "string" and first.text is not None:
        body.docstring = first
        body.children = body.children[1:]


def _adopt(parent: Node, children: list[Node]) -> None:
    parent.children = tuple(children)
    for child in children:
        child.parent = parent


def _string_text(literal: str) -> str:
    quote = literal[:1]
    simple = quote in {"'", '"'} and literal[:3] not in {"'''", '"""'}
    content = literal[1:-1]
    if simple and not any(mark in content for mark in "\\'\""):
        return f"'{content}'"
    return literal
