"""Hints as they are looked for in documents, with the real engine's recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessonbank.bank import Bank
from paceline.engine import Engine
from paceline.lsp.functions import Functions
from paceline.lsp.hints import HintBook
from paceline.lsp.positions import Encoding
from paceline.workspace import Settings
from tests.lsp.test_documents import URI, opened

REPEAT = """\
def repeat(buyers):
    found = []
    for buyer in buyers:
        if buyers.count(buyer) > 1:
            found.append(buyer)
    return found
"""


@pytest.mark.parametrize(
    ("imports", "added"),
    [
        ("", "from collections import Counter"),
        ("from collections import Counter\n\n\n", "from collections import Counter"),
        ("from collections import deque, Counter\n\n\n", "from collections import Counter"),
        ("from shop import Counter\n\n\n", "from collections import Counter as Counter_2"),
        ("if True:\n    from shop import Counter\n\n\n", "from collections import Counter as Counter_2"),
    ],
)
async def test_what_the_module_imports_already_gets_no_second_name(
    imports: str, added: str, tmp_path: Path
) -> None:
    document = opened(imports + REPEAT, Encoding.UTF16).get(URI)
    assert document is not None
    with Bank.ephemeral() as bank:
        engine = Engine(tmp_path, settings=Settings(), trusted=True, bank=bank, members=())
        book = HintBook(Functions())
        await book.look(document, engine)
        found = {placed.hint.recipe.id: placed.hint.replacement for placed in book.of(document)}
    assert found["count-with-counter"].imports == (added,)
