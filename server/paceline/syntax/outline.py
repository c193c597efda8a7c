"""What is cheap to know of a whole document: where its functions are, and what its module level binds."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

import tree_sitter

from paceline.syntax.languages import Language
from paceline.syntax.target import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpan:
    """One function of a document: its name and place, nothing that costs more than finding it."""

    name: str
    """Qualified inside its module, as in Target.name."""
    span: Span
    """The definition with its decorators."""
    header: int
    """Offset of ``def`` or ``async``, behind the decorators."""
    owner: Span | None
    """The class of a method."""
    is_method: bool
    is_nested: bool
    parses: bool
    """Whether the definition holds no syntax error."""

    @property
    def simple_name(self) -> str:
        """The name as the definition itself says it."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Binding:
    """One name an import binds, and what it binds it to."""

    name: str
    """``*`` for everything a module offers."""
    module: str
    member: str | None = None
    """The name imported out of the module; None where the module itself is bound."""

    @property
    def statement(self) -> str:
        """The import statement that makes this binding and no other."""
        if self.member is None:
            plain = self.module.split(".")[0]
            return f"import {self.module}" if self.name == plain else f"import {self.module} as {self.name}"
        renamed = "" if self.name == self.member else f" as {self.name}"
        return f"from {self.module} import {self.member}{renamed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSpan:
    """One import statement outside every function and class."""

    span: Span
    bindings: tuple[Binding, ...]
    is_conditional: bool
    """It stands inside another statement: ``if``, ``try``."""
    is_for_typing: bool
    """It stands under ``if TYPE_CHECKING``: it binds nothing when the program runs."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement directly at module level."""

    kind: str
    """``comment``, ``future``, ``import``, ``definition``, ``assignment``, ``text``, ``other``."""
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The outline of one document, everything in document order."""

    functions: tuple[FunctionSpan, ...]
    imports: tuple[ImportSpan, ...]
    statements: tuple[Statement, ...]
    definitions: Mapping[str, tuple[Span, ...]]
    """Module-level functions, classes and constants by name: the statements that define them."""
    names: frozenset[str]
    """Every name bound at module level, by whatever statement. Holds ``*`` after a wildcard import."""

    @property
    def import_statements(self) -> frozenset[str]:
        """What is imported whenever the module is, as import statements of one name each."""
        return frozenset(
            binding.statement for span in self.imports if not span.is_conditional for binding in span.bindings
        )

    def function_at(self, offset: int) -> FunctionSpan | None:
        """Return the innermost function around an offset; just behind a function counts as in it."""
        found = None
        for function in self.functions:
            if function.span.start > offset:
                break
            if offset <= function.span.end and function.parses:
                found = function
        return found


def read_outline(tree: tree_sitter.Tree, text: bytes, language: Language) -> Outline:
    """Read the outline of a parsed document in one pass over its tree."""
    scopes, imports, declared = _found(tree, text, language)
    functions, outermost = _qualified(scopes, language)
    definitions: dict[str, list[Span]] = defaultdict(list)
    for scope in outermost.scopes:
        definitions[scope.name].append(scope.span)
    names = {*declared, *definitions}
    statements = tuple(_statements(tree.root_node, language))
    for statement, node in zip(statements, tree.root_node.named_children, strict=True):
        if statement.kind not in {"assignment", "other"}:
            continue
        for name in _bound(node, text, language, outermost):
            names.add(name)
            if statement.kind == "assignment":
                definitions[name].append(statement.span)
    outside = tuple(_import_spans(imports, statements, outermost, text, language))
    names.update(binding.name for statement in outside for binding in statement.bindings)
    return Outline(
        functions=functions,
        imports=outside,
        statements=statements,
        definitions={name: tuple(spans) for name, spans in definitions.items()},
        names=frozenset(names),
    )


def bindings_of(node: tree_sitter.Node, text: bytes, language: Language) -> tuple[Binding, ...]:
    """Return what the import statements under a node bind, in order."""
    bindings = []
    for _, found in language.matches("imports", node):
        said = {name: _text(nodes[0], text) for name, nodes in found.items()}
        if "future" in said:
            binding = Binding(said["future"], "__future__", said["future"])
        elif "wildcard" in said:
            binding = Binding("*", said["from"], "*")
        elif "module" in said:
            binding = Binding(said.get("alias", said["module"].split(".")[0]), said["module"])
        else:
            binding = Binding(said.get("alias", said["member"]), said["from"], said["member"])
        bindings.append(binding)
    return tuple(bindings)


@dataclass(frozen=True, slots=True)
class _Scope:
    """A function or class as the query finds it, before it is known where it stands."""

    name: str
    span: Span
    header: int
    body: int
    """Offset behind the name: what is bound from here on is bound inside."""
    is_function: bool
    parses: bool


def _found(
    tree: tree_sitter.Tree, text: bytes, language: Language
) -> tuple[list[_Scope], list[tree_sitter.Node], set[str]]:
    outer: dict[int, tree_sitter.Node] = {}
    found: list[tuple[tree_sitter.Node, tree_sitter.Node, bool]] = []
    imports: list[tree_sitter.Node] = []
    declared: set[str] = set()
    for _, match in language.matches("outline", tree.root_node):
        if "decorated" in match:
            outer[match["definition"][0].start_byte] = match["decorated"][0]
        elif "import" in match:
            imports.append(match["import"][0])
        elif "global" in match:
            declared.add(_text(match["global"][0], text))
        else:
            is_function = "function" in match
            node = match["function" if is_function else "class"][0]
            found.append((node, match["name"][0], is_function))
    scopes = [
        _Scope(
            name=_text(name, text),
            span=Span(whole.start_byte, _end_with_comment(text, node.end_byte)),
            header=node.start_byte,
            body=name.end_byte,
            is_function=is_function,
            # A mistake may stand in a decorator alone.
            parses=not whole.has_error,
        )
        for node, name, is_function in found
        for whole in [outer.get(node.start_byte, node)]
    ]
    scopes.sort(key=lambda scope: (scope.span.start, -scope.span.end))
    imports.sort(key=lambda node: node.start_byte)
    return scopes, imports, declared


@dataclass(frozen=True, slots=True)
class _Outermost:
    """The definitions that stand in no other, in document order: what they hold is not at module level."""

    scopes: tuple[_Scope, ...]

    def covers(self, offset: int) -> bool:
        """Whether an offset is inside one of them, behind its name."""
        index = bisect_right(self.scopes, offset, key=attrgetter("body")) - 1
        return index >= 0 and offset < self.scopes[index].span.end


def _qualified(scopes: Iterable[_Scope], language: Language) -> tuple[tuple[FunctionSpan, ...], _Outermost]:
    functions: list[FunctionSpan] = []
    outermost: list[_Scope] = []
    around: list[tuple[_Scope, str]] = []
    for scope in scopes:
        while around and around[-1][0].span.end <= scope.header:
            around.pop()
        parent, prefix = around[-1] if around else (None, "")
        name = f"{prefix}{scope.name}"
        if parent is None:
            outermost.append(scope)
        if scope.is_function:
            is_method = parent is not None and not parent.is_function
            functions.append(
                FunctionSpan(
                    name=name,
                    span=scope.span,
                    header=scope.header,
                    owner=parent.span if parent is not None and is_method else None,
                    is_method=is_method,
                    is_nested=any(enclosing.is_function for enclosing, _ in around),
                    parses=scope.parses,
                )
            )
        around.append((scope, f"{name}.{language.scope}." if scope.is_function else f"{name}."))
    return tuple(functions), _Outermost(tuple(outermost))


def _statements(root: tree_sitter.Node, language: Language) -> Iterator[Statement]:
    for node in root.named_children:
        kind = language.statements.get(node.type)
        if kind is None and node.named_child_count == 1:
            kind = language.statements.get(node.named_children[0].type)
        yield Statement(kind or "other", Span(node.start_byte, node.end_byte))


def _bound(node: tree_sitter.Node, text: bytes, language: Language, outermost: _Outermost) -> Iterator[str]:
    for identifier in language.captures("bindings", node).get("binding", ()):
        if not outermost.covers(identifier.start_byte):
            yield _text(identifier, text)


def _import_spans(
    imports: Iterable[tree_sitter.Node],
    statements: tuple[Statement, ...],
    outermost: _Outermost,
    text: bytes,
    language: Language,
) -> Iterator[ImportSpan]:
    for node in imports:
        if outermost.covers(node.start_byte):
            continue
        index = bisect_right(statements, node.start_byte, key=lambda statement: statement.span.start) - 1
        around = statements[index]
        is_conditional = around.kind not in {"import", "future"}
        condition = text[around.span.start : around.span.end].split(b"\n", 1)[0]
        yield ImportSpan(
            span=Span(node.start_byte, node.end_byte),
            bindings=bindings_of(node, text, language),
            is_conditional=is_conditional,
            is_for_typing=is_conditional and b"TYPE_CHECKING" in condition,
        )


def _end_with_comment(text: bytes, end: int) -> int:
    """Return the end of a definition with the comment that stands behind it on its last line."""
    # A comment inside the definition reaches over the \r of its line end, in the grammar's eyes.
    end -= text.endswith(b"\r", 0, end)
    line_end = end
    while line_end < len(text) and text[line_end] not in b"\r\n":
        line_end += 1
    rest = text[end:line_end].strip(b" \t;")
    return line_end if rest.startswith(b"#") else end


def _text(node: tree_sitter.Node, text: bytes) -> str:
    return text[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")
