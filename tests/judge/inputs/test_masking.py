"""What looks like a secret does not stay in encoded arguments."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from paceline.judge.python.worker import codec
from paceline.judge.python.worker.masking import is_secret, masked_call


@dataclass
class Login:
    name: str
    password: str


@dataclass(frozen=True)
class Frozen:
    api_key: bytes


def masked(*args: Any, parameters: list[str], **kwargs: Any) -> tuple[Any, Any]:
    memo = codec.Memo()
    call = {"args": codec.encode(args, memo=memo), "kwargs": codec.encode(kwargs, memo=memo)}
    found = masked_call(call, parameters)
    memo = codec.Memo()
    return codec.decode(found["args"], memo=memo), codec.decode(found["kwargs"], memo=memo)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("abc", "***"),
        (b"abc", b"***"),
        (bytearray(b"ab"), bytearray(b"**")),
        ("x" * 5_000, "*" * 64),
        ("\ud800", "*"),
        (["a", "bc"], ["*", "**"]),
        (["obj", 1, None], ["***", 1, None]),
        (("b", ["b", "x"]), ("*", ["*", "*"])),
        ({"a": "bc"}, {"a": "**"}),
        ({1: ["b"], 2: {"x": "y"}}, {1: ["*"], 2: {"x": "*"}}),
        (collections.OrderedDict(a="bc"), collections.OrderedDict(a="**")),
        (collections.defaultdict(str, a="bc"), collections.defaultdict(str, a="**")),
        (collections.deque(["ab"], 3), collections.deque(["**"], 3)),
        (1234, 1234),
        (None, None),
    ],
)
def test_texts_and_bytes_under_a_telling_name_are_masked(value: Any, expected: Any) -> None:
    assert masked(value, parameters=["password"])[0] == (expected,)
    assert masked(0, value, parameters=["n", "*tokens"])[0] == (0, expected)
    assert masked(parameters=[], client_secret=value)[1] == {"client_secret": expected}
    assert masked(value, parameters=["text"])[0] == (value,), "an innocent name leaves it alone"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Login("me", "pw"), Login("me", "**")),
        (Frozen(b"key"), Frozen(b"***")),
        (SimpleNamespace(access_key="k", url="u"), SimpleNamespace(access_key="*", url="u")),
        ({"url": "u", "Authorization": "Bearer x"}, {"url": "u", "Authorization": "********"}),
        ([{"db": {"passwd": ["p", 1]}}], [{"db": {"passwd": ["*", 1]}}]),
    ],
)
def test_names_of_fields_and_keys_tell_as_well(value: Any, expected: Any) -> None:
    assert masked(value, parameters=["config"])[0] == (expected,)


def test_shared_values_stay_shared() -> None:
    shared = ["a"]
    (first, second), _ = masked(shared, shared, parameters=["password", "other"])
    assert first == ["*"] and second is first


@pytest.mark.parametrize(
    "name", ["password", "PASSWORD", "db_passwd", "apiKey", "api_key", "sessionid", "pin"]
)
def test_telling_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["path", "keys", "shopping", "spinner", "author", "n", "key", "option"])
def test_innocent_names(name: str) -> None:
    assert not is_secret(name)
