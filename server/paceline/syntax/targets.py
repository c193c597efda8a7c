"""Find targets: by place, by name, or all of a document."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType

import tree_sitter

from paceline.errors import AmbiguousTarget, TargetNotFound
from paceline.syntax.fingerprint import Mark, count_features, feature_marks, hash_of, normal_hash
from paceline.syntax.languages import language_named
from paceline.syntax.outline import FunctionSpan, Outline
from paceline.syntax.snapshot import Snapshot
from paceline.syntax.target import Context, Span, Target
from paceline.syntax.text import decode, dedented, encode, indent_at

_IDENTIFIER = re.compile(rb"(?:[^\W\d]|[\x80-\xff])(?:\w|[\x80-\xff])*")


def outline(snapshot: Snapshot) -> Outline:
    """Return the functions, imports and module-level names of a document; kept with the snapshot."""
    return snapshot.outline


def module_names(snapshot: Snapshot) -> frozenset[str]:
    """Return every name the document binds at module level; ``*`` among them after a wildcard import."""
    return snapshot.outline.names


def find_targets(snapshot: Snapshot, *, reuse: Iterable[Target] = ()) -> tuple[Target, ...]:
    """Return every function of a document that parses, in document order.

    ``reuse`` takes targets of an earlier version: what depends on a function's own source alone is taken over
    from them where the source is the same.
    """
    known = {(target.name.rpartition(".")[2], target.source): target for target in reuse}
    # Without earlier targets every function is new: one query over the document beats one a function.
    marks = None if known else feature_marks(snapshot.tree.root_node, snapshot.text, snapshot.grammar)
    module = _Module(snapshot, marks)
    return tuple(
        _target(module, function, known) for function in snapshot.outline.functions if function.parses
    )


def target_from(snapshot: Snapshot, function: FunctionSpan) -> Target:
    """Return the target of one function of the snapshot's own outline."""
    return _target(_Module(snapshot), function)


def target_at(snapshot: Snapshot, offset: int) -> Target | None:
    """Return the innermost function around an offset, or None where there is none that parses."""
    function = snapshot.outline.function_at(offset)
    return target_from(snapshot, function) if function else None


def target_named(snapshot: Snapshot, name: str) -> Target:
    """Return the function of that name: ``function``, ``Class.method``, ``outer.<locals>.inner``.

    ``name@LINE`` picks the one of several of the same name that stands on a line. A definition that replaces
    an earlier one of the same block wins, as it does at run time.
    Raises TargetNotFound naming the nearest names, and AmbiguousTarget naming the lines.
    """
    wanted, _, line = name.partition("@")
    same = [function for function in snapshot.outline.functions if function.name == wanted]
    if line:
        same = [function for function in same if _stands_on(snapshot, function, line)]
    if not same:
        raise TargetNotFound(_not_found(snapshot, name))
    function = same[0] if len(same) == 1 else _meant(snapshot, wanted, same)
    if not function.parses:
        lines = _lines(snapshot, function.span)
        raise TargetNotFound(
            f"{snapshot.path}:{lines[0]}: {wanted} has a syntax error in lines {lines[0]} to {lines[1]}; "
            "correct it and ask again"
        )
    return target_from(snapshot, function)


def function_source(snapshot: Snapshot, function: FunctionSpan) -> str:
    r"""Return a function as Target.source gives it: dedented, lines ending in ``\n``."""
    return decode(_dedented(snapshot, function), snapshot.encoding)


def accessor_of(decorators: Iterable[str], language: str) -> str:
    """Return which function of a property the decorators make: a setter, say; empty for all others."""
    last = (decorator.rpartition(".")[2] for decorator in decorators if "." in decorator)
    return next((word for word in last if word in language_named(language).accessors), "")


def decorators_of(snapshot: Snapshot, function: FunctionSpan) -> tuple[str, ...]:
    """Return the decorators of one function of the snapshot's own outline, without the at sign."""
    return tuple(_decorators(snapshot, _node(snapshot, function)))


