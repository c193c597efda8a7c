"""Local type facts: which builtin kind a value has, as far as one function shows.

Kinds are names: list, dict, set, frozenset, tuple, str, bytes, int, float, bool, none, range, iterator,
deque, ndarray. "Unknown" is None, and is the common answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lessonbank.recipe.facts import python_facts
from lessonbank.recipe.scope import Function, Role
from lessonbank.recipe.tree import Node

Kinds = frozenset[str] | None


def kinds_of(node: Node, function: Function) -> Kinds:
    """The kinds the expression's value can have, or None where the function does not show it."""
    return _kinds(node, function, frozenset())


def is_kind(node: Node, kinds: frozenset[str], function: Function) -> bool:
    """Whether the value is known to be of one of the kinds."""
    known = kinds_of(node, function)
    return known is not None and known <= kinds


def may_be_kind(node: Node, kinds: frozenset[str], function: Function) -> bool:
    """Whether the value may be of one of the kinds: true unless it is known to be something else."""
    known = kinds_of(node, function)
    return known is None or bool(known & kinds)


def annotation_of(name: str, function: Function) -> str | None:
    """The annotation a parameter or local variable carries."""
    for parameter in function.parameters:
        if parameter.type in {"typed_parameter", "typed_default_parameter"}:
            first = parameter.children[0]
            type_node = parameter.child("type")
            if first.text == name and type_node is not None:
                return function.tree.text(type_node)
    for node, role in function.references(name):
        parent = node.parent
        if role is Role.STORE and parent is not None and parent.type == "assignment" and parent.annotation:
            return parent.annotation
    return None


def _kinds(node: Node, function: Function, seen: frozenset[str]) -> Kinds:
    kind = node.type
    literal = python_facts().kind_of_literal.get(kind)
    if literal is not None:
        return frozenset({literal})
    if kind in {"string", "concatenated_string"}:
        return frozenset({"bytes" if _is_bytes(node, function) else "str"})
    if kind == "identifier":
        return _kinds_of_name(node.text or "", function, seen)
    if kind == "call":
        return _kinds_of_call(node, function)
    if kind == "conditional_expression":
        return _union(_kinds(node.children[i], function, seen) for i in (0, -1))
    if kind == "binary_operator":
        return _kinds_of_operation(node, function, seen)
    if kind == "subscript":
        value, index = node.child("value"), node.child("subscript")
        if value is not None and index is not None and index.type == "slice":
            whole = _kinds(value, function, seen)
            return whole if whole is not None and whole <= {"list", "str", "tuple", "bytes"} else None
    return None


def _kinds_of_name(name: str, function: Function, seen: frozenset[str]) -> Kinds:
    if name in seen:
        return frozenset()
    found: list[Kinds] = []
    for node, role in function.references(name):
        if role is Role.LOAD or role is Role.DELETE:
            continue
        if role is Role.PARAMETER:
            annotation = annotation_of(name, function)
            found.append(_annotated(annotation))
        elif role is Role.STORE:
            found.append(_stored(node, function, seen | {name}))
        elif role is Role.UPDATE and node.parent is not None:
            right = node.parent.child("right")
            found.append(None if right is None else _kinds(right, function, seen | {name}))
        else:
            found.append(None)
    return _union(found) if found else None


def _stored(node: Node, function: Function, seen: frozenset[str]) -> Kinds:
    parent = node.parent
    if parent is None:
        return None
    if parent.type == "assignment":
        annotated = _annotated(parent.annotation)
        right = parent.child("right")
        while right is not None and right.type == "assignment":
            right = right.child("right")
        if right is None:
            return annotated
        return _kinds(right, function, seen) or annotated
    if parent.type in {"for_statement", "for_in_clause"} and node.field == "left":
        right = parent.child("right")
        if right is not None and _kinds(right, function, seen) == frozenset({"range"}):
            return frozenset({"int"})
    return None


def _annotated(annotation: str | None) -> Kinds:
    if annotation is None:
        return None
    head = re.match(r"[\"']?(?:\w+\.)*(\w+)", annotation)
    if head is None or "|" in annotation or head[1] not in python_facts().kind_of_annotation:
        return None
    return frozenset({python_facts().kind_of_annotation[head[1]]})


def _kinds_of_call(node: Node, function: Function) -> Kinds:
    callee = node.child("function")
    if callee is None:
        return None
    if callee.type == "identifier":
        name = callee.text or ""
        if name in python_facts().kind_of_call and function.is_builtin(name):
            return frozenset({python_facts().kind_of_call[name]})
        return frozenset({"deque"}) if name == "deque" else None
    if callee.type == "attribute":
        method, owner = callee.child("attribute"), callee.child("object")
        if owner is not None and owner.text in {"np", "numpy"} and method is not None:
            is_array = method.text in python_facts().array_makers
            return frozenset({"ndarray"}) if is_array else None
        if method is not None and method.text in python_facts().kind_of_method:
            return frozenset({python_facts().kind_of_method[method.text or ""]})
    return None


def _kinds_of_operation(node: Node, function: Function, seen: frozenset[str]) -> Kinds:
    left, right, operator = node.child("left"), node.child("right"), node.child("operator")
    if left is None or right is None or operator is None:
        return None
    first, second = _kinds(left, function, seen), _kinds(right, function, seen)
    if first is None:
        return None
    if operator.type == "%" and first == {"str"}:
        return first
    if second is None:
        return None
    if first <= {"int", "bool"} and second <= {"int", "bool"} and operator.type in {"+", "-", "*", "//", "%"}:
        return frozenset({"int"})
    if operator.type == "+" and first == second and first <= {"list", "str", "tuple", "bytes"}:
        return first
    if operator.type == "*" and second == {"int"} and first <= {"list", "str", "tuple"}:
        return first
    return None


def _union(parts: Iterable[Kinds]) -> Kinds:
    whole = set[str]()
    for part in parts:
        if part is None:
            return None
        whole |= part
    return frozenset(whole) or None


def _is_bytes(node: Node, function: Function) -> bool:
    literal = function.tree.text(node)
    prefix = literal[: min(i for i in (literal.find("'"), literal.find('"')) if i >= 0)]
    return "b" in prefix.lower()
