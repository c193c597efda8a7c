"""Values of the standard library's own classes: decimals, dates, addresses, paths, and the like.

Each kind lies on a line of numbers, so that a range that was seen can be kept when more values are made.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import importlib
import pathlib
import random
import re
import sys
import typing
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple


class Kind(NamedTuple):
    """One kind of value."""

    classes: Tuple[Tuple[str, str], ...]
    """(module, name) of the classes whose instances are of this kind; the values made are of the first."""
    draw: Callable[[random.Random, float, float], Any]
    """Make a value that lies between two places on the line."""
    place: Callable[[Any], Optional[float]]
    """Where a value lies on the line; None for a value that has no place, such as NaN."""
    low: float
    high: float
    """Where values lie when nothing more is known."""
    edges: Callable[[], List[Any]]


def kind_of(cls: Any) -> str:
    """Return the name of the kind that a class is of, "" for a class of none."""
    return _BY_CLASS.get((getattr(cls, "__module__", ""), getattr(cls, "__qualname__", "")), "")


def kinds_with(attributes: typing.AbstractSet[str]) -> List[str]:
    """Return the kinds whose values have all these attributes and methods, where these are telling."""
    if not attributes - _COMMON:
        return []
    return [name for name in _TOLD_BY_ATTRIBUTES if attributes <= set(dir(_class_of(name)))]


def draw(kind: str, rng: random.Random, low: Optional[float], high: Optional[float]) -> Any:
    """Return a random value of a kind."""
    known = KINDS[kind]
    low = known.low if low is None else low
    return known.draw(rng, low, max(known.high if high is None else high, low))


def range_of(kind: str, values: List[Any]) -> Tuple[Optional[float], Optional[float]]:
    """Return where the values of a kind lie on its line."""
    places = [place for place in map(KINDS[kind].place, values) if place is not None]
    return (min(places), max(places)) if places else (None, None)


def edges(kind: str) -> List[Any]:
    """Return a kind's awkward values."""
    return KINDS[kind].edges()


def _class_of(kind: str) -> Any:
    module, name = KINDS[kind].classes[0]
    return getattr(importlib.import_module(module), name)


def _whole(rng: random.Random, low: float, high: float) -> int:
    return rng.randint(int(low), max(int(high), int(low)))


def _decimal(rng: random.Random, low: float, high: float) -> Any:
    digits = rng.choice((2, 2, 2, 2, 0, 1, 3))
    return decimal.Decimal(_whole(rng, low * 10**digits, high * 10**digits)).scaleb(-digits)


def _fraction(rng: random.Random, low: float, high: float) -> Any:
    below = rng.choice((1, 2, 3, 4, 6, 7, 10))
    return fractions.Fraction(_whole(rng, low * below, high * below), below)


_START = datetime.datetime(1970, 1, 1)
_DAY_S = 86_400


def _moment(rng: random.Random, low: float, high: float) -> Any:
    seconds = _whole(rng, low, high)
    # Whole minutes and whole days are met more often than chance would have them.
    seconds -= seconds % rng.choice((1, 60, 60, 3600, _DAY_S)) if high - low > 2 * _DAY_S else 0
    return _START + datetime.timedelta(seconds=seconds)


def _aware(rng: random.Random, low: float, high: float) -> Any:
    return _moment(rng, low, high).replace(tzinfo=datetime.timezone.utc)


def _seconds_of(value: Any) -> float:
    return float((value.replace(tzinfo=None) - _START).total_seconds())


def _clock(rng: random.Random, low: float, high: float) -> Any:
    seconds = _whole(rng, low, high)
    seconds -= seconds % rng.choice((1, 60, 300, 900))
    return (_START + datetime.timedelta(seconds=max(seconds, 0))).time()


def _span(rng: random.Random, low: float, high: float) -> Any:
    seconds = _whole(rng, low, high)
    return datetime.timedelta(seconds=seconds - seconds % rng.choice((1, 60, 3600, _DAY_S)))


def _zone(rng: random.Random, low: float, high: float) -> Any:
    names = _zone_names()
    if not names:
        return datetime.timezone.utc
    return importlib.import_module("zoneinfo").ZoneInfo(rng.choice(names))


def _zone_names() -> List[str]:
    """Return a few zones that this machine knows: with and without summer time, east and west."""
    found = []
    zoneinfo = importlib.import_module("zoneinfo")
    for name in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney"):
        try:
            zoneinfo.ZoneInfo(name)
        except Exception:
            continue
        found.append(name)
    return found


def _complex(rng: random.Random, low: float, high: float) -> Any:
    return complex(round(rng.uniform(low, high), 1), rng.choice((0.0, round(rng.uniform(low, high), 1))))


def _uuid(rng: random.Random, low: float, high: float) -> Any:
    return importlib.import_module("uuid").UUID(int=rng.getrandbits(128), version=4)


