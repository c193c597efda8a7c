"""The reader understands sloppy clients, and gives up cleanly on what is no protocol."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paceline.lsp.transport import BrokenFraming, read_messages


def bodies(stream: bytes, piece: int = 65536) -> list[bytes]:
    source = io.BytesIO(stream)
    return list(read_messages(lambda size: source.read(min(size, piece))))


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH :  2 \r\n\r\n",
    ],
)
def test_headers_are_read_generously(header: bytes) -> None:
    assert bodies(header + b"{}" + header + b"[]") == [b"{}", b"[]"]


@given(st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 20))
def test_messages_arrive_whole_however_they_are_cut(messages: list[bytes], piece: int) -> None:
    stream = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(one), one) for one in messages)
    assert bodies(stream, piece) == messages


@pytest.mark.parametrize(
    "stream",
    [
        b"Content-Length: 99999999999999\r\n\r\n{}",
        b"Content-Length: two\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n{}",
        b"Hello: world\r\n\r\n{}",
        b"x" * 100_000,
    ],
)
def test_what_is_no_message_ends_the_stream(stream: bytes) -> None:
    with pytest.raises(BrokenFraming):
        bodies(stream)


def test_a_message_cut_short_is_not_delivered() -> None:
    assert bodies(b"Content-Length: 10\r\n\r\n{}") == []
