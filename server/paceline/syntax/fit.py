"""Fit a replacement to its module: drop what is there already, refuse what would change other code."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from paceline.errors import InvalidReplacement
from paceline.syntax.fingerprint import normal_hash
from paceline.syntax.outline import Binding, ImportSpan, Outline, Statement
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Replacement, Target
from paceline.syntax.text import decode, encode


def fitted(replacement: Replacement, target: Target) -> Replacement:
    """Return the replacement with only those imports and helpers its module does not have yet.

    Raises InvalidReplacement when an import or helper would give a name of the module, or a builtin, another
    meaning: code beside the target would change with it.
    """
    if not replacement.imports and not replacement.helpers.strip():
        return replacement
    module = module_of(target.module, target.language)
    return replace(
        replacement,
        imports=tuple(_missing_imports(replacement.imports, module, target)),
        helpers="".join(_missing_helpers(replacement.helpers, module, target)),
    )


# Every candidate for a target is fitted to the same few modules. A pure function of immutable text.
@lru_cache(maxsize=4)
def module_of(text: bytes, language: str) -> Snapshot:
    """Return the parsed module a target was found in."""
    return Snapshot.open(Path("module"), text, language=language)


def helper_chunks(piece: Snapshot, statements: Iterable[Statement]) -> Iterator[tuple[Statement, str]]:
    """Yield each statement with its source, the comments directly above it included."""
    wanted = set(statements)
    start: int | None = None
    before: Statement | None = None
    for statement in piece.outline.statements:
        is_attached = (
            before is not None and piece.line(statement.span.start) - piece.line(before.span.end) == 1
        )
        if start is None or before is None or before.kind != "comment" or not is_attached:
            start = statement.span.start
        if statement in wanted:
            yield statement, decode(piece.text[start : _line_end(piece.text, statement.span.end)])
        before = statement


def joined_helpers(chunks: Iterable[tuple[Statement, str]]) -> str:
    """Return helper statements as one text: definitions two blank lines apart, constants together."""
    text, before = "", None
    for statement, source in chunks:
        if before is not None:
            text += "\n" if {before.kind, statement.kind} == {"assignment"} else "\n\n\n"
        text += source
        before = statement
    return text


def _missing_imports(sources: Iterable[str], module: Snapshot, target: Target) -> Iterator[str]:
    seen: set[Binding] = set()
    for source in sources:
        piece = Snapshot.open(target.file, encode(source.strip() + "\n"), language=target.language)
        for statement in piece.outline.imports:
            missing = [
                binding
                for binding in statement.bindings
                if binding not in seen and not _is_bound(binding, module.outline, target)
            ]
            seen.update(missing)
            if len(missing) == len(statement.bindings):
                yield decode(piece.text[statement.span.start : statement.span.end])
            else:
                yield from (binding.statement for binding in missing)


def _is_bound(binding: Binding, module: Outline, target: Target) -> bool:
    """Whether the module binds the name in the same way. Raises InvalidReplacement when in another."""
    if binding.name == "*":
        raise InvalidReplacement(
            f"from {binding.module} import * binds names nobody can see; import the names that are used"
        )
    same = [statement for statement in module.imports if binding in statement.bindings]
    if any(not statement.is_for_typing for statement in same):
        return True
    if binding.module == "__future__":
        raise InvalidReplacement(
            f"from __future__ import {binding.member} would change all of {target.file}; leave it out"
        )
    _refuse_builtin(binding.name, f"the import of {binding.name}")
    if binding.name in module.names and not same and not _shares_package(binding, module.imports):
        raise InvalidReplacement(
            f"{binding.statement!r} would change what {binding.name} means in {target.file}; "
            f"import it under another name"
        )
    return False


def _shares_package(binding: Binding, imports: Iterable[ImportSpan]) -> bool:
    # "import os.path" and "import os" both bind os to the same module.
    def package(other: Binding) -> str | None:
        top = other.module.split(".")[0]
        return top if other.member is None and other.name == top else None

    others = [other for statement in imports for other in statement.bindings if other.name == binding.name]
    return (
        bool(others) and package(binding) is not None and all(package(o) == package(binding) for o in others)
    )


def _missing_helpers(source: str, module: Snapshot, target: Target) -> Iterator[str]:
    if not source.strip():
        return
    piece = Snapshot.open(target.file, encode(source.strip("\n") + "\n"), language=target.language)
    missing = [
        statement
        for statement in piece.outline.statements
        if statement.kind != "comment" and not _is_defined(statement, piece, module, target)
    ]
    yield joined_helpers(helper_chunks(piece, missing))


def _is_defined(statement: Statement, piece: Snapshot, module: Snapshot, target: Target) -> bool:
    names = [name for name, spans in piece.outline.definitions.items() if statement.span in spans]
    taken = [name for name in names if name in module.outline.names]
    if not taken:
        for name in names:
            _refuse_builtin(name, f"the helper {name}")
        return False
    spans = [span for name in taken for span in module.outline.definitions.get(name, ())]
    language = target.language
    wanted = normal_hash(decode(piece.text[statement.span.start : statement.span.end]), language)
    there = {normal_hash(decode(module.text[s.start : s.end], module.encoding), language) for s in spans}
    if taken == names and there == {wanted}:
        return True
    raise InvalidReplacement(
        f"the helper {taken[0]} would replace what {taken[0]} means in {target.file}; give it another name"
    )


def _refuse_builtin(name: str, what: str) -> None:
    if hasattr(builtins, name):
        raise InvalidReplacement(
            f"{what} would hide the builtin of that name from the whole module; give it another name"
        )


def _line_end(text: bytes, end: int) -> int:
    """Return the end of the line where only a comment follows, else ``end``."""
    stop = text.find(b"\n", end)
    stop = len(text) if stop < 0 else stop
    return stop if text[end:stop].strip().startswith(b"#") else end