def _address(rng: random.Random, low: float, high: float) -> Any:
    # Private networks, loopback and the rest.
    first = rng.choice((10, 10, 127, 172, 192, rng.randint(1, 223)))
    second = {172: 16, 192: 168}.get(first, rng.randint(0, 255))
    number = (first << 24) + (second << 16) + (rng.randint(0, 3) << 8) + rng.randint(0, 255)
    return importlib.import_module("ipaddress").IPv4Address(number)


def _address6(rng: random.Random, low: float, high: float) -> Any:
    start = rng.choice((0xFE80 << 112, 0x2001_0DB8 << 96, 0))
    return importlib.import_module("ipaddress").IPv6Address(start + rng.getrandbits(16))


def _network(rng: random.Random, low: float, high: float) -> Any:
    length = rng.choice((8, 12, 16, 24, 24, 30, 32))
    number = int(_address(rng, low, high)) >> (32 - length) << (32 - length)
    return importlib.import_module("ipaddress").IPv4Network((number, length))


def _network6(rng: random.Random, low: float, high: float) -> Any:
    length = rng.choice((32, 48, 64, 112, 128))
    number = int(_address6(rng, low, high)) >> (128 - length) << (128 - length)
    return importlib.import_module("ipaddress").IPv6Network((number, length))


def _interface(rng: random.Random, low: float, high: float) -> Any:
    length = rng.choice((8, 16, 24, 32))
    return importlib.import_module("ipaddress").IPv4Interface((int(_address(rng, low, high)), length))


_FOLDERS = ("src", "lib", "docs", "a", "a.b", "..", "Täst", "tests", "data")
_STEMS = ("main", "readme", "a", "archive", ".hidden", "no end", "photo", "x1")
_ENDINGS = ("", ".py", ".txt", ".tar.gz", ".TXT", ".jpg", ".md")


def _path_text(rng: random.Random) -> str:
    # A name without a folder is one that a function can write to.
    folders = [rng.choice(_FOLDERS) for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 3)))]
    stem = rng.choice(_STEMS) + rng.choice(("", "", str(rng.randint(0, 99))))
    return rng.choice(("", "", "/") if folders else ("",)) + "/".join([*folders, stem + rng.choice(_ENDINGS)])


def _range(rng: random.Random, low: float, high: float) -> Any:
    start = _whole(rng, low, high)
    step = rng.choice((1, 1, 1, 2, 3, -1))
    return range(start, start + step * rng.choice((0, 1, 2, 3, 5, 8, _whole(rng, 0, high))), step)


def _pattern(rng: random.Random, low: float, high: float) -> Any:
    return re.compile(rng.choice(("a", r"\d+", r"\s+", "[a-c]+", r"(\w)(\w*)", "^b", "e$", "x|y", r"\b\w")))


def _no_place(value: Any) -> Optional[float]:
    return None


def _decimal_place(value: Any) -> Optional[float]:
    return float(value) if value.is_finite() else None


def _path_class() -> Any:
    return pathlib.WindowsPath if sys.platform == "win32" else pathlib.PosixPath


