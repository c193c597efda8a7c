"""Text that a recipe computes from what its holes stand for, where a template alone cannot say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from lessonbank.recipe.pattern import Binding, Many
from lessonbank.recipe.scope import Function
from lessonbank.recipe.tree import Node

Derivation = Callable[..., "str | None"]
MATCH = "MATCH"
"""What a derivation calls the whole of what the pattern matched."""


def derive(text: str, matched: Node, bindings: Mapping[str, Binding], function: Function) -> str | None:
    """Compute ``name(HOLE, ...)``; None when it cannot be done for these bindings."""
    name, _, holes = text.removesuffix(")").partition("(")
    values = (matched if hole == MATCH else bindings[hole].value for hole in holes.split(", "))
    return DERIVATIONS[name](function, *values)


def names(_function: Function, parameters: Node | Many) -> str | None:
    """The names of parameters, separated by commas, as they are passed on in a call."""
    found = []
    for node in parameters.nodes if isinstance(parameters, Many) else (parameters,):
        name = node.children[0] if node.type == "typed_parameter" else node
        if name.type != "identifier" or not name.text:
            return None
        found.append(name.text)
    return ", ".join(found)


def docstring(function: Function, definition: Node | Many) -> str | None:
    """The docstring of a matched definition as it stands, or nothing."""
    body = definition.child("body") if isinstance(definition, Node) else None
    if body is None:
        return None
    return function.tree.text(body.docstring) if body.docstring is not None else ""


def key(function: Function, parameters: Node | Many) -> str | None:
    """What stands for the arguments in a dict: the name of one parameter, a tuple of several."""
    found = names(function, parameters)
    return f"({found})" if found is not None and "," in found else found


def source(function: Function, matched: Node | Many) -> str | None:
    """The source of what the pattern matched, as it stands."""
    return function.tree.text(matched) if isinstance(matched, Node) else None


def with_default(function: Function, call: Node | Many) -> str | None:
    """The matched call of ``max`` or ``min`` with a default, so that an empty argument raises nothing."""
    if not isinstance(call, Node) or call.type != "call":
        return None
    return function.tree.text(call).removesuffix(")") + ", default=None)"


def elements(function: Function, display: Node | Many) -> str | None:
    """What stands between the brackets of a list, tuple or set display, one comma and blank between each."""
    nodes = display.nodes if isinstance(display, Many) else display.children
    return ", ".join(function.tree.text(node) for node in nodes)


def f_string(function: Function, template: Node | Many, arguments: Node | Many) -> str | None:
    """A ``%``-template or a ``str.format`` template and its arguments as one f-string."""
    if not isinstance(template, Node) or template.type != "string":
        return None
    literal = function.tree.text(template)
    quote = literal[:1]
    if quote not in {"'", '"'} or literal[1:2] == quote or "\\" in literal:
        return None
    values = _values(function, arguments)
    if values is None or any(mark in value for value in values for mark in "'\"\\\n{}:!"):
        return None
    is_percent = template.field == "left"
    pieces = _pieces(literal[1:-1], is_percent=is_percent)
    if pieces is None or len(pieces) != len(values) + 1:
        return None
    # %s shows str(value); a bare place in an f-string asks the value's own __format__, as str.format does.
    suffix = "!s" if is_percent else ""
    places = [f"{{{value}{suffix}}}" for value in values]
    filled = "".join(piece + place for piece, place in zip(pieces, [*places, ""], strict=True))
    return f"f{quote}{filled}{quote}"


def _pieces(content: str, *, is_percent: bool) -> list[str] | None:
    if is_percent:
        if re.search(r"%(?!s)|[{}]", content):
            return None
        return content.split("%s")
    if re.search(r"[{}]", content.replace("{}", "")):
        return None
    return content.split("{}")


def _values(function: Function, arguments: Node | Many) -> list[str] | None:
    if isinstance(arguments, Node):
        nodes = arguments.children if arguments.type == "tuple" else (arguments,)
    else:
        nodes = arguments.nodes
    if any(node.type in {"list_splat", "keyword_argument", "dictionary_splat", "lambda"} for node in nodes):
        return None
    return [function.tree.text(node) for node in nodes]


DERIVATIONS: Mapping[str, Derivation] = MappingProxyType(
    {
        "docstring": docstring,
        "elements": elements,
        "f_string": f_string,
        "key": key,
        "names": names,
        "source": source,
        "with_default": with_default,
    }
)
