"""What is kept of the states that documents run through has bounds, however long a person types."""

from __future__ import annotations

import gc
from pathlib import Path

from lsprotocol import types

from paceline.lsp.documents import Document
from paceline.lsp.functions import Functions
from paceline.lsp.positions import Encoding, Lines
from paceline.lsp.recent import MOST, SPARE, Recent
from paceline.syntax.snapshot import Snapshot
from tests.lsp.test_documents import URI, opened

METHOD = """\
    def method_{}(self, rows, wanted):
        found = []
        for row in rows:
            if row not in wanted:
                found.append(row)
        return found

"""
LARGE = "class Large:\n" + "".join(METHOD.format(number) for number in range(400))


def test_a_key_in_a_large_class_leaves_nothing_behind_for_good() -> None:
    documents, functions = opened(LARGE, Encoding.UTF16), Functions()
    place = types.Position(line=1, character=15)
    for version in range(2, 2 + 2 * SPARE // len(LARGE)):
        key = types.TextDocumentContentChangePartial(range=types.Range(start=place, end=place), text="a")
        document = documents.change(URI, version, [key])
        assert document is not None
        assert functions.at(document, len("class Large:\n") + 10) is not None
    snapshots = [one for one in gc.get_objects() if isinstance(one, Snapshot)]
    kept = sum(len(one.text) for one in snapshots if one.text.startswith(b"class Large:"))
    assert len(LARGE) < kept < 1.5 * SPARE


def test_the_whole_document_at_hand_has_room() -> None:
    kept = Recent[int, str]()
    for number in range(10):
        kept.put(number, "read", size=SPARE, document=document_of(9 * SPARE))
    assert len(kept) == 10
    kept.put(10, "read", size=1, document=document_of(0))
    assert len(kept) == 1


def test_what_was_asked_for_last_stays() -> None:
    kept, document = Recent[str, str](), document_of(0)
    for name in ("first", "second"):
        kept.put(name, "read", size=SPARE // 2, document=document)
    assert kept.get("first") == "read"
    kept.put("third", "read", size=SPARE // 2, document=document)
    assert kept.get("second") is None
    assert kept.get("first") == "read"


def test_what_is_kept_anew_counts_once() -> None:
    kept, document = Recent[str, str](), document_of(0)
    kept.put("other", "read", size=SPARE // 2, document=document)
    for _ in range(10):
        kept.put("same", "read", size=SPARE // 2, document=document)
    assert kept.get("other") == "read"


def test_there_are_never_too_many() -> None:
    kept, document = Recent[int, str](), document_of(0)
    for number in range(MOST + 5):
        kept.put(number, "read", size=1, document=document)
    assert len(kept) == MOST


def document_of(size: int) -> Document:
    snapshot = Snapshot.open(Path("module.py"), b"")
    return Document(URI, 1, Lines.of(b" " * size), Encoding.UTF16, snapshot)
