"""What an expression can do, and what can happen to its value: purity and change.

Nothing here is a proof. Python can hide an effect behind any attribute; the judge measures and compares. The
rules refuse what commonly goes wrong: rebinding, known mutating methods, values handed to unknown code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lessonbank.recipe.facts import python_facts
from lessonbank.recipe.kinds import is_kind
from lessonbank.recipe.scope import COMPREHENSIONS, Function, Role, role_of
from lessonbank.recipe.tree import Node


def is_pure(node: Node, function: Function, *, calling: frozenset[str] = frozenset()) -> bool:
    """Whether evaluating the expression does nothing but compute a value.

    ``calling``: names of functions to be taken for pure besides the known ones.
    """
    for part in node.walk():
        if part.type == "call":
            if not is_pure_call(part, function, calling=calling):
                return False
        elif part.named and part.type not in python_facts().pure_nodes and part.type not in COMPREHENSIONS:
            return False
    return True


def is_pure_call(call: Node, function: Function, *, calling: frozenset[str] = frozenset()) -> bool:
    """Whether the called thing is known to change nothing (its arguments are not looked at)."""
    callee = call.child("function")
    if callee is None:
        return False
    if callee.type == "identifier":
        name = callee.text or ""
        return name in calling or (name in python_facts().pure_builtins and function.is_builtin(name))
    if callee.type != "attribute":
        return False
    owner, name_node = callee.child("object"), callee.child("attribute")
    if owner is None or name_node is None:
        return False
    if (
        owner.type == "identifier"
        and owner.text in python_facts().pure_modules
        and not function.is_bound(owner.text or "")
    ):
        return True
    return name_node.text in python_facts().pure_methods


class Act(Enum):
    """What a use of a variable may do to its value."""

    READ = "read"
    BIND = "bind"
    """The path itself is bound anew (or deleted)."""
    CHANGE = "change"
    """The value changes in place."""
    CALL = "call"
    """An unknown method of the value runs."""
    ESCAPE = "escape"
    """The value is handed to unknown code or gets a second name."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a variable: the attribute path from it, and what is done at its end."""

    path: tuple[str, ...]
    act: Act


def use_of(identifier: Node, role: Role, function: Function) -> Use:
    """Classify one occurrence of a variable."""
    name: tuple[str, ...] = (identifier.text or "",)
    if role in {Role.STORE, Role.DELETE, Role.PARAMETER, Role.DECLARE}:
        return Use(name, Act.BIND)
    if role is Role.UPDATE:
        return Use(name, Act.BIND)
    node, path, is_element = identifier, name, False
    while node.parent is not None:
        parent = node.parent
        if parent.type == "attribute" and node.field == "object":
            attribute = parent.child("attribute")
            label = attribute.text or "" if attribute is not None else ""
            if parent.parent is not None and parent.parent.type == "call" and parent.field == "function":
                return Use(path, _method_act(label, is_element=is_element))
            if not is_element:
                path = (*path, label)
        elif parent.type == "subscript" and node.field == "value":
            is_element = True
        else:
            break
        node = parent
    return Use(path, _act(node, is_element=is_element, is_path=node is not identifier, function=function))


def is_unchanged(node: Node, region: Iterable[Node], function: Function) -> bool:
    """Whether the expression has the same value (names and contents) throughout the region."""
    return _holds(node, list(region), function, contents=True)


def is_steady(node: Node, region: Iterable[Node], function: Function) -> bool:
    """Whether the expression means the same object throughout the region; its contents may change."""
    return _holds(node, list(region), function, contents=False)


def is_guarded(value: Node, at: Node, loop: Node) -> bool:
    """Whether a test between the loop and ``at`` asks what the value is before ``at`` uses it.

    Such a test (``if items is not None``) may be what keeps the use from failing, so the use stays behind it.
    """
    child = at
    for outer in at.ancestors():
        if any(_asks_about(value, test) for test in _tests_before(outer, child)):
            return True
        if outer is loop:
            return False
        child = outer
    return False


