"""Edits on one function, and the text that comes out.

All edits of one application are collected first and rendered together, so that an edit may stand inside a
region that another edit moves: the outer one renders the region, and the region renders the inner one.

While text is put together, a line that begins inside a string carries a mark after its newline; marked lines
are never re-indented. Python source cannot hold the mark (NUL), so it cannot be mistaken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lessonbank.recipe.pattern import Bindings, Many
from lessonbank.recipe.template import ATOM, Line, Slot, Template, tightness_at, tightness_of
from lessonbank.recipe.tree import Node, Tree

_MARK = "\0"


class CannotRewriteError(Exception):
    """The match is fine, but its layout is one that edits cannot be made in."""


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """Replace ``start:end`` by a filled template; an empty range is an insertion of whole lines."""

    start: int
    end: int
    template: Template
    bindings: Bindings
    target: Node | None = None
    """The expression replaced; None for statements."""


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Renders a tree with edits. ``names``: what fresh and imported names are called here."""

    tree: Tree
    edits: tuple[Edit, ...]
    names: Mapping[str, str]
    unit: str
    _active: set[int] = field(default_factory=set)

    def render(self) -> str:
        """The whole source with all edits made. Raises CannotRewriteError."""
        return self._slice(0, len(self.tree.source)).replace(_MARK, "")

    def plain(self, template: Template) -> str:
        """A template that holds no bound text, as lines at the left margin."""
        return self._lines(template, {}, "") + "\n"

    def _slice(self, start: int, end: int) -> str:
        inside = [
            edit
            for edit in self.edits
            if start <= edit.start and edit.end <= end and id(edit) not in self._active
        ]
        inside.sort(key=lambda edit: (edit.start, edit.end > edit.start, -edit.end))
        pieces: list[str] = []
        at = start
        for edit in inside:
            if edit.start < at:
                if edit.end > at:
                    raise CannotRewriteError("two edits overlap")
                continue
            pieces.append(self._raw(at, edit.start))
            self._active.add(id(edit))
            pieces.append(self._edit(edit))
            self._active.discard(id(edit))
            at = edit.end
        pieces.append(self._raw(at, end))
        return "".join(pieces)

    def _raw(self, start: int, end: int) -> str:
        pieces: list[str] = []
        at = start
        newline = self.tree.source.find(b"\n", at, end)
        while newline >= 0:
            if self.tree.begins_in_text(newline + 1):
                pieces.append(self.tree.source[at : newline + 1].decode() + _MARK)
                at = newline + 1
            newline = self.tree.source.find(b"\n", newline + 1, end)
        pieces.append(self.tree.source[at:end].decode())
        return "".join(pieces)

    def _edit(self, edit: Edit) -> str:
        if edit.target is not None:
            return self._expression(edit, edit.target)
        if not self.tree.begins_line(edit.start):
            raise CannotRewriteError("the statement does not begin its line")
        if self.tree.source[edit.end : self.tree.line_end(edit.end)].strip()[:1] not in {b"", b"#"}:
            is_insertion = edit.start == edit.end
            if not is_insertion:
                raise CannotRewriteError("another statement follows on the same line")
        indent = self.tree.indent(edit.start)
        if edit.start == edit.end:
            return self._lines(edit.template, edit.bindings, indent) + "\n" + indent
        lost = self._lost_comments(edit)
        return "".join(comment + "\n" + indent for comment in lost) + self._lines(
            edit.template, edit.bindings, indent
        )

    def _expression(self, edit: Edit, target: Node) -> str:
        template = edit.template
        needed = tightness_at(target)
        own = template.tightness
        if template.lone_hole is not None and template.lone_hole in edit.bindings:
            value = edit.bindings[template.lone_hole].value
            own = tightness_of(value) if isinstance(value, Node) else ATOM
        text = self._lines(template, edit.bindings, self.tree.indent(edit.start))
        if _stands_in_f_string(target) and any(mark in text for mark in "'\"\\\n#"):
            raise CannotRewriteError("quotes inside an f-string")
        is_whole_argument = (
            target.type == "generator_expression"
            and target.parent is not None
            and target.parent.start == target.start
        )
        is_loose = own < needed or (not template.is_expression)
        return f"({text})" if is_whole_argument or (is_loose and not target.parenthesised) else text

    def _lines(self, template: Template, bindings: Bindings, indent: str) -> str:
        lines: list[str] = []
        for line in template.lines:
            deeper = indent + self.unit * line.level
            if line.block is not None and line.block in bindings:
                block = self._block(bindings[line.block].value, deeper)
                if block:
                    lines.append(deeper + block)
                    if self._blank_follows(bindings[line.block].value):
                        lines.append("")
            else:
                text = self._line(line, bindings)
                if text or not line.parts:
                    lines.append(deeper + text if text else "")
        return "\n".join(lines)[len(indent) :]

    def _line(self, line: Line, bindings: Bindings) -> str:
        text = ""
        for part in line.parts:
            if isinstance(part, str):
                # An empty list of arguments takes the comma beside it along.
                text += part[2:] if text.endswith("\1") and part.startswith(", ") else part
                text = text.replace("\1", "") if part else text
                continue
            piece = self._slot(part, bindings)
            if not piece and part.is_many:
                text = text.removesuffix(", ") if text.endswith(", ") else text + "\1"
            else:
                text = text.replace("\1", "") + piece
        return text.replace("\1", "")

    def _slot(self, slot: Slot, bindings: Bindings) -> str:
        if slot.name not in bindings:
            return self.names[slot.name]
        value = bindings[slot.name].value
        if isinstance(value, Many):
            return self._slice(value.nodes[0].start, value.nodes[-1].end) if value.nodes else ""
        text = self._slice(value.start, value.end)
        is_loose = tightness_of(value) < slot.tightness
        is_number = slot.is_attribute_owner and value.type in {"integer", "float"}
        is_split = "\n" in text and not _is_closed(value)
        return f"({text})" if is_loose or is_number or is_split else text

    def _block(self, value: Node | Many, indent: str) -> str:
        nodes = value.nodes if isinstance(value, Many) else (value,)
        if not nodes:
            return ""
        start, end = extent(self.tree, nodes)
        base = self.tree.indent(nodes[0].start) if self.tree.begins_line(nodes[0].start) else ""
        first, *rest = self._slice(start, end).split("\n")
        return "\n".join([first, *(_moved(line, base, indent) for line in rest)])

    def _blank_follows(self, value: Node | Many) -> bool:
        """Whether an empty line sets the statements off from more statements of their own block."""
        nodes = _nodes(value)
        block = nodes[-1].parent
        if block is None or block.type != "block" or block.children[-1] is nodes[-1]:
            return False
        after = self.tree.line_end(extent(self.tree, nodes)[1]) + 1
        return not self.tree.source[after : self.tree.line_end(after)].strip()

    def _lost_comments(self, edit: Edit) -> list[str]:
        kept = [
            extent(self.tree, _nodes(binding.value))
            for name, binding in edit.bindings.items()
            if name in edit.template.holes and _nodes(binding.value)
        ]
        return [
            self.tree.text(comment)
            for comment in self.tree.comments
            if edit.start <= comment.start < edit.end
            and not any(start <= comment.start < end for start, end in kept)
        ]


