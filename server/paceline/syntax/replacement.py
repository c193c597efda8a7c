"""Read a rewrite of a target, whoever wrote it: imports, helpers, and one definition of the target's name."""

from __future__ import annotations

import tree_sitter

from paceline.errors import InvalidReplacement
from paceline.syntax.fit import fitted, helper_chunks, joined_helpers
from paceline.syntax.outline import FunctionSpan, Statement
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement, Target
from paceline.syntax.text import decode, dedented, encode, indent_at

_LANGUAGE_PARTS = {"import", "future", "definition", "assignment", "comment"}


def parse_replacement(text: str, target: Target) -> Replacement:
    """Read a candidate's text as a replacement of the target.

    The text holds import statements, helper functions, classes and constants, and one definition with the
    target's own name; a method comes as its ``def``, not inside a class. Where it has no decorators, it keeps
    the target's. Blank lines around it, a byte order mark, any line ending and a common indentation are no
    matter.
    Raises InvalidReplacement saying what is wrong, and on which line of the text.
    """
    piece = _piece(text, target)
    _refuse_errors(piece, target)
    definition = _definition(piece, target)
    helpers: list[Statement] = []
    for statement in piece.outline.statements:
        if statement.kind not in _LANGUAGE_PARTS:
            raise InvalidReplacement(
                f"line {_line(piece, statement.span.start)}: only imports, helper definitions and constants "
                f"can stand beside {_simple(target)}; this statement would run when the module is imported"
            )
        is_target = statement.span.start == definition.span.start
        if statement.kind in {"definition", "assignment"} and not is_target:
            helpers.append(statement)
    source = decode(piece.text[definition.span.start : definition.span.end])
    if definition.header == definition.span.start:
        source = _decorators(target) + source
    replacement = Replacement(
        definition=source,
        imports=tuple(decode(piece.text[i.span.start : i.span.end]) for i in piece.outline.imports),
        helpers=joined_helpers(helper_chunks(piece, helpers)),
    )
    return fitted(replacement, target)


def _piece(text: str, target: Target) -> Snapshot:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not plain.strip():
        raise InvalidReplacement(f"the text is empty; it has to define {_simple(target)}")
    try:
        content = encode(plain.rstrip() + "\n")
    except UnicodeEncodeError as error:
        line = plain.count("\n", 0, error.start) + 1
        raise InvalidReplacement(f"line {line}: a character that is half of a surrogate pair") from error
    return Snapshot.open(target.file, _at_margin(content, target), language=target.language)


def _at_margin(content: bytes, target: Target) -> bytes:
    """Remove the indentation a definition brings from where it was copied."""
    first = len(content) - len(content.lstrip())
    indent = indent_at(content, first)
    if not indent:
        return content
    piece = Snapshot.open(target.file, content, language=target.language)
    strings = piece.grammar.captures("verbatim", piece.tree.root_node).get("verbatim", ())
    start = first - len(indent)
    spans = [(node.start_byte - start, node.end_byte - start) for node in strings if node.start_byte >= first]
    # Blank lines stay, so that the lines of an error are those of the text as it was given.
    return content[:start] + dedented(b"\n" + content[start:], indent, [(a + 1, b + 1) for a, b in spans])[1:]


def _refuse_errors(piece: Snapshot, target: Target) -> None:
    node = _first_error(piece.tree.root_node)
    if node is None:
        return
    line = _line(piece, node.start_byte)
    shown = piece.text.splitlines()[line - 1].strip() if line <= len(piece.text.splitlines()) else b""
    raise InvalidReplacement(
        f"line {line}: syntax error near {decode(shown)[:60]!r}; "
        f"the text has to hold {_simple(target)} as whole, valid {target.language.capitalize()}"
    )


def _first_error(root: tree_sitter.Node) -> tree_sitter.Node | None:
    node: tree_sitter.Node | None = root if root.has_error else None
    while node is not None and not (node.is_error or node.is_missing):
        node = next((child for child in node.children if child.has_error or child.is_missing), None)
    return node


def _definition(piece: Snapshot, target: Target) -> FunctionSpan:
    name = _simple(target)
    starts = {statement.span.start for statement in piece.outline.statements}
    outer = [function for function in piece.outline.functions if function.span.start in starts]
    found = [function for function in outer if function.name == name]
    if len(found) > 1:
        lines = " and ".join(str(_line(piece, function.header)) for function in found)
        raise InvalidReplacement(f"{name} is defined more than once, on lines {lines}; leave one definition")
    if not found:
        others = list(piece.outline.definitions)
        inside = [function for function in piece.outline.functions if function.simple_name == name]
        if inside:
            raise InvalidReplacement(
                f"line {_line(piece, inside[0].header)}: {name} is defined inside another definition; "
                "give its definition alone, outside any class or function"
            )
        there = f"it defines {', '.join(others)}" if others else "it defines nothing"
        raise InvalidReplacement(f"the text has no definition of a function {name}; {there}")
    is_async = piece.text.startswith(b"async", found[0].header)
    if is_async != target.is_async:
        words = ("async def", "def") if is_async else ("def", "async def")
        raise InvalidReplacement(
            f"line {_line(piece, found[0].header)}: {name} is {words[0]} here, {words[1]} in {target.file}; "
            "callers would break, so keep it as it was"
        )
    if len(piece.outline.definitions[name]) > 1:
        raise InvalidReplacement(f"{name} is defined and assigned to as well; leave one definition")
    return found[0]


def _decorators(target: Target) -> str:
    if not target.decorators:
        return ""
    own = Snapshot.open(target.file, encode(target.source), language=target.language)
    return decode(own.text[: own.outline.functions[0].header])


def _simple(target: Target) -> str:
    return target.name.rpartition(".")[2]


def _line(piece: Snapshot, offset: int) -> int:
    return piece.line(offset) + 1
