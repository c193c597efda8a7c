"""Put a replacement into its document, and leave every byte around it as it was."""

from __future__ import annotations

from paceline.errors import InvalidReplacement
from paceline.syntax.diff import unified_diff
from paceline.syntax.fit import fitted, module_of
from paceline.syntax.outline import Statement
from paceline.syntax.replacement import parse_replacement
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement, Target
from paceline.syntax.text import BOM, encode, indent_at, indented, newline_of, reindented

__all__ = ["parse_replacement", "splice", "unified_diff"]


def splice(target: Target, replacement: Replacement) -> bytes:
    """Return the whole document with the replacement in the target's place.

    The definition takes the target's span, decorators included, at its indentation and in the file's unit of
    indentation, line ending and encoding. Imports go after the module's own, helpers before the statement at
    module level that holds the target. What the module has already is not added again.
    Raises InvalidReplacement when an import or helper clashes with the module, or a character cannot be
    written in the file's encoding.
    """
    module, extra = module_of(target.module, target.language), fitted(replacement, target)
    unit = _unit(_piece(target.source, target)) or _unit(module)
    edits = []
    imports_at, before = _imports_place(module)
    if extra.imports:
        edits.append((imports_at, imports_at, _imports_text(extra.imports, module, imports_at, before)))
    if extra.helpers.strip():
        helpers_at = max(imports_at, _helpers_place(module, target))
        edits.append((helpers_at, helpers_at, _laid_out(extra.helpers, target, unit, "") + "\n\n\n"))
    definition = _laid_out(extra.definition, target, unit, target.indent)
    edits.append((target.span.start, target.span.end, definition))
    newline, pieces, done = newline_of(module.text), [], 0
    for start, end, text in edits:
        pieces += [module.text[done:start], _encoded(text, module.encoding, newline, target)]
        done = end
    return b"".join([*pieces, module.text[done:]])


def _laid_out(source: str, target: Target, unit: bytes | None, indent: str) -> str:
    """Return source in the file's unit of indentation, at ``indent``, without blank lines around it."""
    plain = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()
    piece = _piece(plain, target)
    own = _unit(piece)
    if own and unit and own != unit:
        piece = _piece(reindented(piece.text, own, unit, _strings(piece)), target)
    return indented(piece.text, indent.encode(), _strings(piece)).decode("utf-8", "surrogateescape")


def _piece(source: str | bytes, target: Target) -> Snapshot:
    text = encode(source) if isinstance(source, str) else source
    return Snapshot.open(target.file, text, language=target.language)


def _strings(piece: Snapshot) -> list[tuple[int, int]]:
    found = piece.grammar.captures("verbatim", piece.tree.root_node).get("verbatim", ())
    return [(node.start_byte, node.end_byte) for node in found]


def _unit(piece: Snapshot) -> bytes | None:
    """Return what one level of indentation is, going by the first function with a body below its head."""
    for function in piece.outline.functions:
        node = piece.tree.root_node.descendant_for_byte_range(function.header, function.header + 1)
        while node is not None and node.child_by_field_name("body") is None:
            node = node.parent
        body = node.child_by_field_name("body") if node is not None else None
        if body is None or not function.parses:
            continue
        outer, inner = indent_at(piece.text, function.header), indent_at(piece.text, body.start_byte)
        if inner.startswith(outer) and len(inner) > len(outer):
            return inner[len(outer) :]
    return None


def _imports_place(module: Snapshot) -> tuple[int, str]:
    """Return where imports go, and the kind of statement they come after.

    That is after the imports the module begins with, else after its docstring, else after the comments that
    head the file but belong to no statement.
    """
    place, kind = (len(BOM) if module.text.startswith(BOM) else 0), ""
    statements = module.outline.statements
    is_head = True
    for index, statement in enumerate(statements):
        if statement.kind == "comment":
            if is_head and _heads_file(module, statement, statements[index + 1 : index + 2]):
                place, kind = _next_line(module.text, statement.span.end), "comment"
            continue
        if statement.kind not in {"import", "future"} and not (is_head and statement.kind == "text"):
            break
        place, kind, is_head = _next_line(module.text, statement.span.end), statement.kind, False
    return place, kind


def _heads_file(module: Snapshot, comment: Statement, following: tuple[Statement, ...]) -> bool:
    line = module.line(comment.span.start)
    text = module.text[comment.span.start : comment.span.end]
    if (line == 0 and text.startswith(b"#!")) or (line < 2 and b"coding" in text):
        return True
    return not following or module.line(following[0].span.start) - line > 1


def _imports_text(imports: tuple[str, ...], module: Snapshot, place: int, kind: str) -> str:
    text = "".join(f"{statement}\n" for statement in imports)
    if kind == "import":
        return text
    lead = "\n" if kind else ""
    follows_blank = module.text[place:].splitlines()[:1] in ([b""], [])
    return f"{lead}{text}" if follows_blank else f"{lead}{text}\n\n"


def _helpers_place(module: Snapshot, target: Target) -> int:
    """Return the start of the module-level statement that holds the target, with the comments above it."""
    place = target.span.start
    for statement in reversed(module.outline.statements):
        if statement.span.start > target.span.start:
            continue
        is_attached = module.line(place) - module.line(statement.span.end) == 1
        is_around = statement.span.end > target.span.start
        if not is_around and not (statement.kind == "comment" and is_attached):
            break
        place = statement.span.start
    return place


def _next_line(text: bytes, offset: int) -> int:
    feed = text.find(b"\n", offset)
    return len(text) if feed < 0 else feed + 1


def _encoded(text: str, encoding: str, newline: str, target: Target) -> bytes:
    try:
        return encode(text, encoding, newline)
    except UnicodeEncodeError as error:
        character = text[error.start] if error.start < len(text) else ""
        raise InvalidReplacement(
            f"{target.file} is written in {encoding}, which has no {character!r}; write it as an escape"
        ) from error