def statements_edit(tree: Tree, nodes: tuple[Node, ...], template: Template, bindings: Bindings) -> Edit:
    """The edit that replaces statements, together with the comments that go with their last lines."""
    end = nodes[-1].end
    for name, binding in bindings.items():
        bound = _nodes(binding.value)
        if name in template.holes and bound and bound[0].type not in _CLOSED:
            is_statement = bound[0].parent is not None and bound[0].parent.type == "block"
            if is_statement and nodes[0].start <= bound[0].start and bound[-1].end <= end:
                end = max(end, extent(tree, bound)[1])
    return Edit(nodes[0].start, end, template, bindings)


def extent(tree: Tree, nodes: tuple[Node, ...]) -> tuple[int, int]:
    """The byte range of statements with the comments that belong to them: above, beside, and at the end."""
    start, end = nodes[0].start, nodes[-1].end
    block = nodes[0].parent
    if block is None or block.type != "block" or not tree.begins_line(start):
        return start, end
    at = block.children.index(nodes[0])
    if at:
        limit = tree.line_end(block.children[at - 1].end)
    else:
        holder = block.parent
        index = holder.children.index(block) if holder is not None else 0
        before = holder.children[index - 1] if holder is not None and index else block
        limit = tree.line_end(before.end) if before is not block else block.start
    last_line = tree.line_end(end)
    reach = block.end if block.children[-1] is nodes[-1] else last_line
    for comment in tree.comments:
        if limit <= comment.start < start and tree.begins_line(comment.start):
            start = comment.start
        if end <= comment.start and (comment.start < last_line or comment.end <= reach):
            end = comment.end
    return start, end


_CLOSED = frozenset(
    [
        "call",
        "subscript",
        "list",
        "dictionary",
        "set",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
        "string",
        "identifier",
    ]
)


def _is_closed(node: Node) -> bool:
    """Whether a line may end inside the expression: it has brackets of its own around everything."""
    return node.type in _CLOSED or (node.type == "tuple" and not node.bare)


def _nodes(value: Node | Many) -> tuple[Node, ...]:
    return value.nodes if isinstance(value, Many) else (value,)


def _moved(line: str, base: str, indent: str) -> str:
    if line.startswith(_MARK):
        return line
    if not line.strip():
        return ""
    if line.startswith(base):
        return indent + line[len(base) :]
    if len(line) - len(line.lstrip()) > len(base):
        raise CannotRewriteError("tabs and spaces are mixed: how deep the line stands cannot be kept")
    return indent + line.lstrip()


def _stands_in_f_string(node: Node) -> bool:
    return any(outer.type == "interpolation" for outer in node.ancestors())
