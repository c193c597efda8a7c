"""What was asked for lately, as much of it as fits: for what is read out of the states of documents."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from paceline.lsp.documents import Document

MOST = 20_000
"""Entries of one cache, over all documents."""

SPARE = 1_000_000
"""Bytes of text that one cache may stand for, beside the document at hand. With its tree, a text takes forty
times its length: a key in a class of 2,000 lines makes 2 MB."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """A cache bounded by its entries and by the text they were made from. Guards which of them go.

    What was not asked for the longest goes first. All of the document at hand has room, however long it is.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Value | None:
        """Return what is kept under a key."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Value, *, size: int, document: Document) -> None:
        """Keep what was made from ``size`` bytes of a document, the one at hand."""
        self._size += size - self._kept.pop(key, (None, 0))[1]
        self._kept[key] = (value, size)
        while len(self._kept) > MOST or self._size > SPARE + len(document.text):
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= gone
