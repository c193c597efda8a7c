"""What the shelf holds of documents while suggestions are looked at and typing goes on."""

from __future__ import annotations

import gc

from lsprotocol import types

from lessonbank.outcome import Outcome
from paceline.engine.events import Suggestion
from paceline.judge.verdict import Verdict
from paceline.lsp.documents import Document
from paceline.lsp.functions import Functions
from paceline.lsp.positions import Encoding
from paceline.lsp.shelf import Shelf
from paceline.syntax.splice import splice
from paceline.syntax.target import Replacement, Target
from paceline.team.member import Candidate, Judged
from tests.lsp.test_documents import URI, opened

NAMES = [f"function_{number}" for number in range(20)]
MODULE = "".join(f"def {name}(rows):\n    return list(rows)\n\n\n" for name in NAMES)


def test_the_states_a_document_ran_through_are_let_go() -> None:
    documents, functions, shelf = opened(MODULE, Encoding.UTF16), Functions(), Shelf()
    top = types.Position(line=0, character=0)
    for version, name in enumerate(NAMES, start=2):
        line = types.TextDocumentContentChangePartial(range=types.Range(start=top, end=top), text="# more\n")
        document = documents.change(URI, version, [line])
        assert document is not None
        function = next(one for one in functions.of(document) if one.name == name)
        proven = shelf.put(URI, suggestion(function.target))
        edits = shelf.edits(document, function.target, proven)
        assert edits
        assert shelf.edits(document, function.target, proven) is edits
    states = [
        one for one in gc.get_objects() if isinstance(one, Document) and one.text.startswith(b"# more\n")
    ]
    assert len(states) == 1


def suggestion(target: Target) -> Suggestion:
    replacement = Replacement(definition=target.source.replace("list(rows)", "[*rows]"))
    candidate = Candidate(
        member="recipes/calls", target=target, replacement=replacement, hash=target.name, title="an unpacking"
    )
    judged = Judged(candidate=candidate, verdict=Verdict(outcome=Outcome.FASTER, reason="faster"))
    return Suggestion(
        target=target, judged=judged, title="2.0x", patched=splice(target, replacement), diff=""
    )