class _Module:
    """What the functions of one snapshot share, worked out when the first of them asks."""

    def __init__(self, snapshot: Snapshot, marks: list[Mark] | None = None) -> None:
        self.snapshot = snapshot
        self.marks = marks
        self._fields: dict[Span, tuple[str, ...]] = {}

    @cached_property
    def imports(self) -> tuple[str, ...]:
        return tuple(_slice(self.snapshot, statement.span) for statement in self.snapshot.outline.imports)

    @cached_property
    def defined(self) -> Mapping[bytes, tuple[Span, ...]]:
        definitions = self.snapshot.outline.definitions
        return {encode(name): spans for name, spans in definitions.items()}

    def fields(self, owner: Span) -> tuple[str, ...]:
        if owner not in self._fields:
            self._fields[owner] = tuple(dict.fromkeys(_class_fields(self.snapshot, owner)))
        return self._fields[owner]


def _target(
    module: _Module, function: FunctionSpan, known: Mapping[tuple[str, str], Target] = MappingProxyType({})
) -> Target:
    snapshot, span = module.snapshot, function.span
    source = function_source(snapshot, function)
    own = known.get((function.simple_name, source)) or _own(snapshot, function, source, module.marks)
    start_line, end_line = _lines(snapshot, span)
    return Target(
        name=function.name,
        file=snapshot.path,
        language=snapshot.language,
        span=span,
        source=source,
        indent=indent_at(snapshot.text, span.start).decode("ascii"),
        start_line=start_line,
        end_line=end_line,
        parameters=own.parameters,
        is_method=function.is_method,
        is_async=snapshot.text.startswith(b"async", function.header),
        is_nested=function.is_nested,
        decorators=own.decorators,
        context=_context(module, function),
        features=own.features,
        hash=own.hash,
        module=snapshot.text,
    )


@dataclass(frozen=True, slots=True)
class _Own:
    """What depends on a function's own source alone."""

    hash: str
    features: Mapping[str, int]
    parameters: tuple[str, ...]
    decorators: tuple[str, ...]


def _own(snapshot: Snapshot, function: FunctionSpan, source: str, marks: list[Mark] | None) -> _Own:
    node, span = _node(snapshot, function), function.span
    if marks is None:
        marks = feature_marks(node, snapshot.text, snapshot.grammar)
    # The normal form is UTF-8, so that the same function has the same hash in a file of another encoding.
    is_utf8 = snapshot.encoding == "utf-8"
    return _Own(
        hash=(
            hash_of([node], snapshot.text, snapshot.grammar)
            if is_utf8
            else normal_hash(source, snapshot.language)
        ),
        features=count_features(marks, start=span.start, end=span.end, name=function.simple_name),
        parameters=tuple(_parameters(snapshot, node)),
        decorators=tuple(_decorators(snapshot, node)),
    )


def _node(snapshot: Snapshot, function: FunctionSpan) -> tree_sitter.Node:
    root = snapshot.tree.root_node
    node = root.descendant_for_byte_range(function.header, function.header + 1)
    assert node is not None
    # The first word of a definition is a child of it; its decorators, if any, are its siblings.
    while node.start_byte == function.header and node.child_by_field_name("name") is None:
        assert node.parent is not None
        node = node.parent
    if function.header != function.span.start:
        assert node.parent is not None
        node = node.parent
    return node


def _definition(node: tree_sitter.Node) -> tree_sitter.Node:
    return node.child_by_field_name("definition") or node


def _dedented(snapshot: Snapshot, function: FunctionSpan) -> bytes:
    start, end = function.span.start, function.span.end
    text = snapshot.text[start:end]
    indent = indent_at(snapshot.text, start)
    return dedented(text, indent, _verbatim(snapshot, start, end)) if indent else text


def _verbatim(snapshot: Snapshot, start: int, end: int) -> list[tuple[int, int]]:
    text = snapshot.text[start:end]
    if b'"""' not in text and b"'''" not in text and b"\\" not in text:
        return []
    strings = snapshot.grammar.captures("verbatim", snapshot.tree.root_node, start=start, end=end)
    return [
        (node.start_byte - start, node.end_byte - start)
        for node in strings.get("verbatim", ())
        if start <= node.start_byte and node.end_byte <= end
    ]


def _parameters(snapshot: Snapshot, node: tree_sitter.Node) -> Iterator[str]:
    parameters = _definition(node).child_by_field_name("parameters")
    if parameters is not None:
        names = snapshot.grammar.captures("parameters", parameters).get("parameter", ())
        for name in sorted(names, key=attrgetter("start_byte")):
            yield _text(snapshot, name)