def runs_unknown_code(region: Iterable[Node], function: Function) -> bool:
    """Whether the region calls anything but known builtins and the methods of builtin types."""
    return any(
        part.type == "call" and not is_pure_call(part, function) and not _is_builtin_method(part)
        for root in region
        for part in root.walk()
    )


def _tests_before(outer: Node, child: Node) -> list[Node]:
    """The tests inside ``outer`` that have been passed when control gets to its part ``child``."""
    if outer.type == "boolean_operator":
        return [outer.children[0]] if child.field == "right" else []
    if outer.type == "conditional_expression":
        return [outer.children[2]] if child is not outer.children[2] else []
    if outer.type in {"if_statement", "elif_clause", "while_statement"}:
        condition = outer.child("condition")
        return [condition] if condition is not None and child is not condition else []
    if outer.type == "block":
        earlier = outer.children[: outer.children.index(child)]
        return [part for part in earlier if part.type in {"if_statement", "assert_statement"}]
    if outer.type in COMPREHENSIONS:
        return [part for part in outer.children if part.type == "if_clause" and part is not child]
    return []


def _asks_about(value: Node, test: Node) -> bool:
    for part in test.walk():
        if part.key != value.key or part.parent is None:
            continue
        parent = part.parent
        if parent.type in _TRUTH_TESTS and part.field not in {"consequence", "alternative"}:
            return True
        if parent.type == "comparison_operator" and any(
            sibling.type in {"is", "is not", "==", "!="} for sibling in parent.children
        ):
            return True
        call = parent.parent if parent.type == "argument_list" else None
        callee = call.child("function") if call is not None else None
        if callee is not None and callee.text in {"isinstance", "hasattr", "callable", "type", "len"}:
            return True
    return False


_TRUTH_TESTS = frozenset(
    {
        "assert_statement",
        "boolean_operator",
        "conditional_expression",
        "elif_clause",
        "if_clause",
        "if_statement",
        "not_operator",
        "while_statement",
    }
)


def has_suspension(region: Iterable[Node]) -> bool:
    """Whether other code may run in the middle: yield or await."""
    return any(part.type in {"yield", "await"} or _is_async(part) for node in region for part in node.walk())


def _is_async(node: Node) -> bool:
    return node.type == "async"


def _holds(node: Node, region: list[Node], function: Function, *, contents: bool) -> bool:
    paths = dict(_paths(node))
    runs_unknown = None
    if not paths:
        return is_pure(node, function)
    suspended = has_suspension(region)
    for path, root in paths.items():
        is_fixed = len(path) == 1 and is_kind(root, python_facts().immutable_kinds, function)
        if suspended and not is_fixed and (contents or len(path) > 1):
            return False
        is_global = not function.is_bound(path[0]) and not function.is_builtin(path[0])
        if function.is_declared(path[0]) or (is_global and contents and not is_fixed):
            # Any code may rebind or change what the whole module can see.
            if runs_unknown is None:
                runs_unknown = runs_unknown_code(region, function)
            if runs_unknown:
                return False
        for reference, role in function.references_in(path[0], region):
            use = use_of(reference, role, function)
            if _conflicts(use, path, contents=contents and not is_fixed):
                return False
        if contents and not is_fixed and _changes_through_alias(path[0], region, function):
            return False
    return True


def _is_builtin_method(call: Node) -> bool:
    callee = call.child("function")
    name = callee.child("attribute") if callee is not None and callee.type == "attribute" else None
    return name is not None and name.text in python_facts().mutating_methods


def _changes_through_alias(name: str, region: Iterable[Node], function: Function) -> bool:
    """Whether the region changes the value through another name that the function gives it."""
    region = list(region)
    return any(
        use_of(reference, role, function).act in {Act.CHANGE, Act.CALL, Act.ESCAPE}
        for alias in function.aliases(name)
        for reference, role in function.references_in(alias, region)
    )