KINDS: Dict[str, Kind] = {
    "decimal": Kind(
        (("decimal", "Decimal"),),
        _decimal,
        _decimal_place,
        -20.0,
        500.0,
        lambda: [decimal.Decimal(text) for text in ("0", "-0", "0.10", "0.1", "-1", "1E+3", "1E-9", "1E+30")],
    ),
    "fraction": Kind(
        (("fractions", "Fraction"),),
        _fraction,
        float,
        -20.0,
        50.0,
        lambda: [fractions.Fraction(*parts) for parts in ((0,), (1,), (-1, 3), (22, 7), (1, 10**12))],
    ),
    "date": Kind(
        (("datetime", "date"),),
        lambda rng, low, high: datetime.date.fromordinal(max(1, _whole(rng, low, high))),
        lambda value: float(value.toordinal()),
        738_156.0,
        739_616.0,
        lambda: [
            datetime.date(*parts)
            for parts in (
                (2024, 2, 29),
                (2023, 12, 31),
                (2024, 1, 1),
                (1, 1, 1),
                (9999, 12, 31),
                (1969, 12, 31),
            )
        ],
    ),
    "datetime": Kind(
        (("datetime", "datetime"),),
        _moment,
        _seconds_of,
        1_640_995_200.0,
        1_767_225_600.0,
        lambda: [
            datetime.datetime(2024, 2, 29, 23, 59, 59, 999_999),
            datetime.datetime(2024, 1, 1),
            datetime.datetime(1969, 12, 31, 12),
            datetime.datetime(2024, 10, 27, 2, 30, fold=1),
        ],
    ),
    "aware datetime": Kind(
        (("", "aware datetime"),),
        _aware,
        _seconds_of,
        1_640_995_200.0,
        1_767_225_600.0,
        lambda: [datetime.datetime(2024, 2, 29, 23, 59, tzinfo=datetime.timezone.utc)],
    ),
    "time": Kind(
        (("datetime", "time"),),
        _clock,
        lambda value: float(value.hour * 3600 + value.minute * 60 + value.second),
        0.0,
        _DAY_S - 1.0,
        lambda: [datetime.time(), datetime.time(23, 59, 59, 999_999), datetime.time(12)],
    ),
    "timedelta": Kind(
        (("datetime", "timedelta"),),
        _span,
        lambda value: float(value.total_seconds()),
        -3600.0,
        9.0 * _DAY_S,
        lambda: [datetime.timedelta(*parts) for parts in ((0,), (-1,), (0, 0, 1), (1, 1), (999_999,))],
    ),
    "timezone": Kind(
        (("datetime", "timezone"),),
        lambda rng, low, high: datetime.timezone(datetime.timedelta(minutes=30 * _whole(rng, low, high))),
        _no_place,
        -23.0,
        28.0,
        lambda: [datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=5, minutes=45), "NPT")],
    ),
    "zone": Kind((("zoneinfo", "ZoneInfo"), ("datetime", "tzinfo")), _zone, _no_place, 0.0, 0.0, list),
    "complex": Kind(
        (("builtins", "complex"),),
        _complex,
        _no_place,
        -9.0,
        9.0,
        lambda: [0j, complex(-0.0, 1.0), complex("inf"), complex("nan")],
    ),
    "uuid": Kind(
        (("uuid", "UUID"),),
        _uuid,
        _no_place,
        0.0,
        0.0,
        lambda: [importlib.import_module("uuid").UUID(int=number) for number in (0, 1, 2**128 - 1)],
    ),
    "address": Kind(
        (("ipaddress", "IPv4Address"),),
        _address,
        _no_place,
        0.0,
        0.0,
        lambda: [importlib.import_module("ipaddress").IPv4Address(n) for n in (0, 2**32 - 1, 0x7F000001)],
    ),
    "address 6": Kind(
        (("ipaddress", "IPv6Address"),),
        _address6,
        _no_place,
        0.0,
        0.0,
        lambda: [importlib.import_module("ipaddress").IPv6Address(number) for number in (0, 1, 2**128 - 1)],
    ),
    "network": Kind(
        (("ipaddress", "IPv4Network"),),
        _network,
        _no_place,
        0.0,
        0.0,
        lambda: [importlib.import_module("ipaddress").IPv4Network("0.0.0.0/0")],
    ),
    "network 6": Kind((("ipaddress", "IPv6Network"),), _network6, _no_place, 0.0, 0.0, list),
    "interface": Kind((("ipaddress", "IPv4Interface"),), _interface, _no_place, 0.0, 0.0, list),
    "path": Kind(
        (("pathlib", "Path"), ("pathlib", "PosixPath"), ("pathlib._local", "Path"), ("os", "PathLike")),
        lambda rng, low, high: _path_class()(_path_text(rng)),
        _no_place,
        0.0,
        0.0,
        lambda: [_path_class()(text) for text in ("", "/", ".", "a/../b", ".bashrc", "a.", "x" * 60)],
    ),
    "pure path": Kind(
        (("pathlib", "PurePath"), ("pathlib", "PurePosixPath"), ("pathlib._local", "PurePath")),
        lambda rng, low, high: pathlib.PurePosixPath(_path_text(rng)),
        _no_place,
        0.0,
        0.0,
        lambda: [pathlib.PurePosixPath(text) for text in ("", "/", ".", "a/../b", ".bashrc")],
    ),
    "windows path": Kind(
        (("pathlib", "PureWindowsPath"),),
        lambda rng, low, high: pathlib.PureWindowsPath(rng.choice(("", "C:/", "d:")) + _path_text(rng)),
        _no_place,
        0.0,
        0.0,
        lambda: [pathlib.PureWindowsPath(text) for text in ("", "C:", "C:/", "//server/share/x")],
    ),
    "range": Kind(
        (("builtins", "range"),),
        _range,
        _no_place,
        -3.0,
        20.0,
        lambda: [range(0), range(1), range(5, 0, -2), range(2**70, 2**70 + 2)],
    ),
    "pattern": Kind(
        (("re", "Pattern"),), _pattern, _no_place, 0.0, 0.0, lambda: [re.compile(""), re.compile("(?i)A")]
    ),
}

_BY_CLASS = {cls: name for name, kind in KINDS.items() for cls in kind.classes}
_TOLD_BY_ATTRIBUTES = ("date", "datetime", "timedelta", "time", "path", "decimal", "fraction", "uuid")
_COMMON = frozenset(
    {"real", "imag", "name", "replace", "hex", "min", "max", "parts", "match", "version", "node"}
)
"""Attributes that say little: numbers, text and many a class of the workspace have them too."""
