"""Takes what looks like a secret out of encoded arguments, before they are written anywhere.

A name tells: of the parameter, of a field of an object, of a key of a dict. Texts and bytes under such a name
keep their length and nothing else. A secret under an innocent name is not recognised.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import base64
import re
from typing import Any, Callable, Dict, List, Sequence

_NAMES = re.compile(
    r"passw|passphrase|pwd|token|secret|api_?key|access_?key|private_?key|credential|authori[sz]ation"
    r"|bearer|cookie|session_?id|signature|otp\b|\bpin\b",
    re.IGNORECASE,
)
_LONGEST = 64


def masked_call(call: Dict[str, Any], parameters: Sequence[str]) -> Dict[str, Any]:
    """Return an encoded call without what looks like a secret. ``parameters`` are the positional ones."""
    kind, items = call["args"][0], call["args"][1]
    rest = parameters[-1][1:] if parameters and parameters[-1].startswith("*") else ""
    out = []
    for at, item in enumerate(items):
        name = parameters[at] if at < len(parameters) else rest
        secret = is_secret(name)
        # A tuple of scalars alone has no tags inside.
        out.append(_masked(item, secret) if kind == "t" or isinstance(item, str) else item)
    return {"args": [kind, out], "kwargs": _masked(call["kwargs"], False)}


def is_secret(name: str) -> bool:
    """Return whether a name tells that its value may be secret."""
    return _NAMES.search(name) is not None


def _masked(value: Any, secret: bool) -> Any:
    if isinstance(value, str):
        return "*" * min(len(value), _LONGEST) if secret else value
    if type(value) is not list or not value:
        return value
    handler = _HANDLERS.get(value[0])
    return handler(value, secret) if handler is not None else value


def _plain(value: List[Any], secret: bool) -> Any:
    """Mask what holds scalars that stand for themselves: such a payload has no tags inside."""
    return [value[0], [_masked(item, secret) if isinstance(item, str) else item for item in value[1]]]


def _mixed(value: List[Any], secret: bool) -> Any:
    return [value[0], [_masked(item, secret) for item in value[1]]]


def _plain_dict(value: List[Any], secret: bool) -> Any:
    _, keys, values = value
    return ["D", keys, [_under(key, item, secret) for key, item in zip(keys, values)]]


def _pairs(value: List[Any], secret: bool) -> Any:
    return [value[0], [[key, _under(key, item, secret)] for key, item in value[1]]]


def _under(key: Any, item: Any, secret: bool) -> Any:
    return _masked(item, secret or (isinstance(key, str) and is_secret(key)))


def _last_two(value: List[Any], secret: bool) -> Any:
    return [*value[:-2], *_masked(value[-2:], secret)]


def _parts(value: List[Any], secret: bool) -> Any:
    """Mask what holds encodings among names of classes and attributes."""
    return [_masked(part, secret) if isinstance(part, list) else part for part in value]


def _fields(value: List[Any], secret: bool) -> Any:
    *parts, fields = value
    if isinstance(fields, dict):
        fields = {name: _under(name, item, secret) for name, item in fields.items()}
    return [*_parts(parts, secret), fields]


def _surrogates(value: List[Any], secret: bool) -> Any:
    return "*" * min(len(value[1]), _LONGEST) if secret else value


def _bytes(value: List[Any], secret: bool) -> Any:
    if not secret:
        return value
    length = min(len(base64.b64decode(value[1])), _LONGEST)
    return [value[0], base64.b64encode(b"*" * length).decode("ascii")]


_HANDLERS: Dict[str, Callable[[List[Any], bool], Any]] = {
    **dict.fromkeys("LTEZ", _plain),
    **dict.fromkeys("ltez", _mixed),
    **dict.fromkeys(("obj", "val", "ns", "sub"), _fields),
    **dict.fromkeys(("dd", "view", "struct", "partial", "method"), _parts),
    "D": _plain_dict,
    "d": _pairs,
    "od": _pairs,
    "dq": _last_two,
    "iter": _last_two,
    "S": _surrogates,
    "b": _bytes,
    "ba": _bytes,
}
"""By the tags of ``codec``. What is not listed holds no text a person wrote."""
