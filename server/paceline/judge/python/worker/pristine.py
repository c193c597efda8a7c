"""Objects of a method's class as its constructor leaves them, beside those that have been used before.

A method that brings its object into a state, called on an object already in that state, changes nothing; a
rewrite that forgets to do so would look the same. So some inputs are given once more with an object that was
just made.
"""

from __future__ import annotations

import typing
from typing import Any, Callable, Dict, Iterable, List, Optional

if typing.TYPE_CHECKING or __package__:
    from . import codec, signatures
else:
    import codec
    import signatures

_MOST = 12


def with_new_objects(
    inputs: Iterable[Dict[str, Any]], owner: type, home: str, runs: Callable[[Any, Any], bool]
) -> List[Dict[str, Any]]:
    """Return variants of a method's inputs, the object just made from the fields its constructor names.

    ``runs`` says whether the target returns on decoded arguments. Inputs whose object cannot be made again
    are left out.
    """
    found: Dict[str, Dict[str, Any]] = {}
    for item in inputs:
        if len(found) >= _MOST:
            break
        try:
            variant = _variant(item, owner, home)
            if variant is None or codec.text(variant["args"]) == codec.text(item["args"]):
                continue
            memo = codec.Memo(home)
            args = codec.decode(variant["args"], memo=memo)
            if runs(args, codec.decode(variant["kwargs"], memo=memo)):
                found.setdefault(codec.text([variant["args"], variant["kwargs"]]), variant)
        except Exception:
            # Constructors do what they like; this input simply has no such variant.
            continue
    return list(found.values())


def _variant(item: Dict[str, Any], owner: type, home: str) -> Optional[Dict[str, Any]]:
    memo = codec.Memo(home)
    args = list(codec.decode(item["args"], memo=memo))
    kwargs = codec.decode(item["kwargs"], memo=memo)
    if not args or not isinstance(args[0], owner):
        return None
    given = _constructor_arguments(args[0])
    if given is None:
        return None
    args[0] = type(args[0])(**given)
    memo = codec.Memo()
    return {
        **item,
        "args": codec.encode(tuple(args), memo=memo),
        "kwargs": codec.encode(dict(kwargs), memo=memo),
    }


def _constructor_arguments(used: Any) -> Optional[Dict[str, Any]]:
    """Return the constructor's arguments, each from the field of its name; None where one has no field."""
    fields = dict(getattr(used, "__dict__", {}))
    given: Dict[str, Any] = {}
    for parameter in signatures.signature_of(type(used)).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            return None
        name = next((n for n in (parameter.name, "_" + parameter.name) if n in fields), None)
        if name is not None:
            given[parameter.name] = fields[name]
        elif parameter.default is parameter.empty:
            return None
    return given
