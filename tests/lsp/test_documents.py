"""Our copy of a document is the client's, whatever it sends, and its tree is the tree of that text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from paceline.errors import UnusableRequest
from paceline.lsp.documents import Documents
from paceline.lsp.edits import edits_to
from paceline.lsp.functions import Functions
from paceline.lsp.positions import Encoding, encode
from paceline.syntax.snapshot import Snapshot

URI = "file:///tmp/module.py"
PIECES = st.sampled_from(
    [
        "def f():\n",
        "    return 1\n",
        "x = '😀'\r\n",
        "\r",
        "\n",
        "é",
        "@cache\n",
        "class A:\n",
        "    ",
        '"""',
        "\ud83d",
    ]
)
TEXTS = st.lists(PIECES, max_size=20).map("".join)


def opened(text: str, encoding: Encoding) -> Documents:
    documents = Documents()
    item = types.TextDocumentItem(uri=URI, language_id="python", version=1, text=text)
    assert documents.open(item, encoding) is not None
    return documents


@given(TEXTS, st.sampled_from(list(Encoding)), st.data())
def test_changes_are_applied_as_the_client_applies_them(
    text: str, encoding: Encoding, data: st.DataObject
) -> None:
    documents = opened(text, encoding)
    document = documents.get(URI)
    assert document is not None
    expected = document.text
    changes: list[types.TextDocumentContentChangeEvent] = []
    probe = opened(text, encoding)
    for _ in range(data.draw(st.integers(1, 4))):
        now = probe.get(URI)
        assert now is not None
        ends = sorted(
            now.offset(types.Position(data.draw(st.integers(0, 20)), data.draw(st.integers(0, 12))))
            for _ in "ab"
        )
        new = data.draw(TEXTS)
        change = types.TextDocumentContentChangePartial(
            range=types.Range(now.position(ends[0]), now.position(ends[1])), text=new
        )
        expected = now.text[: ends[0]] + encode(new) + now.text[ends[1] :]
        changes.append(change)
        probe.change(URI, 2, [change])
    after = documents.change(URI, 7, changes)
    assert after is not None
    assert after.text == expected
    assert after.version == 7
    fresh = Snapshot.open(after.path, after.text)
    assert str(after.snapshot.tree.root_node) == str(fresh.tree.root_node)
    assert document.text == encode(text), "an earlier state never changes"


def test_a_change_may_replace_the_whole_document() -> None:
    documents = opened("x = 1\n", Encoding.UTF16)
    after = documents.change(URI, 2, [types.TextDocumentContentChangeWholeDocument(text="y = 2\n")])
    assert after is not None
    assert after.text == b"y = 2\n"


def test_documents_in_other_languages_are_left_alone() -> None:
    documents = Documents()
    item = types.TextDocumentItem(uri="file:///tmp/a.txt", language_id="text", version=1, text="def f(): 1")
    assert documents.open(item, Encoding.UTF8) is None
    assert documents.change("file:///tmp/a.txt", 2, []) is None


def test_an_unsaved_buffer_goes_by_the_language_the_client_names() -> None:
    documents = Documents()
    item = types.TextDocumentItem(
        uri="untitled:Untitled-1", language_id="python", version=1, text="def f(): 1"
    )
    document = documents.open(item, Encoding.UTF8)
    assert document is not None
    assert not document.is_file


SOURCE = """\
import os

def outer(xs):
    def inner(x):
        return x
    return [inner(x) for x in xs]

class A:
    @property
    def area(self):
        return self.w


def tail(): return 1
"""


def test_functions_read_statement_by_statement_are_those_of_the_whole_document() -> None:
    document = opened("\ufeff# 😀\r\n" + SOURCE, Encoding.UTF16).get(URI)
    assert document is not None
    functions = Functions()
    whole = {f.name: f for f in document.snapshot.outline.functions}
    for name in ("outer", "A.area", "tail"):
        function = functions.at(document, whole[name].span.start + 1)
        assert function is not None
        assert (function.name, function.span, function.header) == (name, whole[name].span, whole[name].header)
        assert function.target.source == function.source
    assert [f.name for f in functions.of(document)] == ["outer", "A.area", "tail"]
    assert functions.names(document) == document.snapshot.outline.names


@pytest.mark.parametrize(("encoding", "word"), [("latin-1", "é"), ("cp1252", "€Á"), ("shift_jis", "日本")])
def test_what_is_judged_is_in_the_encoding_that_the_file_declares(encoding: str, word: str) -> None:
    text = f"# -*- coding: {encoding} -*-\n# {word}\ndef tail():\n    return '{word}'\n"
    document = opened(text, Encoding.UTF16).get(URI)
    assert document is not None
    [function] = Functions().of(document)
    assert function.target.source == function.source == f"def tail():\n    return '{word}'"
    assert function.target.module == text.encode(encoding)
    after = text.replace("return", "return 'ü' if word else" if encoding == "latin-1" else "return not")
    edits = edits_to(document, after.encode(encoding), focus=function.target.span)
    patched = document.text
    for edit in reversed(edits):
        patched = patched[: edit.start] + edit.new + patched[edit.end :]
    assert patched == encode(after)


def test_a_character_that_the_declared_encoding_lacks_is_said() -> None:
    document = opened("# coding: latin-1\ndef tail():\n    return '→'\n", Encoding.UTF16).get(URI)
    assert document is not None
    [function] = Functions().of(document)
    with pytest.raises(UnusableRequest, match="written in iso8859-1, which has no '→'"):
        _ = function.target


def test_a_name_that_cannot_be_read_in_the_declared_encoding_is_said() -> None:
    document = opened("# coding: latin-1\ndef größe():\n    return 1\n", Encoding.UTF16).get(URI)
    assert document is not None
    [function] = Functions().of(document)
    with pytest.raises(UnusableRequest, match="save it as UTF-8"):
        _ = function.target


def test_a_job_is_offered_for_the_function_the_judge_can_call() -> None:
    document = opened(SOURCE, Encoding.UTF16).get(URI)
    assert document is not None
    inside = SOURCE.index("return x")
    functions = Functions()
    innermost, outermost = functions.at(document, inside), functions.outermost_at(document, inside)
    assert innermost is not None
    assert innermost.name == "outer.<locals>.inner"
    assert outermost is not None
    assert outermost.name == "outer"
