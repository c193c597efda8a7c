"""The system call filter: a small BPF program that the kernel runs before every call a worker makes.

The calls and their numbers stand in ``syscalls.toml``. Instruction encoding: Linux, ``bpf_common.h`` and
``seccomp.h`` in ``include/uapi/linux``. A denied call fails with EPERM, so that code which merely tries one
sees an exception and goes on.
"""

from __future__ import annotations

import errno
import platform
import struct
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_FAIL, _KILL = 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
"""Offsets into ``struct seccomp_data``; arguments are eight bytes, of which the low four come first."""

_AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_NEW_NAMESPACE_FLAGS = 0x7E020000
_TYPE_OR_OWN = (0x5412, 0x541C, 0x8901, 0x8902)
"""TIOCSTI and TIOCLINUX type into a terminal; FIOSETOWN and SIOCSPGRP have SIGIO sent to any process."""
_OWN = (8, 15)
"""F_SETOWN and F_SETOWN_EX do the latter as well."""


@cache
def program(*, files_by_mount: bool) -> bytes | None:
    """The filter for this machine, an array of ``struct sock_filter``; None for an unknown machine.

    ``files_by_mount``: mounts keep files unchanged, so calls that Landlock does not see need not be denied.
    """
    machine = platform.machine()
    architecture = _AUDIT_ARCHITECTURES.get(machine)
    if architecture is None:
        return None
    numbers = _numbers(machine)
    denied = [*numbers["denied"].values(), *([] if files_by_mount else numbers["unguarded"].values())]
    code = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        # The x32 calls repeat every call under a second number, so none of them may pass.
        code += [_step(_AT_LEAST, _X32_BIT, 0, 1), _DENY]
    for number in denied:
        code += _on(number, [_DENY])
    for number in numbers["absent"].values():
        code += _on(number, [_step(_RETURN, _FAIL | errno.ENOSYS)])
    inspected = numbers["inspected"]
    code += _on(
        inspected["clone"],
        [_step(_LOAD, _FIRST_ARGUMENT), _step(_ANY_BIT, _NEW_NAMESPACE_FLAGS, 0, 1), _DENY, _ALLOW],
    )
    for name, forbidden in (("ioctl", _TYPE_OR_OWN), ("fcntl", _OWN)):
        checks = [step for value in forbidden for step in (_step(_EQUAL, value, 0, 1), _DENY)]
        code += _on(inspected[name], [_step(_LOAD, _SECOND_ARGUMENT), *checks, _ALLOW])
    for name in ("prlimit64", "sched_setaffinity"):
        # Its own limits and processors, which is process 0 to the kernel, and nobody else's.
        only_zero = [_step(_LOAD, _FIRST_ARGUMENT), _step(_EQUAL, 0, 1, 0), _DENY, _ALLOW]
        code += _on(inspected[name], only_zero)
    return b"".join([*code, _ALLOW])


def signal_calls() -> Iterable[int]:
    """The numbers of the calls that send a signal to the process in their first argument."""
    return _numbers(platform.machine())["guarded"].values()


@cache
def _numbers(machine: str) -> Mapping[str, Mapping[str, int]]:
    """Group to name to number."""
    table = tomllib.loads(resources.files(__package__).joinpath("syscalls.toml").read_text(encoding="utf-8"))
    return {
        group: {name: by_machine[machine] for name, by_machine in calls.items() if machine in by_machine}
        for group, calls in table.items()
    }


def _on(number: int, body: list[bytes]) -> list[bytes]:
    """Steps for one call only. Each way through them has to return: they may overwrite the call's number."""
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)


_DENY = _step(_RETURN, _FAIL | errno.EPERM)
_ALLOW = _step(_RETURN, 0x7FFF0000)