def _decorators(snapshot: Snapshot, node: tree_sitter.Node) -> Iterator[str]:
    if node.child_by_field_name("definition") is None:
        return
    for child in snapshot.grammar.captures("decorators", node).get("decorator", ()):
        if child.parent == node:
            yield _text(snapshot, child).removeprefix("@").strip()


def _context(module: _Module, function: FunctionSpan) -> Context:
    snapshot = module.snapshot
    body = snapshot.text[function.span.start : function.span.end]
    named = module.defined.keys() & set(_IDENTIFIER.findall(body))
    helpers = {
        span
        for name in named
        for span in module.defined[name]
        if not (span.start <= function.span.start and function.span.end <= span.end)
    }
    return Context(
        imports=module.imports,
        helpers=tuple(_slice(snapshot, span) for span in sorted(helpers, key=attrgetter("start"))),
        fields=module.fields(function.owner) if function.owner else (),
    )


def _class_fields(snapshot: Snapshot, owner: Span) -> Iterator[str]:
    """Yield the attributes a class gives its objects: in its own body, and through ``self``."""
    grammar = snapshot.grammar
    node = snapshot.tree.root_node.descendant_for_byte_range(owner.start, owner.start + 1)
    while node is not None and node.child_by_field_name("body") is None:
        node = node.child_by_field_name("definition") or node.parent
    if node is None:
        return
    matches = [found for _, found in grammar.matches("fields", node)]
    for found in sorted(matches, key=lambda found: found["field"][0].start_byte):
        if (
            found["of"][0] == node
            if "of" in found
            else _text(snapshot, found["object"][0]) in grammar.objects
        ):
            yield _text(snapshot, found["field"][0])


def _meant(snapshot: Snapshot, name: str, same: list[FunctionSpan]) -> FunctionSpan:
    """Pick the definition a shared name stands for, where the rules of the language leave one."""
    decorators = {f: decorators_of(snapshot, f) for f in same}
    stubs = snapshot.grammar.stubs
    whole = [f for f in same if not stubs.intersection(decorators[f])] or same
    containers = {_container(snapshot, f) for f in whole}
    is_shared = any(accessor_of(decorators[f], snapshot.language) for f in whole)
    if len(containers) == 1 and not is_shared:
        return whole[-1]
    lines = [_lines(snapshot, f.span)[0] for f in whole]
    raise AmbiguousTarget(
        f"{snapshot.path}: {name} is defined more than once, on lines {', '.join(map(str, lines))}; "
        f"say which one with its line: {name}@{lines[0]}"
    )


def _container(snapshot: Snapshot, function: FunctionSpan) -> tuple[int, int]:
    parent = _node(snapshot, function).parent
    assert parent is not None
    return parent.start_byte, parent.end_byte


def _stands_on(snapshot: Snapshot, function: FunctionSpan, line: str) -> bool:
    first, last = _lines(snapshot, function.span)
    return line.isdecimal() and first <= int(line) <= last


def _not_found(snapshot: Snapshot, name: str) -> str:
    names = list(dict.fromkeys(function.name for function in snapshot.outline.functions))
    simple = name.rpartition(".")[2].casefold()
    inner = [other for other in names if other.rpartition(".")[2].casefold() == simple]
    near = list(dict.fromkeys([*inner, *difflib.get_close_matches(name, names, n=3, cutoff=0.5)]))[:4]
    if near:
        return f"{snapshot.path}: no function is called {name}; the nearest names are {', '.join(near)}"
    if not names:
        return f"{snapshot.path}: no function is called {name}; the file defines none"
    more = ", ..." if len(names) > 5 else ""
    return f"{snapshot.path}: no function is called {name}; the file defines {', '.join(names[:5])}{more}"


def _lines(snapshot: Snapshot, span: Span) -> tuple[int, int]:
    return snapshot.line(span.start) + 1, snapshot.line(span.end - 1) + 1


def _slice(snapshot: Snapshot, span: Span) -> str:
    return decode(snapshot.text[span.start : span.end], snapshot.encoding)


def _text(snapshot: Snapshot, node: tree_sitter.Node) -> str:
    return decode(snapshot.text[node.start_byte : node.end_byte], snapshot.encoding)
