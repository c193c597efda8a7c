"""textDocument/codeLens: above a function, what is proven for it, what a hint says, and whether it is hot.

Off by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.lsp.documents import Document
from paceline.lsp.functions import Function
from paceline.lsp.hot import Hot
from paceline.lsp.quiet import shown_hints, shown_suggestions

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


def code_lens(server: PacelineServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return one lens for each function with a suggestion that stands, with hints, or that is hot.

    Answers from memory.
    """
    document = server.documents.get(params.text_document.uri)
    if document is None or not document.is_file or not server.projects.of(document).settings.hints.lens:
        return []
    said = {one.function.header: one for one in [*_hinted(server, document), *_proven(server, document)]}
    for hot in server.hot.of(server.projects.of(document), document):
        known = said.get(hot.function.header) or _Said(hot.function)
        said[hot.function.header] = replace(known, hot=hot)
    return [_lens(said[header]) for header in sorted(said)]


def refresh(server: PacelineServer) -> None:
    """Have the client ask again, where it can be told and lenses are wanted somewhere."""
    if server.client.refreshes_lenses and any(p.settings.hints.lens for p in server.projects.known()):
        server.start(_refresh(server))


async def _refresh(server: PacelineServer) -> None:
    await server.workspace_code_lens_refresh_async(None)


@dataclass(frozen=True, slots=True)
class _Said:
    """What there is to say of one function."""

    function: Function
    words: str = ""
    """Of a suggestion or a hint."""
    is_proven: bool = False
    hot: Hot | None = None


def _hinted(server: PacelineServer, document: Document) -> Iterator[_Said]:
    project = server.projects.of(document)
    if not project.settings.hints.enable:
        return
    titles: dict[int, tuple[Function, list[str]]] = {}
    for placed in shown_hints(project, server.hints.of(document)):
        function = placed.function
        titles.setdefault(function.header, (function, []))[1].append(placed.hint.title)
    for function, found in titles.values():
        yield _Said(function, f"Could be faster: {', '.join(dict.fromkeys(found))}")


def _proven(server: PacelineServer, document: Document) -> Iterator[_Said]:
    project = server.projects.of(document)
    for function in server.functions.of(document):
        standing = server.shelf.standing(function)
        if best := next(shown_suggestions(project, function, standing), None):
            yield _Said(function, f"Proven {best.title}", is_proven=True)


def _lens(said: _Said) -> types.CodeLens:
    function, hot = said.function, said.hot
    document = function.document
    position = document.position(function.header)
    place = {"line": position.line, "character": position.character}
    title = "; ".join(words for words in (said.words, hot.words if hot is not None else "") if words)
    command = types.Command(title=title, command="paceline.optimize", arguments=[document.uri, place])
    return types.CodeLens(
        range=document.range(function.header, function.header),
        command=command,
        # A client with a list of its own may show what is proven instead of having it proven again.
        data={"proven": said.is_proven, "share": round(hot.own, 4) if hot is not None else None},
    )
