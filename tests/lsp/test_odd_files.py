"""Files that are not as they should be: broken, huge, with odd line ends, marks and characters in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from paceline.lsp.documents import LONGEST
from tests.lsp.client import ResponseError, apply_edit
from tests.lsp.conftest import Connect
from tests.lsp.test_code_actions import looked_at, proven
from tests.lsp.test_diagnostics import KEPT, pulled, pushed
from tests.lsp.test_jobs import TOTAL, optimize

EDITORS = ["vscode", "neovim", "helix", "emacs"]
ENCODING = {"vscode": "utf-16", "neovim": "utf-8", "helix": "utf-8", "emacs": "utf-32"}

ODD = {
    "a byte order mark": "\ufeff# shop\n\n\n" + TOTAL,
    "carriage returns": ("# shop 😀\n\n\n" + TOTAL).replace("\n", "\r\n"),
    "separators that end no line": "NAME = 'a\u2028b\u2029c\x85d'  # \x0c\n\x0c\n\n" + TOTAL,
    "half a character": "NAME = '\ud83d'\n\n\n" + TOTAL,
    "characters beyond the first plane": "NAME = '😀'; PRICE = '𝔸é'\n\n\n" + TOTAL.replace("items", "größe"),
    "no line end at the end": "# shop\n\n\n" + TOTAL.rstrip("\n"),
    "tabs": "# shop\n\n\n" + TOTAL.replace("    ", "\t"),
    "an encoding of its own": "# -*- coding: latin-1 -*-\n# é\n\n\n" + TOTAL,
    "an encoding of two bytes a character": "# coding: shift_jis\nNAME = '日本'\n\n\n" + TOTAL,
    "a broken function before it": "def broken(:\n    return\n\n\n" + TOTAL,
    "a string that does not end behind it": TOTAL + "\n\nNAME = '''\n",
}


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_proven_rewrite_lands_where_it_belongs(connect: Connect, project: Path, editor: str) -> None:
    client = await connect(editor, root=project)
    for number, (what, source) in enumerate(ODD.items()):
        uri = client.open(project / f"odd_{number}.py", source)
        before = source[: source.index("def total")]
        line = before.count("\n")
        best = await proven(client, uri, line)
        after = apply_edit(source, best["edit"], uri, ENCODING[editor])
        newline = "\r\n" if "\r\n" in source else "\n"
        body = next(text for text in source.split(newline) if "return sum" in text)
        assert f"{body}  # faster: set" in after, what
        undone = after.replace("  # faster: set", "").replace(f"import itertools{newline}", "")
        assert undone.split() == source.split(), what
        assert after.startswith("\ufeff") == source.startswith("\ufeff"), what


@pytest.mark.parametrize("editor", EDITORS)
async def test_a_hint_stands_where_the_client_counts(connect: Connect, project: Path, editor: str) -> None:
    client = await connect(editor, root=project)
    source = "NAME = '\u2028'\r\n" + KEPT.replace("wanted if", "wanted if '😀é' and").replace("\n", "\r\n")
    uri = client.open(project / "a.py", source)
    await looked_at(client, uri)
    if "diagnosticProvider" in client.result["capabilities"]:
        [hint] = await pulled(client, uri)
    else:
        [hint] = await pushed(client, uri, 1)
    line = source.split("\r\n")[2]
    units = {"utf-8": len(line.encode()), "utf-16": len(line) + 1, "utf-32": len(line)}
    assert hint["range"]["start"] == {"line": 2, "character": 4}
    assert hint["range"]["end"] == {"line": 2, "character": units[ENCODING[editor]]}


async def test_a_huge_file_is_left_alone_until_it_is_shorter(connect: Connect, project: Path) -> None:
    client = await connect("emacs", root=project)
    line = "DATA = 'x' * 100  # and so on and so forth, for this was generated\n"
    source = KEPT + line * (11_000_000 // len(line))
    uri = client.open(project / "a.py", source)
    assert await client.actions(uri, 1, 10) == []
    with pytest.raises(ResponseError, match="more than 4 million bytes") as caught:
        await client.request("paceline/optimize", optimize(uri))
    assert caught.value.code == -32803
    lines = source.count("\n")
    rest: dict[str, Any] = {"start": {"line": 2, "character": 0}, "end": {"line": lines, "character": 0}}
    client.change(uri, 2, [{"range": rest, "text": ""}])
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert len(await pushed(client, uri, 1)) == 1
    client.change(uri, 3, [{"range": {"start": rest["start"], "end": rest["start"]}, "text": "#" * LONGEST}])
    assert await pushed(client, uri, 2) == [], "what is on screen goes when the file grows too long"
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    uri = client.open(project / "a.py", KEPT)
    assert len(await pushed(client, uri, 3)) == 1


@pytest.mark.parametrize(
    "source",
    ["", "\n", "\ufeff", "(" * 5_000, "def f(" * 500, "\x00\x01\x02", "'''", "if" + " x" * 20_000],
    ids=["empty", "a line", "a mark", "brackets", "headers", "nul", "a string", "a long line"],
)
async def test_what_is_hardly_python_is_answered(connect: Connect, project: Path, source: str) -> None:
    client = await connect("vscode", root=project)
    uri = client.open(project / "a.py", source)
    assert await pulled(client, uri) == []
    assert await client.actions(uri, 0) == []
    with pytest.raises(ResponseError, match="-32803"):
        await client.request("paceline/optimize", optimize(uri, {"line": 0, "character": 0}))
    client.change(uri, 2, [{"text": TOTAL}])
    assert (await client.request("paceline/optimize", optimize(uri)))["status"] == "faster"
