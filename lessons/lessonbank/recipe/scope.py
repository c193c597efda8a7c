"""Names in one function: where each is read, bound and captured."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from enum import Enum

from lessonbank.recipe.facts import python_facts
from lessonbank.recipe.pattern import is_variable
from lessonbank.recipe.tree import Node, Tree

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
LOOPS = frozenset({"for_statement", "while_statement"}) | COMPREHENSIONS
NESTED_SCOPES = frozenset({"function_definition", "lambda", "class_definition"})


class Role(Enum):
    """What an occurrence of a name does."""

    LOAD = "load"
    STORE = "store"
    UPDATE = "update"
    """Augmented assignment: reads and binds."""
    DELETE = "delete"
    PARAMETER = "parameter"
    DECLARE = "declare"
    """``global`` or ``nonlocal``."""


class Function:
    """One function definition and what is known of its names."""

    def __init__(self, tree: Tree, definition: Node, module_names: frozenset[str]) -> None:
        self.tree = tree
        self.definition = definition
        self.module_names = module_names
        body = definition.child("body")
        assert body is not None
        self.body = body
        self._aliases: dict[str, frozenset[str]] | None = None
        self._references: dict[str, list[tuple[Node, Role]]] = {}
        self.identifiers: frozenset[str] = frozenset(
            node.text or "" for node in tree.by_type.get("identifier", ())
        )
        for node in tree.by_type.get("identifier", ()):
            if is_variable(node) and node.field != "name_of_module":
                role = role_of(node)
                if role is not None:
                    self._references.setdefault(node.text or "", []).append((node, role))

    @property
    def has_loops(self) -> bool:
        """Whether the function repeats anything at all."""
        return not LOOPS.isdisjoint(self.tree.by_type)

    @property
    def variables(self) -> frozenset[str]:
        """Every name that occurs as a variable."""
        return frozenset(self._references)

    @property
    def name(self) -> str:
        """The function's own name."""
        name = self.definition.child("name")
        return name.text or "" if name is not None else ""

    @property
    def parameters(self) -> tuple[Node, ...]:
        """The parameter nodes, as written."""
        parameters = self.definition.child("parameters")
        return parameters.children if parameters is not None else ()

    def references(self, name: str) -> list[tuple[Node, Role]]:
        """Every occurrence of a name as a variable, in document order."""
        return self._references.get(name, [])

    def references_in(self, name: str, region: Iterable[Node]) -> Iterator[tuple[Node, Role]]:
        """The occurrences inside any of the region's nodes."""
        spans = [(node.start, node.end) for node in region]
        for node, role in self.references(name):
            if any(start <= node.start < end for start, end in spans):
                yield node, role

    def own_references(self, name: str) -> list[tuple[Node, Role]]:
        """The occurrences that mean the function's own variable, not one of a comprehension or lambda."""
        return [(node, role) for node, role in self.references(name) if not self._is_rebound_around(node)]

    def is_bound(self, name: str) -> bool:
        """Whether the function binds the name anywhere: parameter, assignment, loop, import, definition."""
        return any(
            role is not Role.LOAD and not (node.field == "name" and node.parent is self.definition)
            for node, role in self.references(name)
        )

    def is_declared(self, name: str) -> bool:
        """Whether the name is declared global or nonlocal."""
        return any(role is Role.DECLARE for _, role in self.references(name))

    def aliases(self, name: str) -> frozenset[str]:
        """The other plain names that an assignment of this function makes mean the same object."""
        if self._aliases is None:
            self._aliases = _aliases(self.tree)
        return self._aliases.get(name, frozenset())

    def is_captured(self, name: str) -> bool:
        """Whether a nested function, lambda or lazy generator reads the function's own variable."""
        for node, _ in self.own_references(name):
            for outer in node.ancestors():
                if outer is self.definition:
                    break
                if outer.type in NESTED_SCOPES:
                    return True
                if outer.type == "generator_expression" and not is_consumed_at_once(outer):
                    return True
        return False

    def is_builtin(self, name: str) -> bool:
        """Whether the name means Python's own object here."""
        return name in BUILTINS and name not in self.module_names and not self.is_bound(name)

    def loops_around(self, node: Node) -> Iterator[Node]:
        """The loops whose repetition repeats ``node``, innermost first, up to the next function boundary."""
        child = node
        for outer in node.ancestors():
            if outer.type in NESTED_SCOPES:
                return
            if (outer.type == "for_statement" and child.field == "body") or (
                outer.type == "while_statement" and child.field in {"body", "condition"}
            ):
                yield outer
            elif outer.type in COMPREHENSIONS and not _is_first_iterable(outer, child, node):
                if outer.type == "generator_expression" and not is_consumed_at_once(outer):
                    return
                yield outer
            child = outer

    def _is_rebound_around(self, node: Node) -> bool:
        for outer in node.ancestors():
            if outer is self.definition:
                return False
            if outer.type in COMPREHENSIONS and node.text in _targets(outer):
                first = next(c for c in outer.children if c.type == "for_in_clause")
                right = first.child("right")
                if right is None or not right.contains(node):
                    return True
            if outer.type == "lambda":
                parameters = outer.child("parameters")
                if parameters is not None and any(
                    n.type == "identifier" and n.text == node.text for n in parameters.walk()
                ):
                    return True
        return False


