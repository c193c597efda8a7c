"""What a producer of code actions is given: the place asked about, and the parts of the server that know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types

from paceline.lsp.documents import Document
from paceline.lsp.functions import Function
from paceline.lsp.hints import PlacedHint
from paceline.lsp.projects import Project
from paceline.lsp.quiet import shown_hints

if TYPE_CHECKING:
    from paceline.lsp.server import PacelineServer


@dataclass(frozen=True, eq=False)
class ActionRequest:
    """One request for code actions, in our own terms."""

    server: PacelineServer
    document: Document
    start: int
    end: int
    """The range asked about, in bytes."""
    only: tuple[str, ...]
    """The kinds asked for, empty for all."""
    is_automatic: bool
    """The cursor moved; nobody pressed anything."""
    diagnostics: tuple[types.Diagnostic, ...]

    @classmethod
    def of(cls, server: PacelineServer, document: Document, params: types.CodeActionParams) -> ActionRequest:
        """Read the client's request."""
        context = params.context
        return cls(
            server=server,
            document=document,
            start=document.offset(params.range.start),
            end=document.offset(params.range.end),
            only=tuple(str(getattr(kind, "value", kind)) for kind in context.only or ()),
            is_automatic=context.trigger_kind == types.CodeActionTriggerKind.Automatic,
            diagnostics=tuple(context.diagnostics),
        )

    @cached_property
    def function(self) -> Function | None:
        """The function asked about: the outermost one around the start of the range."""
        return self.server.functions.outermost_at(self.document, self.start)

    @cached_property
    def hints(self) -> tuple[PlacedHint, ...]:
        """The hints at the range asked about that nobody has dismissed."""
        found = self.server.hints.at(self.document, self.start, self.end)
        return tuple(shown_hints(self.project, found))

    @property
    def project(self) -> Project:
        """The project of the document."""
        return self.server.projects.of(self.document)

    def wants(self, kind: str) -> bool:
        """Whether an action of exactly this kind fits what was asked for."""
        return not self.only or any(kind == asked or kind.startswith(f"{asked}.") for asked in self.only)

    def command(self, title: str, function: Function) -> types.Command:
        """Return the command that starts a job on a function."""
        position = self.document.position(function.header)
        return types.Command(
            title=title,
            command="paceline.optimize",
            arguments=[self.document.uri, {"line": position.line, "character": position.character}],
        )
