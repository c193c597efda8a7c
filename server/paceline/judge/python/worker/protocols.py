"""What a protocol asks for, and which classes of the workspace have it.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from typing import Any, Dict, Iterable, List, Mapping

if typing.TYPE_CHECKING or __package__:
    from . import signatures
else:
    import signatures

_NOT_ASKED = frozenset(vars(typing.Protocol)) | frozenset(vars(object)) | frozenset({
    "__abstractmethods__", "__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__",
    "__dict__", "__module__", "__orig_bases__", "__parameters__", "__protocol_attrs__", "__slots__",
    "__static_attributes__", "__firstlineno__", "__subclasshook__", "__weakref__", "_abc_impl",
    "_is_protocol", "_is_runtime_protocol", "__non_callable_proto_members__", "__type_params__",
    "__match_args__",
})  # fmt: skip
_KEPT = frozenset({"__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__"})


def members(protocol: type) -> Dict[str, Any]:
    """Return what a protocol asks for by name: its functions and properties, None for a plain attribute."""
    found: Dict[str, Any] = {}
    for cls in reversed(protocol.__mro__):
        # A protocol may build on object, Generic and Protocol, which ask for nothing.
        if cls is not protocol and not getattr(cls, "_is_protocol", False):
            continue
        for name in signatures.annotations_of(cls):
            found[name] = None
        for name, member in vars(cls).items():
            own = name in _KEPT and inspect.isfunction(member)
            if own or name not in _NOT_ASKED:
                found[name] = member
    return found


def workspace_classes(names: Mapping[str, Any]) -> List[type]:
    """Return the classes that a module names or that the modules it imports define, its own first.

    Those of the standard library and of typing are left out.
    """
    home = names.get("__name__")
    found: Dict[type, None] = {}
    modules = []
    for value in list(names.values()):
        if isinstance(value, type):
            found[value] = None
        elif isinstance(value, types.ModuleType) and not _is_standard(value.__name__):
            modules.append(value)
    for module in modules[:8]:
        for value in list(vars(module).values())[:400]:
            if isinstance(value, type) and value.__module__ == module.__name__:
                found[value] = None
    own = [cls for cls in found if not _is_standard(cls.__module__) and not _is_library(cls.__module__)]
    return sorted(own, key=lambda cls: cls.__module__ != home)


def fits(cls: type, wanted: Iterable[str]) -> bool:
    """Whether instances of a concrete class have all these attributes and methods."""
    return is_concrete(cls) and set(wanted) <= attributes_of(cls)


def is_concrete(cls: type) -> bool:
    """Whether a class can have instances that its name in a module stands for."""
    return not (
        getattr(cls, "_is_protocol", False) or inspect.isabstract(cls) or "<locals>" in cls.__qualname__
    )


def attributes_of(cls: type) -> typing.Set[str]:
    """Return the names an instance answers to: of its class, its annotations, and what its methods assign."""
    found = set(dir(cls))
    for base in cls.__mro__[:-1]:
        found.update(signatures.annotations_of(base))
        init = vars(base).get("__init__")
        code = getattr(init, "__code__", None)
        if code is not None:
            found.update(code.co_names)
    return found


def _is_standard(module: str) -> bool:
    top = module.partition(".")[0]
    known = getattr(sys, "stdlib_module_names", None)
    return top in known if known is not None else top in _STANDARD


def _is_library(module: str) -> bool:
    """Whether a module is installed rather than written here: its classes are seldom what is meant."""
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


_STANDARD = frozenset({
    "abc", "array", "ast", "asyncio", "base64", "builtins", "collections", "concurrent", "contextlib", "copy",
    "csv", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "heapq", "io", "ipaddress",
    "itertools", "json", "logging", "math", "operator", "os", "pathlib", "queue", "random", "re", "string",
    "struct", "subprocess", "sys", "tempfile", "threading", "time", "types", "typing", "unittest", "uuid",
    "zoneinfo", "typing_extensions",
})  # fmt: skip
"""Before Python 3.10 the interpreter does not say which modules are its own."""