def _conflicts(use: Use, path: tuple[str, ...], *, contents: bool) -> bool:
    if use.act is Act.READ:
        return False
    if use.act is Act.CALL and len(path) > 1 and use.path[0] == path[0]:
        # Whatever hangs on `self` may know `self`, and rebind its attributes.
        return True
    shared = min(len(use.path), len(path))
    if use.path[:shared] != path[:shared]:
        return False
    is_above = len(use.path) < len(path)
    if use.act is Act.BIND:
        return contents or len(use.path) <= len(path)
    if use.act is Act.CHANGE:
        return contents
    # Unknown code that holds `self` may rebind `self.items`; one that holds a list may change it.
    return contents or is_above


def _paths(node: Node) -> Iterable[tuple[tuple[str, ...], Node]]:
    """The attribute paths an expression reads, with the identifier each begins with."""
    for part in node.walk():
        if part.type != "identifier" or (part.parent is not None and part.field == "attribute"):
            continue
        if role_of(part) is None or (part.field == "name" and _is_keyword(part)):
            continue
        path = [part.text or ""]
        current = part
        while (
            current is not node
            and current.parent is not None
            and current.parent.type == "attribute"
            and current.field == "object"
        ):
            current = current.parent
            label = current.child("attribute")
            is_called = (
                current is not node
                and current.field == "function"
                and current.parent is not None
                and current.parent.type == "call"
            )
            if is_called:
                break
            path.append(label.text or "" if label is not None else "")
        yield tuple(path), part


def _is_keyword(identifier: Node) -> bool:
    return identifier.parent is not None and identifier.parent.type == "keyword_argument"


def _method_act(name: str, *, is_element: bool) -> Act:
    if name in python_facts().mutating_methods:
        return Act.CHANGE
    if name in python_facts().pure_methods or is_element:
        return Act.READ
    return Act.CALL


def _act(node: Node, *, is_element: bool, is_path: bool, function: Function) -> Act:
    role = position_of(node)
    if role is not Role.LOAD:
        if is_element:
            return Act.CHANGE
        return Act.BIND if is_path else Act.CHANGE
    if is_element:
        return Act.READ
    while node.parent is not None:
        parent = node.parent
        kind = parent.type
        if kind == "boolean_operator" or (kind == "conditional_expression" and not _is_test(parent, node)):
            node = parent
            continue
        if kind in {"argument_list", "keyword_argument", "list_splat"}:
            return _argument_act(node, function)
        if kind == "assignment":
            left = parent.child("left")
            return Act.READ if left is not None and left.type == "tuple" else Act.ESCAPE
        if kind == "call" and node.field == "function":
            return Act.READ
        if kind in {"tuple", "list", "set", "dictionary"} or (kind == "pair" and node.field == "value"):
            node = parent
            continue
        if kind == "pair":
            return Act.READ
        return Act.READ if kind in python_facts().reading_places else Act.ESCAPE
    return Act.ESCAPE


def _is_test(conditional: Node, node: Node) -> bool:
    return len(conditional.children) > 2 and conditional.children[2] is node


def position_of(node: Node) -> Role:
    """Whether an expression is read, or is a target that is stored to, updated or deleted."""
    child = node
    for outer in node.ancestors():
        if outer.type in {"tuple", "list", "list_splat", "as_pattern_target"}:
            if outer.type == "as_pattern_target":
                return Role.STORE
            child = outer
            continue
        if outer.type == "assignment":
            return Role.STORE if child.field == "left" else Role.LOAD
        if outer.type == "augmented_assignment":
            return Role.UPDATE if child.field == "left" else Role.LOAD
        if outer.type in {"for_statement", "for_in_clause"}:
            return Role.STORE if child.field == "left" else Role.LOAD
        if outer.type == "delete_statement":
            return Role.DELETE
        return Role.LOAD
    return Role.LOAD


def _argument_act(node: Node, function: Function) -> Act:
    for outer in node.ancestors():
        if outer.type in {"keyword_argument", "list_splat", "argument_list"}:
            continue
        if outer.type != "call":
            return Act.ESCAPE
        if is_pure_call(outer, function):
            return Act.READ
        callee = outer.child("function")
        name = callee.child("attribute") if callee is not None and callee.type == "attribute" else None
        return Act.READ if name is not None and name.text in python_facts().reading_methods else Act.ESCAPE
    return Act.ESCAPE
