"""A clock that stands still, for a target that reads it. Set before anything of the workspace is loaded.

What waits (asyncio, sleep, the time limits) keeps the real clock. The frozen functions are as quick as the
real ones, so that a rewrite that asks less often gains no more than it would.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import datetime
import itertools
import sys
import time
import types
from typing import Any, Callable, Dict, List

SECONDS = 1_704_164_645.25
"""The moment at which it stands: 2 January 2024, 03:04:05.25 UTC."""
_PROCESS_SECONDS = 1_000.5
_NS = 1_000_000_000

_WAITING = ("asyncio.base_events", "concurrent.futures._base")
"""Modules that ask ``time`` how long they have waited."""


def freeze() -> None:
    """Stop every clock of the modules ``time`` and ``datetime``, for as long as this process lives."""
    real = types.ModuleType("time")
    real.__dict__.update(vars(time))
    _frozen.append(real)
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        seconds = SECONDS if name == "time" else _PROCESS_SECONDS
        if hasattr(time, name):
            setattr(time, name, itertools.repeat(seconds).__next__)
            setattr(time, f"{name}_ns", itertools.repeat(int(seconds * _NS)).__next__)
    for name in ("localtime", "gmtime", "ctime"):
        setattr(time, name, _at_default(getattr(time, name)))
    time.strftime = _formatted(time.strftime, real.localtime)
    time.asctime = _described(time.asctime, real.localtime)
    if hasattr(time, "clock_gettime"):
        time.clock_gettime = _of_clock(1.0)
        time.clock_gettime_ns = _of_clock(_NS)
    _freeze_dates()


def spare_what_waits() -> None:
    """Give the modules that wait the real clock, as far as they are loaded."""
    for real in _frozen:
        for name in _WAITING:
            module = sys.modules.get(name)
            if module is not None:
                module.time = real  # type: ignore[attr-defined]


_frozen: List[Any] = []
"""The module ``time`` as it was, once it has been frozen."""


def _at_default(real: Callable[..., Any]) -> Any:
    def at(seconds: Any = None) -> Any:
        return real(SECONDS if seconds is None else seconds)

    return at


def _formatted(real: Callable[..., Any], localtime: Callable[..., Any]) -> Any:
    def strftime(form: str, moment: Any = None) -> Any:
        return real(form, localtime(SECONDS) if moment is None else moment)

    return strftime


def _described(real: Callable[..., Any], localtime: Callable[..., Any]) -> Any:
    def asctime(moment: Any = None) -> Any:
        return real(localtime(SECONDS) if moment is None else moment)

    return asctime


def _of_clock(scale: Any) -> Any:
    def clock_gettime(which: int) -> Any:
        seconds = SECONDS if which == time.CLOCK_REALTIME else _PROCESS_SECONDS
        return type(scale)(seconds * scale)

    return clock_gettime


class _Standing(type):
    """Classes that take for their instances what the real class takes for its own."""

    def __instancecheck__(cls, value: Any) -> bool:
        real = _REAL.get(cls)
        return isinstance(value, real) if real is not None else type.__instancecheck__(cls, value)

    def __subclasscheck__(cls, other: type) -> bool:
        real = _REAL.get(cls)
        return issubclass(other, real) if real is not None else type.__subclasscheck__(cls, other)


class _Date(datetime.date, metaclass=_Standing):
    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _new_date(_REAL.get(cls, cls), *args, **kwargs)

    @classmethod
    def today(cls) -> Any:
        return _HERE.date() if cls in _REAL else cls.fromtimestamp(SECONDS)


class _DateTime(datetime.datetime, metaclass=_Standing):
    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _new_datetime(_REAL.get(cls, cls), *args, **kwargs)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _HERE if tz is None and cls in _REAL else cls.fromtimestamp(SECONDS, tz)

    @classmethod
    def utcnow(cls) -> Any:
        return _THERE if cls in _REAL else cls(*_THERE.timetuple()[:6], _THERE.microsecond)

    @classmethod
    def today(cls) -> Any:
        return _HERE if cls in _REAL else cls.fromtimestamp(SECONDS)


_new_date: Any = datetime.date.__new__
_new_datetime: Any = datetime.datetime.__new__
_HERE = datetime.datetime.fromtimestamp(SECONDS)
_THERE = datetime.datetime.fromtimestamp(SECONDS, datetime.timezone.utc).replace(tzinfo=None)
_REAL: Dict[type, type] = {_Date: datetime.date, _DateTime: datetime.datetime}
"""The classes that stand in for others, and for which."""


def _freeze_dates() -> None:
    """Put classes in the place of ``date`` and ``datetime`` that make the real ones, and know one moment."""
    for made, real in _REAL.items():
        made.__module__, made.__doc__ = real.__module__, real.__doc__
        made.__name__ = made.__qualname__ = real.__name__
        setattr(datetime, real.__name__, made)