def _aliases(tree: Tree) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for assignment in tree.by_type.get("assignment", ()):
        left, right = assignment.child("left"), assignment.child("right")
        if left is not None and right is not None and left.type == right.type == "identifier":
            first, second = left.text or "", right.text or ""
            joined = groups.get(first, {first}) | groups.get(second, {second})
            for name in joined:
                groups[name] = joined
    return {name: frozenset(group - {name}) for name, group in groups.items()}


def is_consumed_at_once(generator: Node) -> bool:
    """Whether a generator expression is the argument of a call that drains it before returning."""
    arguments = generator.parent
    call = arguments.parent if arguments is not None else None
    if call is None or call.type != "call" or arguments is None or arguments.type != "argument_list":
        return False
    function = call.child("function")
    if function is None:
        return False
    if function.type == "identifier":
        return function.text in python_facts().draining_calls
    name = function.child("attribute")
    return name is not None and name.text in python_facts().draining_calls


def statement_of(node: Node) -> Node:
    """The statement of a block that ``node`` stands in (or is)."""
    statement = node
    for outer in node.ancestors():
        if outer.type in {"block", "module"}:
            break
        statement = outer
    return statement


def role_of(identifier: Node) -> Role | None:
    """What this occurrence does; None where the identifier is no variable after all."""
    child = identifier
    for outer in identifier.ancestors():
        kind = outer.type
        if kind in {"tuple", "list", "list_splat", "as_pattern_target"}:
            if kind == "as_pattern_target":
                return Role.STORE
            child = outer
            continue
        if kind == "assignment":
            return Role.STORE if child.field == "left" else Role.LOAD
        if kind == "augmented_assignment":
            return Role.UPDATE if child.field == "left" else Role.LOAD
        if kind in {"for_statement", "for_in_clause"}:
            return Role.STORE if child.field == "left" else Role.LOAD
        if kind == "named_expression":
            return Role.STORE if child.field == "name" else Role.LOAD
        if kind == "delete_statement":
            return Role.DELETE
        if kind in {"global_statement", "nonlocal_statement"}:
            return Role.DECLARE
        if kind in {"parameters", "lambda_parameters", "typed_parameter", "dictionary_splat_pattern"}:
            return Role.PARAMETER
        if kind in {"default_parameter", "typed_default_parameter"}:
            return Role.PARAMETER if child.field == "name" else Role.LOAD
        if kind in {"function_definition", "class_definition"}:
            return Role.STORE if child.field == "name" else Role.LOAD
        if kind in {"dotted_name", "aliased_import"}:
            return _imported_role(identifier, outer)
        return Role.LOAD
    return Role.LOAD


def _imported_role(identifier: Node, outer: Node) -> Role | None:
    if outer.type == "aliased_import":
        return Role.STORE
    holder = outer.parent
    if holder is not None and holder.type in {"import_statement", "import_from_statement"}:
        is_bound = outer.field == "name" and outer.children[0] is identifier
        return Role.STORE if is_bound else None
    if holder is not None and holder.type == "aliased_import":
        return None
    # A capture of a match statement, or a dotted value in one: taken for a binding, to be careful.
    return Role.STORE


def _targets(comprehension: Node) -> frozenset[str]:
    names = set[str]()
    for clause in comprehension.children:
        left = clause.child("left") if clause.type == "for_in_clause" else None
        if left is not None:
            names.update(node.text or "" for node in left.walk() if node.type == "identifier")
    return frozenset(names)


def _is_first_iterable(comprehension: Node, child: Node, node: Node) -> bool:
    if child.type != "for_in_clause":
        return False
    first = next(c for c in comprehension.children if c.type == "for_in_clause")
    right = first.child("right")
    return child is first and right is not None and right.contains(node)
